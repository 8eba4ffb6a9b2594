public import Contracts
import Crypto
import JSON
public import Threads

/// A fact to be sent to `daifa.orders`.
public struct OrderFact: Sendable {
    public let orderId: String
    public let type: String
    /// `ce_id`: follows from merchant, order and fact, so that importing again sends copies.
    public let id: String
    /// `ce_time`.
    public let time: Timestamp
    public let body: [UInt8]
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
public struct OrderExportTranslation {
    /// Orders of the merchant's own shop (contract, section 5).
    public static func orderId(_ row: OrderExport.Row) -> String { "pdd:\(row.orderNumber)" }

    public let merchantShopId: String
    let ids: StableIds
    let codes: OrderExport.Codes

    /// - Parameters:
    ///   - merchantShopId: the shop whose export it is.
    ///   - codes: the merchant's codes of specifications that have none in the export.
    public init(merchantShopId: String, ids: StableIds, codes: OrderExport.Codes = OrderExport.Codes()) {
        self.merchantShopId = merchantShopId
        self.ids = ids
        self.codes = codes
    }

    /// What holds or ends the order, whether it is to be shipped or not.
    public func facts(_ row: OrderExport.Row) -> [OrderFact] {
        row.disposition.facts.compactMap { fact in
            switch fact {
            case .placed: nil
            case .riskHeld:
                {
                    let held = RiskHeld(orderId: Self.orderId(row))
                    return self.fact(held, row)
                }()
            case .afterSaleOpened(let kind):
                {
                    let opened = AfterSaleOpened(orderId: Self.orderId(row), afterSaleId: afterSaleId(row), kind: kind.rawValue)
                    return self.fact(opened, row, content: kind.rawValue)
                }()
            case .afterSaleRefunded:
                {
                    let closed = AfterSaleClosed(orderId: Self.orderId(row), afterSaleId: afterSaleId(row), outcome: "refunded")
                    return self.fact(closed, row, content: "refunded")
                }()
            case .cancelled:
                {
                    let cancelled = OrderCancelled(orderId: Self.orderId(row), reason: row.status.rawValue)
                    return self.fact(cancelled, row)
                }()
            }
        }
    }

    /// The recipient of an order to be shipped, in clear.
    /// - Throws: `BadRow` when nothing can be sent there.
    public func recipient(_ row: OrderExport.Row) throws(OrderExport.BadRow) -> Recipient {
        guard !row.recipient.isMissing else {
            throw problem(
                row, column: "收货人", .noRecipient,
                "The export says nothing of the recipient, and Daifa does not have the order yet. Export the orders with recipients "
                    + "(收货人, 手机, 省, 市, 区, 街道), or connect a channel that downloads the shop's orders; then import again.")
        }
        guard !row.recipient.isMasked else {
            throw problem(
                row, column: "收货人", .masked,
                "The recipient is masked with asterisks, so no label can be printed. Export the orders with full recipients, and import again."
            )
        }
        let recipient = row.recipient.plain
        guard !recipient.address.detail.isEmpty else {
            throw problem(row, column: "街道", .empty, "There is no street. Fill it in, or export the order again.")
        }
        do { _ = try Recipient.decode(recipient.json) } catch {
            throw problem(
                row, column: "收货人", .recipient, "The recipient does not fit Daifa's rules: \(error). Correct it, and import again.")
        }
        return recipient
    }

    /// The merchant's code of the goods: the export's, else that which the merchant has given for the specification.
    public func sku(_ row: OrderExport.Row) -> String? { row.sku ?? row.styleID.flatMap { codes[style: $0] } }

    /// - Throws: `BadRow` when the order breaks a rule of the contract.
    public func placed(_ row: OrderExport.Row, to recipient: PlacedRecipient) throws(OrderExport.BadRow) -> OrderFact {
        let gifts = row.gifts.map { gift in (gift, sku: gift.code ?? gift.id.flatMap { codes[gift: $0] }) }
        // Not the buyer's message: it may name persons and phones, and a remark is seen by the factory.
        let remark = ([row.merchantRemark ?? ""] + gifts.filter { $0.sku == nil }.map { Self.remark($0.0) })
            .filter { !$0.isEmpty }.joined(separator: "；")
        var lines = [line("1", sku(row) ?? "", row.goodsName, row.spec, row.quantity, fen: row.unitPriceMinor)]
        for (index, (gift, sku)) in gifts.enumerated() where sku != nil {
            lines.append(line("g\(index + 1)", sku ?? "", gift.name, gift.spec, gift.quantity, fen: 0))
        }
        let placed = OrderPlaced(
            orderId: Self.orderId(row), merchantShopId: merchantShopId, platform: "pinduoduo", platformOrderNumber: row.orderNumber,
            placedAt: time(row), shipBy: row.shipBy.map { Timestamp(milliseconds: Int($0)) }, remark: remark, lines: lines,
            recipient: recipient)
        do { _ = try OrderPlaced.decode(placed.json) } catch {
            throw problem(row, column: nil, .order, "The order does not fit Daifa's rules: \(error). Correct it, and import again.")
        }
        return fact(placed, row)
    }

    /// A gift that has no code: nobody's stock counts it, people pack it.
    private static func remark(_ gift: OrderExport.Gift) -> String {
        "赠品: " + ([gift.name, gift.spec].filter { !$0.isEmpty } + ["×\(gift.quantity)"]).joined(separator: " ")
    }

    private func line(_ lineId: String, _ sku: String, _ name: String, _ spec: String, _ quantity: Int, fen: Int64) -> PlacedLine {
        PlacedLine(
            lineId: lineId, sku: sku, name: name, spec: spec, quantity: quantity, unitPrice: Money(amountMinor: Int(fen), currency: "CNY"))
    }

    private func problem(_ row: OrderExport.Row, column: String?, _ fault: OrderExport.Fault, _ reason: String) -> OrderExport.BadRow {
        OrderExport.BadRow(line: row.line, orderNumber: row.orderNumber, column: column, reason: reason, fault: fault)
    }

    private func afterSaleId(_ row: OrderExport.Row) -> String { ids.id(merchantShopId, Self.orderId(row), "after-sale") }

    private func fact<Fact: Message>(_ message: Fact, _ row: OrderExport.Row, content: String = "") -> OrderFact {
        let orderId = Self.orderId(row)
        return OrderFact(
            orderId: orderId, type: Fact.type, id: ids.id(merchantShopId, orderId, Fact.type, content), time: time(row), body: message.json)
    }

    private func time(_ row: OrderExport.Row) -> Timestamp { Timestamp(milliseconds: Int(row.placedAt ?? 0)) }
}

extension OrderExport.Recipient {
    /// The recipient in clear: what is sealed.
    public var plain: Recipient {
        // Most exports have the street in 街道; where there is a column for it, 街道 is the town.
        Recipient(
            name: name, phone: "\(phone)",
            address: Address(
                country: "CN", province: province, city: city, district: district, town: detail == nil ? nil : town,
                detail: detail ?? town ?? ""))
    }
}
