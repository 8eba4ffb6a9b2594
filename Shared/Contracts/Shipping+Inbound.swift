public import JSON
public import Threads

/// The partner has the inbound order.
public struct InboundCreated: Message {
    public static let type = "daifa.shipping.inbound-created.v1"
    public static let contract: Contract<InboundCreated> = .event(of: .shipping, key: \.inboundId, "The partner has the inbound order.")
    public var inboundId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber = ""

    public init(blank: Blank) {}
    public init(inboundId: String, merchantShopId: String, warehouseId: String, partnerNumber: String) {
        self.inboundId = inboundId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
    }

    public static let fields = Fields<InboundCreated>(
        Field("inboundId", \.inboundId, .id), Field("merchantShopId", \.merchantShopId), Field("warehouseId", \.warehouseId),
        Field("partnerNumber", \.partnerNumber, .id))
}

/// How far the partner is with an inbound order.
public struct InboundStatus: Message {
    public static let type = "daifa.shipping.inbound-status.v1"
    public static let contract: Contract<InboundStatus> = .event(
        of: .shipping, key: \.inboundId, "How far the partner is with an inbound order.")
    public var inboundId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber = ""
    public var partnerCode = ""
    public var state = InboundState.created
    public var occurredAt = Timestamp(milliseconds: 0)
    public var lines: [CountedLine]?

    public init(blank: Blank) {}
    public init(
        inboundId: String, merchantShopId: String, warehouseId: String, partnerNumber: String, partnerCode: String, state: InboundState,
        occurredAt: Timestamp, lines: [CountedLine]? = nil
    ) {
        self.inboundId = inboundId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.partnerCode = partnerCode
        self.state = state
        self.occurredAt = occurredAt
        self.lines = lines
    }

    public static let fields = Fields<InboundStatus>(
        Field("inboundId", \.inboundId, .id), Field("merchantShopId", \.merchantShopId), Field("warehouseId", \.warehouseId),
        Field("partnerNumber", \.partnerNumber, .id), Field("partnerCode", \.partnerCode), Field("state", \.state),
        Field("occurredAt", \.occurredAt), Field("lines", \.lines, count: 0...500))
}

/// The partner has not come to an end with the inbound order in time: it is polled no more.
public struct InboundOverdue: Message {
    public static let type = "daifa.shipping.inbound-overdue.v1"
    public static let contract: Contract<InboundOverdue> = .event(
        of: .shipping, key: \.inboundId, "The inbound order has not come to an end in time: no more polls.")
    public var inboundId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber = ""
    /// The last one that the partner told of.
    public var state: InboundState?
    /// Since when the partner has it.
    public var since = Timestamp(milliseconds: 0)

    public init(blank: Blank) {}
    public init(
        inboundId: String, merchantShopId: String, warehouseId: String, partnerNumber: String, state: InboundState? = nil, since: Timestamp
    ) {
        self.inboundId = inboundId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.state = state
        self.since = since
    }

    public static let fields = Fields<InboundOverdue>(
        Field("inboundId", \.inboundId, .id), Field("merchantShopId", \.merchantShopId), Field("warehouseId", \.warehouseId),
        Field("partnerNumber", \.partnerNumber, .id), Field("state", \.state), Field("since", \.since))
}

/// A warehouse's stock of one sku.
public struct StockCount: Declared, Equatable {
    public var sku = ""
    public var good = 0
    public var damaged = 0
    public init(blank: Blank) {}
    public init(sku: String, good: Int, damaged: Int) {
        self.sku = sku
        self.good = good
        self.damaged = damaged
    }
    public static let fields = Fields<StockCount>(
        Field("sku", \.sku, .id), Field("good", \.good, 0...Int.max), Field("damaged", \.damaged, 0...Int.max))
}

/// The stock of a warehouse, as its partner reports it.
public struct StockReported: Message {
    public static let type = "daifa.shipping.stock-reported.v1"
    public static let contract: Contract<StockReported> = .event(
        of: .shipping, key: \.warehouseId, "What the partner says is in the warehouse.")
    public var warehouseId = ""
    public var merchantShopId = ""
    public var levels: [StockCount] = []
    public var asOf = Timestamp(milliseconds: 0)

    public init(blank: Blank) {}
    public init(warehouseId: String, merchantShopId: String, levels: [StockCount], asOf: Timestamp) {
        self.warehouseId = warehouseId
        self.merchantShopId = merchantShopId
        self.levels = levels
        self.asOf = asOf
    }

    public static let fields = Fields<StockReported>(
        Field("warehouseId", \.warehouseId, .id), Field("merchantShopId", \.merchantShopId),
        Field("levels", \.levels), Field("asOf", \.asOf))
}
