import Contracts
public import JSON

/// The state of one order in shipping: its parcels, and the commands that wait for another service.
public struct ShipmentState: Declared, Equatable {
    /// The merchant of the order, from the first event about it; nil until there is one.
    var merchant: String?
    var platform: String?
    var platformOrderNumber: String?
    var channelId: String?
    /// One for each allocation to a factory, by number.
    var parcels: [Parcel]?
    /// Those that wait for seals, in the order in which they came.
    var ships: [PendingShip]?
    /// Those that wait for a number, in the order in which they came. The first of each parcel has been asked for.
    var amends: [PendingAmend]?
    /// Uploads to the marketplace and the ERP.
    var uploads: [Uploads]?
    /// Those of partners' warehouses, by number.
    var outbounds: [Outbound]?
    /// Those that wait for a partner, in the order in which they came.
    var pulls: [PendingPull]?

    public init() {}

    public static let fields = Fields<ShipmentState>(
        Field("merchant", \.merchant), Field("platform", \.platform), Field("platformOrderNumber", \.platformOrderNumber),
        Field("channelId", \.channelId), Field("parcels", \.parcels), Field("ships", \.ships), Field("amends", \.amends),
        Field("uploads", \.uploads), Field("outbounds", \.outbounds), Field("pulls", \.pulls))
}

/// The parcel of one allocation.
public struct Parcel: Declared, Equatable {
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
    var origin = Origin()
    var returnAddressId: String?
    /// The parcels whose seal is awaited.
    var waits: [Int] = []
    /// It asked for the seals itself: `shipped` answers it. Otherwise it waits for the outcome of an earlier one.
    var isFirst = true
    /// One of its parcels was shipped.
    var hasShipped = false

    public init() {}

    public static let fields = Fields<PendingShip>(
        Field("origin", \.origin), Field("returnAddressId", \.returnAddressId), Field("waits", \.waits), Field("first", \.isFirst),
        Field("shipped", \.hasShipped))
}

/// An `amend` that is not answered.
public struct PendingAmend: Declared, Equatable {
    var origin = Origin()
    var number = 0
    var carrier = ""
    var waybillNumber = ""
    var allowsUnusual: Bool?

    public init() {}

    public static let fields = Fields<PendingAmend>(
        Field("origin", \.origin), Field("n", \.number), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("unusual", \.allowsUnusual))
}

extension ShipmentState {
    func parcel(_ number: Int) -> Parcel? { parcels?.first { $0.number == number } }

    /// Changes the parcel with this number; there is one after it.
    mutating func change(_ number: Int, _ body: (inout Parcel) -> Void) {
        var all = parcels ?? []
        let index = all.firstIndex { $0.number >= number } ?? all.endIndex
        if index == all.endIndex || all[index].number != number { all.insert(Parcel(number, .open), at: index) }
        body(&all[index])
        parcels = all
    }

    /// The seal of this parcel has come to an end: nobody waits for it any more.
    mutating func endWait(for number: Int, shipped: Bool) {
        guard var all = ships else { return }
        for index in all.indices where all[index].waits.contains(number) {
            all[index].waits.removeAll { $0 == number }
            if shipped { all[index].hasShipped = true }
        }
        all.removeAll { $0.waits.isEmpty }
        ships = all.isEmpty ? nil : all
    }

    func firstAmend(of number: Int) -> PendingAmend? { amends?.first { $0.number == number } }

    mutating func endAmend(of number: Int) {
        guard let index = amends?.firstIndex(where: { $0.number == number }) else { return }
        amends?.remove(at: index)
        if amends?.isEmpty == true { amends = nil }
    }
}
