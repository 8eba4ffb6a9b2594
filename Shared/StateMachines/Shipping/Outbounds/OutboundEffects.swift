public import Contracts
public import JSON
public import Machines
public import Threads

/// Has the partner create the outbound order, or tells that it has: once for each allocation, whatever dies when.
public struct OutboundCreation: Effect {
    public enum Outcome: Sendable, Equatable {
        /// - Parameter carrier: the one that it was ordered with.
        case created(partnerNumber: String, carrier: String)
        case rejected(PartnerRefusal)
        /// The warehouse's authorization was revoked; the partner was asked for nothing.
        case closed
        /// The warehouse's authorization was revoked, and nobody can tell what came of an earlier attempt.
        case unknown
        /// The partner has no such order, and will get none.
        case absent
    }
    public typealias Answer = Outcome

    public static let kind = "create-outbound"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var orderId = ""
    public var number = 0
    public var warehouseId = ""
    public var platform: String?
    public var lines: [CountedLine] = []
    /// The recipient, sealed for shipping. Absent: it is awaited, and the partner is asked for nothing.
    public var recipientSealed: Verbatim<Sealed>?
    /// false: it is to be cancelled. Only what an earlier attempt may have created is looked for.
    public var isWanted = true
    /// Since when an order may exist.
    public var since = Timestamp(milliseconds: 0)

    public init() {}

    public static let fields = Fields<OutboundCreation>(
        Field("orderId", \.orderId), Field("n", \.number), Field("warehouse", \.warehouseId), Field("platform", \.platform),
        Field("lines", \.lines), Field("recipient", \.recipientSealed), Field("wanted", \.isWanted), Field("since", \.since))

    public var aggregate: String { ShipmentMachine.aggregate(orderId) }
    public var discriminator: String { String(number) }
    public var allocationId: String { AllocationNumber.id(orderId, number) }
}

/// Has the partner decide on a cancellation.
public struct OutboundCancellation: Effect {
    public enum Outcome: Sendable, Equatable {
        case cancelled
        /// It ships.
        case failed(reason: String)
    }
    public typealias Answer = Outcome

    public static let kind = "cancel-outbound"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var orderId = ""
    public var number = 0
    public var warehouseId = ""
    public var partnerNumber = ""
    public var attempt = 0

    public init() {}

    public static let fields = Fields<OutboundCancellation>(
        Field("orderId", \.orderId), Field("n", \.number), Field("warehouse", \.warehouseId), Field("partnerNumber", \.partnerNumber),
        Field("attempt", \.attempt))

    public var aggregate: String { ShipmentMachine.aggregate(orderId) }
    public var discriminator: String { String(number) }
}

/// Asks the partner how far an outbound order is.
public struct OutboundQuery: Effect {
    public enum Outcome: Sendable, Equatable {
        case reading(OutboundStatusReport)
        case rejected(PartnerRefusal)
        /// The warehouse's authorization was revoked.
        case closed
        /// A poll of an order whose warehouse has no message subscription: nobody was asked.
        case notSubscribed
        /// A poll to which the partner gave no answer, or for which nobody could ask it.
        case unanswered
    }
    public typealias Answer = Outcome

    public enum Purpose: String, JSONEnumeration {
        /// To be sure that no push was lost.
        case poll
        /// `pull-status` waits for it.
        case pull
        /// A push does not say enough.
        case push
    }

    public static let kind = "query-outbound"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var orderId = ""
    public var number = 0
    public var warehouseId = ""
    public var partnerNumber = ""
    public var purpose = Purpose.poll
    /// The command that waits for the answer; empty for a poll.
    public var commandId = ""
    /// The pushed report that led to the question.
    public var pushed: PushedStatus?

    public init() {}

    public static let fields = Fields<OutboundQuery>(
        Field("orderId", \.orderId), Field("n", \.number), Field("warehouse", \.warehouseId), Field("partnerNumber", \.partnerNumber),
        Field("purpose", \.purpose), Field("command", \.commandId), Field("pushed", \.pushed))

    public var aggregate: String { ShipmentMachine.aggregate(orderId) }
    public var discriminator: String { "\(number)/\(purpose.rawValue)/\(commandId)" }
}

/// A pushed report about an order, kept while its partner is asked for more.
public struct PushedStatus: DefaultInitializable, Equatable {
    /// The partner's own.
    var code = ""
    var state: OutboundState?
    var occurredAt = Timestamp(milliseconds: 0)
    var carrier: String?
    var lines: [CountedLine]?

    public init() {}

    init(_ reading: OutboundStatusReport) {
        code = reading.code
        state = reading.state
        occurredAt = reading.occurredAt
        carrier = reading.carrier
        lines = reading.lines?.counted(in: [])
    }

    public static let fields = Fields<PushedStatus>(
        Field("code", \.code), Field("state", \.state), Field("occurredAt", \.occurredAt), Field("carrier", \.carrier),
        Field("lines", \.lines))
}

/// A partner's final refusal.
public struct PartnerRefusal: Sendable, Equatable {
    /// The partner's own code.
    public var code: String?
    /// Our name of what is missing or cannot be sent: nobody was asked.
    public var field: String?
    /// A sentence for people, without secrets and recipients.
    public var reason: String

    public init(code: String? = nil, field: String? = nil, reason: String) {
        self.code = code.map { PartnerTexts.cut($0, to: PartnerTexts.longestCode) }
        self.field = field
        self.reason = PartnerTexts.cut(reason, to: PartnerTexts.longestReason)
    }

    /// The refusal of the command that asked for the call.
    var refusal: Refusal { Refusal(field == nil ? .partnerRejected : .invalid, reason, field: field) }
}

/// Goods of an order as its partner tells of them.
public struct PartnerLine: Sendable, Equatable {
    /// The merchant's code of the goods; nil: the partner does not repeat it.
    public var sku: String?
    /// The line's place in the order that was sent, from 1.
    public var orderLine: Int?
    /// The partner's own code.
    public var partnerSku: String?
    public var quantity: Int

    public init(sku: String?, orderLine: Int? = nil, partnerSku: String? = nil, quantity: Int) {
        self.sku = sku
        self.orderLine = orderLine
        self.partnerSku = partnerSku
        self.quantity = quantity
    }

    /// The line by the merchant's code, found by the line's place where the partner does not repeat it; else by the partner's. A code
    /// that is none counts as not given, and what is more than can be told is told as the most.
    /// - Parameter sent: the merchant's codes of the lines that were sent.
    func counted(in sent: [String]) -> CountedLine? {
        let place = orderLine ?? (sent.count == 1 ? 1 : 0)
        let ordered = (1...max(1, sent.count)).contains(place) && !sent.isEmpty ? sent[place - 1] : nil
        let code = [sku, ordered, partnerSku].lazy.compactMap { PartnerTexts.kept($0, .filled(200)) }.first
        let counts = CountedLine.quantities
        return code.map { CountedLine(sku: $0, quantity: min(max(quantity, counts.lowerBound), counts.upperBound)) }
    }
}

/// What a partner says of an outbound order, in our words, as far as they go (`PartnerTexts`).
public struct OutboundStatusReport: Sendable, Equatable {
    /// Where the cancellation stands, an axis of its own.
    public enum Cancellation: Sendable, Equatable { case pending, cancelled, failed }

    /// The partner's own.
    public var code: String
    /// nil: the code says nothing about how far it is.
    public var state: OutboundState?
    public var cancellation: Cancellation?
    public var occurredAt: Timestamp
    public var carrier: String?
    public var waybillNumber: String?
    public var extraNumbers: [String]
    public var lines: [PartnerLine]?
    public var isSplit: Bool

    public init(
        code: String, state: OutboundState?, cancellation: Cancellation? = nil, occurredAt: Timestamp, carrier: String? = nil,
        waybillNumber: String? = nil, extraNumbers: [String] = [], lines: [PartnerLine]? = nil, isSplit: Bool = false
    ) {
        self.code = PartnerTexts.cut(code, to: PartnerTexts.longestCode)
        self.state = state
        self.cancellation = cancellation
        self.occurredAt = occurredAt
        self.carrier = PartnerTexts.kept(carrier, .carrier)
        self.waybillNumber = PartnerTexts.kept(waybillNumber, .waybillNumber)
        self.extraNumbers = Array(extraNumbers.lazy.filter { TextRule.waybillNumber.allows($0) }.prefix(PartnerTexts.mostNumbers))
        self.lines = lines
        self.isSplit = isSplit
    }

    init(_ pushed: PushedStatus) {
        self.init(
            code: pushed.code, state: pushed.state, occurredAt: pushed.occurredAt, carrier: pushed.carrier,
            lines: pushed.lines?.map { PartnerLine(sku: $0.sku, quantity: $0.quantity) })
    }
}
