public import JSON

/// The factory's ERP has the parcel as an order.
public struct ERPOrderCreated: Message {
    public static let type = "daifa.waybill.erp-order-created.v1"
    public static let contract: Contract<ERPOrderCreated> = .event(
        of: .waybill, key: \.orderId, "The factory's ERP has the parcel as an order.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var channelId = ""
    /// The ERP's own number of it.
    public var erpNumber = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String, channelId: String, erpNumber: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.channelId = channelId
        self.erpNumber = erpNumber
    }

    public static let fields = Fields<ERPOrderCreated>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId),
        Field("channelId", \.channelId), Field("erpNumber", \.erpNumber))
}

/// The allocation was taken back, and its order in the factory's ERP is cancelled.
public struct ERPOrderCancelled: Message {
    public static let type = "daifa.waybill.erp-order-cancelled.v1"
    public static let contract: Contract<ERPOrderCancelled> = .event(
        of: .waybill, key: \.orderId, "An allocation was taken back; its order in the ERP is cancelled.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var channelId = ""
    public var erpNumber = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String, channelId: String, erpNumber: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.channelId = channelId
        self.erpNumber = erpNumber
    }

    public static let fields = Fields<ERPOrderCancelled>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId),
        Field("channelId", \.channelId), Field("erpNumber", \.erpNumber))
}

/// The step that the factory's ERP did not do.
public enum ERPStep: String, JSONEnumeration { case create, cancel }

/// The factory's ERP refused it for good: the factory has to do it there by hand.
public struct ERPOrderFailed: Message {
    public static let type = "daifa.waybill.erp-order-failed.v1"
    public static let contract: Contract<ERPOrderFailed> = .event(of: .waybill, key: \.orderId, "The factory's ERP refused it for good.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var channelId = ""
    public var step = ERPStep.create
    /// Absent while the ERP has no order.
    public var erpNumber: String?
    /// The partner's own code, where it gave one.
    public var partnerCode: String?
    public var reason = ""

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, factoryShopId: String, channelId: String, step: ERPStep, erpNumber: String? = nil,
        partnerCode: String? = nil, reason: String
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.channelId = channelId
        self.step = step
        self.erpNumber = erpNumber
        self.partnerCode = partnerCode
        self.reason = reason
    }

    public static let fields = Fields<ERPOrderFailed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId),
        Field("channelId", \.channelId), Field("step", \.step), Field("erpNumber", \.erpNumber), Field("partnerCode", \.partnerCode),
        Field("reason", \.reason))
}

/// The factory's ERP does not tell which numbers it has shipped. Told once for each reason; it is asked again all the same.
public struct NumberFetchFailed: Message {
    public static let type = "daifa.waybill.number-fetch-failed.v1"
    public static let contract: Contract<NumberFetchFailed> = .event(
        of: .waybill, key: \.channelId, "The factory's ERP does not tell which numbers it has shipped.")
    public var channelId = ""
    public var factoryShopId = ""
    public var partnerCode: String?
    public var reason = ""

    public init(blank: Blank) {}
    public init(channelId: String, factoryShopId: String, partnerCode: String? = nil, reason: String) {
        self.channelId = channelId
        self.factoryShopId = factoryShopId
        self.partnerCode = partnerCode
        self.reason = reason
    }

    public static let fields = Fields<NumberFetchFailed>(
        Field("channelId", \.channelId, .shopId), Field("factoryShopId", \.factoryShopId), Field("partnerCode", \.partnerCode),
        Field("reason", \.reason))
    public var subject: String? { channelId }
}
