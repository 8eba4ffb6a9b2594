import Contracts
import Crypto
import JSON
import Partners
import StateMachines
import Threads

/// Translates Pinduoduo's rows about orders into facts.
///
/// | row | `OrderSeen` |
/// |---|---|
/// | an own order that is concluded, to be shipped, with items and a recipient | placed, its recipient sealed for waybill as the platform encrypted it |
/// | one under review, shipped, cancelled or not concluded | what it tells of risk, after-sale and cancellation alone: the platform hides its recipient |
/// | an assigned factory-dropship order without a number | placed, allocated to the factory, without a recipient |
/// | one that is taken back, or whose number was returned already | what it tells of assignment and after-sale alone |
struct PinduoduoOrderMapper {
    static let platform = Platform.pinduoduo.rawValue

    /// A shop's own order (contract, section 5).
    static func orderId(_ orderSn: String) -> String { "pdd:\(orderSn)" }
    static func orderId(_ key: FdsOrderKey) -> String {
        FactoryDropship.orderId(mall: key.mallMaskId, order: key.orderMaskSn)
    }

    private let source: DownloadSource
    /// When the platform was asked.
    private let readAt: Timestamp
    /// Seals a recipient for waybill, bound to the order's id.
    private let seal: (_ recipient: EncryptedRecipient, _ orderId: String) throws -> Sealed

    /// Rows that break a rule of the contract, and so were not passed on.
    private(set) var unfit: [Unfit] = []

    struct Unfit: Equatable {
        let orderId: String
        /// The field, and what is expected of it; never what was in it.
        let reason: String
    }

    init(
        _ source: DownloadSource, readAt: Timestamp, seal: @escaping (_ recipient: EncryptedRecipient, _ orderId: String) throws -> Sealed
    ) {
        self.source = source
        self.readAt = readAt
        self.seal = seal
    }

    // MARK: Own orders

    /// - Throws: what `seal` throws.
    mutating func see(_ order: PinduoduoOrder) throws -> OrderSeen? {
        var seen = OrderSeen(
            orderId: Self.orderId(order.orderSn), readAt: readAt, updatedAt: order.updatedAt,
            isUnderRisk: order.riskControlStatus == nil ? nil : order.isUnderRisk, isCancelled: order.isCancelled)
        if order.refundStatus != nil || order.afterSalesStatus != nil { seen.afterSale = SeenAfterSale(order.afterSale) }
        if order.isPlaceable, let recipient = order.recipient {
            seen.placed = try placed(order, to: recipient, seen.orderId)
            seen.recipientMark = Self.mark(
                [order.openAddressId ?? "\(recipient.name) \(recipient.phone) \(recipient.address)"] + area(order))
        }
        return fit(seen)
    }

    private func placed(_ order: PinduoduoOrder, to recipient: PinduoduoOrder.Recipient, _ orderId: String) throws -> OrderPlaced {
        let lines = order.items.enumerated().map { index, item in
            line(index + 1, sku: item.sku, name: item.goodsName, spec: item.goodsSpec, quantity: item.goodsCount, fen: item.goodsPriceFen)
        }
        let encrypted = EncryptedRecipient(
            platform: Self.platform, orderSn: order.orderSn,
            encrypted: EncryptedRecipient.Texts(name: recipient.name, phone: recipient.phone, address: recipient.address))
        let area = area(order)
        // The remark is not the buyer's message: that may name persons and phones, and a remark is seen by the factory.
        return OrderPlaced(
            orderId: orderId, merchantShopId: source.owner, platform: Self.platform, platformOrderNumber: order.orderSn,
            channelId: source.channelId, placedAt: order.placedAt ?? readAt, shipBy: order.lastShipTime, remark: order.remark ?? "",
            lines: lines,
            recipient: PlacedRecipient(
                province: area[0], city: area[1], district: area[2], mergeKey: order.openAddressId.map(Self.mergeKey),
                sealed: Verbatim(try seal(encrypted, orderId))),
            holds: holds)
    }

    private func area(_ order: PinduoduoOrder) -> [String] { [order.province ?? "", order.city ?? "", order.district ?? ""] }

    // MARK: After-sales of own orders

    /// nil for a row that tells of none.
    mutating func see(_ refund: PinduoduoRefund) -> AfterSaleSeen? {
        let state = SeenAfterSale(refund.state)
        guard let stage = state.stage else { return nil }
        let seen = AfterSaleSeen(
            orderId: Self.orderId(refund.orderSn), afterSaleId: refund.id, stage: stage, kind: refund.kind?.rawValue ?? state.kind,
            readAt: readAt, updatedAt: refund.updatedAt)
        return fitting(seen, seen.orderId)
    }

    // MARK: Factory-dropship orders

    mutating func see(_ order: FdsOrder) -> OrderSeen? {
        var seen = OrderSeen(
            orderId: Self.orderId(order.key), readAt: readAt, isCancelled: false,
            isAssigned: order.isAllocated ? true : order.isUnallocated ? false : nil)
        if order.afterSalesStatus != nil { seen.afterSale = SeenAfterSale(order.afterSale) }
        if order.isAllocated, !order.isReturned, let province = order.province, let city = order.city {
            seen.placed = placed(order, seen.orderId, province, city)
            seen.recipientMark = Self.mark([order.receiverId ?? "", province, city, order.district ?? ""])
        }
        return fit(seen)
    }

    private func placed(_ order: FdsOrder, _ orderId: String, _ province: String, _ city: String) -> OrderPlaced {
        let line = line(
            1, sku: order.sku, name: order.goodsName, spec: order.goodsSpec, quantity: order.goodsNumber, fen: order.productPriceFen)
        return OrderPlaced(
            orderId: orderId, merchantShopId: "pdd:\(order.key.mallMaskId)", platform: Self.platform,
            platformOrderNumber: order.key.orderMaskSn, channelId: source.channelId, placedAt: order.allowedAt ?? readAt,
            remark: order.remark ?? "",
            lines: [line],
            recipient: PlacedRecipient(
                province: province, city: city, district: order.district ?? "", mergeKey: order.receiverId.map(Self.mergeKey)),
            allocatedTo: source.owner, shopAlias: order.mallMaskName, holds: holds)
    }

    // MARK: Parts of both kinds of orders

    private var holds: [PlacedHold]? { source.awaitsAudit ? [.awaitingAudit] : nil }

    private func line(_ number: Int, sku: String?, name: String, spec: String, quantity: Int, fen: Int?) -> PlacedLine {
        PlacedLine(
            lineId: "\(number)", sku: sku ?? "", name: name, spec: spec, quantity: quantity,
            unitPrice: fen.map { Money(amountMinor: $0, currency: "CNY") })
    }

    /// The platform's own, unless it is longer than an id may be.
    private static func mergeKey(_ id: String) -> String { id.utf8.count <= 200 ? id : mark([id]) }

    /// Equal when the parts are. The platform has one id for equal receivers; without it the ciphertexts stand for them, and an order that
    /// was encrypted anew counts as one with another recipient.
    private static func mark(_ parts: [String]) -> String {
        Hexadecimal.encode(Digest.sha256(Array(parts.joined(separator: "\u{0}").utf8)).prefix(16))
    }

    /// An order that cannot be placed may still be cancelled, held or taken back.
    private mutating func fit(_ seen: OrderSeen) -> OrderSeen? {
        if let fitting = fitting(seen, seen.orderId) { return fitting }
        guard seen.placed != nil else { return nil }
        var rest = seen
        rest.placed = nil
        rest.recipientMark = nil
        return fitting(rest, seen.orderId)
    }

    /// As its reader will see it: one that breaks a rule would take those beside it along.
    private mutating func fitting<Item: InternalItem>(_ item: Item, _ orderId: String) -> Item? {
        do throws(JSONError) { return try Item.decode(item.json) } catch {
            unfit.append(Unfit(orderId: orderId, reason: "\(error)"))
            return nil
        }
    }
}

extension SeenAfterSale {
    init(_ state: PinduoduoAfterSale) {
        switch state {
        case .absent: self.init(nil)
        case .open(let kind): self.init(.open, kind: kind.rawValue)
        case .closed: self.init(AfterSaleStage.closed)
        case .refunded: self.init(AfterSaleStage.refunded)
        }
    }
}
