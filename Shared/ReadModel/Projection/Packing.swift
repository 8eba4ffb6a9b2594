/// A value in the bytes of a row. A row is read by the version that wrote it: its layout is no one else's, and changes with `ModelSchema.version`.
protocol Packable {
    func pack(_ packer: inout Packer)
    init(_ unpacker: inout Unpacker)
}

/// Writes values one after the other: numbers in seven bits to a byte, texts and lists after their length, what may be absent after a bit.
struct Packer {
    private(set) var bytes: [UInt8] = []

    /// Makes room for so many bytes at once.
    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func add(_ number: Int) {
        // Small ones of either sign are short.
        var rest = UInt(bitPattern: number << 1 ^ number >> (Int.bitWidth - 1))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        // In place: a copy would count references.
        if text.utf8.withContiguousStorageIfAvailable({ bytes.append(contentsOf: $0) }) == nil { bytes.append(contentsOf: text.utf8) }
    }

    mutating func add(_ packed: [UInt8]) {
        add(packed.count)
        bytes.append(contentsOf: packed)
    }

    mutating func add(_ value: some Packable) { value.pack(&self) }

    mutating func add<Value: Packable>(_ values: [Value]) {
        add(values.count)
        for place in values.indices { values[place].pack(&self) }
    }

    mutating func add(_ texts: [String]) {
        add(texts.count)
        for text in texts { add(text) }
    }

    /// - Parameter bits: of which the first says whether there is the first value, and so on.
    mutating func add(has bits: Bool...) {
        var number = 0
        for (place, bit) in bits.enumerated() where bit { number |= 1 << place }
        add(number)
    }
}

/// Reads what a `Packer` has written. What cannot be read leaves it broken, and every value after it empty.
struct Unpacker {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0
    private(set) var isBroken = false

    /// - Parameter bytes: must outlive it.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    mutating func number() -> Int {
        var (number, shift) = (UInt(0), UInt(0))
        while place < bytes.count, shift < 64 {
            let byte = bytes[place]
            place += 1
            number |= UInt(byte & 0x7F) << shift
            if byte < 0x80 { return Int(bitPattern: number >> 1) ^ -Int(bitPattern: number & 1) }
            shift += 7
        }
        isBroken = true
        return 0
    }

    private mutating func count() -> Int {
        let count = number()
        // Nothing is shorter than a byte.
        if count < 0 || count > bytes.count - place { isBroken = true }
        return isBroken ? 0 : count
    }

    private mutating func slice() -> UnsafeRawBufferPointer {
        let count = count()
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + count)])
    }

    mutating func text() -> String { String(decoding: slice(), as: UTF8.self) }
    mutating func blob() -> [UInt8] { Array(slice()) }
    mutating func value<Value: Packable>() -> Value { Value(&self) }

    mutating func values<Value: Packable>() -> [Value] {
        var values: [Value] = []
        for _ in 0..<count() where !isBroken { values.append(Value(&self)) }
        return values
    }

    mutating func texts() -> [String] {
        var texts: [String] = []
        for _ in 0..<count() where !isBroken { texts.append(text()) }
        return texts
    }
}
