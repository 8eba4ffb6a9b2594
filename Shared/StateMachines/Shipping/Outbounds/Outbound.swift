import Contracts
public import JSON
import Threads

/// An allocation to a partner's warehouse, as shipping knows it.
public struct Outbound: DefaultInitializable, Equatable {
    public enum Stage: String, JSONEnumeration {
        /// Its recipient came before the news that it was made.
        case awaited
        /// Allocation was asked to seal it.
        case sealing
        /// Sealed; the partner is asked for an outbound order as soon as the recipient is there.
        case creating
        /// The partner has the outbound order.
        case created
        /// Its warehouse was closed before the partner could be asked what came of creating it: an outbound order may exist there.
        case unknown
        /// The parcel has left the warehouse.
        case shipped
        /// Taken back, refused or cancelled.
        case ended
    }

    /// Number of the allocation within its order.
    var number = 0
    var stage = Stage.awaited
    var warehouseId = ""
    /// The id of the seal that is not answered.
    var request: String?
    /// Id of the conversation that began with the allocation.
    var correlationId: String?
    /// The lines in the order sent; some partner reports identify a line only by its index.
    var lines: [CountedLine]?
    /// The recipient, sealed for shipping; kept until the outbound order exists.
    var recipient: Verbatim<Sealed>?
    /// What `recipient` was sealed anew from (its `enc`).
    var recipientSource: String?
    /// Why waybill cannot open that.
    var unreadableReason: String?
    /// The newest recipient that allocation has told of.
    var newestSource: String?
    /// When it was sealed: the partner has an order no longer than that.
    var since: Timestamp?
    /// The partner's number of the order.
    var partnerNumber: String?
    var carrier: String?
    var waybillNumber: String?
    var extraNumbers: [String]?
    /// Where returns go, once it is shipped.
    var returnAddressId: String?
    var state: OutboundState?
    /// The partner's code of `state`, and when it was reached.
    var code: String?
    var occurredAt: Timestamp?
    var counted: [CountedLine]?
    /// The partner has split the order: its reports about the whole do not hold for each part.
    var isSplit: Bool?
    /// The partner is, or will be, asked to cancel it.
    var cancel: PendingCancel?
    /// How often a cancellation was begun.
    var cancels: Int?
    /// Once the partner has it.
    var polls: StatusPolls?

    public init() {}

    init(_ number: Int) { self.number = number }

    public static let fields = Fields<Outbound>(
        Field("n", \.number), Field("stage", \.stage), Field("warehouse", \.warehouseId), Field("request", \.request),
        Field("correlation", \.correlationId),
        Field("lines", \.lines), Field("recipient", \.recipient), Field("recipientSource", \.recipientSource),
        Field("unreadableReason", \.unreadableReason), Field("newestSource", \.newestSource), Field("since", \.since),
        Field("partnerNumber", \.partnerNumber),
        Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber), Field("extraNumbers", \.extraNumbers),
        Field("returnAddress", \.returnAddressId), Field("state", \.state), Field("code", \.code),
        Field("occurredAt", \.occurredAt), Field("counted", \.counted), Field("split", \.isSplit), Field("cancel", \.cancel),
        Field("cancels", \.cancels), Field("polls", \.polls))

    /// The recipient, when it is the newest one.
    var newestRecipient: Verbatim<Sealed>? { isSealedFromNewest ? recipient : nil }
    /// Why there will be none, when that is said of the newest one.
    var newestIsUnreadable: String? { isSealedFromNewest ? unreadableReason : nil }

    private var isSealedFromNewest: Bool { recipientSource == nil || newestSource == nil || recipientSource == newestSource }

    /// Nothing more happens to it; late reports still find it.
    var ended: Outbound {
        var rest = Outbound(number)
        rest.stage = .ended
        rest.warehouseId = warehouseId
        rest.partnerNumber = partnerNumber
        rest.state = state
        rest.code = code
        rest.occurredAt = occurredAt
        return rest
    }

    /// Nobody can tell whether the partner has it.
    var unknown: Outbound {
        var rest = self
        rest.stage = .unknown
        rest.recipient = nil
        rest.recipientSource = nil
        rest.newestSource = nil
        rest.cancel = nil
        return rest
    }

    /// Whether the partner has an order of which more can be heard.
    var isAtPartner: Bool { stage == .created || stage == .shipped }
    /// Whether nothing more is expected of it.
    var isDone: Bool { (state == .delivered || state == .returned) && stage == .shipped }
}

/// A cancellation that the partner has not decided.
public struct PendingCancel: DefaultInitializable, Equatable {
    var cause = DeallocationReason.merchant
    var attempt = 0

    public init() {}

    init(_ cause: DeallocationReason, attempt: Int) {
        self.cause = cause
        self.attempt = attempt
    }

    public static let fields = Fields<PendingCancel>(Field("cause", \.cause), Field("attempt", \.attempt))
}

/// A `pull-status` that is not answered in full.
public struct PendingPull: Declared, Equatable {
    var origin: Origin
    /// The allocations whose state is awaited.
    var waits: [Int] = []
    var hasAnswer = false

    public init(blank: Blank) { origin = Origin(blank: blank) }

    init(_ origin: Origin, waits: [Int]) {
        self.origin = origin
        self.waits = waits
    }

    public static let fields = Fields<PendingPull>(Field("origin", \.origin), Field("waits", \.waits), Field("answer", \.hasAnswer))
}
