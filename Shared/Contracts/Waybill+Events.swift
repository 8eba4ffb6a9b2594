public import JSON

/// The segment is in the pool.
public struct ToppedUp: Message {
    public static let type = "daifa.waybill.topped-up.v1"
    public static let contract: Contract<ToppedUp> = .event(of: .waybill, key: \.factoryShopId, "The segment is in the pool.")
    public var factoryShopId = ""
    public var carrier = ""
    public var first = ""
    public var last = ""
    public var count = 0
    /// The numbers have no known form of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(factoryShopId: String, carrier: String, first: String, last: String, count: Int, unusual: Bool? = nil) {
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.first = first
        self.last = last
        self.count = count
        self.unusual = unusual
    }

    public static let fields = Fields<ToppedUp>(
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("first", \.first), Field("last", \.last),
        Field("count", \.count, 1...1_000_000_000_000_000), Field("unusual", \.unusual))
}

/// A line as a factory sees it.
public struct OpenedLine: Declared, Equatable {
    public var lineId = ""
    public var name = ""
    public var spec = ""
    public var quantity = 0

    public init(blank: Blank) {}
    public init(lineId: String, name: String, spec: String, quantity: Int) {
        self.lineId = lineId
        self.name = name
        self.spec = spec
        self.quantity = quantity
    }

    public static let fields = Fields<OpenedLine>(
        Field("lineId", \.lineId), Field("name", \.name), Field("spec", \.spec), Field("quantity", \.quantity, 1...1_000_000))
}

/// The part of an allocation that its factory may see: a closed list.
public struct Opened: Message {
    public static let type = "daifa.waybill.opened.v1"
    public static let contract: Contract<Opened> = .event(
        of: .waybill, key: \.orderId, "What a factory may see of an allocation: a closed list.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var shopAlias = ""
    public var factoryShopId = ""
    public var lines: [OpenedLine] = []
    public var remark = ""
    public var area: Area
    public var mergeKey: String?
    public var sender: Verbatim<Sender>?

    public init(blank: Blank) { area = Area(blank: blank) }
    public init(
        orderId: String, allocationId: String, merchantShopId: String, shopAlias: String, factoryShopId: String, lines: [OpenedLine],
        remark: String, area: Area, mergeKey: String? = nil, sender: Verbatim<Sender>? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.shopAlias = shopAlias
        self.factoryShopId = factoryShopId
        self.lines = lines
        self.remark = remark
        self.area = area
        self.mergeKey = mergeKey
        self.sender = sender
    }

    public static let fields = Fields<Opened>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("shopAlias", \.shopAlias), Field("factoryShopId", \.factoryShopId), Field("lines", \.lines), Field("remark", \.remark),
        Field("area", \.area), Field("mergeKey", \.mergeKey), Field("sender", \.sender))
}

/// The allocation has a number.
public struct Obtained: Message {
    public static let type = "daifa.waybill.obtained.v1"
    public static let contract: Contract<Obtained> = .event(of: .waybill, key: \.orderId, "The allocation has a number.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    /// The number has no known form of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String,
        unusual: Bool? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.unusual = unusual
    }

    public static let fields = Fields<Obtained>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("unusual", \.unusual))
}

/// How often the label was printed: a million stands for any number from there on.
public struct Printed: Message {
    public static let type = "daifa.waybill.printed.v1"
    public static let contract: Contract<Printed> = .event(of: .waybill, key: \.orderId, "How often the label was printed.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var copies = 0

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, copies: Int) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.copies = copies
    }

    public static let fields = Fields<Printed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("copies", \.copies, 1...mostCopies))

    /// Where counting ends.
    public static let mostCopies = 1_000_000
}

/// A label was printed again, and why.
public struct ReprintReported: Message {
    public static let type = "daifa.waybill.reprint-reported.v1"
    public static let contract: Contract<ReprintReported> = .event(
        of: .waybill, key: \.orderId, "The label was printed again, and why.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, reason: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<ReprintReported>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("reason", \.reason))
}

/// The parcel is sent under this number.
public struct Returned: Message {
    public static let type = "daifa.waybill.returned.v1"
    public static let contract: Contract<Returned> = .event(
        of: .waybill, key: \.orderId, readers: [.shipping], "The parcel is sent under this number.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    public var extraNumbers: [String]?
    /// One of the numbers has no known form of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String,
        extraNumbers: [String]? = nil, unusual: Bool? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
        self.unusual = unusual
    }

    public static let fields = Fields<Returned>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("extraNumbers", \.extraNumbers), Field("unusual", \.unusual))
}

/// The number is not used for this allocation any more; it stays bound.
public struct WaybillCancelled: Message {
    public static let type = "daifa.waybill.cancelled.v1"
    public static let contract: Contract<WaybillCancelled> = .event(
        of: .waybill, key: \.orderId, "The number is not used for this allocation any more; it stays bound to it.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
    }

    public static let fields = Fields<WaybillCancelled>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber))
}

/// The number is bound to the allocation.
public struct Claimed: Message {
    public static let type = "daifa.waybill.claimed.v1"
    public static let contract: Contract<Claimed> = .event(
        of: .waybill, key: \.orderId, readers: [.shipping], "The number is bound to the allocation.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    /// The number has no known form of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String,
        unusual: Bool? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.unusual = unusual
    }

    public static let fields = Fields<Claimed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("unusual", \.unusual))
}

/// The allocation was taken back; `stage` tells how far its parcel was.
public struct Voided: Message {
    public static let type = "daifa.waybill.voided.v1"
    public static let contract: Contract<Voided> = .event(
        of: .waybill, key: \.orderId, readers: [.shipping], "The allocation was taken back; the stage tells how far its parcel was.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var stage = ParcelStage.open
    public var carrier: String?
    public var waybillNumber: String?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, stage: ParcelStage, carrier: String? = nil,
        waybillNumber: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.stage = stage
        self.carrier = carrier
        self.waybillNumber = waybillNumber
    }

    public static let fields = Fields<Voided>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("stage", \.stage), Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber))
}

/// The recipient has changed, and the label that was printed bears the old door: the parcel is printed and returned anew. Its number stays
/// obtained, unless another order's parcel, which goes to another door now, bears it too: then `cancelled` follows.
public struct Readdressed: Message {
    public static let type = "daifa.waybill.readdressed.v1"
    public static let contract: Contract<Readdressed> = .event(
        of: .waybill, key: \.orderId, readers: [.shipping],
        "The recipient has changed since the label was printed: the parcel is printed and returned anew.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    /// How far the parcel was: printed or returned.
    public var stage = ParcelStage.printed
    /// Carrier of the label with the old address.
    public var carrier = ""
    public var waybillNumber = ""

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, stage: ParcelStage, carrier: String,
        waybillNumber: String
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.stage = stage
        self.carrier = carrier
        self.waybillNumber = waybillNumber
    }

    public static let fields = Fields<Readdressed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("stage", \.stage), Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber))
}

/// The recipient of a warehouse allocation, sealed for shipping (contract, section 6).
public struct RecipientResealed: Message {
    public static let type = "daifa.waybill.recipient-resealed.v1"
    public static let contract: Contract<RecipientResealed> = .event(
        of: .waybill, key: \.orderId, readers: [.shipping], "The recipient of a warehouse allocation, sealed for shipping.")
    public var orderId = ""
    public var allocationId = ""
    public var recipientSealed: Sealed
    /// `enc` of what it was opened from: which of an order's recipients it is.
    public var sealedFrom: String?

    public init(blank: Blank) { recipientSealed = Sealed(blank: blank) }
    public init(orderId: String, allocationId: String, recipientSealed: Sealed, sealedFrom: String? = nil) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.recipientSealed = recipientSealed
        self.sealedFrom = sealedFrom
    }

    public static let fields = Fields<RecipientResealed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("recipientSealed", \.recipientSealed),
        Field("sealedFrom", \.sealedFrom, .filled(128)))
}

/// The recipient of a warehouse allocation cannot be had, for good: a person has to see it.
public struct RecipientRefused: Message {
    public static let type = "daifa.waybill.recipient-refused.v1"
    public static let contract: Contract<RecipientRefused> = .event(
        of: .waybill, key: \.orderId, readers: [.shipping],
        "The recipient of a warehouse allocation cannot be had, for good; shipping gives the allocation up.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    /// A sentence for people, without anything of the recipient.
    public var reason = ""
    /// The platform's own, when it was the platform that refused.
    public var partnerCode: String?
    /// `enc` of what could not be opened.
    public var sealedFrom: String?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, reason: String, partnerCode: String? = nil, sealedFrom: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.reason = reason
        self.partnerCode = partnerCode
        self.sealedFrom = sealedFrom
    }

    public static let fields = Fields<RecipientRefused>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("reason", \.reason), Field("partnerCode", \.partnerCode), Field("sealedFrom", \.sealedFrom, .filled(128)))
}
