import Contracts
public import JSON

/// The parcel of one allocation.
public struct Parcel: DefaultInitializable, Equatable {
    public enum Stage: String, JSONEnumeration {
        /// Allocated; no number was returned.
        case open
        /// A number was returned: it can be shipped.
        case ready
        /// Allocation was asked to seal it.
        case sealing
        case shipped
        /// Its allocation was taken back.
        case ended
    }

    /// The allocation's.
    var number = 0
    var stage = Stage.open
    var factory: String?
    var carrier: String?
    var waybillNumber: String?
    var extraNumbers: [String]?
    /// Where returns go, once it is shipped.
    var returnAddressId: String?
    /// How often allocation was asked to seal it.
    var seals: Int?
    /// How often waybill was asked for another number.
    var claims: Int?
    /// While it is being sealed, its recipient has changed, and no number was returned since.
    var isReaddressed: Bool?
    /// The id of the seal, or of the claim, that is not answered.
    var request: String?

    public init() {}

    init(_ number: Int, _ stage: Stage) {
        self.number = number
        self.stage = stage
    }

    public static let fields = Fields<Parcel>(
        Field("n", \.number), Field("stage", \.stage), Field("factory", \.factory), Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber), Field("extraNumbers", \.extraNumbers), Field("returnAddressId", \.returnAddressId),
        Field("seals", \.seals), Field("claims", \.claims), Field("readdressed", \.isReaddressed), Field("request", \.request))

    /// A number that is returned counts.
    var awaitsNumber: Bool { stage == .open || (stage == .sealing && isReaddressed == true) }
}

/// A `ship` that is not answered in full.
public struct PendingShip: Declared, Equatable {
    var origin: Origin
    var returnAddressId: String?
    /// The parcels whose seal is awaited.
    var waits: [Int] = []
    /// It asked for the seals itself: `shipped` answers it. Otherwise it waits for the outcome of an earlier one.
    var isFirst = true
    /// One of its parcels was shipped.
    var hasShipped = false

    public init(blank: Blank) { origin = Origin(blank: blank) }

    init(_ origin: Origin, returnAddressId: String? = nil, waits: [Int], isFirst: Bool) {
        self.origin = origin
        self.returnAddressId = returnAddressId
        self.waits = waits
        self.isFirst = isFirst
    }

    public static let fields = Fields<PendingShip>(
        Field("origin", \.origin), Field("returnAddressId", \.returnAddressId), Field("waits", \.waits), Field("first", \.isFirst),
        Field("shipped", \.hasShipped))
}

/// An `amend` that is not answered.
public struct PendingAmend: Declared, Equatable {
    var origin: Origin
    var number = 0
    var carrier = ""
    var waybillNumber = ""
    var allowsUnusual: Bool?

    public init(blank: Blank) { origin = Origin(blank: blank) }

    init(_ origin: Origin, number: Int, carrier: String, waybillNumber: String, allowsUnusual: Bool?) {
        self.origin = origin
        self.number = number
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.allowsUnusual = allowsUnusual
    }

    public static let fields = Fields<PendingAmend>(
        Field("origin", \.origin), Field("n", \.number), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("unusual", \.allowsUnusual))
}
