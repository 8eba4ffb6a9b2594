/// Appends JSON to a buffer of its own, compact, non-ASCII unescaped.
public struct JSONWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    /// Bytes written so far.
    public private(set) var count = 0

    public init(capacity: Int = 512) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Forgets what was written and keeps the memory.
    public mutating func reset() { count = 0 }

    public func withUnsafeBytes<Result, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    mutating func replace(at index: Int, with byte: UInt8) { base[index] = byte }

    /// A copy of what was written.
    public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    /// Appends bytes as they are: they must be JSON in this place.
    public mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    public mutating func raw(_ bytes: [UInt8]) { bytes.withUnsafeBytes { raw($0) } }

    public mutating func byte(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    public mutating func null() { raw("null") }
    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// Appends ASCII that is JSON in this place.
    public mutating func raw(_ text: StaticString) { raw(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }

    public mutating func int(_ value: Int) {
        reserve(20)
        var rest = value.magnitude
        if value < 0 {
            base[count] = UInt8(ascii: "-")
            count += 1
        }
        var digits = 1
        var bound: UInt = 10
        while digits < 20, rest >= bound {
            digits += 1
            bound = digits < 20 ? bound &* 10 : .max
        }
        var place = base + count + digits
        count += digits
        repeat {
            place -= 1
            place.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
    }

    /// Appends the shortest decimal that reads back as the same value; what JSON cannot hold (NaN, infinity) becomes null.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        if let whole = Int(exactly: value), whole != 0 || value.sign == .plus { return int(whole) }
        "\(value)".withBytes { raw($0) }
    }

    public mutating func string(_ text: String) {
        text.withBytes { string(utf8: $0.assumingMemoryBound(to: UInt8.self)) }
    }

    private mutating func string(utf8: UnsafeBufferPointer<UInt8>) {
        reserve(utf8.count + 2)
        base[count] = UInt8(ascii: "\"")
        count += 1
        guard let start = utf8.baseAddress else { return byte(UInt8(ascii: "\"")) }
        let plain = Self.plainCount(start, utf8.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: plain)
        count += plain
        if plain < utf8.count { escape(UnsafeBufferPointer(rebasing: utf8[plain...])) }
        byte(UInt8(ascii: "\""))
    }

    /// How many bytes need no escape.
    @inline(__always)
    private static func plainCount(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var index = 0
        while index + 8 <= count {
            let word = UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let stops = JSONText.special(in: word)
            if stops != 0 { return index + stops.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count, !JSONText.isSpecial(start[index]) { index += 1 }
        return index
    }

    @inline(never)
    private mutating func escape(_ utf8: UnsafeBufferPointer<UInt8>) {
        for unit in utf8 { if JSONText.isSpecial(unit) { escape(unit) } else { byte(unit) } }
    }

    private mutating func escape(_ unit: UInt8) {
        byte(UInt8(ascii: "\\"))
        switch unit {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte(unit)
        case 0x08: byte(UInt8(ascii: "b"))
        case 0x09: byte(UInt8(ascii: "t"))
        case 0x0A: byte(UInt8(ascii: "n"))
        case 0x0C: byte(UInt8(ascii: "f"))
        case 0x0D: byte(UInt8(ascii: "r"))
        default:
            raw("u00")
            byte(UInt8(ascii: "0") + unit >> 4)
            byte(unit & 15 < 10 ? UInt8(ascii: "0") + unit & 15 : UInt8(ascii: "a") + unit & 15 - 10)
        }
    }
}
