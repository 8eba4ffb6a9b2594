import TableFiles

/// Why a workbook could not be read.
public struct WorkbookError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong. Members may be added.
    public struct Code: Sendable, Hashable {
        let name: String

        /// The ZIP is cut off or damaged.
        public static let damaged = Code(name: "damaged")
        /// Protected by a password.
        public static let encrypted = Code(name: "encrypted")
        /// The binary format of Excel 97 to 2003.
        public static let oldFormat = Code(name: "old-format")
        /// A ZIP or a binary document, but no XLSX: `detail` says which.
        public static let otherFormat = Code(name: "other-format")
        /// A part breaks the format's rules; `detail` names it.
        public static let malformed = Code(name: "malformed")
        /// More than `WorkbookLimits` allow; `detail` names the limit.
        public static let tooLarge = Code(name: "too-large")
    }

    public let code: Code
    /// A part's name or a limit; never what stands in a cell.
    public let detail: String

    init(_ code: Code, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }

    public var description: String {
        switch code {
        case .damaged:
            "The workbook is cut off or damaged\(detail.isEmpty ? "" : " (\(detail))"). Export it again, and check that the download was complete."
        case .encrypted:
            "The workbook is protected by a password. Open it in a spreadsheet, save it without a password, and use that file."
        case .oldFormat: "The workbook is in the old format XLS. Open it in a spreadsheet and save it as XLSX or as \"CSV UTF-8\"."
        case .otherFormat: "The file is \(detail), not an XLSX workbook. Save it as XLSX or as \"CSV UTF-8\"."
        case .malformed: "The workbook breaks the rules of XLSX (\(detail)). Open it in a spreadsheet, save it as XLSX, and use that file."
        case .tooLarge: "The workbook is too large: \(detail). Split it, or save it as \"CSV UTF-8\"."
        default: "The workbook cannot be read (\(code.name))."
        }
    }

    var table: TableError { TableError(description) }
}
