import Contracts
import Crypto
import JSON
import Partners

/// A fact to be sent to `daifa.orders`.
struct OrderFact {
    let orderId: String
    let type: String
    /// `ce_id`: follows from merchant, order and fact, so that importing again sends copies.
    let id: String
    /// `ce_time`.
    let time: Timestamp
    let body: [UInt8]
}

/// A record that was not imported.
struct ImportProblem: Error, Equatable {
    /// The physical line, from 1.
    let line: Int
    let orderNumber: String?
    /// The column's name; nil for the record as a whole.
    let column: String?
    /// The cell, unless it may hold personal data.
    let value: String?
    let reason: String

    init(line: Int, orderNumber: String?, column: String?, value: String? = nil, reason: String) {
        self.line = line
        self.orderNumber = orderNumber
        self.column = column
        self.value = value
        self.reason = reason
    }

    init(_ row: OrderExport.BadRow) {
        self.init(line: row.line, orderNumber: row.orderNumber, column: row.column, value: row.value, reason: row.reason)
    }
}

/// What an export's rows mean on `daifa.orders`.
///
/// - `ce_id` is derived from merchant, order, type and what of the content matters. A second import sends copies, which allocation
///   recognises, and after `DAIFA_DEDUP_RETENTION` the facts themselves are such that a copy changes nothing.
/// - `ce_time` is the order's own time (confirmed, else grouped, else paid, else the day in its number), never the clock's: where the newest
///   fact counts, a file that is imported again, or late, must not win over what happened since.
/// - Facts that hold an order come before its `placed`, so that no rule allocates for a moment what may not be allocated.
/// - An export has no after-sale ids, and shows only an order's newest after-sale: it has one id per order. An after-sale that was
///   withdrawn gives no fact: closed, the id would stay closed, and the next after-sale of the order would be overlooked.
struct ImportTranslation {
    /// Orders of the merchant's own shop (contract, section 5).
    static func orderId(_ row: OrderExport.Row) -> String { "pdd:\(row.orderNumber)" }

    let merchantShopId: String
    let ids: StableIds

    /// What holds or ends the order, whether it is to be shipped or not.
    func facts(_ row: OrderExport.Row) -> [OrderFact] {
        row.disposition.facts.compactMap { fact in
            switch fact {
            case .placed: nil
            case .riskHeld:
                {
                    var held = RiskHeld()
                    held.orderId = Self.orderId(row)
                    return self.fact(held, row)
                }()
            case .afterSaleOpened(let kind):
                {
                    var opened = AfterSaleOpened()
                    opened.orderId = Self.orderId(row)
                    opened.afterSaleId = afterSaleId(row)
                    opened.kind = kind.rawValue
                    return self.fact(opened, row, content: kind.rawValue)
                }()
            case .afterSaleRefunded:
                {
                    var closed = AfterSaleClosed()
                    closed.orderId = Self.orderId(row)
                    closed.afterSaleId = afterSaleId(row)
                    closed.outcome = "refunded"
                    return self.fact(closed, row, content: "refunded")
                }()
            case .cancelled:
                {
                    var cancelled = OrderCancelled()
                    cancelled.orderId = Self.orderId(row)
                    cancelled.reason = row.status.rawValue
                    return self.fact(cancelled, row)
                }()
            }
        }
    }

    /// The recipient of an order to be shipped, in clear.
    /// - Throws: `ImportProblem` when nothing can be sent there.
    func recipient(_ row: OrderExport.Row) throws(ImportProblem) -> Recipient {
        guard !row.recipient.isMasked else {
            throw problem(
                row, column: "收货人",
                "The recipient is masked with asterisks, so no label can be printed. Export the orders with full recipients, and import again."
            )
        }
        let recipient = RecipientSealer.plain(row.recipient)
        guard !recipient.address.detail.isEmpty else {
            throw problem(row, column: "街道", "There is no street. Fill it in, or export the order again.")
        }
        do { _ = try Recipient.decode(recipient.json) } catch {
            throw problem(row, column: "收货人", "The recipient does not fit Daifa's rules: \(error). Correct it, and import again.")
        }
        return recipient
    }

    /// - Throws: `ImportProblem` when the order breaks a rule of the contract.
    func placed(_ row: OrderExport.Row, to recipient: PlacedRecipient) throws(ImportProblem) -> OrderFact {
        var line = PlacedLine()
        line.lineId = "1"
        line.sku = row.sku ?? ""
        line.name = row.goodsName
        line.spec = row.spec
        line.quantity = row.quantity
        line.unitPrice = Money(amountMinor: Int(row.unitPriceMinor))
        var placed = OrderPlaced()
        placed.orderId = Self.orderId(row)
        placed.merchantShopId = merchantShopId
        placed.platform = "pinduoduo"
        placed.platformOrderNumber = row.orderNumber
        placed.placedAt = time(row)
        placed.shipBy = row.shipBy.map { Timestamp(milliseconds: Int($0)) }
        // Not the buyer's message: it may name persons and phones, and a remark is seen by the factory.
        placed.remark = row.merchantRemark ?? ""
        placed.lines = [line]
        placed.recipient = recipient
        do { _ = try OrderPlaced.decode(placed.json) } catch {
            throw problem(row, column: nil, "The order does not fit Daifa's rules: \(error). Correct it, and import again.")
        }
        return fact(placed, row)
    }

    private func problem(_ row: OrderExport.Row, column: String?, _ reason: String) -> ImportProblem {
        ImportProblem(line: row.line, orderNumber: row.orderNumber, column: column, reason: reason)
    }

    private func afterSaleId(_ row: OrderExport.Row) -> String { ids.id(merchantShopId, Self.orderId(row), "after-sale") }

    private func fact<Fact: Message>(_ message: Fact, _ row: OrderExport.Row, content: String = "") -> OrderFact {
        let orderId = Self.orderId(row)
        return OrderFact(
            orderId: orderId, type: Fact.type, id: ids.id(merchantShopId, orderId, Fact.type, content), time: time(row), body: message.json)
    }

    private func time(_ row: OrderExport.Row) -> Timestamp {
        if let known = row.placedAt { return Timestamp(milliseconds: Int(known)) }
        return Self.day(row.orderNumber) ?? Timestamp(milliseconds: 0)
    }

    /// The start, in Beijing, of the day in an order number: `yyMMdd-…` or `yyyyMMdd-…`.
    static func day(_ orderNumber: String) -> Timestamp? {
        let digits = orderNumber.prefix { $0 != "-" }
        let date = digits.count == 6 ? "20" + digits : String(digits)
        guard date.utf8.count == 8 else { return nil }
        return Timestamp("\(date.prefix(4))-\(date.dropFirst(4).prefix(2))-\(date.suffix(2))T00:00:00+08:00")
    }
}
