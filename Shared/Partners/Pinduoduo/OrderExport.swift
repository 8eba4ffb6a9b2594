/// The list of orders that a Pinduoduo merchant exports from the back office as CSV.
///
/// Columns are found by name, in any order; names may have full- or half-width parentheses, and columns that are not known are passed over.
/// A record that cannot be understood becomes a `BadRow` and never hides the others. Seen in public importers; the platform documents
/// no format.
public enum OrderExport {
    /// What an export holds. Every record that is not blank is one of `rows`, `badRows` or `duplicates`.
    public struct Result: Sendable {
        /// The orders, as they stand in the file; no order number twice.
        public internal(set) var rows: [Row] = []
        /// The records that could not be understood, by line.
        public internal(set) var badRows: [BadRow] = []
        /// Records that repeat an order with the same content.
        public internal(set) var duplicates = 0
        public internal(set) var encoding: CSVEncoding

        /// How many records the file holds, without the header and blank lines.
        public var records: Int { rows.count + badRows.count + duplicates }
    }

    /// A record that could not be understood.
    public struct BadRow: Error, Sendable, Equatable, CustomStringConvertible {
        /// The physical line, from 1, on which the record starts.
        public let line: Int
        /// The order, if its number could be read.
        public let orderNumber: String?
        /// The canonical name of the column at fault; nil if it is the record as a whole.
        public let column: String?
        /// What is wrong and what to do.
        public let reason: String
        /// The cell, unless it may hold personal data: names, phones, addresses, messages and remarks are never repeated.
        public let value: String?

        public var description: String {
            var text = "line \(line)"
            if let orderNumber { text += ", order \(orderNumber)" }
            if let column { text += ", column \(column)" }
            if let value { text += " (\"\(value)\")" }
            return "\(text): \(reason)"
        }
    }

    /// Why nothing of a file could be read.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong. Members may be added.
        public struct Code: Sendable, Hashable {
            let name: String

            /// The bytes are no comma-separated text; see `cause`.
            public static let unreadable = Code(name: "unreadable")
            /// The header lacks `columns`; alternatives are joined by `/`.
            public static let missingColumns = Code(name: "missing-columns")
            /// The header has `columns` more than once.
            public static let duplicateColumns = Code(name: "duplicate-columns")
        }

        public let code: Code
        /// Canonical names of the columns at fault, all of them.
        public let columns: [String]
        public let cause: CSVError?

        init(_ code: Code, columns: [String] = [], cause: CSVError? = nil) {
            self.code = code
            self.columns = columns
            self.cause = cause
        }

        public var description: String {
            let names = columns.joined(separator: ", ")
            return switch code {
            case .missingColumns:
                "The order export lacks these columns: \(names). Export the orders with all columns, and leave the header line as it is."
            case .duplicateColumns:
                "The order export has these columns more than once: \(names). Export the orders again, or delete the columns that you added."
            default: cause.map { "The order export cannot be read. \($0)" } ?? "The order export cannot be read (\(code.name))."
            }
        }
    }

    /// Reads an export as it was downloaded, or as a spreadsheet saved it as CSV.
    ///
    /// An order that stands in the file twice with the same content counts once, and `duplicates` says so. With different content all of its
    /// records are bad rows: nothing tells which is newer, and the wrong choice would ship an order that was cancelled.
    /// - Throws: `Failure`; what is wrong with single records is in the result.
    public static func read(_ bytes: [UInt8]) throws(Failure) -> Result {
        let text = try readable { () throws(CSVError) in try CSVText(decoding: bytes) }
        var csv = CSVReader(text.utf8)
        var record = CSVReader.Record()
        guard try readable({ () throws(CSVError) in try csv.next(&record) }) else { throw Failure(.unreadable, cause: CSVError(.empty)) }
        var collector = Collector(header: try Header(record, of: csv), encoding: text.encoding)
        while try readable({ () throws(CSVError) in try csv.next(&record) }) {
            collector.add(record, of: csv)
        }
        return collector.finish()
    }

    private static func readable<Value>(_ body: () throws(CSVError) -> Value) throws(Failure) -> Value {
        do throws(CSVError) { return try body() } catch { throw Failure(.unreadable, cause: error) }
    }
}
