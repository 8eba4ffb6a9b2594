/// How a file of comma-separated text is encoded.
public enum CSVEncoding: String, Sendable, CaseIterable {
    case utf8 = "UTF-8"
    case utf8WithBOM = "UTF-8 with BOM"
    case gb18030 = "GB18030"
}

/// The bytes of a file with their encoding told and undone.
public struct CSVText: Sendable {
    /// The text as valid UTF-8; it may start with a byte order mark.
    public let utf8: [UInt8]
    public let encoding: CSVEncoding

    /// Tells the encoding and decodes strictly.
    ///
    /// The first line decides: an export's header is Chinese, and Chinese in GB18030 is not valid UTF-8. So a damaged byte further down
    /// is reported where it is, and never turns a UTF-8 file into a GB18030 one full of wrong characters.
    /// - Throws: `CSVError`: `empty`, `utf16`, `spreadsheet`, `markup`, `notText`, `notUTF8`, `notGB18030`, `converterMissing`.
    public init(decoding bytes: [UInt8]) throws(CSVError) {
        if bytes.isEmpty { throw CSVError(.empty) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw CSVError(.utf16, byteOffset: 0) }
        let workbooks: [[UInt8]] = [[0x50, 0x4B, 0x03, 0x04], [0xD0, 0xCF, 0x11, 0xE0]]
        if workbooks.contains(where: bytes.starts) { throw CSVError(.spreadsheet, byteOffset: 0) }
        if Self.isMarkup(bytes) { throw CSVError(.markup, byteOffset: 0) }
        if let zero = bytes.firstIndex(of: 0) {
            throw CSVError(.notText, line: GB18030.lineNumber(at: zero, in: bytes), byteOffset: zero)
        }
        let invalid = Self.firstInvalidUTF8(bytes)
        if bytes.starts(with: CSVText.byteOrderMark) {
            try Self.requireUTF8(bytes, invalid)
            (utf8, encoding) = (bytes, .utf8WithBOM)
        } else if invalid == nil || Self.startsInUTF8(bytes, invalid) {
            try Self.requireUTF8(bytes, invalid)
            (utf8, encoding) = (bytes, .utf8)
        } else {
            (utf8, encoding) = (try GB18030.decode(bytes), .gb18030)
        }
    }

    package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func isMarkup(_ bytes: [UInt8]) -> Bool {
        let text = bytes.starts(with: byteOrderMark) ? bytes[byteOrderMark.count...] : bytes[...]
        let start = text.drop { $0 <= 0x20 }.prefix(6).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return ["<!", "<?xml", "<html", "<table", "<meta"].contains { start.starts(with: $0.utf8) }
    }

    /// Whether the first line is UTF-8 and holds more than ASCII.
    private static func startsInUTF8(_ bytes: [UInt8], _ invalid: Int?) -> Bool {
        let end = bytes.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
        return (invalid ?? bytes.count) >= end && bytes[..<end].contains { $0 >= 0x80 }
    }

    private static func requireUTF8(_ bytes: [UInt8], _ invalid: Int?) throws(CSVError) {
        guard let invalid else { return }
        throw CSVError(.notUTF8, line: GB18030.lineNumber(at: invalid, in: bytes), byteOffset: invalid)
    }

    private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}
