/// Comma-separated text as a book of one table.
public struct CSVBook: TableBook {
    private let text: CSVText

    /// - Throws: `TableError` with the `CSVError` that `CSVText` gives.
    public init(_ bytes: [UInt8]) throws(TableError) {
        do throws(CSVError) { text = try CSVText(decoding: bytes) } catch { throw TableError(error) }
    }

    public var format: TableFormat { .text(text.encoding) }
    public var tables: [TableName] { [TableName(nil)] }
    public func reader(_ index: Int) -> CSVTable { CSVTable(text.utf8) }
}

/// The rows of comma-separated text.
public struct CSVTable: TableReader {
    private var csv: CSVReader

    init(_ utf8: [UInt8]) { csv = CSVReader(utf8) }

    public var isPositional: Bool { true }

    public mutating func next() throws(TableError) -> Row? {
        var record = CSVReader.Record()
        while true {
            do throws(CSVError) { guard try csv.next(&record) else { return nil } } catch { throw TableError(error) }
            let row = Row(csv: csv, record: record)
            if !row.isBlank { return row }
        }
    }

    public struct Row: TableRow {
        let csv: CSVReader
        let record: CSVReader.Record

        public var line: Int { record.line }

        public var count: Int { record.fields.count }

        public subscript(place: Int) -> TableCell {
            guard place < record.fields.count, !record.fields[place].isEmpty else { return .empty }
            let text = csv.trimmed(record.fields[place])
            return text.isEmpty ? .empty : .text(text)
        }

        var isBlank: Bool { record.fields.allSatisfy { $0.isEmpty || csv.trimmed($0).isEmpty } }
    }
}
