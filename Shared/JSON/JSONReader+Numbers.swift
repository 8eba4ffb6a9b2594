extension JSONReader {
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
    public mutating func readInt() throws(JSONError) -> Int { try scanInt().value }

    /// Reads a whole number, and whether its digits are those that would be written.
    mutating func scanInt() throws(JSONError) -> (value: Int, asWritten: Bool) {
        let first = next()
        let start = position
        var index = start
        let isNegative = first == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let digits = index
        // Up to 18 digits need no look at overflow.
        let end = min(count, digits + 18)
        var magnitude = 0
        while index < end, isDigit(base[index]) {
            magnitude = magnitude &* 10 &+ Int(base[index] &- UInt8(ascii: "0"))
            index += 1
        }
        let hasLeadingZero = index > digits && base[digits] == UInt8(ascii: "0")
        if index > digits, index < count, !continuesNumber(base[index]), !hasLeadingZero || index == digits + 1 {
            position = index
            return (isNegative ? -magnitude : magnitude, !(isNegative && hasLeadingZero))
        }
        return try scanLongInt()
    }

    /// A whole number with many digits, a fraction or an exponent, or at the end of the document.
    @inline(never)
    private mutating func scanLongInt() throws(JSONError) -> (value: Int, asWritten: Bool) {
        let number = try number("a whole number")
        let text = text(number)
        if number.isInteger {
            guard let value = Int(text) else { throw .invalid("the number is too large") }
            return (value, text != "-0")
        }
        guard let value = Self.wholeNumber(text) else { throw .invalid("expected a whole number") }
        return (value, false)
    }

    @inline(__always)
    private func continuesNumber(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
    }

    /// The value of a number with fraction or exponent, if it is whole and fits.
    ///
    /// Below 2^53 the nearest `Double` decides, as in Foundation. Beyond, where a `Double` would stand for other numbers too, the digits decide.
    private static func wholeNumber(_ text: String) -> Int? {
        let double = double(of: text)
        guard let rounded = Int(exactly: double) else { return nil }
        if double.magnitude < 0x1p53 { return rounded }
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): digits.append(byte)
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let power = Int(Substring(rest)), power.magnitude < 1 << 32 else { return nil }
                exponent += power
                rest = rest[rest.endIndex...]
            default:
                digits.append(byte)
                if isFraction { exponent -= 1 }
            }
        }
        while exponent < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        // The value is below 2^63: zeros that would make it longer than 19 digits are not there.
        guard exponent >= 0, exponent <= 19 else { return nil }
        digits += repeatElement(UInt8(ascii: "0"), count: exponent)
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// Reads a number. One that is too large for a `Double`, or not zero and nearer to zero than any `Double`, is an error, as in Foundation.
    public mutating func readDouble() throws(JSONError) -> Double {
        let text = text(try number("a number"))
        let value = Self.double(of: text)
        if value == 0, text.utf8.prefix(while: { $0 | 0x20 != UInt8(ascii: "e") }).contains(where: { $0 > UInt8(ascii: "0") }) {
            throw .invalid("the number is too small")
        }
        guard value.isFinite else { throw .invalid("the number is too large") }
        return value
    }

    private func text(_ number: ScannedNumber) -> String {
        String(decoding: UnsafeRawBufferPointer(start: base + number.start, count: number.end - number.start), as: UTF8.self)
    }

    private static func double(of text: String) -> Double { Double(text) ?? .infinity }
}
