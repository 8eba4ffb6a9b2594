import TableFiles

/// Texts of cells as the file writes them.
enum CellText {
    /// The text without blanks around it, with `_xHHHH_` as the UTF-16 unit that it stands for (ECMA-376, part 1, 22.9.2.19: characters
    /// that XML cannot hold, and the underscore of a text that looks like this itself).
    static func cell(_ utf8: UnsafeBufferPointer<UInt8>) -> TableCell {
        guard holdsEscape(utf8) else { return trimmed(utf8) }
        return Array(unescaped(String(decoding: utf8, as: UTF8.self)).utf8).withUnsafeBufferPointer(trimmed)
    }

    private static func trimmed(_ utf8: UnsafeBufferPointer<UInt8>) -> TableCell {
        let range = Blanks.trimmed(utf8, 0..<utf8.count)
        return range.isEmpty ? .empty : .text(String(decoding: UnsafeBufferPointer(rebasing: utf8[range]), as: UTF8.self))
    }

    private static func holdsEscape(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        guard utf8.count >= 7 else { return false }
        for index in 0..<(utf8.count - 6) where utf8[index] == UInt8(ascii: "_") && utf8[index + 1] | 0x20 == UInt8(ascii: "x") {
            if utf8[index + 6] == UInt8(ascii: "_") { return true }
        }
        return false
    }

    private static func unescaped(_ text: String) -> String {
        let units = Array(text.utf16)
        var plain: [UInt16] = []
        plain.reserveCapacity(units.count)
        var index = 0
        while index < units.count {
            if let unit = escape(units, at: index) {
                plain.append(unit)
                index += 7
            } else {
                plain.append(units[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF16.self)
    }

    /// The unit for which `_xHHHH_` at `index` stands.
    private static func escape(_ units: [UInt16], at index: Int) -> UInt16? {
        guard index + 6 < units.count, units[index] == 0x5F, units[index + 1] | 0x20 == 0x78, units[index + 6] == 0x5F else { return nil }
        var unit: UInt16 = 0
        for digit in units[(index + 2)..<(index + 6)] {
            guard let value = digit < 0x80 ? Character(Unicode.Scalar(UInt8(digit))).hexDigitValue : nil else { return nil }
            unit = unit << 4 | UInt16(value)
        }
        return unit
    }
}
