public import Contracts
public import JSON
public import Machines
public import Threads

/// Has the partner create the inbound order: once for each inboundId.
public struct InboundCreation: Effect {
    public enum Outcome: Sendable, Equatable {
        case created(partnerNumber: String)
        case rejected(PartnerRefusal)
        /// The warehouse's authorization was revoked; the partner was asked for nothing.
        case closed
        /// The warehouse's authorization was revoked, and nobody can tell what came of an earlier attempt.
        case unknown
    }
    public typealias Answer = Outcome

    public static let kind = "create-inbound"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var inboundId = ""
    public var warehouseId = ""
    public var lines: [StockLine] = []
    /// An earlier one, whose outcome nobody knows, may have created it.
    public var mayExist: Bool?

    public init() {}

    init(_ state: InboundOrderState) {
        inboundId = state.inboundId
        warehouseId = state.warehouseId
        lines = state.lines ?? []
    }

    public static let fields = Fields<InboundCreation>(
        Field("inboundId", \.inboundId), Field("warehouse", \.warehouseId), Field("lines", \.lines),
        Field("mayExist", \.mayExist))

    public var aggregate: String { InboundMachine.aggregate(inboundId) }
}

/// Asks the partner how far an inbound order is.
public struct InboundQuery: Effect {
    public enum Outcome: Sendable, Equatable {
        case reading(InboundStatusReport)
        case rejected(PartnerRefusal)
        /// The warehouse's authorization was revoked.
        case closed
        /// A poll without a message subscription: nobody was asked.
        case notSubscribed
        /// A poll to which the partner gave no answer, or for which nobody could ask it.
        case unanswered
    }
    public typealias Answer = Outcome

    public static let kind = "query-inbound"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var inboundId = ""
    public var warehouseId = ""
    public var partnerNumber = ""
    public var isPoll = false
    /// The `pull-status` that waits for it; empty for a poll.
    public var commandId = ""

    public init() {}

    init(_ state: InboundOrderState, isPoll: Bool, commandId: String = "") {
        inboundId = state.inboundId
        warehouseId = state.warehouseId
        partnerNumber = state.partnerNumber ?? ""
        self.isPoll = isPoll
        self.commandId = commandId
    }

    public static let fields = Fields<InboundQuery>(
        Field("inboundId", \.inboundId), Field("warehouse", \.warehouseId), Field("partnerNumber", \.partnerNumber),
        Field("poll", \.isPoll), Field("command", \.commandId))

    public var aggregate: String { InboundMachine.aggregate(inboundId) }
    public var discriminator: String { isPoll ? "poll" : "pull/\(commandId)" }
}

/// What a partner says of an inbound order, in our words.
public struct InboundStatusReport: Sendable, Equatable {
    /// The partner's own.
    public var code: String
    /// nil: the code says nothing about how far it is.
    public var state: InboundState?
    public var occurredAt: Timestamp
    /// Quantities received.
    public var lines: [PartnerLine]?

    public init(code: String, state: InboundState?, occurredAt: Timestamp, lines: [PartnerLine]? = nil) {
        self.code = PartnerTexts.cut(code, to: PartnerTexts.longestCode)
        self.state = state
        self.occurredAt = occurredAt
        self.lines = lines
    }
}
