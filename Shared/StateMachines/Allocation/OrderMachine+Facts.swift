import Contracts
import JSON
import Machines

extension OrderMachine {
    /// The first `placed` counts.
    static func place(_ state: OrderState, _ fact: OrderPlaced, _ context: Context) throws(Refusal) -> [OrderEvent] {
        try check(fact, by: context.actor)
        guard state.merchant == nil else { return [] }
        var draft = OrderDraft(state, fact.orderId, context)
        let details = OrderDetails(fact)
        draft.add(.placed(Placement(fact, details, at: context.time)))
        let registered = OrderRegistered(
            orderId: fact.orderId, merchantShopId: fact.merchantShopId, platform: fact.platform,
            platformOrderNumber: fact.platformOrderNumber, holds: draft.state.holds)
        draft.add(.registered(registered))
        draft.announceCancellation()
        draft.allocateByItself(details)
        return draft.events
    }

    /// Checks the rules that declared fields cannot express. A fact that breaks one becomes a dead letter, of which people see the
    /// message alone: so it names the field.
    private static func check(_ fact: OrderPlaced, by actor: Actor) throws(Refusal) {
        if fact.allocatedTo != nil, !FactoryDropship.isOrder(fact.orderId) || actor != Actor(.service, ServiceName.authorization.rawValue) {
            throw Refusal(
                .forbidden,
                "allocatedTo is for orders that a platform gave to a factory (\(FactoryDropship.prefix)…), as service:authorization "
                    + "downloads them; leave it out, and allocate the order by a command or a rule", field: "allocatedTo")
        }
        if fact.allocatedTo == nil, fact.recipient.sealed == nil {
            throw unsealedRecipient
        }
        if let index = firstRepeated(fact.lines, by: \.lineId) {
            throw Refusal(
                .invalid, "lines[\(index)].lineId is the id of an earlier line too; give each line an id of its own",
                field: "lines[\(index)].lineId")
        }
    }

    private static let unsealedRecipient = Refusal(
        .invalid, "recipient.sealed is missing; it is required unless the order came allocated from its platform",
        field: "recipient.sealed")

    static func changeAddress(_ state: OrderState, _ fact: AddressChanged, _ context: Context) throws(Refusal) -> [OrderEvent] {
        if fact.recipient.sealed == nil, !FactoryDropship.isOrder(fact.orderId) {
            throw unsealedRecipient
        }
        var draft = OrderDraft(state, fact.orderId, context)
        draft.add(.recipientKnown(StampedRecipient(fact.recipient, at: context.time, isChange: true)))
        guard draft.state != state else { return [] }
        if state.merchant != nil { draft.announceRecipient() }
        if draft.state.needsNoRecipient {
            for event in keepsCancelled(draft.state, fact.orderId, context) { draft.add(event) }
        }
        return draft.events
    }

    /// A fact that may hold, release or end the order; `reason` is why allocations are taken back because of it.
    static func note(
        _ state: OrderState, _ event: OrderEvent, _ orderId: String, _ reason: DeallocationReason, _ context: Context
    ) -> [OrderEvent] {
        var draft = OrderDraft(state, orderId, context)
        draft.add(event)
        guard draft.state != state else { return [] }
        guard state.merchant != nil else {
            if state.cancellation == nil, draft.state.cancellation != nil {
                for event in keepsCancelled(draft.state, orderId, context) { draft.add(event) }
            }
            return draft.events
        }
        let before = state.holds
        let after = draft.state.holds
        if state.cancellation == nil { draft.announceCancellation() }
        if before != after { draft.announceHolds(after, isHeld: after.count > before.count) }
        if !draft.isFree {
            draft.takeBack(reason)
        } else if before != after {
            draft.allocateByItself()
        }
        return draft.events
    }

    /// The platform takes an order back, or gives it to its factory again. Means something only to one that came allocated.
    static func assign(_ state: OrderState, _ orderId: String, isTakenBack: Bool, _ context: Context) -> [OrderEvent] {
        var draft = OrderDraft(state, orderId, context)
        draft.add(.assignmentKnown(StampedHold(at: context.time, isHeld: isTakenBack)))
        guard draft.state != state else { return [] }
        guard state.isTakenBack != draft.state.isTakenBack, state.order.allocatedTo != nil else { return draft.events }
        if draft.state.isTakenBack { draft.takeBack(.merchant) } else { draft.allocateByItself() }
        return draft.events
    }

    /// The index of the first element whose id an earlier one has.
    static func firstRepeated<Element>(_ elements: [Element], by id: KeyPath<Element, String>) -> Int? {
        guard elements.count > 1 else { return nil }
        var seen = Set<String>(minimumCapacity: elements.count)
        return elements.firstIndex { !seen.insert($0[keyPath: id]).inserted }
    }
}
