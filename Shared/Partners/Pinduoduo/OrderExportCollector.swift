import TableFiles

extension OrderExport {
    /// Gathers rows and bad rows, and settles order numbers that stand in the file more than once.
    struct Collector {
        private let header: Header
        private let isPositional: Bool
        private var result: Result
        /// Index in `result.rows` by order number.
        private var places: [String: Int] = [:]
        /// Indices of rows whose order number came again with other content.
        private var contradicted: Set<Int> = []

        init(header: Header, isPositional: Bool, format: TableFormat) {
            self.header = header
            self.isPositional = isPositional
            result = Result(format: format)
            result.hasRecipients = header.hasRecipients
            result.skuColumn = header.title(.skuCode)
        }

        mutating func add(_ record: some TableRow) {
            do throws(BadRow) {
                var cells = Cells(record, header, isPositional: isPositional)
                let row = try cells.row()
                guard let place = places[row.orderNumber] else {
                    places[row.orderNumber] = result.rows.count
                    result.rows.append(row)
                    return
                }
                var copy = row
                copy.line = result.rows[place].line
                if contradicted.contains(place) || copy != result.rows[place] {
                    contradicted.insert(place)
                    result.badRows.append(contradiction(row, with: result.rows[place].line))
                } else {
                    result.duplicates += 1
                }
            } catch {
                result.badRows.append(error)
            }
        }

        consuming func finish() -> Result {
            guard !contradicted.isEmpty else { return result }
            var rows: [Row] = []
            rows.reserveCapacity(result.rows.count)
            for (place, row) in result.rows.enumerated() {
                if contradicted.contains(place) {
                    result.badRows.append(contradiction(row, with: nil))
                } else {
                    rows.append(row)
                }
            }
            result.rows = rows
            result.badRows.sort { $0.line < $1.line }
            return result
        }

        private func contradiction(_ row: Row, with line: Int?) -> BadRow {
            let other = line.map { "line \($0)" } ?? "a later line"
            return BadRow(
                line: row.line, orderNumber: row.orderNumber, column: header.title(.orderNumber),
                reason: "The same order stands in \(other) with different content. Export the orders again, without joining files.",
                fault: .contradiction)
        }
    }
}
