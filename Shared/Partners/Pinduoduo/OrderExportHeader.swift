import TableFiles

extension OrderExport {
    /// Which column stands where.
    struct Header {
        /// A header is looked for down to this line: exports have a line of explanation above it, or two.
        static let lastLine = 5
        /// So far down one is looked for that cannot be used, to say where it is.
        private static let lastLineLooked = 50
        /// As many known names make a header even without the order number.
        private static let telling = 4

        /// How many cells a record has.
        let width: Int
        /// By `Column.rawValue`.
        private let places: [Int?]
        private let titles: [String?]

        /// Reads a table down to its header.
        /// - Returns: nil for a table without rows.
        init?<Reader: TableReader>(in reader: inout Reader) throws(Failure) {
            var first: Int?
            while let row = try OrderExport.readable({ () throws(TableError) in try reader.next() }), row.line <= Self.lastLineLooked {
                first = first ?? row.line
                let titles = (0..<row.count).map { Self.title(row[$0]) }
                let names = titles.map(Self.normalised)
                if row.line <= Self.lastLine, let platform = OtherPlatform.of(Set(names)) {
                    var failure = Failure(.otherPlatform)
                    failure.platform = platform
                    throw failure
                }
                guard Self.isHeader(names) else { continue }
                guard row.line <= Self.lastLine else { throw Self.none(row.line) }
                try self.init(titles, names)
                return
            }
            guard let first else { return nil }
            throw Self.none(min(first, Self.lastLine))
        }

        private init(_ titles: [String], _ names: [String]) throws(Failure) {
            var found: [String: Int] = [:]
            var repeated: Set<String> = []
            for (place, name) in names.enumerated() where !name.isEmpty {
                if found.updateValue(place, forKey: name) != nil { repeated.insert(name) }
            }
            let places = Column.allCases.map { column in column.names.lazy.compactMap { found[Self.normalised($0)] }.first }
            self.places = places
            self.titles = places.map { $0.map { titles[$0] } }
            width = names.count
            let doubled = Column.allCases.filter { $0.names.contains { repeated.contains(Self.normalised($0)) } }
            if !doubled.isEmpty { throw Failure(.duplicateColumns, doubled.map(\.name)) }
            let required = Column.required + (hasRecipients ? Column.ofRecipients : [])
            let missing = required.filter { alternatives in alternatives.allSatisfy { places[$0.rawValue] == nil } }
            if !missing.isEmpty { throw Failure(.missingColumns, missing.map { $0.map(\.name).joined(separator: "/") }) }
        }

        subscript(column: Column) -> Int? { places[column.rawValue] }

        /// The column's name as the file has it, else the canonical one.
        func title(_ column: Column) -> String { titles[column.rawValue] ?? column.name }

        var hasRecipients: Bool { self[.recipientName] != nil || self[.phone] != nil }

        private static let known = Set(Column.allCases.flatMap { $0.names.map(normalised) })
        private static let orderNumber = normalised(Column.orderNumber.name)

        private static func isHeader(_ names: [String]) -> Bool {
            let count = Set(names).intersection(known).count
            return names.contains(orderNumber) ? count > 1 : count >= telling
        }

        private static func title(_ cell: TableCell) -> String {
            guard case .text(let text) = cell else { return "" }
            return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        }

        private static func none(_ line: Int) -> Failure {
            var failure = Failure(.noHeader)
            failure.line = line
            return failure
        }

        /// A column's name without blanks, quotation marks and zero-width characters, full-width letters and signs as half-width ones, and
        /// without case.
        static func normalised(_ name: String) -> String {
            var text = String.UnicodeScalarView()
            for scalar in name.unicodeScalars {
                switch scalar.value {
                case 0...0x20, 0x7F...0xA0, 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x3000, 0xFEFF, 0x22, 0x27, 0x2018...0x201D: continue
                case 0x2013, 0x2014: text.append("-")
                case 0xFF01...0xFF5E: text.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
                default: text.append(scalar)
                }
            }
            return String(text).lowercased()
        }
    }

    /// Exports of other platforms, by names of columns that only theirs have. Seen in public importers of these exports.
    enum OtherPlatform {
        private static let marks: [(name: String, columns: Set<String>)] = [
            ("Douyin", ["主订单编号", "子订单编号"]), ("Taobao or Tmall", ["订单编号", "宝贝标题"]), ("Taobao or Tmall", ["订单编号", "买家会员名", "收货人姓名"]),
            ("1688", ["订单编号", "买家会员名", "货品总价(元)"]),
        ]

        /// - Parameter names: normalised names of a row's cells.
        static func of(_ names: Set<String>) -> String? { marks.first { $0.columns.isSubset(of: names) }?.name }
    }
}

extension OrderExport.Failure {
    init(_ code: Code, _ columns: [String]) {
        self.init(code)
        self.columns = columns
    }
}
