public import JSON
public import Threads

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let orders: [CatalogEntry] =
        messages(
            OrderPlaced.self, AddressChanged.self, AfterSaleOpened.self, AfterSaleClosed.self, RiskHeld.self,
            RiskCleared.self, OrderCancelled.self, OrderUnallocated.self, OrderReassigned.self)
}

extension TextRule {
    /// An order's id: as `id`, and short enough that `<orderId>/<n>` is an id too.
    public static let orderId = ids(180, "an order id")
}

/// A hold that an order may have when it is placed.
public enum PlacedHold: String, JSONEnumeration {
    case awaitingAudit = "awaiting-audit"
}

/// A line of an order as it was placed.
public struct PlacedLine: Declared, Equatable {
    public var lineId = ""
    public var sku = ""
    public var name = ""
    public var spec = ""
    public var quantity = 0
    public var unitPrice: Money?

    public init(blank: Blank) {}
    public init(lineId: String, sku: String, name: String, spec: String, quantity: Int, unitPrice: Money? = nil) {
        self.lineId = lineId
        self.sku = sku
        self.name = name
        self.spec = spec
        self.quantity = quantity
        self.unitPrice = unitPrice
    }

    public static let fields = Fields<PlacedLine>(
        Field("lineId", \.lineId, .id), Field("sku", \.sku, .text(200)), Field("name", \.name, .text(1000)),
        Field("spec", \.spec, .text(1000)), Field("quantity", \.quantity, 1...1_000_000), Field("unitPrice", \.unitPrice))
}

/// Where an order goes: the area in clear, the rest sealed for waybill.
public struct PlacedRecipient: Declared, Equatable {
    public var province = ""
    public var city = ""
    public var district = ""
    public var mergeKey: String?
    public var sealed: Verbatim<Sealed>?

    public init(blank: Blank) {}
    public init(province: String, city: String, district: String, mergeKey: String? = nil, sealed: Verbatim<Sealed>? = nil) {
        self.province = province
        self.city = city
        self.district = district
        self.mergeKey = mergeKey
        self.sealed = sealed
    }

    public static let fields = Fields<PlacedRecipient>(
        Field("province", \.province, .filled(64)), Field("city", \.city, .filled(64)), Field("district", \.district, .text(64)),
        Field("mergeKey", \.mergeKey, .id), Field("sealed", \.sealed))
    public var area: Area { Area(province: province, city: city, district: district) }
}

/// An order that a buyer placed. The first one for an orderId counts.
public struct OrderPlaced: Message {
    public static let type = "daifa.order.placed.v1"
    public static let contract: Contract<OrderPlaced> = .fact(
        key: \.orderId, "A buyer placed an order; the first one for an orderId counts.")
    public var orderId = ""
    public var merchantShopId = ""
    public var platform = ""
    public var platformOrderNumber = ""
    public var channelId: String?
    public var placedAt = Timestamp(milliseconds: 0)
    public var shipBy: Timestamp?
    public var remark = ""
    public var lines: [PlacedLine] = []
    public var recipient: PlacedRecipient
    /// The factory of a factory-dropship order, which comes allocated.
    public var allocatedTo: String?
    /// The alias of the merchant's shop that such an order comes with.
    public var shopAlias: String?
    public var holds: [PlacedHold]?

    public init(blank: Blank) { recipient = PlacedRecipient(blank: blank) }
    public init(
        orderId: String, merchantShopId: String, platform: String, platformOrderNumber: String, channelId: String? = nil,
        placedAt: Timestamp, shipBy: Timestamp? = nil, remark: String, lines: [PlacedLine], recipient: PlacedRecipient,
        allocatedTo: String? = nil, shopAlias: String? = nil, holds: [PlacedHold]? = nil
    ) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.platform = platform
        self.platformOrderNumber = platformOrderNumber
        self.channelId = channelId
        self.placedAt = placedAt
        self.shipBy = shipBy
        self.remark = remark
        self.lines = lines
        self.recipient = recipient
        self.allocatedTo = allocatedTo
        self.shopAlias = shopAlias
        self.holds = holds
    }

    public static let fields = Fields<OrderPlaced>(
        Field("orderId", \.orderId, .orderId), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("platform", \.platform, .filled(64)), Field("platformOrderNumber", \.platformOrderNumber, .id),
        Field("channelId", \.channelId, .id), Field("placedAt", \.placedAt),
        Field("shipBy", \.shipBy), Field("remark", \.remark, .remark), Field("lines", \.lines, count: 1...500),
        Field("recipient", \.recipient), Field("allocatedTo", \.allocatedTo, .shopId),
        Field("shopAlias", \.shopAlias, .name), Field("holds", \.holds, count: 0...1))
}

/// The recipient changed; the newest `ce_time` counts.
public struct AddressChanged: Message {
    public static let type = "daifa.order.address-changed.v1"
    public static let contract: Contract<AddressChanged> = .fact(key: \.orderId, "The recipient is another one; the newest ce_time counts.")
    public var orderId = ""
    public var recipient: PlacedRecipient

    public init(blank: Blank) { recipient = PlacedRecipient(blank: blank) }
    public init(orderId: String, recipient: PlacedRecipient) {
        self.orderId = orderId
        self.recipient = recipient
    }

    public static let fields = Fields<AddressChanged>(
        Field("orderId", \.orderId, .orderId), Field("recipient", \.recipient))
}

/// A buyer asked for a refund or a return.
public struct AfterSaleOpened: Message {
    public static let type = "daifa.order.after-sale-opened.v1"
    public static let contract: Contract<AfterSaleOpened> = .fact(key: \.orderId, "The buyer asked for a refund or a return.")
    public var orderId = ""
    public var afterSaleId = ""
    public var kind: String?
    public var outcome: String?

    public init(blank: Blank) {}
    public init(orderId: String, afterSaleId: String, kind: String? = nil, outcome: String? = nil) {
        self.orderId = orderId
        self.afterSaleId = afterSaleId
        self.kind = kind
        self.outcome = outcome
    }

    public static let fields = Fields<AfterSaleOpened>(
        Field("orderId", \.orderId, .orderId), Field("afterSaleId", \.afterSaleId, .id), Field("kind", \.kind, .text(64)),
        Field("outcome", \.outcome, .text(64)))
}

/// An after-sale ended; outcome `refunded` keeps the order from being allocated for good.
public struct AfterSaleClosed: Message {
    public static let type = "daifa.order.after-sale-closed.v1"
    public static let contract: Contract<AfterSaleClosed> = .fact(
        key: \.orderId, "An after-sale ended, for good; outcome refunded keeps the order from being allocated.")
    public var orderId = ""
    public var afterSaleId = ""
    public var kind: String?
    public var outcome: String?

    public init(blank: Blank) {}
    public init(orderId: String, afterSaleId: String, kind: String? = nil, outcome: String? = nil) {
        self.orderId = orderId
        self.afterSaleId = afterSaleId
        self.kind = kind
        self.outcome = outcome
    }

    public static let fields = Fields<AfterSaleClosed>(
        Field("orderId", \.orderId, .orderId), Field("afterSaleId", \.afterSaleId, .id), Field("kind", \.kind, .text(64)),
        Field("outcome", \.outcome, .text(64)))
}

/// The platform reviews the order.
public struct RiskHeld: Message {
    public static let type = "daifa.order.risk-held.v1"
    public static let contract: Contract<RiskHeld> = .fact(key: \.orderId, "The platform reviews the order; the newest ce_time counts.")
    public var orderId = ""

    public init(blank: Blank) {}
    public init(orderId: String) {
        self.orderId = orderId
    }

    public static let fields = Fields<RiskHeld>(
        Field("orderId", \.orderId, .orderId))
}

/// The platform has cleared the order.
public struct RiskCleared: Message {
    public static let type = "daifa.order.risk-cleared.v1"
    public static let contract: Contract<RiskCleared> = .fact(
        key: \.orderId, "The platform has cleared the order; the newest ce_time counts.")
    public var orderId = ""

    public init(blank: Blank) {}
    public init(orderId: String) {
        self.orderId = orderId
    }

    public static let fields = Fields<RiskCleared>(
        Field("orderId", \.orderId, .orderId))
}

/// The order is cancelled, for good.
public struct OrderCancelled: Message {
    public static let type = "daifa.order.cancelled.v1"
    public static let contract: Contract<OrderCancelled> = .fact(key: \.orderId, "The order is cancelled, for good.")
    public var orderId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(orderId: String, reason: String? = nil) {
        self.orderId = orderId
        self.reason = reason
    }

    public static let fields = Fields<OrderCancelled>(
        Field("orderId", \.orderId, .orderId), Field("reason", \.reason, .reason))
}

/// A factory-dropship order was taken back on the platform.
public struct OrderUnallocated: Message {
    public static let type = "daifa.order.unallocated.v1"
    public static let contract: Contract<OrderUnallocated> = .fact(
        key: \.orderId, "A factory-dropship order was taken back on the platform; the newest ce_time counts.")
    public var orderId = ""

    public init(blank: Blank) {}
    public init(orderId: String) {
        self.orderId = orderId
    }

    public static let fields = Fields<OrderUnallocated>(
        Field("orderId", \.orderId, .orderId))
}

/// A factory-dropship order that was taken back was given to its factory again.
public struct OrderReassigned: Message {
    public static let type = "daifa.order.reassigned.v1"
    public static let contract: Contract<OrderReassigned> = .fact(
        key: \.orderId, "It was given to its factory again on the platform; the newest ce_time counts.")
    public var orderId = ""

    public init(blank: Blank) {}
    public init(orderId: String) {
        self.orderId = orderId
    }

    public static let fields = Fields<OrderReassigned>(
        Field("orderId", \.orderId, .orderId))
}
