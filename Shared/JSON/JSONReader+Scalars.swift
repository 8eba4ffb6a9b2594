extension JSONReader {
    struct ScannedText {
        var start: Int
        var count: Int
        var hasEscapes: Bool
    }

    // MARK: Strings

    /// Reads a string, escapes resolved.
    public mutating func readString() throws(JSONError) -> String {
        guard next() == UInt8(ascii: "\"") else { throw try mismatch("a string") }
        let text = try scanString()
        return Self.text(of: UnsafeRawBufferPointer(start: base + text.start, count: text.count), hasEscapes: text.hasEscapes)
    }

    /// Passes over a string and checks it: its length is that of the text with escapes as they stand.
    mutating func skipString() throws(JSONError) -> Int {
        guard next() == UInt8(ascii: "\"") else { throw try mismatch("a string") }
        return try scanString().count
    }

    /// From the opening quote to behind the closing one: checks UTF-8, escapes and control characters.
    mutating func scanString() throws(JSONError) -> ScannedText {
        position += 1
        let start = position
        var hasEscapes = false
        while position < count {
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return ScannedText(start: start, count: position - 1 - start, hasEscapes: hasEscapes)
            }
            if byte >= 0x80 {
                position += try multiByteLength()
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try scanEscape()
            } else if byte < 0x20 {
                throw syntax("control character in a string; escape it")
            } else {
                position += 1
            }
        }
        throw syntax("a string is not closed")
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

    /// The text of a scanned string.
    @usableFromInline
    static func text(of bytes: UnsafeRawBufferPointer, hasEscapes: Bool) -> String {
        if !hasEscapes { return String(decoding: bytes, as: UTF8.self) }
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
                plain.append(contentsOf: Array(String(UnicodeScalar(scalar) ?? "\u{FFFD}").utf8))
            default: plain.append(bytes[index + 1])
            }
            index += 2
        }
        return String(decoding: plain, as: UTF8.self)
    }

    // MARK: Numbers

    struct ScannedNumber {
        var start: Int
        var end: Int
        var isInteger: Bool
    }

    mutating func scanNumber() throws(JSONError) -> ScannedNumber {
        let start = position
        var isInteger = true
        if position < count, base[position] == UInt8(ascii: "-") { position += 1 }
        if position < count, base[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits("a digit")
        }
        if position < count, base[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits("a digit after '.'")
        }
        if position < count, base[position] == UInt8(ascii: "e") || base[position] == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if position < count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") { position += 1 }
            try digits("an exponent")
        }
        if position < count, isDigit(base[position]) { throw syntax("a number with a leading zero") }
        return ScannedNumber(start: start, end: position, isInteger: isInteger)
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private mutating func digits(_ expected: String) throws(JSONError) {
        guard position < count, isDigit(base[position]) else { throw syntax("expected \(expected)") }
        while position < count, isDigit(base[position]) { position += 1 }
    }

    private mutating func number(_ expected: String) throws(JSONError) -> ScannedNumber {
        let first = next()
        guard first == UInt8(ascii: "-") || isDigit(first) else { throw try mismatch(expected) }
        return try scanNumber()
    }

    /// Reads a whole number; `1.0` and `1e2` are whole numbers too, as Foundation's decoder has it.
    public mutating func readInt() throws(JSONError) -> Int {
        let number = try number("a whole number")
        if number.isInteger {
            var value = 0
            let negative = base[number.start] == UInt8(ascii: "-")
            for index in (negative ? number.start + 1 : number.start)..<number.end {
                let digit = Int(base[index] - UInt8(ascii: "0"))
                let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflow) = negative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
                guard !tooLarge, !overflow else { throw .invalid("the number is too large") }
                value = sum
            }
            return value
        }
        guard let value = Int(exactly: Self.double(of: text(number))) else { throw .invalid("expected a whole number") }
        return value
    }

    public mutating func readDouble() throws(JSONError) -> Double {
        let value = Self.double(of: text(try number("a number")))
        guard value.isFinite else { throw .invalid("the number is too large") }
        return value
    }

    private func text(_ number: ScannedNumber) -> String {
        String(decoding: UnsafeRawBufferPointer(start: base + number.start, count: number.end - number.start), as: UTF8.self)
    }

    private static func double(of text: String) -> Double { Double(text) ?? .infinity }
}
