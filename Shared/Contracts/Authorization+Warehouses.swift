public import JSON

/// A partner's warehouse can be allocated to.
public struct WarehouseCreated: Message {
    public static let type = "daifa.authorization.warehouse-created.v1"
    public static let contract: Contract<WarehouseCreated> = .event(
        of: .authorization, key: .account(), "A partner's warehouse can be allocated to.")
    public var warehouseId = ""
    public var authorizationId = ""
    public var merchantShopId = ""
    public var provider = Provider.jdFulfillment
    /// `<warehouseCode>-<departmentCode>-<pin>`.
    public var code = ""
    public var pin = ""
    public var departmentCode = ""
    public var warehouseCode = ""
    public var messageSubscription = false

    public init(blank: Blank) {}
    public init(
        warehouseId: String, authorizationId: String, merchantShopId: String, provider: Provider, code: String, pin: String,
        departmentCode: String, warehouseCode: String, messageSubscription: Bool
    ) {
        self.warehouseId = warehouseId
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.provider = provider
        self.code = code
        self.pin = pin
        self.departmentCode = departmentCode
        self.warehouseCode = warehouseCode
        self.messageSubscription = messageSubscription
    }

    public static let fields = Fields<WarehouseCreated>(
        Field("warehouseId", \.warehouseId), Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId),
        Field("provider", \.provider), Field("code", \.code), Field("pin", \.pin), Field("departmentCode", \.departmentCode),
        Field("warehouseCode", \.warehouseCode), Field("messageSubscription", \.messageSubscription))
    public var subject: String? { warehouseId }
}

/// Its authorization has expired; it comes back with a new consent.
public struct WarehouseSuspended: Message {
    public static let type = "daifa.authorization.warehouse-suspended.v1"
    public static let contract: Contract<WarehouseSuspended> = .event(
        of: .authorization, key: .account(), "A warehouse waits for a new consent.")
    public var warehouseId = ""
    public var authorizationId = ""
    public var merchantShopId = ""
    public var code = ""

    public init(blank: Blank) {}
    public init(warehouseId: String, authorizationId: String, merchantShopId: String, code: String) {
        self.warehouseId = warehouseId
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.code = code
    }

    public static let fields = Fields<WarehouseSuspended>(
        Field("warehouseId", \.warehouseId), Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId),
        Field("code", \.code))
    public var subject: String? { warehouseId }
}

/// A suspended warehouse has a token again.
public struct WarehouseResumed: Message {
    public static let type = "daifa.authorization.warehouse-resumed.v1"
    public static let contract: Contract<WarehouseResumed> = .event(
        of: .authorization, key: .account(), "A suspended warehouse has a token again.")
    public var warehouseId = ""
    public var authorizationId = ""
    public var merchantShopId = ""
    public var code = ""

    public init(blank: Blank) {}
    public init(warehouseId: String, authorizationId: String, merchantShopId: String, code: String) {
        self.warehouseId = warehouseId
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.code = code
    }

    public static let fields = Fields<WarehouseResumed>(
        Field("warehouseId", \.warehouseId), Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId),
        Field("code", \.code))
    public var subject: String? { warehouseId }
}

/// Its authorization was revoked: allocations without an outbound order are released.
public struct WarehouseClosed: Message {
    public static let type = "daifa.authorization.warehouse-closed.v1"
    public static let contract: Contract<WarehouseClosed> = .event(
        of: .authorization, key: .account(), "The authorization of a warehouse was revoked.")
    public var warehouseId = ""
    public var authorizationId = ""
    public var merchantShopId = ""
    public var code = ""

    public init(blank: Blank) {}
    public init(warehouseId: String, authorizationId: String, merchantShopId: String, code: String) {
        self.warehouseId = warehouseId
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.code = code
    }

    public static let fields = Fields<WarehouseClosed>(
        Field("warehouseId", \.warehouseId), Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId),
        Field("code", \.code))
    public var subject: String? { warehouseId }
}
