public import Contracts
public import JSON
public import Machines
public import Threads

/// Returns by itself what a factory's ERP has shipped: one aggregate for each channel, in the shard of `channel:<channelId>`.
///
/// While the channel's policy uploads logistics, its ERP is asked every `DAIFA_NUMBER_FETCH_INTERVAL` seconds for what was shipped or
/// corrected since, page by page. Each number becomes a `return` to waybill, on behalf of the factory and with an id of its own. The place
/// is stored together with what a page led to. Questions overlap by `DAIFA_ORDER_DOWNLOAD_LAG` seconds, as the two clocks may differ and
/// changes become visible late; what was told the last time is passed over.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | off | policy on | on | effect fetch-numbers |
/// | off | policy off | same | |
/// | off | policy of a merchant | same | |
/// | off | last page | same | |
/// | on | policy on | same | |
/// | on | policy off | off | no fetch-numbers |
/// | on | a page | on + further pages | waybill return, effect fetch-numbers |
/// | on + further pages | last page | on | waybill return, effect fetch-numbers |
/// | on | last page | on | waybill return, effect fetch-numbers |
/// | on | refused | on + refused | number-fetch-failed, effect fetch-numbers |
/// | on + refused | refused | same | effect fetch-numbers |
/// | on + refused | last page | on | waybill return, effect fetch-numbers |
public enum FactoryNumbersMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        public var channelId = ""
        public var factoryShopId = ""
        /// Changes before this time are known.
        public var from: Timestamp?
        /// The end of what is read at present, page by page.
        public var to: Timestamp?
        public var page: String?
        /// The last answer, as long as it is one.
        public var refusal: String?
        /// Ids of what was told from the place before to this one.
        public var returnedIds: [String]?
        /// Those of what is read at present.
        public var pageReturnedIds: [String]?

        public init() {}

        public static let fields = Fields<State>(
            Field("channelId", \.channelId), Field("factory", \.factoryShopId), Field("from", \.from), Field("to", \.to),
            Field("page", \.page), Field("refusal", \.refusal), Field("returned", \.returnedIds), Field("pageReturned", \.pageReturnedIds))

        var isOn: Bool { from != nil }
    }

    public enum Input: Sendable {
        case policy(PolicySet)
        case fetched(NumberFetch, NumberFetch.Outcome)
    }

    public enum Event: Publishable {
        /// The state after it, and the question that follows.
        case asks(State, NumberFetch, due: Timestamp?)
        case stopped(effect: String)
        case returned(Return, id: String)
        case failed(NumberFetchFailed)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .asks(let state, let effect, let due):
                let page = effect.page.map { "/\($0)" } ?? ""
                outbox.schedule(
                    effect, due: due,
                    origin: .step("\(effect.aggregate)/\(effect.from.milliseconds)\(page)", key: state.channelId))
            case .stopped(let effect): outbox.cancelEffect(effect)
            case .returned(let message, let id):
                outbox.command(message, id: RequestId.make(Return.type, id))
            case .failed(let message): outbox.event(message)
            }
        }
    }

    public static func aggregate(_ channelId: String) -> String { "numbers:\(channelId)" }

    public static let emits = Emits(events: [NumberFetchFailed.self], commands: [Return.self], effects: [NumberFetch.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        switch input {
        case .policy(let message): .accept(policy(state, message, context))
        case .fetched(let effect, let outcome): .accept(state.isOn ? fetched(state, effect, outcome, context) : [])
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .asks(let next, _, _): state = next
        case .stopped: state = State()
        case .returned, .failed: break
        }
    }

    private static func policy(_ state: State, _ message: PolicySet, _ context: Context) -> [Event] {
        guard let factory = message.factoryShopId, message.platform == .jackyun else { return [] }
        guard message.uploadLogistics else {
            return state.isOn ? [.stopped(effect: NumberFetch.id(of: aggregate(message.channelId)))] : []
        }
        guard !state.isOn else { return [] }
        var next = State()
        next.channelId = message.channelId
        next.factoryShopId = factory
        next.from = Timestamp(milliseconds: context.now.milliseconds - context.settings.orderDownloadHistory * 1000)
        return [ask(next, due: nil)]
    }

    private static func ask(_ state: State, due: Timestamp?) -> Event {
        var effect = NumberFetch()
        effect.channelId = state.channelId
        effect.from = state.from ?? Timestamp(milliseconds: 0)
        effect.to = state.to
        effect.page = state.page
        return .asks(state, effect, due: due)
    }

    private static func fetched(_ state: State, _ effect: NumberFetch, _ outcome: NumberFetch.Outcome, _ context: Context) -> [Event] {
        var next = state
        let pause = Timestamp(milliseconds: context.now.milliseconds + context.settings.numberFetchInterval * 1000)
        switch outcome {
        case .refused(let refusal):
            next.refusal = refusal.code ?? refusal.message
            // From the beginning: a cursor that the ERP has forgotten must not stop everything.
            next.to = nil
            next.page = nil
            next.returnedIds = list((state.returnedIds ?? []) + (state.pageReturnedIds ?? []))
            next.pageReturnedIds = nil
            return (state.refusal == next.refusal ? [] : [.failed(failed(state, refusal))]) + [ask(next, due: pause)]
        case .page(let shipments, let following, let end):
            next.refusal = nil
            next.page = following
            next.to = following == nil ? nil : end
            if following == nil {
                let overlap = Timestamp(milliseconds: end.milliseconds - context.settings.orderDownloadLag * 1000)
                next.from = max(effect.from, overlap)
            }
            let returns = shipments.compactMap { returned($0, state) }
            let known = Set((state.returnedIds ?? []) + (state.pageReturnedIds ?? []))
            var pageReturnedIds = state.pageReturnedIds ?? []
            var seen = Set(pageReturnedIds)
            for (_, id) in returns where seen.insert(id).inserted { pageReturnedIds.append(id) }
            next.returnedIds = following == nil ? list(pageReturnedIds) : state.returnedIds
            next.pageReturnedIds = following == nil ? nil : list(pageReturnedIds)
            return returns.filter { !known.contains($0.id) }.map { .returned($0.message, id: $0.id) }
                + [ask(next, due: following == nil ? pause : nil)]
        }
    }

    private static func list(_ ids: [String]) -> [String]? { ids.isEmpty ? nil : ids }

    /// nil: it was made of no allocation of ours.
    private static func returned(_ shipment: ERPShipment, _ state: State) -> (message: Return, id: String)? {
        guard let orderId = AllocationNumber.orderId(of: shipment.allocationId) else { return nil }
        // Whatever form its number has: the parcel is on its way under it.
        let message = Return(
            orderId: orderId, allocationId: shipment.allocationId, factoryShopId: state.factoryShopId, carrier: shipment.carrier,
            waybillNumber: shipment.waybillNumber, extraNumbers: shipment.extraNumbers.isEmpty ? nil : shipment.extraNumbers,
            unusual: true)
        let numbers = ([shipment.waybillNumber] + shipment.extraNumbers).joined(separator: ",")
        return (message, "\(state.channelId)/\(shipment.allocationId)/return/\(shipment.carrier):\(numbers)")
    }

    private static func failed(_ state: State, _ refusal: ERPRefusal) -> NumberFetchFailed {
        NumberFetchFailed(
            channelId: state.channelId, factoryShopId: state.factoryShopId, partnerCode: refusal.code, reason: refusal.message)
    }
}
