import Contracts
public import JSON

/// An allocation to a partner's warehouse, as shipping knows it.
public struct Outbound: Declared, Equatable {
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
    /// `enc` of the sealed text from which waybill made `recipient`.
    var recipientFrom: String?
    /// Why waybill cannot open the text of `recipientFrom`.
    var unreadable: String?
    /// `enc` of the newest recipient that allocation has told of.
    var expectedFrom: String?
    /// When allocation sealed it. The partner cannot have the order from before this time, so a search there may begin here.
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
        Field("lines", \.lines), Field("recipient", \.recipient), Field("recipientFrom", \.recipientFrom),
        Field("unreadable", \.unreadable), Field("expectedFrom", \.expectedFrom), Field("since", \.since),
        Field("partnerNumber", \.partnerNumber),
        Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber), Field("extraNumbers", \.extraNumbers),
        Field("returnAddress", \.returnAddressId), Field("state", \.state), Field("code", \.code),
        Field("occurredAt", \.occurredAt), Field("counted", \.counted), Field("split", \.isSplit), Field("cancel", \.cancel),
        Field("cancels", \.cancels), Field("polls", \.polls))

    /// The recipient, when it is the newest one.
    var newestRecipient: Verbatim<Sealed>? { isOfNewest ? recipient : nil }
    /// Why there will be none, when that is said of the newest one.
    var newestIsUnreadable: String? { isOfNewest ? unreadable : nil }

    private var isOfNewest: Bool { recipientFrom == nil || expectedFrom == nil || recipientFrom == expectedFrom }

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
        rest.recipientFrom = nil
        rest.expectedFrom = nil
        rest.cancel = nil
        return rest
    }

    /// Whether the partner has an order of which more can be heard.
    var isAtPartner: Bool { stage == .created || stage == .shipped }
    /// Whether nothing more is expected of it.
    var isDone: Bool { (state == .delivered || state == .returned) && stage == .shipped }
}

/// A cancellation that the partner has not decided.
public struct PendingCancel: Declared, Equatable {
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
    var origin = Origin()
    /// The allocations whose state is awaited.
    var waits: [Int] = []
    var hasAnswer = false

    public init() {}

    init(_ origin: Origin, waits: [Int]) {
        self.origin = origin
        self.waits = waits
    }

    public static let fields = Fields<PendingPull>(Field("origin", \.origin), Field("waits", \.waits), Field("answer", \.hasAnswer))
}

extension ShipmentState {
    func outbound(_ number: Int) -> Outbound? { outbounds?.first { $0.number == number } }

    mutating func put(_ outbound: Outbound) {
        var all = outbounds ?? []
        let index = all.firstIndex { $0.number >= outbound.number } ?? all.endIndex
        if index < all.endIndex, all[index].number == outbound.number { all[index] = outbound } else { all.insert(outbound, at: index) }
        outbounds = all
    }

    /// This allocation's part of the pull is over.
    mutating func endPull(_ originId: String, _ number: Int, isAnswer: Bool) {
        guard var all = pulls, let index = all.firstIndex(where: { $0.origin.id == originId }) else { return }
        all[index].waits.removeAll { $0 == number }
        if isAnswer { all[index].hasAnswer = true }
        if all[index].waits.isEmpty { all.remove(at: index) }
        pulls = all.isEmpty ? nil : all
    }
}
