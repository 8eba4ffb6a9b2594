/// Writes records in the packed form that ``TransactionalProducer/produceBatch(_:topics:)`` reads; the same bytes are good for keeping in
/// a store until they are published.
///
/// A packed sequence is records one after the other. Numbers are little endian, and nothing is aligned:
///
/// | field | bytes |
/// |---|---|
/// | length of what follows in this record | u32 |
/// | topic, as an index into a list of topics that the user keeps | u8 |
/// | partition, or -1: by key | i32 |
/// | key length (-1: null), key | i32, … |
/// | value length (-1: null, a tombstone), value | i32, … |
/// | number of headers | u16 |
/// | per header: name length, name, value length (-1: null), value | u8, …, i32, … |
///
/// A record is written by ``begin(topicIndex:partition:key:)``, then its value (whole, null, or in place between ``beginValue()`` and
/// ``endValue()``), then its headers, then ``end()``.
public struct RecordPacker: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes written so far.
    public private(set) var count = 0
    /// Records ended so far.
    public private(set) var recordCount = 0
    private var recordStart = 0
    private var valueStart = 0
    private var headerCountAt = 0
    private var headerCount: UInt16 = 0

    public init(capacity: Int = 16 * 1024) {
        self.capacity = max(64, capacity)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Forgets what was written and keeps the memory, unless there is more of it than `keeping` bytes.
    public mutating func reset(keeping limit: Int = 1 << 20) {
        count = 0
        recordCount = 0
        guard capacity > limit else { return }
        base.deallocate()
        capacity = limit
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    /// The packed sequence; the pointer is good inside of `body` only.
    public borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Begins a record. A partition of -1 leaves the choice to the key.
    public mutating func begin(topicIndex: UInt8, partition: Int32 = -1, key: UnsafeRawBufferPointer?) {
        recordStart = count
        reserve(4 + 1 + 4 + 4 + (key?.count ?? 0) + 4)
        count += 4
        store(topicIndex)
        store(partition)
        append(lengthAnd: key)
    }

    /// The whole value; nil is a tombstone.
    public mutating func value(_ bytes: UnsafeRawBufferPointer?) {
        reserve(4 + (bytes?.count ?? 0))
        append(lengthAnd: bytes)
        beginHeaders()
    }

    /// Begins a value whose length is not known yet: write it with ``append(_:)-(UnsafeRawBufferPointer)`` and
    /// ``withSpace(_:_:)``, then call ``endValue()``.
    public mutating func beginValue() {
        reserve(4)
        count += 4
        valueStart = count
    }

    /// Ends what ``beginValue()`` began.
    public mutating func endValue() {
        base.storeBytes(of: Int32(count - valueStart).littleEndian, toByteOffset: valueStart - 4, as: Int32.self)
        beginHeaders()
    }

    /// Lets `body` write up to `maximum` bytes right behind what is there; it returns how many it wrote.
    public mutating func withSpace<Failure: Error>(
        _ maximum: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        reserve(maximum)
        let written = try body(UnsafeMutableRawBufferPointer(start: base + count, count: maximum))
        precondition(written >= 0 && written <= maximum, "more bytes were written than there was space for")
        count += written
    }

    /// Bytes of a value in place.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        copy(bytes)
    }

    /// One byte of a value in place.
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        store(byte)
    }

    /// A header; the name has at most 255 bytes.
    public mutating func header(name: StaticString, value: UnsafeRawBufferPointer?) {
        header(name: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value: value)
    }

    /// A header with a constant value.
    public mutating func header(name: StaticString, value: StaticString) {
        header(name: name, value: UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    /// A header whose value is two texts with one byte between them.
    public mutating func header(
        name: StaticString, value first: UnsafeRawBufferPointer, _ separator: UInt8, _ second: UnsafeRawBufferPointer
    ) {
        let length = first.count + 1 + second.count
        precondition(name.utf8CodeUnitCount <= 255, "a header's name is longer than 255 bytes")
        reserve(1 + name.utf8CodeUnitCount + 4 + length)
        store(UInt8(name.utf8CodeUnitCount))
        copy(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        store(Int32(length))
        copy(first)
        store(separator)
        copy(second)
        headerCount += 1
    }

    /// A header; the name has at most 255 bytes.
    public mutating func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        precondition(name.count <= 255, "a header's name is longer than 255 bytes")
        reserve(1 + name.count + 4 + (value?.count ?? 0))
        store(UInt8(name.count))
        copy(name)
        append(lengthAnd: value)
        headerCount += 1
    }

    /// Headers that are packed already: a count (u16) and the headers.
    public mutating func headers(packed: UnsafeRawBufferPointer) {
        guard packed.count >= 2 else { return }
        headerCount += UInt16(littleEndian: packed.loadUnaligned(as: UInt16.self))
        append(UnsafeRawBufferPointer(rebasing: packed[2...]))
    }

    /// Ends the record.
    public mutating func end() {
        base.storeBytes(of: headerCount.littleEndian, toByteOffset: headerCountAt, as: UInt16.self)
        base.storeBytes(of: UInt32(count - recordStart - 4).littleEndian, toByteOffset: recordStart, as: UInt32.self)
        recordCount += 1
    }

    /// A place between two records, to go back to.
    public struct Mark: Sendable {
        fileprivate var count: Int
        fileprivate var recordCount: Int
    }

    public var mark: Mark { Mark(count: count, recordCount: recordCount) }

    /// Takes back every record since the mark.
    public mutating func truncate(to mark: Mark) {
        precondition(mark.count <= count, "the mark lies behind the end")
        count = mark.count
        recordCount = mark.recordCount
    }

    /// Takes back the record that was begun and not ended.
    public mutating func cancel() {
        count = recordStart
    }

    private mutating func beginHeaders() {
        reserve(2)
        headerCountAt = count
        headerCount = 0
        count += 2
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let grown = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = grown
    }

    private mutating func store<Number: FixedWidthInteger>(_ number: Number) {
        base.storeBytes(of: number.littleEndian, toByteOffset: count, as: Number.self)
        count += MemoryLayout<Number>.size
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress, !bytes.isEmpty else { return }
        (base + count).copyMemory(from: from, byteCount: bytes.count)
        count += bytes.count
    }

    private mutating func append(lengthAnd bytes: UnsafeRawBufferPointer?) {
        store(Int32(bytes?.count ?? -1))
        if let bytes { copy(bytes) }
    }
}
