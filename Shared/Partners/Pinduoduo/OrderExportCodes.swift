public import TableFiles

extension OrderExport {
    /// A merchant's codes of specifications and gifts that have none on the platform, by the platform's ids.
    ///
    /// A table with the columns 商家编码 and 样式ID or 赠品ID, or all three: both ids stand in the order export.
    public struct Codes: Sendable {
        private var styles: [String: String] = [:]
        private var gifts: [String: String] = [:]

        /// No codes.
        public init() {}

        /// - Throws: `BadRow` with the line that is wrong, `TableError`.
        public init(_ book: some TableBook) throws {
            guard let sheet = book.tables.firstIndex(where: { !$0.isHidden }) else { throw Self.noHeader(1) }
            var reader = try book.reader(sheet)
            guard let header = try reader.next() else { throw Self.noHeader(1) }
            let names = (0..<header.count).map { place in
                if case .text(let name) = header[place] { Header.normalised(name) } else { "" }
            }
            func place(_ names: [String], of column: [String]) -> Int? {
                column.lazy.compactMap { name in names.firstIndex(of: Header.normalised(name)) }.first
            }
            let (style, gift) = (place(names, of: ["样式ID"]), place(names, of: ["赠品ID"]))
            guard let code = place(names, of: ["商家编码"] + Column.skuCode.names), style != nil || gift != nil else {
                throw Self.noHeader(header.line)
            }
            while let row = try reader.next() {
                let sku = try Self.text(row, code, "商家编码")
                guard !sku.isEmpty else { throw Self.bad(row.line, "商家编码", "The cell is empty. Fill it in, or delete the line.") }
                if let style { try Self.add(sku, for: Self.text(row, style, "样式ID"), to: &styles, row.line, "样式ID") }
                if let gift { try Self.add(sku, for: Self.text(row, gift, "赠品ID"), to: &gifts, row.line, "赠品ID") }
            }
        }

        /// The code of a specification, by 样式ID.
        public subscript(style id: String) -> String? { styles[id] }
        /// The code of a gift, by 赠品ID.
        public subscript(gift id: String) -> String? { gifts[id] }

        private static func text(_ row: some TableRow, _ place: Int, _ column: String) throws(BadRow) -> String {
            switch row[place] {
            case .empty: return ""
            case .text(let text) where !Value.isScientific(text): return text
            default: throw bad(row.line, column, "A spreadsheet changed the cell, and its digits may be lost. Write it as text.")
            }
        }

        private static func add(
            _ code: String, for id: String, to codes: inout [String: String], _ line: Int, _ column: String
        ) throws(BadRow) {
            guard !id.isEmpty else { return }
            if let other = codes.updateValue(code, forKey: id), other != code {
                throw bad(line, column, "The same id has another code in a line above. Delete one of them.")
            }
        }

        private static func noHeader(_ line: Int) -> BadRow {
            BadRow(line: line, orderNumber: nil, column: nil, reason: "The first line does not name the columns 商家编码 and 样式ID (or 赠品ID).")
        }

        private static func bad(_ line: Int, _ column: String, _ reason: String) -> BadRow {
            BadRow(line: line, orderNumber: nil, column: column, reason: reason)
        }
    }
}
