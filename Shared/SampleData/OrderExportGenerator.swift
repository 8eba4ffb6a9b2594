import Partners
public import TableFiles

/// Makes order exports as Pinduoduo writes them, quirks and all, for demonstrations and tests. The same configuration gives the same bytes.
public struct OrderExportGenerator: Sendable {
    /// What part of the records is what; the rest is plain orders to be shipped. Their sum must not exceed 1.
    public struct Shares: Sendable {
        /// To be shipped, with an after-sale open.
        public var afterSaleOpen = 0.04
        /// To be shipped, but held by risk control.
        public var riskHeld = 0.03
        /// 未发货，退款成功.
        public var refunded = 0.02
        /// 待支付, 已发货…, 已签收…, 已取消….
        public var otherStatus = 0.1
        /// Records that nobody can understand.
        public var bad = 0.0
        /// Records that repeat the order before them.
        public var duplicate = 0.0

        public init() {}
    }

    public struct Configuration: Sendable {
        public var seed: UInt64 = 1
        /// How many records, duplicates and bad ones among them.
        public var orders = 1000
        public var shares = Shares()
        public var encoding = CSVEncoding.utf8WithBOM
        /// "商品总价（元）" instead of "商品总价(元)".
        public var fullWidthHeader = false
        /// "，" in names of states, else ",".
        public var fullWidthCommas = true
        /// A tab behind long numbers, which keeps spreadsheets from rounding them.
        public var padsWithTabs = true
        /// Columns that no importer knows, in between.
        public var extraColumns = false
        /// Columns in an order of chance.
        public var shufflesColumns = false
        /// Lines end with CR LF, else LF.
        public var windowsLineEnds = true
        /// Times as a spreadsheet writes them ("2025/11/11 8:30"), without seconds.
        public var spreadsheetTimes = false
        /// The part of orders whose name, phone and address equal those of an earlier one.
        public var repeatedRecipients = 0.15
        /// The part of recipients with a virtual number.
        public var virtualPhones = 0.3
        /// Orders are confirmed in the 24 hours from here, in milliseconds since 1970. Default: 2025-11-11 00:00 in Beijing.
        public var startsAt: Int64 = 1_762_790_400_000

        public init() {}
    }

    /// What a reader must find. `toShip` is the sum of the three kinds after it.
    public struct Counts: Sendable, Equatable {
        public internal(set) var records = 0
        public internal(set) var toShip = 0
        public internal(set) var plain = 0
        public internal(set) var afterSaleOpen = 0
        public internal(set) var riskHeld = 0
        public internal(set) var refunded = 0
        public internal(set) var otherStatus = 0
        /// Of `otherStatus`: 已取消 and 已取消，退款成功.
        public internal(set) var cancelled = 0
        public internal(set) var bad = 0
        public internal(set) var duplicates = 0
        /// Pieces and 商品总价 in fen of all orders to be shipped.
        public internal(set) var piecesToShip = 0
        public internal(set) var totalMinorToShip: Int64 = 0
    }

    public struct Output: Sendable {
        public let bytes: [UInt8]
        public let expected: Counts
    }

    public let configuration: Configuration

    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Makes an export.
    /// - Throws: `CSVError` `converterMissing` if this system's iconv has no GB18030.
    public func generate() throws(CSVError) -> Output {
        try generate { _ in }
    }

    /// Makes an export and shows each order as a reader must find it.
    func generate(visit: (OrderExport.Row) -> Void) throws(CSVError) -> Output {
        var random = OrderExport.Random(seed: configuration.seed)
        var writer = OrderExportWriter(configuration, &random)
        var source = OrderExportSource(configuration)
        var counts = Counts()
        var previous: OrderExport.Row?
        for index in 0..<max(0, configuration.orders) {
            counts.records += 1
            let kind = kind(&random)
            if kind == .duplicate, let previous {
                counts.duplicates += 1
                writer.write(previous, &random)
                continue
            }
            var row = source.row(index, kind, &random)
            row.line = writer.line
            if kind == .bad {
                counts.bad += 1
                writer.writeDamaged(row, &random)
                continue
            }
            Self.count(row, kind, &counts)
            writer.write(row, &random)
            visit(row)
            previous = row
        }
        let bytes = configuration.encoding == .gb18030 ? try GB18030.encode(writer.bytes) : writer.bytes
        return Output(bytes: bytes, expected: counts)
    }

    enum Kind {
        case plain, afterSaleOpen, riskHeld, refunded, otherStatus, bad, duplicate
    }

    private func kind(_ random: inout OrderExport.Random) -> Kind {
        let shares = configuration.shares
        var drawn = Double(random.next() >> 11) * 0x1p-53
        let kinds: [(Kind, Double)] = [
            (.afterSaleOpen, shares.afterSaleOpen), (.riskHeld, shares.riskHeld), (.refunded, shares.refunded),
            (.otherStatus, shares.otherStatus), (.bad, shares.bad), (.duplicate, shares.duplicate),
        ]
        for (kind, share) in kinds {
            if drawn < share { return kind }
            drawn -= share
        }
        return .plain
    }

    private static func count(_ row: OrderExport.Row, _ kind: Kind, _ counts: inout Counts) {
        switch kind {
        case .afterSaleOpen: counts.afterSaleOpen += 1
        case .riskHeld: counts.riskHeld += 1
        case .refunded: counts.refunded += 1
        case .otherStatus: counts.otherStatus += 1
        case .plain, .bad, .duplicate: counts.plain += 1
        }
        if row.status == .cancelled || row.status == .cancelledRefunded { counts.cancelled += 1 }
        if row.status == .toShip {
            counts.toShip += 1
            counts.piecesToShip += row.quantity
            counts.totalMinorToShip += row.totalMinor
        }
    }
}
