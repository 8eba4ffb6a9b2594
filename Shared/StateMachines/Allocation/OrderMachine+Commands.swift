import Contracts
import JSON
import Machines

extension OrderMachine {
    // MARK: The merchant's

    static func allocate(_ state: OrderState, _ command: Allocate, _ context: Context) throws(Refusal) -> [OrderEvent] {
        if let lines = command.lines, let index = firstRepeated(lines, by: \.lineId) {
            throw Refusal(.invalid, "is named twice; give each line once, with the whole quantity", field: "lines[\(index)].lineId")
        }
        try requireOwner(state, command.orderId, command.merchantShopId, context)
        try requireFree(state, command.orderId)
        let order = state.order
        let quantities = try quantities(command, order, left: state.left(of: order))
        if command.target.kind == .warehouse, let line = order.lines.indices.first(where: { quantities[$0] > 0 && !order.lines[$0].hasSku })
        {
            throw Refusal(
                .invalid, "a warehouse ships by sku, and this line of the order has none: allocate the line to a factory",
                field: "lines[\(line)].sku")
        }
        if state.recipient?.isShredded == true {
            throw Refusal(
                .invalid,
                "the recipient of order \(command.orderId) was deleted, long after it was shipped: tell it anew by address-changed, "
                    + "then allocate", field: "orderId")
        }
        var draft = OrderDraft(state, command.orderId, context)
        let labelSender = try draft.labelSender(for: command.target, of: command.merchantShopId)
        draft.allocate(quantities, of: order, to: command.target, as: labelSender)
        return draft.events
    }

    /// Quantities to allocate, one for each line of the order.
    private static func quantities(_ command: Allocate, _ order: OrderDetails, left: [Int]) throws(Refusal) -> [Int] {
        var wanted = left
        if let lines = command.lines {
            wanted = [Int](repeating: 0, count: left.count)
            for (index, line) in lines.enumerated() {
                guard let position = order.lines.firstIndex(where: { $0.lineId == line.lineId }) else {
                    throw Refusal(.invalid, "order \(command.orderId) has no such line", field: "lines[\(index)].lineId")
                }
                wanted[position] = line.quantity
            }
        }
        guard left.contains(where: { $0 > 0 }) else {
            throw Refusal(.alreadyAllocated, "all of order \(command.orderId) is allocated; take an allocation back to allocate it anew")
        }
        guard let lines = command.lines else { return wanted }
        for (position, quantity) in wanted.enumerated() where quantity > left[position] {
            let index = lines.firstIndex { $0.lineId == order.lines[position].lineId } ?? 0
            throw Refusal(
                .quantityExceeded,
                "\(left[position]) of \(order.lines[position].quantity) are left of this line; allocate no more than that",
                field: "lines[\(index)].quantity")
        }
        return wanted
    }

    static func deallocate(_ state: OrderState, _ command: Deallocate, _ context: Context) throws(Refusal) -> [OrderEvent] {
        try requireOwner(state, command.orderId, command.merchantShopId, context)
        var draft = OrderDraft(state, command.orderId, context)
        if let allocationId = command.allocationId {
            let allocation = try inForce(state, command.orderId, allocationId)
            guard !allocation.isSealed else { throw sealed(allocationId) }
            draft.deallocate(allocation, .merchant, note: command.reason)
        } else {
            draft.takeBack(.merchant, note: command.reason)
            if draft.events.isEmpty {
                guard state.allocations == nil else { throw sealed("all that is allocated of order \(command.orderId)") }
                throw Refusal(.notAllocated, "nothing of order \(command.orderId) is allocated")
            }
        }
        return draft.events
    }

    private static func sealed(_ what: String) -> Refusal {
        Refusal(.alreadySealed, "\(what) is sealed for shipping and can no longer be taken back")
    }

    /// An order that came allocated has a merchant who is nobody here: the factory that downloads it approves it.
    static func approve(_ state: OrderState, _ command: ApproveOrder, _ context: Context) throws(Refusal) -> [OrderEvent] {
        if FactoryDropship.isOrder(command.orderId), context.actor.kind == .factory {
            guard state.merchant != nil else { throw notFound(command.orderId) }
            try context.require(.factory, state.order.allocatedTo ?? "")
        } else {
            try requireOwner(state, command.orderId, command.merchantShopId, context)
        }
        guard state.cancellation == nil else { throw cancelled(command.orderId) }
        var draft = OrderDraft(state, command.orderId, context)
        if state.awaitingAudit == true { draft.add(.auditEnded) }
        draft.announceHolds(draft.state.holds, isHeld: false)
        if state.awaitingAudit == true { draft.allocateByItself() }
        return draft.events
    }

    // MARK: Shipping's

    /// Sealing again what is sealed answers again.
    static func seal(_ state: OrderState, _ command: Seal, _ context: Context) throws(Refusal) -> [OrderEvent] {
        try requireShipping(state, command.orderId, context)
        let allocation: StoredAllocation
        do throws(Refusal) { allocation = try inForce(state, command.orderId, command.allocationId) } catch {
            // The hold that took the allocation back says more than `not-allocated` does.
            try requireFree(state, command.orderId)
            throw error
        }
        let message = AllocationSealed(orderId: command.orderId, allocationId: command.allocationId)
        return [.sealed(message, allocation.number)] + (allocation.isSealed ? [] : keeps(state, command.orderId, allocation, context))
    }

    static func release(_ state: OrderState, _ command: Release, _ context: Context) throws(Refusal) -> [OrderEvent] {
        try requireShipping(state, command.orderId, context)
        let allocation = try inForce(state, command.orderId, command.allocationId)
        guard allocation.isSealed, allocation.target.kind == .warehouse else {
            throw Refusal(
                .invalid, "\(command.allocationId) is not a sealed warehouse allocation: only such a one can be released",
                field: "allocationId")
        }
        var draft = OrderDraft(state, command.orderId, context)
        draft.deallocate(allocation, command.reason)
        return draft.events
    }

    // MARK: Checks, in the contract's order

    private static func requireOwner(
        _ state: OrderState, _ orderId: String, _ merchantShopId: String, _ context: Context
    ) throws(Refusal) {
        try context.require(.merchant, merchantShopId)
        guard let merchant = state.merchant else { throw notFound(orderId) }
        guard merchant == merchantShopId else {
            throw Refusal(.forbidden, "order \(orderId) is not an order of \(merchantShopId)")
        }
    }

    private static func requireShipping(_ state: OrderState, _ orderId: String, _ context: Context) throws(Refusal) {
        try context.require(.service, ServiceName.shipping.rawValue)
        if state.merchant == nil { throw notFound(orderId) }
    }

    private static func notFound(_ orderId: String) -> Refusal {
        Refusal(.notFound, "there is no order \(orderId) yet; wait for its order-registered")
    }

    private static func cancelled(_ orderId: String) -> Refusal { Refusal(.orderCancelled, "order \(orderId) is cancelled, for good") }

    private static func requireFree(_ state: OrderState, _ orderId: String) throws(Refusal) {
        if state.cancellation != nil { throw cancelled(orderId) }
        let holds = state.holds
        if holds.isEmpty { return }
        if holds.contains(.riskControl) {
            throw Refusal(.riskHeld, "the platform reviews order \(orderId); allocate it once the platform has cleared it")
        }
        if holds.contains(.afterSale) {
            throw Refusal(
                .afterSaleOpen, "order \(orderId) has an after-sale that is open or was refunded; allocate it once it is closed otherwise")
        }
        throw Refusal(.awaitingAudit, "order \(orderId) awaits your audit; send approve-order first")
    }

    private static func inForce(_ state: OrderState, _ orderId: String, _ allocationId: String) throws(Refusal) -> StoredAllocation {
        guard let number = AllocationNumber.parse(allocationId, of: orderId), let allocation = state.allocation(number) else {
            throw Refusal(
                .notAllocated, "\(allocationId) is not an allocation in force of order \(orderId): it was taken back or never made")
        }
        return allocation
    }
}
