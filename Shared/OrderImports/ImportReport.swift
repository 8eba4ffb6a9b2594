public import Partners
public import TableFiles

/// The outcome of an export's records: each is placed, known, not to ship, a copy, or a problem.
public struct ImportReport: Sendable {
    public let records: Int
    public let format: TableFormat
    /// Of a workbook, the sheets that were not read.
    public let otherSheets: [String]
    public let duplicates: Int
    /// Orders to be shipped, with a fact `placed`.
    public private(set) var placed = 0
    /// Of `placed`: with an after-sale open or refunded, held by risk control.
    public private(set) var afterSale = 0
    public private(set) var riskHeld = 0
    /// Orders that Daifa had already, of which the export tells what holds or ends them.
    public private(set) var known = 0
    /// Orders not to be shipped, by 订单状态; those of `known` that have such a state are among them.
    public private(set) var notToShip: [String: Int] = [:]
    public var factsSent = 0
    /// Orders to be shipped of which the export does not say to whom: in a rehearsal, where nobody knows whether Daifa has them.
    public private(set) var withoutRecipient = 0
    /// Records that were not imported, in the order of their lines.
    public private(set) var problems: [OrderExport.BadRow] = []
    /// Notices for the merchant about orders that were placed, by line.
    public private(set) var notices: [OrderExport.Notice] = []

    /// Before any row is taken.
    public init(_ export: OrderExport.Result) {
        records = export.records
        format = export.format
        otherSheets = export.otherSheets
        duplicates = export.duplicates
    }

    mutating func add(_ problem: OrderExport.BadRow) { problems.append(problem) }

    mutating func countWithoutRecipient() { withoutRecipient += 1 }

    mutating func count(_ outcome: OrderExport.Outcome, of row: OrderExport.Row) {
        if row.status != .toShip { notToShip[row.status.rawValue, default: 0] += 1 }
        notices += outcome.notices
        switch outcome.kind {
        case .placed: countPlaced(row)
        case .known: known += 1
        case .notToShip: break
        case .bad(let problem): problems.append(problem)
        }
    }

    private mutating func countPlaced(_ row: OrderExport.Row) {
        placed += 1
        if row.riskHeld { riskHeld += 1 }
        switch row.afterSale {
        case .open, .refunded: afterSale += 1
        case .none, .closed: break
        }
    }
}
