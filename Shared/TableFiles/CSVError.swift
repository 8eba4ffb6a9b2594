/// Why a file could not be read as comma-separated text. The whole file is refused: half of a list of orders is worse than none.
public struct CSVError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong. Members may be added.
    public struct Code: Sendable, Hashable {
        let name: String

        /// The file holds no record.
        public static let empty = Code(name: "empty")
        /// The file is UTF-16 or UTF-32.
        public static let utf16 = Code(name: "utf16")
        /// The file is an XLSX or XLS workbook.
        public static let spreadsheet = Code(name: "spreadsheet")
        /// The file is a web page or XML: some back offices call such a page `.xls`.
        public static let markup = Code(name: "markup")
        /// The file holds zero bytes: not text.
        public static let notText = Code(name: "not-text")
        /// The file is UTF-8 but for the bytes at `byteOffset`.
        public static let notUTF8 = Code(name: "not-utf8")
        /// The file is neither UTF-8 nor GB18030; `byteOffset` is where GB18030 fails.
        public static let notGB18030 = Code(name: "not-gb18030")
        /// A character has no form in GB18030 (writing only).
        public static let notEncodable = Code(name: "not-encodable")
        /// This system's iconv has no GB18030.
        public static let converterMissing = Code(name: "converter-missing")
        /// A quotation mark opened in `line` is never closed.
        public static let unterminatedQuote = Code(name: "unterminated-quote")
    }

    public let code: Code
    /// The physical line, from 1, counted as an editor counts it.
    public let line: Int?
    /// The offset in the file as it was given, from 0.
    public let byteOffset: Int?

    init(_ code: Code, line: Int? = nil, byteOffset: Int? = nil) {
        self.code = code
        self.line = line
        self.byteOffset = byteOffset
    }

    public var description: String {
        let place = "line \(line ?? 0), byte \(byteOffset ?? 0)"
        return switch code {
        case .empty: "The file is empty. Export it again, and check that the download was complete."
        case .utf16: "The file is UTF-16 text. Open it in a spreadsheet and save it as \"CSV UTF-8 (comma delimited)\"."
        case .spreadsheet:
            "The file is a spreadsheet workbook, not comma-separated text. Open it and save it as \"CSV UTF-8 (comma delimited)\"."
        case .markup:
            "The file is a web page or XML, whatever its name says. Open it in a spreadsheet and save it as XLSX or \"CSV UTF-8\"."
        case .notText: "The file is not text: it holds zero bytes. Export it as CSV, or save it as \"CSV UTF-8 (comma delimited)\"."
        case .notUTF8: "The file starts as UTF-8 but \(place) is not UTF-8: it was damaged or pasted together. Export it again."
        case .notGB18030:
            "The file is neither UTF-8 nor GB18030 (\(place)): it was damaged, or has another encoding. Save it as \"CSV UTF-8\"."
        case .notEncodable: "The character at byte \(byteOffset ?? 0) has no form in GB18030. Write the file as UTF-8."
        case .converterMissing:
            "This system cannot read GB18030 (iconv has no converter; Debian has it in libc6). Save the file as \"CSV UTF-8\"."
        case .unterminatedQuote:
            "The quotation mark opened in line \(line ?? 0) is never closed: the file was cut off, or that line holds a stray quotation mark. "
                + "Export it again or correct that line."
        default: "The file cannot be read (\(code.name))."
        }
    }
}
