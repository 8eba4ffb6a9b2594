public import Contracts
public import JSON
public import Machines
public import Threads

/// The state of one inbound order in shipping; empty until there is one.
public struct InboundOrderState: DefaultInitializable, Equatable {
    var inboundId = ""
    var merchant: String?
    var warehouseId = ""
    var lines: [StockLine]?
    /// Commands that wait until it is created.
    var waiting: [Origin]?
    /// The partner's number of the order; nil while it is being created.
    var partnerNumber: String?
    var state: InboundState?
    var code: String?
    var occurredAt: Timestamp?
    var counted: [CountedLine]?
    /// Its warehouse was closed before the partner could be asked what came of creating it.
    var isUnknown: Bool?
    /// Once the partner has it.
    var polls: StatusPolls?

    public init() {}

    public static let fields = Fields<InboundOrderState>(
        Field("id", \.inboundId), Field("merchant", \.merchant), Field("warehouse", \.warehouseId), Field("lines", \.lines),
        Field("waiting", \.waiting), Field("partnerNumber", \.partnerNumber), Field("state", \.state), Field("code", \.code),
        Field("occurredAt", \.occurredAt), Field("counted", \.counted), Field("unknown", \.isUnknown), Field("polls", \.polls))

    /// Whether the reading changes what is known.
    func isNews(_ reading: InboundStatusReport) -> Bool {
        guard partnerNumber != nil, let next = reading.state else { return false }
        if next.rank > state?.rank ?? -1 { return true }
        let lines = counted(reading)
        return next == state && lines != nil && lines != counted
    }

    private func counted(_ reading: InboundStatusReport) -> [CountedLine]? {
        let told = reading.lines?.counted(in: (lines ?? []).map(\.sku)) ?? []
        return told.isEmpty ? nil : told
    }

    /// A state never goes backwards; of one state the newest counts.
    mutating func take(_ reading: InboundStatusReport) {
        guard let next = reading.state, next.rank >= state?.rank ?? -1 else { return }
        if let lines = counted(reading) { counted = lines }
        guard next != state else { return }
        state = next
        code = reading.code
        occurredAt = reading.occurredAt
    }

    var created: InboundCreated {
        InboundCreated(inboundId: inboundId, merchantShopId: merchant ?? "", warehouseId: warehouseId, partnerNumber: partnerNumber ?? "")
    }

    func status(_ reading: InboundStatusReport) -> InboundStatus {
        InboundStatus(
            inboundId: inboundId, merchantShopId: merchant ?? "", warehouseId: warehouseId, partnerNumber: partnerNumber ?? "",
            partnerCode: reading.code, state: state ?? .created, occurredAt: reading.occurredAt, lines: counted)
    }

    /// Whether nothing more is expected of it.
    private var isDone: Bool { state == .received || state == .cancelled }

    /// The next reconciling poll, or what ends them.
    /// - Parameter isNews: the last answer has changed something.
    func poll(isNews: Bool, _ context: Context) -> [InboundEvent] {
        guard partnerNumber != nil, !isDone else { return [] }
        var after = self
        var polls = self.polls ?? StatusPolls(since: context.now)
        let next = polls.next(isNews: isNews, of: warehouseId, context)
        after.polls = polls
        let changed: [InboundEvent] = after == self ? [] : [.changed(after)]
        switch next {
        case .poll(let due):
            let origin = Origin.step("\(InboundMachine.aggregate(inboundId))/poll/\(due.milliseconds)", key: inboundId)
            return changed + [.query(InboundQuery(after, isPoll: true), due: due, origin)]
        case .overdue:
            let origin = Origin.step("\(InboundMachine.aggregate(inboundId))/overdue", key: inboundId)
            return changed + [.overdue(overdue(since: polls.since), origin)]
        case .nothing: return changed
        }
    }

    /// After a report, pushed or pulled: sets the pause between polls back, begins polls where there are none, and ends them where
    /// nothing more is expected.
    func hasHeard(_ context: Context) -> [InboundEvent] {
        guard let polls, polls.pause == nil || isDone || !polls.isSoon(context) else { return [] }
        guard isDone else { return poll(isNews: true, context) }
        guard polls.pause != nil else { return [] }
        var after = self
        after.polls?.pause = nil
        return [.changed(after), .drop(effect: InboundQuery(self, isPoll: true).id)]
    }

    private func overdue(since: Timestamp) -> InboundOverdue {
        InboundOverdue(
            inboundId: inboundId, merchantShopId: merchant ?? "", warehouseId: warehouseId, partnerNumber: partnerNumber ?? "",
            state: state, since: since)
    }
}

/// The events of an inbound order. `changed` carries the state after it; the rest leaves the service.
public enum InboundEvent: Publishable {
    case changed(InboundOrderState)
    case created(InboundCreated, Origin)
    case status(InboundStatus, Origin)
    case overdue(InboundOverdue, Origin)
    case ignored(ReportIgnored, Origin)
    case refused(Refusal, Origin)
    case create(InboundCreation, Origin)
    case query(InboundQuery, due: Timestamp?, Origin)
    /// An effect that nobody needs any more.
    case drop(effect: String)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .changed: break
        case .created(let message, let origin): outbox.event(message, origin: origin)
        case .status(let message, let origin): outbox.event(message, origin: origin)
        case .overdue(let message, let origin): outbox.event(message, origin: origin)
        case .ignored(let message, let origin): outbox.event(message, origin: origin)
        case .refused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        case .create(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .query(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        case .drop(let effect): outbox.cancelEffect(effect)
        }
    }
}
