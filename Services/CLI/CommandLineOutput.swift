import JSON
import Runtime

/// One JSON object and a line's end.
func jsonLine(_ members: [(String, JSONValue)]) -> String { String(decoding: JSONValue.object(members).json, as: UTF8.self) + "\n" }

/// Columns of text, each as wide as its widest cell.
enum TextTable {
    static func text(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return line
        }.joined(separator: "\n")
    }
}
