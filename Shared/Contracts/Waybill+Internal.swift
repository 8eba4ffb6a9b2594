public import JSON

/// A parcel asks its factory's pool for a number, or a number that is bound elsewhere asks on its behalf for the next one.
public struct PoolNumberRequest: InternalItem {
    public static let service = ServiceName.waybill
    public static let name = "take"
    public static let summary = "A parcel asks its factory's pool for a number."
    public var aggregate: String { "pool:\(parcel.factoryShopId)" }
    public var parcel: ParcelIdentity
    public var carrier = ""
    public init(blank: Blank) { parcel = ParcelIdentity(blank: blank) }
    public init(_ parcel: ParcelIdentity, carrier: String) {
        self.parcel = parcel
        self.carrier = carrier
    }
    public static let fields = Fields<PoolNumberRequest>(Field("parcel", \.parcel), Field("carrier", \.carrier))
}

/// A parcel, or a pool on its behalf, asks for a number.
public struct NumberClaim: InternalItem {
    public static let service = ServiceName.waybill
    public static let name = "claim"
    public static let summary = "A parcel, or a pool on its behalf, asks for a number."

    public enum Kind: String, JSONEnumeration {
        /// The number is bound for good.
        case bind
        /// Until `NumberClaimResolved` says whether it stays: one of several that are claimed all or none.
        case hold
        /// The number is bound for good, if it was never bound before: it comes from the pool.
        case fresh
        /// Whether a number that the parcel's order has stays its own, now that it goes to another door.
        case move
    }

    /// Where the number lives: its shard's key.
    public var home: String { "\(carrier):\(number)" }
    public var aggregate: String { "number:\(home)" }
    public var parcel: ParcelIdentity
    public var carrier = ""
    public var number = ""
    public var kind = Kind.bind
    public init(blank: Blank) { parcel = ParcelIdentity(blank: blank) }
    public init(_ parcel: ParcelIdentity, carrier: String, number: String, kind: Kind) {
        self.parcel = parcel
        self.carrier = carrier
        self.number = number
        self.kind = kind
    }
    public static let fields = Fields<NumberClaim>(
        Field("parcel", \.parcel), Field("carrier", \.carrier), Field("number", \.number), Field("kind", \.kind))
}

/// Whether a number that is held stays with its parcel.
public struct NumberClaimResolved: InternalItem {
    public static let service = ServiceName.waybill
    public static let name = "settle"
    public static let summary = "Whether a number that is held stays with its parcel."
    public var home: String { "\(carrier):\(number)" }
    public var aggregate: String { "number:\(home)" }
    public var allocationId = ""
    public var carrier = ""
    public var number = ""
    public var keep = false
    public init(blank: Blank) {}
    public init(allocationId: String, carrier: String, number: String, keep: Bool) {
        self.allocationId = allocationId
        self.carrier = carrier
        self.number = number
        self.keep = keep
    }
    public static let fields = Fields<NumberClaimResolved>(
        Field("allocationId", \.allocationId), Field("carrier", \.carrier), Field("number", \.number), Field("keep", \.keep))
}

/// The answer to a parcel's request: from a number, or from a pool that has none left.
public struct ParcelAnswer: InternalItem {
    public static let service = ServiceName.waybill
    public static let name = "answer"
    public static let summary = "What a parcel hears of its request."

    public enum Outcome: String, JSONEnumeration { case granted, used, empty, busy }

    public var aggregate: String { "order:\(orderId)" }
    public var orderId = ""
    public var allocationId = ""
    /// The number that is meant; empty when the pool is.
    public var number = ""
    public var outcome = Outcome.granted

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, number: String, outcome: Outcome) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.number = number
        self.outcome = outcome
    }

    public init(_ parcel: ParcelIdentity, number: String, outcome: Outcome) {
        self.init(orderId: parcel.orderId, allocationId: parcel.allocationId, number: number, outcome: outcome)
    }

    public static let fields = Fields<ParcelAnswer>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("number", \.number), Field("outcome", \.outcome))
}

/// A parcel as numbers know it: all that decides whether it may carry one.
public struct ParcelIdentity: Declared, Equatable {
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var mergeKey: String?
    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, mergeKey: String?) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.mergeKey = mergeKey
    }
    public static let fields = Fields<ParcelIdentity>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("mergeKey", \.mergeKey))
}
