extension JSONReader {
    struct ScannedText {
        var start: Int
        var count: Int
        var hasEscapes: Bool
    }

    /// Reads a string, escapes resolved.
    public mutating func readString() throws(JSONError) -> String { string(try scanText()) }

    /// Passes over a string and checks it.
    mutating func scanText() throws(JSONError) -> ScannedText {
        guard next() == UInt8(ascii: "\"") else { throw try mismatch("a string") }
        return try scanString()
    }

    /// The bytes of a scanned string, escapes as they stand.
    @inline(__always)
    func bytes(_ text: ScannedText) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base + text.start, count: text.count) }

    @inline(__always)
    func string(_ text: ScannedText) -> String {
        if text.hasEscapes { return Self.unescape(UnsafeRawBufferPointer(bytes(text))) }
        return String(decoding: bytes(text), as: UTF8.self)
    }

    /// From the opening quote to behind the closing one: checks UTF-8, escapes and control characters.
    mutating func scanString() throws(JSONError) -> ScannedText {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            passPlain()
            guard position < count else { throw syntax("a string is not closed") }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return ScannedText(start: start, count: position - 1 - start, hasEscapes: hasEscapes)
            }
            if byte >= 0x80 {
                repeat { position += try multiByteLength() } while position < count && base[position] >= 0x80
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try scanEscape()
            } else {
                throw syntax("control character in a string; escape it")
            }
        }
    }

    /// Passes ASCII that stands for itself in a string, eight bytes at a time.
    @inline(__always)
    private mutating func passPlain() {
        let bytes = UnsafeRawPointer(base)
        while position + 8 <= count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let stops = JSONText.special(in: word) | word & JSONText.highBits
            if stops != 0 {
                position += stops.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < count, !JSONText.isSpecial(base[position]), base[position] < 0x80 { position += 1 }
    }

    /// The length of the well-formed UTF-8 sequence here (Unicode 15, table 3-7).
    private func multiByteLength() throws(JSONError) -> Int {
        let left = count - position
        let first = base[position]
        func tail(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool { range.contains(base[position + offset]) }
        switch first {
        case 0xC2...0xDF: if left >= 2, tail(1) { return 2 }
        case 0xE0: if left >= 3, tail(1, 0xA0...0xBF), tail(2) { return 3 }
        case 0xED: if left >= 3, tail(1, 0x80...0x9F), tail(2) { return 3 }
        case 0xE1...0xEF: if left >= 3, tail(1), tail(2) { return 3 }
        case 0xF0: if left >= 4, tail(1, 0x90...0xBF), tail(2), tail(3) { return 4 }
        case 0xF1...0xF3: if left >= 4, tail(1), tail(2), tail(3) { return 4 }
        case 0xF4: if left >= 4, tail(1, 0x80...0x8F), tail(2), tail(3) { return 4 }
        default: break
        }
        throw syntax("not UTF-8")
    }

    private mutating func scanEscape() throws(JSONError) {
        guard position + 1 < count else { throw syntax("a string is not closed") }
        switch base[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let unit = try hexUnit(at: position + 2)
            position += 6
            if (0xD800...0xDBFF).contains(unit) {
                guard position + 1 < count, base[position] == UInt8(ascii: "\\"), base[position + 1] == UInt8(ascii: "u"),
                    (0xDC00...0xDFFF).contains(try hexUnit(at: position + 2))
                else { throw syntax("half a surrogate pair") }
                position += 6
            } else if (0xDC00...0xDFFF).contains(unit) {
                throw syntax("half a surrogate pair")
            }
        default: throw syntax("unknown escape")
        }
    }

    private func hexUnit(at start: Int) throws(JSONError) -> UInt32 {
        guard start + 4 <= count else { throw syntax("\\u needs four hexadecimal digits") }
        var unit: UInt32 = 0
        for index in start..<start + 4 {
            guard let digit = Self.hexDigit(base[index]) else { throw syntax("\\u needs four hexadecimal digits") }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The text of a scanned string with escapes.
    @inline(never)
    static func unescape(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var index = 0
        func unit(_ start: Int) -> UInt32 { (start..<start + 4).reduce(0) { $0 << 4 | (hexDigit(bytes[$1]) ?? 0) } }
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(index + 2)
                index += 4
                if (0xD800...0xDBFF).contains(scalar) {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (unit(index + 4) - 0xDC00)
                    index += 6
                }
                // Scanned: no half of a surrogate pair is left.
                plain.append(contentsOf: UTF8.encode(UnicodeScalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
            default: plain.append(bytes[index + 1])
            }
            index += 2
        }
        return String(decoding: plain, as: UTF8.self)
    }
}

/// Finds bytes that a string of JSON cannot hold as they are, in eight bytes at once.
enum JSONText {
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101

    /// Whether the byte is a quote, a backslash or a control character.
    @inline(__always)
    static func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") }

    /// Has the high bit of the first special byte set (the first in memory, the lowest here), and none below it; 0 if there is none.
    ///
    /// `x - 1` borrows into the high bit only of a byte that was 0, and of bytes above one: the lowest bit set is exact.
    @inline(__always)
    static func special(in word: UInt64) -> UInt64 {
        let quote = word ^ (lowBits &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (lowBits &* UInt64(UInt8(ascii: "\\")))
        return ((quote &- lowBits) & ~quote | (backslash &- lowBits) & ~backslash | (word &- lowBits &* 0x20) & ~word) & highBits
    }
}
