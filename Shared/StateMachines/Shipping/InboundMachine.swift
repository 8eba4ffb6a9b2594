public import Contracts
import JSON
public import Machines

/// One inbound order at a partner's warehouse. Aggregate key `inbound:<inboundId>`.
///
/// It is created once, by its inboundId; while that is under way every copy of the command waits for the same outcome, and a later one is
/// answered with the number again. An order that the partner refused for good can be sent again, mended. States come by push, by poll and
/// by `pull-status`, and never go backwards. `20` is a report that the warehouse has it, `10` one that says nothing new.
///
/// `closed` and `unknown` are those of a warehouse that was closed before anything was sent, and before the partner could be asked what
/// came of it; `late` is a poll after `DAIFA_OUTBOUND_PATIENCE` that finds nothing new. An order that is `unknown` is asked for before it
/// is sent again.
///
/// | inbound | create-inbound | created | rejected | closed | unknown | 20 | 10 | late | pull-status |
/// |---|---|---|---|---|---|---|---|---|---|
/// | none | create-inbound | – | – | – | – | not-found | not-found | – | not-found |
/// | creating | waits | inbound-created query-inbound | partner-rejected | not-authorized | not-authorized | not-found | not-found | – | not-found |
/// | unknown | create-inbound | – | – | – | – | not-found | not-found | – | not-found |
/// | created | inbound-created | – | – | – | – | inbound-status | report-ignored | inbound-overdue | query-inbound |
/// | accepted | inbound-created | – | – | – | – | report-ignored | report-ignored | inbound-overdue | query-inbound |
///
/// Needs the table warehouses.
public enum InboundMachine: StateMachine {
    public enum Input: Sendable {
        case create(CreateInbound)
        case pullStatus(PullStatus)
        /// With what the partner's code means.
        case reportStatus(ReportStatus, InboundStatusReport)
        case created(InboundCreation, InboundCreation.Outcome)
        case queried(InboundQuery, InboundQuery.Outcome)
    }

    /// Key of an inbound order's aggregate.
    public static func aggregate(_ inboundId: String) -> String { "inbound:\(inboundId)" }

    public static let accepts: [Accepts<InboundMachine>] = [
        .message(CreateInbound.self) { .create($0) }
    ]

    public static let emits = Emits(
        events: [InboundCreated.self, InboundStatus.self, InboundOverdue.self, ReportIgnored.self],
        effects: [InboundCreation.self, InboundQuery.self])

    public static func decide(_ state: InboundOrderState, _ input: Input, _ context: Context) -> Decision<InboundEvent> {
        do throws(Refusal) {
            switch input {
            case .create(let command): return .accept(try create(state, command, context))
            case .pullStatus(let command): return .accept(try pullStatus(state, command, context))
            case .reportStatus(let command, let reading): return .accept(try reportStatus(state, command, reading, context))
            case .created(_, let outcome): return .accept(created(state, outcome, context))
            case .queried(let effect, let outcome): return .accept(queried(state, effect, outcome, context))
            }
        } catch {
            return .refuse(error)
        }
    }

    public static func evolve(_ state: inout InboundOrderState, _ event: InboundEvent) {
        if case .changed(let after) = event { state = after }
    }

    // MARK: Creating

    private static func create(_ state: InboundOrderState, _ command: CreateInbound, _ context: Context) throws(Refusal) -> [InboundEvent] {
        try context.require(.merchant, command.merchantShopId)
        if let merchant = state.merchant, merchant != command.merchantShopId {
            throw Refusal(.forbidden, "inbound order \(command.inboundId) is not one of \(command.merchantShopId)")
        }
        _ = try PartnerWarehouse.open(command.warehouseId, of: command.merchantShopId, context)
        var after = state
        if state.merchant != nil {
            guard state.warehouseId == command.warehouseId, state.lines == command.lines else {
                throw Refusal(
                    .invalid, "inbound order \(command.inboundId) exists, for other goods or another warehouse; choose another id",
                    field: "inboundId")
            }
            if state.partnerNumber != nil { return [.created(state.created, context.origin)] }
            if state.isUnknown == true {
                after.isUnknown = nil
                after.waiting = [context.origin]
                var effect = InboundCreation(after)
                effect.mayExist = true
                return [.changed(after), .create(effect, context.origin)]
            }
            try Bounds.require(
                state.waiting?.count ?? 0, below: Bounds.waiting, "too many create-inbound commands wait for this order")
            after.waiting = (state.waiting ?? []) + [context.origin]
            return [.changed(after)]
        }
        after.inboundId = command.inboundId
        after.merchant = command.merchantShopId
        after.warehouseId = command.warehouseId
        after.lines = command.lines
        after.waiting = [context.origin]
        return [.changed(after), .create(InboundCreation(after), context.origin)]
    }

    private static func created(
        _ state: InboundOrderState, _ outcome: InboundCreation.Outcome, _ context: Context
    ) -> [InboundEvent] {
        guard state.merchant != nil, state.partnerNumber == nil, state.isUnknown != true else { return [] }
        let waiting = state.waiting ?? []
        switch outcome {
        case .created(let number):
            var after = state
            after.partnerNumber = number
            after.waiting = nil
            return [.changed(after)] + waiting.map { .created(after.created, $0) } + after.poll(isNews: true, context)
        case .rejected(let refusal): return [.changed(InboundOrderState())] + waiting.map { .refused(refusal.refusal, $0) }
        case .closed:
            let refusal = PartnerWarehouse.notAuthorized(state.warehouseId)
            return [.changed(InboundOrderState())] + waiting.map { .refused(refusal, $0) }
        case .unknown:
            var after = state
            after.isUnknown = true
            after.waiting = nil
            let refusal = Refusal(
                .notAuthorized,
                "the authorization of warehouse \(state.warehouseId) was revoked before its partner answered: an inbound order may exist there; look, or authorize it anew and send the same again",
                details: ["outcome": .string(OutboundRejected.outcomeUnknown)], restsOnTable: true)
            return [.changed(after)] + waiting.map { .refused(refusal, $0) }
        }
    }

    // MARK: Status

    private static func pullStatus(_ state: InboundOrderState, _ command: PullStatus, _ context: Context) throws(Refusal) -> [InboundEvent]
    {
        try context.require(.merchant, command.merchantShopId)
        if let merchant = state.merchant, merchant != command.merchantShopId {
            throw Refusal(.forbidden, "inbound order \(command.inboundId ?? "") is not one of \(command.merchantShopId)")
        }
        guard state.partnerNumber != nil else { throw PartnerWarehouse.noPartner("inbound order \(command.inboundId ?? "")") }
        try PartnerWarehouse.requireOpen(state.warehouseId, context)
        return [.query(InboundQuery(state, isPoll: false, commandId: context.origin.id), due: nil, context.origin)]
    }

    private static func reportStatus(
        _ state: InboundOrderState, _ command: ReportStatus, _ reading: InboundStatusReport, _ context: Context
    ) throws(Refusal) -> [InboundEvent] {
        try context.require(.partner, command.partner)
        let row = context.tables.warehouse(state.warehouseId)
        guard state.partnerNumber == command.partnerNumber, row.map({ $0.provider == command.partner }) ?? true else {
            throw PartnerWarehouse.noPartner("number \(command.partnerNumber) of \(command.partner)")
        }
        func ignored(_ reason: ReportIgnored.Reason) -> [Event] {
            let message = ReportIgnored(
                inboundId: state.inboundId, partnerNumber: command.partnerNumber, partnerCode: command.statusCode, reason: reason)
            return [.ignored(message, context.origin)]
        }
        guard row?.messageSubscription == true else { return ignored(.notSubscribed) }
        guard state.isNews(reading) else { return ignored(.notNewer) }
        return heard(learn(state, reading, context.origin), of: state, context)
    }

    /// The events of a report, with those that follow for the polls.
    private static func heard(_ events: [InboundEvent], of state: InboundOrderState, _ context: Context) -> [InboundEvent] {
        events + after(events, state).hasHeard(context)
    }

    private static func after(_ events: [InboundEvent], _ state: InboundOrderState) -> InboundOrderState {
        var after = state
        for event in events { evolve(&after, event) }
        return after
    }

    private static func queried(
        _ state: InboundOrderState, _ effect: InboundQuery, _ outcome: InboundQuery.Outcome, _ context: Context
    ) -> [InboundEvent] {
        switch outcome {
        case .reading(let reading):
            let isNews = state.isNews(reading)
            let events = effect.isPoll && !isNews ? [] : learn(state, reading, context.origin)
            if effect.isPoll { return events + after(events, state).poll(isNews: isNews, context) }
            return isNews || state.polls?.pause == nil ? heard(events, of: state, context) : events
        case .rejected(let refusal):
            return effect.isPoll ? state.poll(isNews: false, context) : [.refused(refusal.refusal, context.origin)]
        case .closed:
            if effect.isPoll { return state.poll(isNews: false, context) }
            return [.refused(PartnerWarehouse.notAuthorized(state.warehouseId), context.origin)]
        case .notSubscribed, .unanswered: return state.poll(isNews: false, context)
        }
    }

    private static func learn(_ state: InboundOrderState, _ reading: InboundStatusReport, _ origin: Origin) -> [InboundEvent] {
        var after = state
        after.take(reading)
        return (after == state ? [] : [.changed(after)]) + [.status(after.status(reading), origin)]
    }
}
