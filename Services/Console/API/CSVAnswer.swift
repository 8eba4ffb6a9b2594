import HTTP
import Threads

/// Comma-separated text for spreadsheets (RFC 4180; UTF-8 with its mark), of any length.
struct CSVAnswer: Sendable {
    /// Writes one row.
    typealias Write = ([String?]) throws -> Void

    /// Without its ending; other characters than letters, digits, `.`, `_` and `-` become `-`.
    var name: String
    var columns: [String]
    /// Writes all rows, on a thread that may wait.
    var rows: @Sendable (_ write: Write) throws -> Void

    /// The name of a list that was asked for on a day: `orders-shop-17-2026-11-30`.
    static func name(_ list: String, of shop: String, at time: Timestamp) -> String { "\(list)-\(shop)-\(time.description.prefix(10))" }

    var response: HTTPResponse {
        let headers =
            SafeHeaders.all + [
                ("Content-Type", "text/csv; charset=utf-8"), ("Content-Disposition", "attachment; filename=\"\(Self.fileName(name)).csv\""),
            ]
        return .producing(headers: headers) { [columns, rows] writer in
            try writer.write(Self.mark + Self.line(columns))
            try rows { try writer.write(Self.line($0)) }
        }
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A row with its end.
    static func line(_ cells: [String?]) -> [UInt8] { Array((cells.map { cell($0 ?? "") }.joined(separator: ",") + "\r\n").utf8) }

    /// A text that a spreadsheet takes for a text: one that it would calculate has a `'` before it.
    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { ["=", "+", "-", "@", "\t", "\r"].contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.utf8.contains(where: { [UInt8(ascii: "\""), UInt8(ascii: ","), 0x0A, 0x0D].contains($0) }) else { return safe }
        var quoted = "\""
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    private static func fileName(_ name: String) -> String {
        String(
            name.unicodeScalars.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || [".", "_", "-"].contains(scalar))
                    ? Character(scalar) : "-"
            })
    }
}
