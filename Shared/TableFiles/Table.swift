/// What stands in one cell, whatever file it comes from.
public enum TableCell: Sendable, Equatable {
    case empty
    /// Without blanks around it, never empty.
    case text(String)
    /// A time that the file knows to be one, `yyyy-MM-dd HH:mm:ss`, without a zone.
    case time(String)
    /// The cell holds something whose value is not known any more.
    case unusable(Reason)

    public enum Reason: Sendable, Equatable {
        /// A number of which a spreadsheet has cut off digits, or may have.
        case digitsLost
        /// A formula that no spreadsheet has calculated.
        case notCalculated
        /// The result of a formula that failed, such as `#N/A`.
        case failedFormula(String)
    }
}

/// One row of a table.
public protocol TableRow {
    /// Where the row begins, from 1: of text the physical line, of a workbook the row.
    var line: Int { get }
    /// How many cells the row has.
    var count: Int { get }
    /// The cell at a place from 0; `empty` beyond the row's end.
    subscript(place: Int) -> TableCell { get }
}

/// Reads a table row by row.
public protocol TableReader {
    associatedtype Row: TableRow
    /// Whether a row with more or fewer cells than the first one has them in the wrong columns, as in text; else each cell knows its column.
    var isPositional: Bool { get }
    /// The next row that is not blank; nil at the table's end.
    mutating func next() throws(TableError) -> Row?
}

/// A file that holds tables: one, or a workbook's sheets.
public protocol TableBook {
    associatedtype Reader: TableReader
    var format: TableFormat { get }
    var tables: [TableName] { get }
    /// - Parameter index: of `tables`.
    func reader(_ index: Int) throws(TableError) -> Reader
}

/// A table of a book.
public struct TableName: Sendable, Equatable {
    /// The sheet's name; nil in a file that has one table without a name.
    public let name: String?
    /// The sheet is hidden: people who look at the file do not see it.
    public let isHidden: Bool

    public init(_ name: String?, isHidden: Bool = false) {
        self.name = name
        self.isHidden = isHidden
    }
}

/// What kind of file a table was read from.
public enum TableFormat: Sendable, Equatable, CustomStringConvertible {
    case text(CSVEncoding)
    case workbook

    public var description: String {
        switch self {
        case .text(let encoding): encoding.rawValue
        case .workbook: "XLSX"
        }
    }
}

/// Why a table could not be read to its end. The whole file is refused: half of a list is worse than none.
public struct TableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened, and what to do.
    public let description: String
    /// The cause, of comma-separated text.
    public let csv: CSVError?

    public init(_ description: String) {
        self.description = description
        csv = nil
    }

    public init(_ cause: CSVError) {
        description = "\(cause)"
        csv = cause
    }
}
