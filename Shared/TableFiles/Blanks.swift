/// What stands around a cell's text when people copy and paste it, or programs pad it.
public enum Blanks {
    /// The part of `range` without blanks at either end: spaces, tabs, line ends and other control characters, no-break, ideographic and
    /// zero-width spaces, joiners, marks of direction, byte order marks.
    public static func trimmed(_ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end {
            if utf8[start] <= 0x20 || utf8[start] == 0x7F {
                start += 1
            } else if let width = wide(utf8, at: start, before: end) {
                start += width
            } else {
                break
            }
        }
        while start < end {
            if utf8[end - 1] <= 0x20 || utf8[end - 1] == 0x7F {
                end -= 1
            } else if end - start >= 3, wide(utf8, at: end - 3, before: end) == 3 {
                end -= 3
            } else if end - start >= 2, wide(utf8, at: end - 2, before: end) == 2 {
                end -= 2
            } else {
                break
            }
        }
        return start..<end
    }

    /// How many bytes the blank at `index` has; nil if no blank beyond ASCII stands there.
    private static func wide(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int, before end: Int) -> Int? {
        let left = end - index
        switch utf8[index] {
        // U+00A0
        case 0xC2: return left >= 2 && utf8[index + 1] == 0xA0 ? 2 : nil
        // U+2000 to U+200F, U+2028 to U+202F; U+205F to U+206F
        case 0xE2 where left >= 3:
            let last = utf8[index + 2]
            switch utf8[index + 1] {
            case 0x80: return (0x80...0x8F).contains(last) || (0xA8...0xAF).contains(last) ? 3 : nil
            case 0x81: return (0x9F...0xAF).contains(last) ? 3 : nil
            default: return nil
            }
        // U+3000
        case 0xE3: return left >= 3 && utf8[index + 1] == 0x80 && utf8[index + 2] == 0x80 ? 3 : nil
        // U+FEFF
        case 0xEF: return left >= 3 && utf8[index + 1] == 0xBB && utf8[index + 2] == 0xBF ? 3 : nil
        default: return nil
        }
    }
}
