public import Contracts
public import JSON
public import Threads

/// Where an order stands, the first that holds: `cancelled`; `shipped`, with nothing left; `held`; then its least advanced part.
public enum OrderStateName: String, JSONEnumeration {
    case held, open, partly, allocated, ready, shipped, cancelled
}

/// Where an allocation stands.
public enum AllocationStateName: String, JSONEnumeration {
    case allocated, ready, shipped, deallocated
}

/// A line of an order, with how much of it is given to somebody and how much is shipped.
public struct OrderLineView: DefaultInitializable, Equatable {
    public var lineId = ""
    public var sku = ""
    public var name = ""
    public var spec = ""
    public var quantity = 0
    /// In an allocation that is in force, shipped ones too.
    public var allocated = 0
    public var shipped = 0
    public init() {}
    public static let fields = Fields<OrderLineView>(
        Field("lineId", \.lineId), Field("sku", \.sku), Field("name", \.name), Field("spec", \.spec), Field("quantity", \.quantity),
        Field("allocated", \.allocated), Field("shipped", \.shipped))
}

/// How far the partner's warehouse is with an allocation.
public struct OutboundView: DefaultInitializable, Equatable {
    public var partnerNumber: String?
    /// The last one that the partner told of.
    public var state: OutboundState?
    public var partnerCode: String?
    public var occurredAt: Timestamp?
    /// The partner was asked to cancel: `cancelling`, `cancelled` or `cancel-failed`.
    public var cancel: String?
    /// Why the partner refused it.
    public var rejected: String?
    /// The partner has not come to an end in time; it is polled no more.
    public var overdue: Bool?
    public init() {}
    public static let fields = Fields<OutboundView>(
        Field("partnerNumber", \.partnerNumber), Field("state", \.state), Field("partnerCode", \.partnerCode),
        Field("occurredAt", \.occurredAt), Field("cancel", \.cancel), Field("rejected", \.rejected), Field("overdue", \.overdue))
}

/// Whether a marketplace or an ERP has the number.
public struct UploadView: DefaultInitializable, Equatable {
    public var target = UploadTarget.marketplace
    /// `confirmed` or `failed`.
    public var state = ""
    /// Of a failed one.
    public var reason: String?
    public init() {}
    public static let fields = Fields<UploadView>(Field("target", \.target), Field("state", \.state), Field("reason", \.reason))
}

/// Lines of an order that were given to a target.
public struct AllocationView: DefaultInitializable, Equatable {
    public var allocationId = ""
    public var target = Target(.factory, "")
    public var state = AllocationStateName.allocated
    /// Why it was taken back.
    public var reason: String?
    public var lines: [LineQuantity] = []
    public var carrier: String?
    public var waybillNumber: String?
    public var extraNumbers: [String]?
    public var outbound: OutboundView?
    public var uploads: [UploadView]?
    public init() {}
    public static let fields = Fields<AllocationView>(
        Field("allocationId", \.allocationId), Field("target", \.target), Field("state", \.state), Field("reason", \.reason),
        Field("lines", \.lines), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("extraNumbers", \.extraNumbers), Field("outbound", \.outbound), Field("uploads", \.uploads))
}

/// One event or refusal of an order.
public struct HistoryView: DefaultInitializable, Equatable {
    /// `ce_id`.
    public var id = ""
    /// `ce_type`.
    public var type = ""
    public var time = Timestamp(milliseconds: 0)
    /// The actor of the command that caused it, else the service.
    public var actor = ""
    /// The opaque id of the person behind the actor.
    public var user: String?
    public var allocationId: String?
    /// Of a refusal.
    public var code: String?
    public var reason: String?
    public init() {}
    public static let fields = Fields<HistoryView>(
        Field("id", \.id), Field("type", \.type), Field("time", \.time), Field("actor", \.actor), Field("user", \.user),
        Field("allocationId", \.allocationId), Field("code", \.code), Field("reason", \.reason))
}

/// An order as its merchant sees it (contract, section 9).
public struct OrderView: DefaultInitializable, Equatable {
    public var orderId = ""
    public var merchantShopId = ""
    public var platform = ""
    public var platformOrderNumber = ""
    public var placedAt = Timestamp(milliseconds: 0)
    public var shipBy: Timestamp?
    public var remark = ""
    /// nil: what is known of the order does not say it.
    public var area: Area?
    public var holds: [Hold] = []
    public var state = OrderStateName.open
    public var lines: [OrderLineView] = []
    public var allocations: [AllocationView] = []
    /// Names of the commands that would be accepted now: `allocate`, `ship` …
    public var actions: [String] = []
    /// Grows with each event of the order.
    public var version = 0
    /// Oldest first; only of one order.
    public var history: [HistoryView]?
    public init() {}
    public static let fields = Fields<OrderView>(
        Field("orderId", \.orderId), Field("merchantShopId", \.merchantShopId), Field("platform", \.platform),
        Field("platformOrderNumber", \.platformOrderNumber), Field("placedAt", \.placedAt), Field("shipBy", \.shipBy),
        Field("remark", \.remark), Field("area", \.area), Field("holds", \.holds), Field("state", \.state), Field("lines", \.lines),
        Field("allocations", \.allocations), Field("actions", \.actions), Field("version", \.version), Field("history", \.history))
}
