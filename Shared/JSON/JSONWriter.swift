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
        if value < 0 { byte(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = count
        repeat {
            base[count] = UInt8(ascii: "0") + UInt8(rest % 10)
            count += 1
            rest /= 10
        } while rest > 0
        var digits = UnsafeMutableBufferPointer(start: base + start, count: count - start)[...]
        digits.reverse()
    }

    /// Appends the shortest decimal that reads back as the same value; what JSON cannot hold (NaN, infinity) becomes null.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        if let whole = Int(exactly: value) { return int(whole) }
        var text = "\(value)"
        text.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
    }

    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            byte(UInt8(ascii: "\""))
            reserve(utf8.count)
            var clean = 0
            for index in 0..<utf8.count {
                let unit = utf8[index]
                guard unit < 0x20 || unit == UInt8(ascii: "\"") || unit == UInt8(ascii: "\\") else { continue }
                raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[clean..<index]))
                escape(unit)
                clean = index + 1
            }
            raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[clean...]))
            byte(UInt8(ascii: "\""))
        }
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
            for digit in [unit >> 4, unit & 15] { byte(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10) }
        }
    }
}
