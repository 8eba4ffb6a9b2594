import Contracts
public import Crypto
public import Partners

/// Takes an order export in, some rows at a time: what is to be sent for them, and what came of them. It does no input or output.
///
/// Rows are sealed as they are taken; what was taken is forgotten with the value.
public struct OrderImport {
    /// What an order to be shipped becomes that Daifa has already.
    public enum Repetition: Sendable {
        /// It is placed again, which is a copy and changes nothing: for one who does not know what Daifa has.
        case placesAgain
        /// It is counted as known, and nothing is placed.
        case isKnown
    }

    /// What has been taken so far.
    public private(set) var report: ImportReport
    private let rows: [OrderExport.Row]
    private let unread: [OrderExport.BadRow]
    private let intake: OrderExport.Intake
    private let repetition: Repetition
    private var taken = 0
    private var told = 0

    /// - Parameters:
    ///   - merchantShopId: the shop whose export it is.
    ///   - codes: the merchant's codes of what has none in the export.
    public init(
        _ export: OrderExport.Result, merchantShopId: String, codes: OrderExport.Codes = .init(), repetition: Repetition
    ) throws(CryptoError) {
        report = ImportReport(export)
        rows = export.rows
        unread = export.badRows
        self.repetition = repetition
        intake = OrderExport.Intake(
            OrderExportTranslation(merchantShopId: merchantShopId, ids: try StableIds(), codes: codes), of: export,
            placesAgain: repetition == .placesAgain)
    }

    /// The rows of which nothing was sent yet.
    public var left: Int { rows.count - taken }

    /// Takes the next rows.
    /// - Parameters:
    ///   - count: of rows at most.
    ///   - known: what is known of the row's order; asked only where it matters.
    ///   - sealer: makes of a recipient what may stand on a topic.
    /// - Returns: the facts to be sent, in this order; nil when there are no more rows.
    /// - Throws: `CryptoError`, and what `known` throws; the value is of no use then.
    public mutating func next(
        _ count: Int, known: (_ orderId: String) throws -> OrderExport.Knowledge, sealer: RecipientSealer
    ) throws -> [OrderFact]? {
        guard let rows = take(count) else { return nil }
        var facts: [OrderFact] = []
        for row in rows {
            tellUnread(before: row.line)
            let knowledge = needsKnowledge(of: row) ? try known(OrderExportTranslation.orderId(row)) : .unknown
            let outcome = try intake.outcome(of: row, known: knowledge) { plain, orderId throws(CryptoError) in
                try sealer.seal(plain, orderId: orderId)
            }
            report.count(outcome, of: row)
            facts += outcome.facts
        }
        return facts
    }

    /// Tells what taking all rows would do, without anybody who knows what Daifa has: facts for known orders are not counted, and orders to
    /// be shipped without a recipient are counted apart.
    public mutating func rehearse() {
        for row in take(.max) ?? [] {
            tellUnread(before: row.line)
            if case .toShip = row.disposition, row.recipient.isMissing {
                report.countWithoutRecipient()
                continue
            }
            let outcome = intake.outcome(of: row, known: .unknown) { plain, _ in
                PlacedRecipient(province: plain.address.province, city: plain.address.city, district: plain.address.district)
            }
            report.count(outcome, of: row)
        }
        tellUnread(before: .max)
    }

    /// The orders of which it matters whether Daifa has them.
    public var inQuestion: Set<String> { Set(rows.lazy.filter(needsKnowledge).map(OrderExportTranslation.orderId)) }

    private func needsKnowledge(of row: OrderExport.Row) -> Bool {
        if case .toShip = row.disposition, repetition == .isKnown { return true }
        return OrderExport.Intake.needsKnowledge(of: row)
    }

    private mutating func take(_ count: Int) -> ArraySlice<OrderExport.Row>? {
        guard taken < rows.count else {
            tellUnread(before: .max)
            return nil
        }
        let end = taken + min(max(count, 1), rows.count - taken)
        defer { taken = end }
        return rows[taken..<end]
    }

    /// Records that could not be read stand among the others, by their lines.
    private mutating func tellUnread(before line: Int) {
        while told < unread.count, unread[told].line < line {
            report.add(unread[told])
            told += 1
        }
    }
}
