public import JSON
public import Threads

/// Which list of a shop is downloaded.
public enum DownloadKind: String, JSONEnumeration {
    /// The shop's own orders.
    case orders
    /// After-sales of the shop's own orders.
    case afterSales = "after-sales"
    /// Orders that merchants have assigned to the shop as a factory.
    case factoryOrders = "factory-orders"
}

/// A platform refuses to give a list, and would go on to: it is asked again, but somebody has to look. Told once; when the list comes
/// again, and is refused again later, it is told again.
public struct DownloadFailed: Message {
    public static let type = "daifa.authorization.download-failed.v1"
    public static let contract: Contract<DownloadFailed> = .event(
        of: .authorization, key: .account(), "A platform refuses to give a list of a channel's shop.")
    public var channelId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var kind = DownloadKind.orders
    /// The platform's.
    public var code: String?
    /// The reason in the platform's words.
    public var detail = ""

    public init(blank: Blank) {}
    public init(
        channelId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, kind: DownloadKind, code: String? = nil,
        detail: String
    ) {
        self.channelId = channelId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.kind = kind
        self.code = code
        self.detail = detail
    }

    public static let fields = Fields<DownloadFailed>(
        Field("channelId", \.channelId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("kind", \.kind), Field("code", \.code), Field("detail", \.detail))
    public var subject: String? { channelId }
}

/// How far an after-sale has come, as facts know it.
public enum AfterSaleStage: String, JSONEnumeration { case open, closed, refunded }

/// An order as its platform showed it, on its way to what is known of it.
public struct OrderSeen: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "order-seen"
    public static let summary = "An order as its platform showed it."
    public var aggregate: String { "seen:\(orderId)" }
    public var orderId = ""
    /// When the platform was asked.
    public var readAt = Timestamp(milliseconds: 0)
    /// When it changed on the platform; nil where the platform does not say.
    public var updatedAt: Timestamp?
    /// The order as it is now, while it is to be shipped and the platform shows its recipient.
    public var placed: OrderPlaced?
    /// Differs when the recipient is another one.
    public var recipientMark: String?
    /// nil: not told.
    public var isUnderRisk: Bool?
    /// The order's own word on its newest after-sale; nil: it says nothing.
    public var afterSale: SeenAfterSale?
    public var isCancelled = false
    /// Whether a factory-dropship order is assigned to the factory; nil: the platform does not say.
    public var isAssigned: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, readAt: Timestamp, updatedAt: Timestamp? = nil, placed: OrderPlaced? = nil, recipientMark: String? = nil,
        isUnderRisk: Bool? = nil, afterSale: SeenAfterSale? = nil, isCancelled: Bool, isAssigned: Bool? = nil
    ) {
        self.orderId = orderId
        self.readAt = readAt
        self.updatedAt = updatedAt
        self.placed = placed
        self.recipientMark = recipientMark
        self.isUnderRisk = isUnderRisk
        self.afterSale = afterSale
        self.isCancelled = isCancelled
        self.isAssigned = isAssigned
    }

    public static let fields = Fields<OrderSeen>(
        Field("orderId", \.orderId, .orderId), Field("readAt", \.readAt), Field("updatedAt", \.updatedAt), Field("placed", \.placed),
        Field("recipientMark", \.recipientMark), Field("isUnderRisk", \.isUnderRisk),
        Field("afterSale", \.afterSale), Field("isCancelled", \.isCancelled), Field("isAssigned", \.isAssigned))
}

/// An order's own word on its newest after-sale.
public struct SeenAfterSale: Declared, Equatable {
    /// nil: there is none.
    public var stage: AfterSaleStage?
    public var kind: String?
    public init(blank: Blank) {}
    public init(_ stage: AfterSaleStage?, kind: String? = nil) {
        self.stage = stage
        self.kind = kind
    }
    public static let fields = Fields<SeenAfterSale>(Field("stage", \.stage), Field("kind", \.kind, .text(64)))
}

/// An after-sale of a platform's list, which names it.
public struct AfterSaleSeen: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "after-sale-seen"
    public static let summary = "An after-sale of a platform's list."
    public var aggregate: String { "seen:\(orderId)" }
    public var orderId = ""
    public var afterSaleId = ""
    public var stage = AfterSaleStage.open
    public var kind: String?
    /// When the platform was asked.
    public var readAt = Timestamp(milliseconds: 0)
    /// When it changed on the platform; nil where the platform does not say.
    public var updatedAt: Timestamp?

    public init(blank: Blank) {}
    public init(
        orderId: String, afterSaleId: String, stage: AfterSaleStage, kind: String? = nil, readAt: Timestamp, updatedAt: Timestamp? = nil
    ) {
        self.orderId = orderId
        self.afterSaleId = afterSaleId
        self.stage = stage
        self.kind = kind
        self.readAt = readAt
        self.updatedAt = updatedAt
    }

    public static let fields = Fields<AfterSaleSeen>(
        Field("orderId", \.orderId, .orderId), Field("afterSaleId", \.afterSaleId, .id), Field("stage", \.stage),
        Field("kind", \.kind, .text(64)), Field("readAt", \.readAt), Field("updatedAt", \.updatedAt))
}

/// A platform's message said that an order of a channel's shop has changed.
public struct OrderPushed: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "order-pushed"
    public static let summary = "A platform's message said that an order has changed."
    public var aggregate: String { "channel:\(channelId)" }
    public var channelId = ""
    /// The platform's id of the message.
    public var messageId = ""
    public var order: PlatformOrder

    public init(blank: Blank) { order = PlatformOrder(blank: blank) }
    public init(channelId: String, messageId: String, order: PlatformOrder) {
        self.channelId = channelId
        self.messageId = messageId
        self.order = order
    }

    public static let fields = Fields<OrderPushed>(
        Field("channelId", \.channelId, .shopId), Field("messageId", \.messageId, .id), Field("order", \.order))
}

/// The ids by which a platform knows an order.
public struct PlatformOrder: Declared, Equatable {
    public var orderNumber = ""
    /// The mask of the merchant's shop, of a factory-dropship order; its number is a mask too then.
    public var shopMask: String?
    public init(blank: Blank) {}
    public init(_ orderNumber: String, shopMask: String? = nil) {
        self.orderNumber = orderNumber
        self.shopMask = shopMask
    }
    public static let fields = Fields<PlatformOrder>(Field("orderNumber", \.orderNumber, .id), Field("shopMask", \.shopMask, .id))
}
