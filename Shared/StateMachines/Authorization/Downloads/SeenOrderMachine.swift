public import Contracts
public import Machines
public import Threads

/// One order of a channel's shop: what is seen of it becomes facts, each told once. Aggregate key `seen:<orderId>`, in the order's shard.
///
/// A platform shows orders as they are, again and again, and in no reliable order (a page of a list that was read before a message was
/// answered may be told after it). A row older than the last one seen is passed over, and only a difference from earlier facts becomes a
/// fact. `ce_time` is when the order changed on its platform, and later than that of the order's facts before: where the newest counts,
/// the last thing seen does.
///
/// The facts of a downloaded order, by the facts before (`–`: nothing; a hold is told before the order is placed):
///
/// | seen | new | placed | held | open | over |
/// |---|---|---|---|---|---|
/// | normal | placed | – | risk-cleared | after-sale-closed | – |
/// | under risk | risk-held | risk-held | – | risk-held after-sale-closed | risk-held |
/// | another recipient | placed | address-changed | risk-cleared address-changed | after-sale-closed address-changed | address-changed |
/// | after-sale open | after-sale-opened placed | after-sale-opened | risk-cleared after-sale-opened | – | after-sale-opened |
/// | after-sale refunded | after-sale-closed placed | after-sale-closed | risk-cleared after-sale-closed | after-sale-closed | after-sale-closed |
/// | cancelled | cancelled | cancelled | risk-cleared cancelled | after-sale-closed cancelled | cancelled |
/// | taken back | – | unallocated | risk-cleared unallocated | after-sale-closed unallocated | unallocated |
///
/// (held: placed, under risk; open: placed, with an after-sale; over: placed, its after-sale closed.) What was taken back and is assigned to
/// the same factory again is `reassigned`. The platform's list of after-sales names each: it is opened when it is seen open first, and closed
/// once. While one of them is open, what the order itself tells of an after-sale opens no other.
public enum SeenOrderMachine: StateMachine {
    public enum Input: Sendable {
        case order(OrderSeen)
        case afterSale(AfterSaleSeen)
    }

    public enum Event: Publishable {
        /// The new state.
        case learned(SeenOrder)
        case told(any Message, orderId: String, id: String, at: Timestamp)

        public func publish(to outbox: some Outbox) {
            guard case .told(let fact, let orderId, let id, let time) = self else { return }
            outbox.fact(fact, key: orderId, id: id, time: time)
        }
    }

    public static func aggregate(_ id: String) -> String { "seen:\(id)" }

    public static let accepts: [Accepts<SeenOrderMachine>] = [
        .item(OrderSeen.self) { .order($0) },
        .item(AfterSaleSeen.self) { .afterSale($0) },
    ]

    public static let emits = Emits(facts: [
        OrderPlaced.self, AddressChanged.self, AfterSaleOpened.self, AfterSaleClosed.self, RiskHeld.self, RiskCleared.self,
        OrderCancelled.self, OrderUnallocated.self, OrderReassigned.self,
    ])

    public static func decide(_ state: SeenOrder, _ input: Input, _ context: Context) -> Decision<Event> {
        switch input {
        case .order(let seen):
            if state.isPast(seen) { return .ignore }
            var draft = SeenOrderDraft(state, seen.orderId, at: seen.updatedAt ?? seen.readAt)
            draft.note(seen)
            return .accept(draft.events)
        case .afterSale(let seen):
            var draft = SeenOrderDraft(state, seen.orderId, at: seen.updatedAt ?? seen.readAt)
            draft.note(seen)
            return .accept(draft.events)
        }
    }

    public static func evolve(_ state: inout SeenOrder, _ event: Event) {
        if case .learned(let known) = event { state = known }
    }
}
