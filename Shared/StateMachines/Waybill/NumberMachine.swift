public import Contracts
public import JSON
public import Machines

/// One waybill number: who holds it.
///
/// Key `number:<CARRIER>:<NUMBER>`, in the shard of `<CARRIER>:<NUMBER>`. A number is for one parcel, ever. A second allocation may carry
/// it when merchant, factory, carrier and a present merge key are those it was first bound with (orders packed together), or when its
/// order and factory hold it already and no other order does (taken back and allocated anew; if it goes to another door by then, nobody
/// can join any more). A bound number stays bound.
///
/// A `return` of several numbers holds each but the last until it knows that it gets all. A claim for a number that is held waits, so
/// that nobody is refused because of a command that is refused itself. Numbers are asked for in ascending order: nobody waits in
/// a circle. At most ``Bounds/waitingClaims`` wait for one; the command of another is refused.
///
/// A parcel that is readdressed asks whether its number stays its own. It does when no other order bears it, or when they all still go to
/// one door; else the order leaves the number to the others, who keep it. (Of more than two the last one leaves it too, and it stays bound.)
///
/// "Another" below is a claim of another merchant; "of the same" is one of the same order and factory.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | free | claim bind | bound | answer granted |
/// | free | claim fresh | bound | answer granted |
/// | free | claim hold | held | answer granted |
/// | bound | claim bind of the same | same | answer granted |
/// | bound | claim bind, packed together | shared | answer granted |
/// | bound | claim hold of the same | held + bound | answer granted |
/// | bound | claim bind of another | same | answer used |
/// | bound | claim hold of another | same | answer used |
/// | bound | claim fresh | same | take |
/// | bound | claim move of the same | same | answer granted |
/// | shared | claim move of the same | bound | answer used |
/// | shared | claim move to the same door | same | answer granted |
/// | held + bound | claim move of the same | held + bound + one waits | |
/// | held | claim bind of another | held + one waits | |
/// | held | claim fresh | held + one waits | |
/// | held | kept | bound | |
/// | held | given back | free | |
/// | held + bound | kept | bound | |
/// | held + bound | given back | bound | |
/// | held + one waits | kept | bound | answer used |
/// | held + one waits | given back | bound | answer granted |
/// | free, bound, shared | kept | same | |
/// | free, bound, shared | given back | same | |
public enum NumberMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        public var holder: Holder?
        /// The parcel that holds it until its command knows how it ends.
        public var held: ParcelIdentity?
        public var waiting: [Waiting]?

        public init() {}

        public static let fields = Fields<State>(Field("holder", \.holder), Field("held", \.held), Field("waiting", \.waiting))
    }

    /// Whom the number is bound to, for good.
    public struct Holder: DefaultInitializable, Equatable {
        public var merchantShopId = ""
        public var factoryShopId = ""
        /// The merge key that all allocations with this number share; nil: no other order may join.
        public var mergeKey: String?
        /// The first orders that carry it: one, or two of several.
        public var orders: [String] = []
        /// There was a third one: nobody knows any more when only one is left.
        public var hasMore: Bool?

        public init() {}

        public static let fields = Fields<Holder>(
            Field("merchant", \.merchantShopId), Field("factory", \.factoryShopId), Field("mergeKey", \.mergeKey),
            Field("orders", \.orders), Field("more", \.hasMore))
    }

    /// A claim that waits for the outcome of another command.
    public struct Waiting: Declared, Equatable {
        public var claim: NumberClaim
        public var origin: Origin

        public init(blank: Blank) {
            claim = NumberClaim(blank: blank)
            origin = Origin(blank: blank)
        }

        init(_ claim: NumberClaim, _ origin: Origin) {
            self.claim = claim
            self.origin = origin
        }

        public static let fields = Fields<Waiting>(Field("claim", \.claim), Field("origin", \.origin))
    }

    public enum Input: Sendable {
        case claim(NumberClaim)
        case settle(NumberClaimResolved)
    }

    /// The origin is that of the claim which is answered.
    public enum Event: Publishable {
        case granted(NumberClaim, Origin)
        case denied(NumberClaim, Origin)
        case waits(NumberClaim, Origin)
        /// Too many wait already.
        case busy(NumberClaim, Origin)
        /// The first one that waits is about to be answered.
        case called
        case kept
        case givenBack

        public func publish(to outbox: some Outbox) {
            switch self {
            case .granted(let claim, let origin):
                outbox.tell(
                    ParcelAnswer(claim.parcel, number: claim.number, outcome: .granted), shardOf: claim.parcel.orderId, origin: origin)
            case .denied(let claim, let origin):
                if claim.kind == .fresh {
                    outbox.tell(
                        PoolNumberRequest(claim.parcel, carrier: claim.carrier), shardOf: claim.parcel.factoryShopId, origin: origin)
                } else {
                    outbox.tell(
                        ParcelAnswer(claim.parcel, number: claim.number, outcome: .used), shardOf: claim.parcel.orderId, origin: origin)
                }
            case .busy(let claim, let origin):
                outbox.tell(ParcelAnswer(claim.parcel, number: claim.number, outcome: .busy), shardOf: claim.parcel.orderId, origin: origin)
            case .waits, .called, .kept, .givenBack: break
            }
        }
    }

    public static func aggregate(_ id: String) -> String { "number:\(id)" }

    public static let accepts: [Accepts<NumberMachine>] = [
        .item(NumberClaim.self) { .claim($0) },
        .item(NumberClaimResolved.self) { .settle($0) },
    ]

    public static let emits = Emits(items: [ParcelAnswer.self, PoolNumberRequest.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        switch input {
        case .claim(let claim):
            guard state.held != nil else { return .accept([answer(claim, context.origin, state.holder)]) }
            // One from the pool always waits: the number leaves it once, and would be stranded. So does a parcel that is readdressed.
            let isCommand = claim.kind == .bind || claim.kind == .hold
            let isFull = isCommand && state.waiting?.count ?? 0 >= Bounds.waitingClaims
            return .accept([isFull ? .busy(claim, context.origin) : .waits(claim, context.origin)])
        case .settle(let item):
            guard let held = state.held, held.allocationId == item.allocationId else { return .ignore }
            return .accept(settle(state, keep: item.keep))
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .granted(let claim, _):
            switch claim.kind {
            case .hold: state.held = claim.parcel
            case .bind, .fresh: bind(&state.holder, claim.parcel)
            case .move:
                let mayBeJoined = state.holder?.mergeKey != nil
                bind(&state.holder, claim.parcel)
                // Its one parcel gets a label with the new door.
                if mayBeJoined, state.holder?.orders.count == 1 { state.holder?.mergeKey = claim.parcel.mergeKey }
            }
        case .denied(let claim, _):
            if claim.kind == .move, state.holder?.hasMore != true { state.holder?.orders.removeAll { $0 == claim.parcel.orderId } }
        case .busy: break
        case .waits(let claim, let origin):
            state.waiting = (state.waiting ?? []) + [Waiting(claim, origin)]
        case .called:
            state.waiting?.removeFirst()
            if state.waiting?.isEmpty == true { state.waiting = nil }
        case .kept:
            if let parcel = state.held { bind(&state.holder, parcel) }
            state.held = nil
        case .givenBack: state.held = nil
        }
    }

    /// The end of a hold, and the answers to those who waited for it, until one of them holds the number in turn.
    private static func settle(_ state: State, keep: Bool) -> [Event] {
        var events: [Event] = [keep ? .kept : .givenBack]
        var state = state
        evolve(&state, events[0])
        for one in state.waiting ?? [] where state.held == nil {
            let answer = answer(one.claim, one.origin, state.holder)
            events += [.called, answer]
            evolve(&state, answer)
        }
        return events
    }

    private static func answer(_ claim: NumberClaim, _ origin: Origin, _ holder: Holder?) -> Event {
        mayCarry(claim, holder) ? .granted(claim, origin) : .denied(claim, origin)
    }

    private static func mayCarry(_ claim: NumberClaim, _ holder: Holder?) -> Bool {
        guard let holder else { return true }
        guard claim.kind != .fresh, holder.factoryShopId == claim.parcel.factoryShopId else { return false }
        if holder.orders == [claim.parcel.orderId] { return true }
        guard let mergeKey = holder.mergeKey else { return false }
        return holder.merchantShopId == claim.parcel.merchantShopId && mergeKey == claim.parcel.mergeKey
    }

    private static func bind(_ holder: inout Holder?, _ parcel: ParcelIdentity) {
        guard var bound = holder else {
            var first = Holder()
            first.merchantShopId = parcel.merchantShopId
            first.factoryShopId = parcel.factoryShopId
            first.mergeKey = parcel.mergeKey
            first.orders = [parcel.orderId]
            holder = first
            return
        }
        // The same order goes to another door by now: what was packed under the old key and what goes with the new one are two parcels.
        if bound.mergeKey != parcel.mergeKey { bound.mergeKey = nil }
        // Only whether there is more than one counts.
        if !bound.orders.contains(parcel.orderId) {
            if bound.orders.count < 2 { bound.orders.append(parcel.orderId) } else { bound.hasMore = true }
        }
        holder = bound
    }
}
