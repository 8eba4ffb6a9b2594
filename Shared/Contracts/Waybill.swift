public import JSON

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let waybill: [CatalogEntry] =
        messages(
            TopUp.self, Obtain.self, MarkPrinted.self, Return.self, Cancel.self, Claim.self, ReportReprint.self, OpenLabel.self,
            ToppedUp.self, Opened.self,
            Obtained.self, Printed.self, ReprintReported.self, Returned.self, WaybillCancelled.self, Claimed.self, Readdressed.self,
            Voided.self, LabelOpened.self,
            RecipientResealed.self, RecipientRefused.self, ERPOrderCreated.self, ERPOrderCancelled.self,
            ERPOrderFailed.self, NumberFetchFailed.self)
        + items(
            PoolNumberRequest.self, NumberClaim.self, NumberClaimResolved.self, ParcelAnswer.self)
}

/// How far a parcel is.
public enum ParcelStage: String, JSONEnumeration { case open, obtained, printed, returned }

/// A segment of numbers that a carrier gave to a factory, first to last.
public struct TopUp: Message {
    public static let type = "daifa.waybill.top-up.v1"
    public static let contract: Contract<TopUp> = .command(
        to: .waybill, key: \.factoryShopId, by: [.factory(\.factoryShopId)], answers: [ToppedUp.self],
        refusals: [.carrierUnknown, .waybillNumberInvalid, .tooManyPending], "A segment of numbers that a carrier gave to a factory.")
    public var factoryShopId = ""
    public var carrier = ""
    public var first = ""
    public var last = ""
    /// The numbers are right although their form is not a known one of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(factoryShopId: String, carrier: String, first: String, last: String, unusual: Bool? = nil) {
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.first = first
        self.last = last
        self.unusual = unusual
    }

    public static let fields = Fields<TopUp>(
        Field("factoryShopId", \.factoryShopId, .shopId), Field("carrier", \.carrier, .carrier), Field("first", \.first, .waybillNumber),
        Field("last", \.last, .waybillNumber), Field("unusual", \.unusual))
}

/// A number from the factory's pool.
public struct Obtain: Message {
    public static let type = "daifa.waybill.obtain.v1"
    public static let contract: Contract<Obtain> = .command(
        to: .waybill, key: \.orderId, by: [.factory(\.factoryShopId)], answers: [Obtained.self],
        refusals: [
            .notFound, .notAllocated, .carrierUnknown, .waybillAlreadyReturned, .numberPoolEmpty, .waybillNumberUsed, .notAuthorized,
            .partnerRejected, .tooManyPending,
        ],
        "Takes a number from the factory's pool, or from the platform that gave it the order; again for the same carrier: the same number.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var carrier = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String, carrier: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
    }

    public static let fields = Fields<Obtain>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("carrier", \.carrier, .carrier))
}

/// The label was printed once more.
public struct MarkPrinted: Message {
    public static let type = "daifa.waybill.mark-printed.v1"
    public static let contract: Contract<MarkPrinted> = .command(
        to: .waybill, key: \.orderId, by: [.factory(\.factoryShopId)], answers: [Printed.self],
        refusals: [.notFound, .notAllocated, .waybillNotObtained, .alreadyShipped, .tooManyPending], "The label was printed once more.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
    }

    public static let fields = Fields<MarkPrinted>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId, .shopId))
}

/// The factory has sent the parcel and gives its number back.
public struct Return: Message {
    public static let type = "daifa.waybill.return.v1"
    public static let contract: Contract<Return> = .command(
        to: .waybill, key: \.orderId, by: [.factory(\.factoryShopId), .service(.waybill)], answers: [Returned.self],
        refusals: [
            .notFound, .notAllocated, .carrierUnknown, .waybillNumberInvalid, .waybillNumberUsed, .waybillAlreadyReturned, .notAuthorized,
            .partnerRejected, .tooManyPending,
        ], "The factory has sent the parcel and gives its number back.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    public var extraNumbers: [String]?
    /// The numbers are right although their form is not a known one of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, factoryShopId: String, carrier: String, waybillNumber: String, extraNumbers: [String]? = nil,
        unusual: Bool? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
        self.unusual = unusual
    }

    public static let fields = Fields<Return>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("carrier", \.carrier, .carrier), Field("waybillNumber", \.waybillNumber, .waybillNumber),
        Field("extraNumbers", \.extraNumbers, count: 0...10), Field("unusual", \.unusual))
}

/// The number is not used for this allocation after all (before it is returned).
public struct Cancel: Message {
    public static let type = "daifa.waybill.cancel.v1"
    public static let contract: Contract<Cancel> = .command(
        to: .waybill, key: \.orderId, by: [.factory(\.factoryShopId)], answers: [WaybillCancelled.self],
        refusals: [
            .notFound, .notAllocated, .waybillNotObtained, .waybillAlreadyReturned, .notAuthorized, .partnerRejected, .tooManyPending,
        ],
        "The number is not used for this allocation after all.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
    }

    public static let fields = Fields<Cancel>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId, .shopId))
}

/// From shipping, for `amend`: bind another number to the allocation.
public struct Claim: Message {
    public static let type = "daifa.waybill.claim.v1"
    public static let contract: Contract<Claim> = .command(
        to: .waybill, key: \.orderId, by: [.service(.shipping)], answers: [Claimed.self],
        refusals: [
            .notFound, .notAllocated, .carrierUnknown, .waybillNumberInvalid, .waybillNumberUsed, .waybillNotReturned, .tooManyPending,
        ],
        "From shipping, for amend: another number for a returned parcel.")
    public var orderId = ""
    public var allocationId = ""
    public var carrier = ""
    public var waybillNumber = ""
    /// As in the `amend`: the number is right although its form is not a known one of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, carrier: String, waybillNumber: String, unusual: Bool? = nil) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.unusual = unusual
    }

    public static let fields = Fields<Claim>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("carrier", \.carrier, .carrier),
        Field("waybillNumber", \.waybillNumber, .waybillNumber), Field("unusual", \.unusual))
}

/// A label was printed again, for a reason that the merchant may want to know: it was torn, or the printer has lost it.
public struct ReportReprint: Message {
    public static let type = "daifa.waybill.report-reprint.v1"
    public static let contract: Contract<ReportReprint> = .command(
        to: .waybill, key: \.orderId, by: [.factory(\.factoryShopId)], answers: [ReprintReported.self],
        refusals: [.notFound, .notAllocated, .waybillNotObtained], "The label was printed again, and why.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var reason = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String, reason: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<ReportReprint>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("reason", \.reason, .filled(1000)))
}
