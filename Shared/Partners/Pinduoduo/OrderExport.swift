public import TableFiles

/// The list of orders that a Pinduoduo merchant exports from the back office, as CSV or as a workbook.
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
        public internal(set) var format: TableFormat
        /// The export has columns for recipients: the default export of 2026 has none.
        public internal(set) var hasRecipients = true
        /// What the file calls the column of the specifications' codes.
        public internal(set) var skuColumn = Column.skuCode.name
        /// Other sheets of the workbook, which were not read.
        public internal(set) var otherSheets: [String] = []

        /// How many records the file holds, without the header and blank lines.
        public var records: Int { rows.count + badRows.count + duplicates }
    }

    /// A record that could not be understood, or cannot be used.
    public struct BadRow: Error, Sendable, Equatable, CustomStringConvertible {
        /// Where the record begins, from 1: of text the physical line, of a workbook the row.
        public let line: Int
        /// The order, if its number could be read.
        public let orderNumber: String?
        /// The column at fault, as the file names it; nil if it is the record as a whole.
        public let column: String?
        /// What is wrong and what to do; never what stands in the row.
        public let reason: String
        /// The same for who says it in another language; nil: in no other words.
        public let fault: Fault?
        /// The cell, if it can hold nothing of a person.
        public let value: String?

        public init(
            line: Int, orderNumber: String?, column: String?, reason: String, fault: Fault? = nil, value: String? = nil
        ) {
            self.line = line
            self.orderNumber = orderNumber
            self.column = column
            self.reason = reason
            self.fault = fault
            self.value = value
        }

        public var description: String {
            var text = "line \(line)"
            if let orderNumber { text += ", order \(orderNumber)" }
            if let column { text += ", column \(column)" }
            if let value { text += " (\"\(value)\")" }
            return "\(text): \(reason)"
        }
    }

    /// What may be wrong with a record.
    public enum Fault: String, Sendable, CaseIterable {
        case empty, width, contradiction, quantity, amount, phone, time
        case orderNumber = "order-number"
        case noTime = "no-time"
        case unknownState = "unknown-state"
        case yesOrNo = "yes-or-no"
        case digitsLost = "digits-lost"
        case dateMade = "date-made"
        case notCalculated = "not-calculated"
        case failedFormula = "failed-formula"
        case giftName = "gift-name"
        case giftsDiffer = "gifts-differ"
        case giftQuantity = "gift-quantity"
        case noRecipient = "no-recipient"
        case masked
        /// Against a rule of Daifa's.
        case recipient, order
    }

    /// Something about an order that went in which its merchant should know.
    public struct Notice: Sendable, Equatable {
        /// Where the record begins, as in `BadRow`.
        public let line: Int
        public let orderNumber: String
        /// The column that it is about, as the file names it.
        public let column: String
        /// What was done and what to do.
        public let reason: String
    }

    /// Why nothing of a file could be read.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong. Members may be added.
        public struct Code: Sendable, Hashable {
            let name: String

            /// The file cannot be read to its end; see `cause`.
            public static let unreadable = Code(name: "unreadable")
            /// No header stands within the first lines; `line` is where one was found below them, or the first line.
            public static let noHeader = Code(name: "no-header")
            /// Another platform's export; `platform` names it.
            public static let otherPlatform = Code(name: "other-platform")
            /// Several sheets hold orders; `columns` has their names.
            public static let severalSheets = Code(name: "several-sheets")
            /// No sheet that is shown holds a row.
            public static let noRows = Code(name: "no-rows")
            /// The header lacks `columns`; alternatives are joined by `/`.
            public static let missingColumns = Code(name: "missing-columns")
            /// The header has `columns` more than once.
            public static let duplicateColumns = Code(name: "duplicate-columns")
        }

        public let code: Code
        /// Canonical names of the columns at fault, all of them.
        public internal(set) var columns: [String] = []
        public internal(set) var cause: TableError?
        public internal(set) var platform: String?
        public internal(set) var line: Int?

        init(_ code: Code) { self.code = code }

        /// The file cannot be read to its end.
        public init(_ cause: TableError) {
            code = .unreadable
            self.cause = cause
        }

        public var description: String {
            let names = columns.joined(separator: ", ")
            return switch code {
            case .missingColumns:
                "The order export lacks these columns: \(names). Export the orders with all columns, and leave the header line as it is."
            case .duplicateColumns:
                "The order export has these columns more than once: \(names). Export the orders again, or delete the columns that you added."
            case .otherPlatform:
                "This looks like an export of \(platform ?? "another platform"); Daifa reads Pinduoduo's. Nothing is sent."
            case .noHeader where line ?? 1 > Header.lastLine:
                "The header stands in line \(line ?? 0). Delete the lines above it: a header is looked for in the first \(Header.lastLine) lines."
            case .noHeader:
                "None of the first \(Header.lastLine) lines, from line \(line ?? 1) on, names the columns of an order export (订单号, 订单状态, …). "
                    + "Export the orders again, and leave the header line as it is."
            case .severalSheets:
                "Several sheets of the workbook hold orders: \(names). Save each as a file of its own, and import them in the order in which they were exported."
            case .noRows: "The file holds no rows that are shown. Export the orders again, and check that the download was complete."
            default: cause.map { "The order export cannot be read. \($0)" } ?? "The order export cannot be read (\(code.name))."
            }
        }
    }

    /// Reads an export as it was downloaded, or as a spreadsheet saved it as CSV.
    ///
    /// - Throws: `Failure`; what is wrong with single records is in the result.
    public static func read(_ bytes: [UInt8]) throws(Failure) -> Result {
        let book: CSVBook
        do throws(TableError) { book = try CSVBook(bytes) } catch { throw Failure(error) }
        return try read(book)
    }

    /// Reads an export from a file of any kind.
    ///
    /// Lines above the header are passed over. Of a workbook the sheet that has such a header is read; hidden ones are not looked at.
    /// An order that stands in the file twice with the same content counts once, and `duplicates` says so. With different content all of its
    /// records are bad rows: nothing tells which is newer, and the wrong choice would ship an order that was cancelled.
    /// - Throws: `Failure`; what is wrong with single records is in the result.
    public static func read<Book: TableBook>(_ book: Book) throws(Failure) -> Result {
        var found: [(index: Int, header: Header, reader: Book.Reader)] = []
        var failure = Failure(.noRows)
        for (index, table) in book.tables.enumerated() where !table.isHidden {
            do throws(Failure) {
                var reader = try readable { () throws(TableError) in try book.reader(index) }
                guard let header = try Header(in: &reader) else { continue }
                found.append((index, header, reader))
            } catch {
                // A sheet that cannot be read may hold orders too: half of a file is worse than none.
                if error.code == .unreadable { throw error }
                if failure.code == .noRows || failure.code == .noHeader { failure = error }
            }
        }
        guard let first = found.first else { throw failure }
        if found.count > 1 { throw Failure(.severalSheets, found.map { book.tables[$0.index].name ?? "" }) }
        var reader = first.reader
        var collector = Collector(header: first.header, isPositional: reader.isPositional, format: book.format)
        while let row = try readable({ () throws(TableError) in try reader.next() }) { collector.add(row) }
        var result = collector.finish()
        result.otherSheets = book.tables.indices.filter { $0 != first.index }.compactMap { book.tables[$0].name }
        return result
    }

    static func readable<Value>(_ body: () throws(TableError) -> Value) throws(Failure) -> Value {
        do throws(TableError) { return try body() } catch { throw Failure(error) }
    }
}
