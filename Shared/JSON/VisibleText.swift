@_spi(_Unicode) import Swift

/// Whether a person can see something of a text (contract, section 2).
public enum VisibleText {
    /// Whether one character at least is visible.
    ///
    /// Nearly every text is told by its first byte: printable ASCII, or the lead byte of U+4000 to U+9FFF, which are all drawn.
    @inline(__always)
    public static func isIn(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        if first > 0x20 && first < 0x7F || first >= 0xE4 && first <= 0xE9 { return true }
        return hasVisible(text)
    }

    /// The same of a string.
    public static func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isIn($0) }
    }

    /// Whether all characters are visible; blanks are not.
    public static func isAll(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { isVisible($0) } }

    @inline(never)
    private static func hasVisible(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        String(decoding: text, as: UTF8.self).unicodeScalars.contains { isVisible($0) }
    }

    /// False for controls, format characters and blanks (categories Cc, Cf, Zs, Zl, Zp), and for the fillers and the empty Braille pattern,
    /// which are of other categories and drawn as blanks.
    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x7E: true
        case 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0: false
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    /// The same as a regular expression for readers of JSON Schemas, without the invisible characters beyond U+FFFF (tags, and controls of
    /// shorthand, music and hieroglyphs), which not every dialect can name.
    public static let pattern =
        #"[^\u0000-\u0020\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u180e\u2000-\u200f"#
        + #"\u2028-\u202f\u205f-\u2064\u2066-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]"#
}

/// Whether a text is in Unicode's normalization form C, the only one of ids (contract, section 2): equal ids have equal bytes.
public enum ComposedText {
    /// - Parameter text: well-formed UTF-8.
    @inline(__always)
    public static func isNFC(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in text where byte >= 0x80 { return isComposed(text) }
        return true
    }

    /// The same of a string.
    public static func isNFC(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isNFC($0) }
    }

    @inline(never)
    private static func isComposed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // Characters below U+0300 and from U+4000 to U+9FFF neither decompose further nor combine with what stands before them: a text of
        // them alone is composed (UAX #15, quick check).
        var rest = false
        for byte in text where byte >= 0xC0 && !(byte <= 0xCB || byte >= 0xE4 && byte <= 0xE9) {
            rest = true
            break
        }
        if !rest { return true }
        let text = String(decoding: text, as: UTF8.self)
        return text._nfc.elementsEqual(text.unicodeScalars)
    }

    /// The text in this form.
    public static func composed(_ text: String) -> String {
        if isNFC(text) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text._nfc { result.append(scalar) }
        return String(result)
    }
}
