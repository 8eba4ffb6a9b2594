public import Contracts
public import JSON
public import Machines

/// What shipping knows of one inbound order; empty until there is one.
public struct InboundOrderState: Declared, Equatable {
    var inboundId = ""
    var merchant: String?
    var warehouseId = ""
    var lines: [StockLine]?
    /// Commands that wait until it is created.
    var waiting: [Origin]?
    /// What the partner calls it; nil while it is being created.
    var partnerNumber: String?
    var state: InboundState?
    var code: String?
    var occurredAt: Timestamp?
    var counted: [CountedLine]?

    public init() {}

    public static let fields = Fields<InboundOrderState>(
        Field("id", \.inboundId), Field("merchant", \.merchant), Field("warehouse", \.warehouseId), Field("lines", \.lines),
        Field("waiting", \.waiting), Field("partnerNumber", \.partnerNumber), Field("state", \.state), Field("code", \.code),
        Field("occurredAt", \.occurredAt), Field("counted", \.counted))

    /// Whether the reading changes what is known.
    func isNews(_ reading: InboundReading) -> Bool {
        guard partnerNumber != nil, let next = reading.state else { return false }
        if next.rank > state?.rank ?? -1 { return true }
        let lines = counted(reading)
        return next == state && lines != nil && lines != counted
    }

    private func counted(_ reading: InboundReading) -> [CountedLine]? {
        let told = reading.lines?.counted(in: (lines ?? []).map(\.sku)) ?? []
        return told.isEmpty ? nil : told
    }

    /// A state never goes backwards; of one state the newest counts.
    mutating func take(_ reading: InboundReading) {
        guard let next = reading.state, next.rank >= state?.rank ?? -1 else { return }
        if let lines = counted(reading) { counted = lines }
        guard next != state else { return }
        state = next
        code = reading.code
        occurredAt = reading.occurredAt
    }

    var created: InboundCreated {
        var message = InboundCreated()
        message.inboundId = inboundId
        message.merchantShopId = merchant ?? ""
        message.warehouseId = warehouseId
        message.partnerNumber = partnerNumber ?? ""
        return message
    }

    func status(_ reading: InboundReading) -> InboundStatus {
        var message = InboundStatus()
        message.inboundId = inboundId
        message.merchantShopId = merchant ?? ""
        message.warehouseId = warehouseId
        message.partnerNumber = partnerNumber ?? ""
        message.partnerCode = reading.code
        message.state = state ?? .created
        message.occurredAt = reading.occurredAt
        message.lines = counted
        return message
    }

    /// The next reconciling poll; it finds out by itself whether there is a subscription by then.
    func poll(_ context: Context) -> [InboundEvent] {
        guard partnerNumber != nil, state != .received, state != .cancelled else { return [] }
        let due = Timestamp(milliseconds: context.now.milliseconds + context.settings.statusPollInterval * 1000)
        let origin = Origin.step("\(InboundMachine.aggregate(inboundId))/poll/\(due.milliseconds)", key: inboundId)
        return [.query(InboundQuery(self, isPoll: true), due: due, origin)]
    }
}

/// What happens to an inbound order. `changed` carries the state after it; the rest leaves the service.
public enum InboundEvent: Publishable {
    case changed(InboundOrderState)
    case created(InboundCreated, Origin)
    case status(InboundStatus, Origin)
    case ignored(ReportIgnored, Origin)
    case refused(Refusal, Origin)
    case create(InboundCreation, Origin)
    case query(InboundQuery, due: Timestamp?, Origin)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .changed: break
        case .created(let message, let origin): outbox.event(message, origin: origin)
        case .status(let message, let origin): outbox.event(message, origin: origin)
        case .ignored(let message, let origin): outbox.event(message, origin: origin)
        case .refused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        case .create(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .query(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        }
    }
}
