public import Contracts
public import JSON
public import Threads

/// A merchant and a factory: the row of `daifa.bindings`, and what the merchant wrote when he applied.
public struct BindingView: DefaultInitializable, Equatable {
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var state = PairState.pending
    public var shopAlias = ""
    public var sender: RawJSON?
    public var reason: String?
    /// Of the newest application.
    public var message: String?
    public var version: Int?
    public var updatedAt: Timestamp?
    public init() {}
    public static let fields = Fields<BindingView>(
        Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId), Field("state", \.state),
        Field("shopAlias", \.shopAlias), Field("sender", \.sender), Field("reason", \.reason), Field("message", \.message),
        Field("version", \.version), Field("updatedAt", \.updatedAt))
}

/// A segment of waybill numbers.
public struct PoolSegment: DefaultInitializable, Equatable {
    public var first = ""
    public var last = ""
    public init() {}
    public static let fields = Fields<PoolSegment>(Field("first", \.first), Field("last", \.last))
}

/// A factory's waybill numbers of one carrier.
public struct PoolView: DefaultInitializable, Equatable {
    public var factoryShopId = ""
    public var carrier = ""
    public var segments: [PoolSegment] = []
    /// Numbers in all segments.
    public var total = 0
    /// Numbers that were taken.
    public var obtained = 0
    public init() {}
    public static let fields = Fields<PoolView>(
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("segments", \.segments), Field("total", \.total),
        Field("obtained", \.obtained))
}

/// Goods on their way into a partner's warehouse.
public struct InboundView: DefaultInitializable, Equatable {
    public var inboundId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    /// The command's; absent when the log no longer holds it.
    public var lines: [CountedLine]?
    public var state = InboundState.created
    public var partnerNumber: String?
    public var received: [CountedLine]?
    /// The partner has not come to an end in time.
    public var overdue: Bool?
    public init() {}
    public static let fields = Fields<InboundView>(
        Field("inboundId", \.inboundId), Field("merchantShopId", \.merchantShopId), Field("warehouseId", \.warehouseId),
        Field("lines", \.lines), Field("state", \.state), Field("partnerNumber", \.partnerNumber), Field("received", \.received),
        Field("overdue", \.overdue))
}

public enum AuthorizationStateName: String, JSONEnumeration { case requested, granted, failed, expired, revoked }

/// A consent at a partner: what `begin` said without its secrets, and what came of it.
public struct AuthorizationView: DefaultInitializable, Equatable {
    public var authorizationId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var channelId: String?
    public var provider: String?
    public var mode: String?
    public var pin: String?
    public var departmentCode: String?
    public var warehouseCode: String?
    public var state = AuthorizationStateName.requested
    /// Where a person gives the consent; only while it is asked for.
    public var authorizeUrl: String?
    public var messageSubscription: Bool?
    /// Of the consent that is asked for, then of the grant.
    public var expiresAt: Timestamp?
    public var warehouseId: String?
    /// Why it failed or expired.
    public var reason: String?
    public init() {}
    public static let fields = Fields<AuthorizationView>(
        Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("channelId", \.channelId), Field("provider", \.provider), Field("mode", \.mode), Field("pin", \.pin),
        Field("departmentCode", \.departmentCode), Field("warehouseCode", \.warehouseCode), Field("state", \.state),
        Field("authorizeUrl", \.authorizeUrl), Field("messageSubscription", \.messageSubscription), Field("expiresAt", \.expiresAt),
        Field("warehouseId", \.warehouseId), Field("reason", \.reason))
}
