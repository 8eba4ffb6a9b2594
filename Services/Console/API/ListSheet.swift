import HTTP
import Threads

/// What a list's rows are in a spreadsheet: columns with the names that the API has for them.
struct ListSheet<Row: Sendable>: Sendable {
    /// Of the file's name: `orders`.
    let list: String
    let columns: [String]
    let cells: @Sendable (Row) -> [String?]

    init(_ list: String, _ columns: [String], cells: @escaping @Sendable (Row) -> [String?]) {
        (self.list, self.columns, self.cells) = (list, columns, cells)
    }

    /// The whole list, page by page from the cursor, so that nothing of it has to be in memory.
    /// - Parameters:
    ///   - shop: whose list it is.
    ///   - page: the rows behind a cursor; nil: the first ones.
    func response<Cursor: Sendable, Failure: Error>(
        of shop: String, at time: Timestamp,
        _ page: @escaping @Sendable (Cursor?) throws(Failure) -> (items: [Row], next: Cursor?)
    ) throws(Failure) -> HTTPResponse {
        // What cannot be read is said instead of a file.
        let first = try page(nil)
        return CSVAnswer(name: CSVAnswer.name(list, of: shop, at: time), columns: columns) { [cells] write in
            var part = first
            while true {
                for row in part.items { try write(cells(row)) }
                guard let next = part.next else { return }
                part = try page(next)
            }
        }.response
    }
}
