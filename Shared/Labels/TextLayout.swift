internal import CPango

/// A text laid out by pango, in points.
final class TextLayout {
    /// From the text's top left corner.
    struct Extent {
        let left: Double
        let top: Double
        let right: Double
        let bottom: Double

        init(left: Double, top: Double, right: Double, bottom: Double) {
            (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
        }

        init(_ extent: daifa_pango_extent) {
            self.init(left: extent.left, top: extent.top, right: extent.right, bottom: extent.bottom)
        }

        var width: Double { right - left }
        var height: Double { bottom - top }
    }

    private let text: String
    private let handle: OpaquePointer
    /// Whether characters may stand out of the lines that they take up: those of a few scripts are known not to.
    private let mayStandOut: Bool

    init(_ text: String, _ fonts: FontSet, _ block: TextBlock, size: Double) {
        let style = daifa_pango_style(
            size: size, width: block.wraps ? block.width * FittedText.millimetre : -1, line_height: TextBlock.lineHeight,
            bold: block.bold ? 1 : 0)
        self.text = text
        mayStandOut = text.unicodeScalars.contains { scalar in
            switch scalar.value {
            // Latin with its accents up to Vietnamese; punctuation, Chinese, wide forms.
            case 0...0x2FF, 0x1E00...0x1EFF, 0x2000...0x206F, 0x2E80...0x9FFF, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF: false
            default: true
            }
        }
        handle = daifa_pango_text_new(fonts.handle, text, Int32(text.utf8.count), style)
    }

    deinit { daifa_pango_text_free(handle) }

    func setSize(_ size: Double) { daifa_pango_text_set_size(handle, size) }

    /// What lines and advances take up.
    var lines: Extent { Extent(daifa_pango_text_lines(handle)) }
    /// What is drawn, where it may be more than `lines`.
    var ink: Extent? { mayStandOut ? Extent(daifa_pango_text_ink(handle)) : nil }

    /// The first character that no font has.
    var unknownCharacter: Unicode.Scalar? {
        let offset = daifa_pango_text_unknown(handle)
        guard offset >= 0 else { return nil }
        let bytes = text.utf8
        let place = bytes.index(bytes.startIndex, offsetBy: offset, limitedBy: bytes.endIndex) ?? bytes.endIndex
        return text.unicodeScalars[place...].first
    }

    /// Draws it on a cairo context.
    func draw(_ cairo: OpaquePointer, left: Double, top: Double) { daifa_pango_text_draw(handle, cairo, left, top) }
}
