/// Texts as they can be printed.
enum LabelText {
    /// The text without what a reader of a label cannot see: controls, format characters (which could turn a telephone number around) and
    /// invisible fillers are taken out, blanks and line breaks become one blank, none at the ends. Variation selectors stay: they choose a
    /// form of the character before them.
    static func cleaned(_ text: String) -> String {
        // Nearly all texts have nothing to clean; U+4DC0 to U+9FFF are drawn, all of them.
        var result = String.UnicodeScalarView()
        var blank = false
        for scalar in text.unicodeScalars {
            switch kind(scalar) {
            case .left: continue
            case .blank: blank = true
            case .drawn:
                if blank && !result.isEmpty { result.append(" ") }
                blank = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    private enum Kind { case drawn, blank, left }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x21...0x7E, 0x4DC0...0x9FFF: return .drawn
        // Tab and line breaks, and what stands for them in other systems.
        case 0x09...0x0D, 0x20, 0x85: return .blank
        case 0xFE00...0xFE0F, 0xE0100...0xE01EF: return .drawn
        // Drawn as a blank, though of another category.
        case 0x2800: return .blank
        default: break
        }
        if scalar.properties.isDefaultIgnorableCodePoint { return .left }
        switch scalar.properties.generalCategory {
        case .control, .format: return .left
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .blank
        default: return .drawn
        }
    }

    /// Those that are not empty once they are cleaned, with a separator between them.
    static func joined(_ texts: [String?], _ separator: String = " ") -> String {
        texts.compactMap { text in
            let text = cleaned(text ?? "")
            return text.isEmpty ? nil : text
        }.joined(separator: separator)
    }
}
