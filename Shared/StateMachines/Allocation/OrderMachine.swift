public import Contracts
import JSON
public import Machines

/// One order in allocation: facts about it, what holds it, and its allocations. Aggregate key `order:<orderId>`.
///
/// **Facts** (contract, section 5) may come twice, late, in any order, and before `placed`; the state is the same. Until the order is
/// placed nothing is published. The effect of a fact on a placed order, by the order's condition when it comes (`–`: nothing; `dropship`:
/// came allocated from the platform; a second `placed`, or a fact that changes nothing, has no effect anywhere):
///
/// | order | risk-held | after-sale-opened | cancelled | address-changed | unallocated | reassigned |
/// |---|---|---|---|---|---|---|
/// | unknown | – | – | – | – | – | – |
/// | free | order-held | order-held | order-cancelled | – | – | – |
/// | allocated | order-held deallocated | order-held deallocated | order-cancelled deallocated | recipient-changed | – | – |
/// | sealed | order-held | order-held | order-cancelled | – | – | – |
/// | dropship | order-held deallocated | order-held deallocated | order-cancelled deallocated | recipient-changed | deallocated | – |
/// | taken-back | order-held | order-held | order-cancelled | – | – | allocated |
/// | cancelled | order-held | order-held | – | – | – | – |
///
/// When the last hold of an order that is not cancelled ends, and when an order is placed without one, rules allocate matching lines
/// (`order-released allocated`), and a dropship order is allocated to its factory.
///
/// **Commands**, with the event or the refusal that answers:
///
/// | order | allocate | deallocate | approve-order | seal | release |
/// |---|---|---|---|---|---|
/// | unknown | not-found | not-found | not-found | not-found | not-found |
/// | cancelled | order-cancelled | not-allocated | order-cancelled | order-cancelled | not-allocated |
/// | risk-held | risk-held | not-allocated | order-released | risk-held | not-allocated |
/// | after-sale | after-sale-open | not-allocated | order-released | after-sale-open | not-allocated |
/// | refunded | after-sale-open | not-allocated | order-released | after-sale-open | not-allocated |
/// | awaiting-audit | awaiting-audit | not-allocated | order-released | awaiting-audit | not-allocated |
/// | free | allocated | not-allocated | order-released | not-allocated | not-allocated |
/// | allocated | already-allocated | deallocated | order-released | sealed | invalid |
/// | sealed | already-allocated | already-sealed | order-released | sealed | invalid |
/// | sealed-warehouse | already-allocated | already-sealed | order-released | sealed | deallocated |
///
/// An order with several holds is refused by the first of `order-cancelled`, `risk-held`, `after-sale-open`, `awaiting-audit`. The sealed
/// recipient is deleted `DAIFA_RECIPIENT_RETENTION` after the order was shipped or cancelled. `approve-order` of an order that awaits no
/// audit answers with the holds as they are: nothing is left to do. Needs the tables bindings, warehouses, participants and rules.
public enum OrderMachine: StateMachine {
    public enum Input: Sendable {
        case placed(OrderPlaced)
        case addressChanged(AddressChanged)
        case afterSaleOpened(AfterSaleOpened)
        case afterSaleClosed(AfterSaleClosed)
        case riskHeld(RiskHeld)
        case riskCleared(RiskCleared)
        case cancelled(OrderCancelled)
        case unallocated(OrderUnallocated)
        case reassigned(OrderReassigned)

        case allocate(Allocate)
        case deallocate(Deallocate)
        case approve(ApproveOrder)
        case seal(Seal)
        case release(Release)

        case shreds(OrderShredding)
    }

    public static func aggregate(_ id: String) -> String { "order:\(id)" }

    public static let accepts: [Accepts<OrderMachine>] = [
        .message(OrderPlaced.self) { .placed($0) },
        .message(AddressChanged.self) { .addressChanged($0) },
        .message(AfterSaleOpened.self) { .afterSaleOpened($0) },
        .message(AfterSaleClosed.self) { .afterSaleClosed($0) },
        .message(RiskHeld.self) { .riskHeld($0) },
        .message(RiskCleared.self) { .riskCleared($0) },
        .message(OrderCancelled.self) { .cancelled($0) },
        .message(OrderUnallocated.self) { .unallocated($0) },
        .message(OrderReassigned.self) { .reassigned($0) },
        .message(Allocate.self) { .allocate($0) },
        .message(Deallocate.self) { .deallocate($0) },
        .message(ApproveOrder.self) { .approve($0) },
        .message(Seal.self) { .seal($0) },
        .message(Release.self) { .release($0) },
    ]

    public static let emits = Emits(
        events: [
            OrderRegistered.self, OrderHeld.self, OrderReleased.self, OrderCancellationNoted.self, Allocated.self, Deallocated.self,
            RecipientChanged.self, AllocationSealed.self,
        ], effects: [OrderShredding.self])

    public static func decide(_ state: OrderState, _ input: Input, _ context: Context) -> Decision<OrderEvent> {
        do throws(Refusal) {
            return .accept(try events(state, input, context))
        } catch {
            return .refuse(error)
        }
    }

    private static func events(_ state: OrderState, _ input: Input, _ context: Context) throws(Refusal) -> [OrderEvent] {
        switch input {
        case .placed(let fact): try place(state, fact, context)
        case .addressChanged(let fact): try changeAddress(state, fact, context)
        case .afterSaleOpened(let fact):
            note(
                state, .afterSaleKnown(AfterSale(fact.afterSaleId, fact.outcome == refunded ? .refunded : .open)), fact.orderId,
                .afterSale, context)
        case .afterSaleClosed(let fact):
            note(
                state, .afterSaleKnown(AfterSale(fact.afterSaleId, fact.outcome == refunded ? .refunded : .closed)), fact.orderId,
                .afterSale, context)
        case .riskHeld(let fact):
            note(state, .riskKnown(StampedHold(at: context.time, isHeld: true)), fact.orderId, .riskControl, context)
        case .riskCleared(let fact):
            note(state, .riskKnown(StampedHold(at: context.time, isHeld: false)), fact.orderId, .riskControl, context)
        case .cancelled(let fact):
            note(state, .cancellationKnown(Cancellation(reason: fact.reason)), fact.orderId, .orderCancelled, context)
        case .unallocated(let fact): assign(state, fact.orderId, isTakenBack: true, context)
        case .reassigned(let fact): assign(state, fact.orderId, isTakenBack: false, context)
        case .allocate(let command): try allocate(state, command, context)
        case .deallocate(let command): try deallocate(state, command, context)
        case .approve(let command): try approve(state, command, context)
        case .seal(let command): try seal(state, command, context)
        case .release(let command): try release(state, command, context)
        case .shreds(let effect): shreds(state, effect)
        }
    }

    /// The outcome of an after-sale that keeps the order from being allocated for good.
    static let refunded = "refunded"

    public static func evolve(_ state: inout OrderState, _ event: OrderEvent) {
        switch event {
        case .placed(let placement):
            guard state.merchant == nil else { return }
            state.merchant = placement.merchant
            state.details = placement.details
            if placement.recipient.prevails(over: state.recipient) { state.recipient = placement.recipient }
            if placement.awaitsAudit { state.awaitingAudit = true }
        case .recipientKnown(let recipient): if recipient.prevails(over: state.recipient) { state.recipient = recipient }
        case .riskKnown(let risk): if risk.prevails(over: state.risk) { state.risk = risk }
        case .afterSaleKnown(let afterSale): state.learn(afterSale)
        case .cancellationKnown(let cancellation):
            if cancellation.prevails(over: state.cancellation) { state.cancellation = cancellation }
        case .assignmentKnown(let assignment): if assignment.prevails(over: state.assignment) { state.assignment = assignment }
        case .auditEnded: state.awaitingAudit = nil
        case .allocated(_, let allocation):
            state.allocations = (state.allocations ?? []) + [allocation]
            state.lastNumber = max(state.lastNumber ?? 0, allocation.number)
        case .deallocated(_, let number):
            state.allocations?.removeAll { $0.number == number }
            if state.allocations?.isEmpty == true { state.allocations = nil }
        case .sealed(_, let number):
            if let index = state.allocations?.firstIndex(where: { $0.number == number }) { state.allocations?[index].isSealed = true }
        case .over(let number):
            if let index = state.allocations?.firstIndex(where: { $0.number == number }) { state.allocations?[index].isOver = true }
        case .shredded: state.recipient = state.recipient?.shredded
        case .registered, .held, .released, .cancelled, .recipientChanged, .kept: break
        }
    }
}

extension OrderState {
    /// An after-sale goes from open to closed, and to refunded from both: it never opens again.
    fileprivate mutating func learn(_ afterSale: AfterSale) {
        var known = afterSales ?? []
        let index = known.firstIndex { $0.id >= afterSale.id } ?? known.endIndex
        if index == known.endIndex || known[index].id != afterSale.id {
            known.insert(afterSale, at: index)
        } else if afterSale.stage == .refunded || known[index].stage == .open {
            known[index].stage = afterSale.stage
        }
        afterSales = known
    }
}
