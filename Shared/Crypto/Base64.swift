/// Base 64 (RFC 4648, section 4), strict: padding is required; white space, other characters and bits that would be
/// lost are refused, so that each byte string has exactly one text.
public enum Base64 {
    /// The text as ASCII bytes.
    public static func encodeBytes(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size(of: bytes.count)) { text, count in
            count = encode(bytes, into: UnsafeMutableRawBufferPointer(text))
        }
    }

    /// Characters of the text of so many bytes.
    public static func size(of count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Writes the text as ASCII bytes to the beginning of `text`, which has room for them; returns how many they are.
    @discardableResult
    public static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) -> Int {
        precondition(text.count >= size(of: bytes.count), "base 64 needs more room")
        var from = 0
        var to = 0
        while from < bytes.count {
            let left = bytes.count - from
            let second = left > 1 ? bytes[from + 1] : 0
            let third = left > 2 ? bytes[from + 2] : 0
            text[to] = digit(bytes[from] >> 2)
            text[to + 1] = digit(bytes[from] << 4 & 0x30 | second >> 4)
            text[to + 2] = left > 1 ? digit(second << 2 & 0x3C | third >> 6) : padding
            text[to + 3] = left > 2 ? digit(third & 0x3F) : padding
            from += 3
            to += 4
        }
        return to
    }

    public static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.withUnsafeBytes(encodeBytes), as: UTF8.self)
    }

    /// nil when the text is not base 64.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var digits = text.count
        while digits > 0, text.count - digits < 2, text[digits - 1] == padding { digits -= 1 }
        return decode(text, digits: digits, value: value)
    }

    public static func decode(_ text: [UInt8]) -> [UInt8]? { text.withUnsafeBytes(decode) }
    public static func decode(_ text: String) -> [UInt8]? { decode(Array(text.utf8)) }

    fileprivate static let padding = UInt8(ascii: "=")

    /// Decodes so many digits; refuses a last digit with bits that no byte takes.
    fileprivate static func decode(
        _ text: UnsafeRawBufferPointer, digits: Int, value: (UInt8) -> UInt8
    ) -> [UInt8]? {
        guard digits % 4 != 1 else { return nil }
        let size = digits / 4 * 3 + max(0, digits % 4 - 1)
        var valid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
            var bits: UInt32 = 0
            var have = 0
            for index in 0..<digits {
                let digit = value(text[index])
                guard digit < 64 else {
                    valid = false
                    return
                }
                bits = bits << 6 | UInt32(digit)
                have += 6
                if have >= 8 {
                    have -= 8
                    bytes[count] = UInt8(truncatingIfNeeded: bits >> UInt32(have))
                    count += 1
                }
            }
            valid = bits & ((1 << UInt32(have)) - 1) == 0
        }
        return valid ? bytes : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// A digit's value; 255 for any other byte.
    fileprivate static func value(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: 255
        }
    }
}

/// Base 64 for URLs (RFC 4648, section 5) as JSON Web Tokens have it: without padding, as strict as `Base64`.
public enum Base64URL {
    public static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes).utf8.prefix { $0 != Base64.padding }
        return String(
            decoding: text.map { byte in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }, as: UTF8.self)
    }

    /// nil when the text is not base 64 of this kind.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        Base64.decode(text, digits: text.count) { byte in
            switch byte {
            case UInt8(ascii: "-"): 62
            case UInt8(ascii: "_"): 63
            case UInt8(ascii: "+"), UInt8(ascii: "/"): 255
            default: Base64.value(byte)
            }
        }
    }

    public static func decode(_ text: [UInt8]) -> [UInt8]? { text.withUnsafeBytes(decode) }
    public static func decode(_ text: String) -> [UInt8]? { decode(Array(text.utf8)) }
}
