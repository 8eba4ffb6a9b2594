import Contracts
import JSON
import Machines

/// Cancelling an order at a partner's warehouse: whoever wishes it, the partner decides.
extension ShipmentMachine {
    /// A hold, or the order's cancellation: sealed allocations are cancelled at the partner; allocation takes back the others by itself.
    static func held(
        _ state: ShipmentState, _ orderId: String, _ cause: DeallocationReason?, _ context: Context
    ) -> [ShipmentEvent] {
        guard let cause else { return [] }
        return (state.outbounds ?? []).flatMap { known in
            guard known.cancel == nil, known.stage == .creating || known.stage == .created else { return [ShipmentEvent]() }
            return draft(known, orderId, state, context) { $0.cancel(cause) }
        }
    }

    static func cause(of holds: [Hold]) -> DeallocationReason? {
        if holds.contains(.riskControl) { return .riskControl }
        return holds.contains(.afterSale) ? .afterSale : nil
    }

    static func cancelOutbound(
        _ state: ShipmentState, _ command: CancelOutbound, _ context: Context
    ) throws(Refusal) -> [ShipmentEvent] {
        try context.require(.merchant, command.merchantShopId)
        try requirePartner(state, command.orderId, command.merchantShopId)
        guard let known = outbound(state, command.orderId, command.allocationId), known.stage != .awaited else {
            throw PartnerWarehouse.noPartner("allocation \(command.allocationId)")
        }
        switch known.stage {
        case .shipped:
            throw Refusal(.alreadyShipped, "\(command.allocationId) is out of the door; have the recipient refuse it, or take it back")
        case .ended, .awaited:
            throw Refusal(.notAllocated, "\(command.allocationId) is not in force any more: it was taken back, refused or cancelled")
        case .sealing, .creating, .created, .unknown: break
        }
        if known.stage == .created, PartnerWarehouse.isClosed(known.warehouseId, context) {
            throw PartnerWarehouse.notAuthorized(known.warehouseId)
        }
        return draft(known, command.orderId, state, context) { draft in
            if known.stage == .unknown {
                draft.cancelUnknown(isClosed: PartnerWarehouse.isClosed(known.warehouseId, context))
            } else if let cancel = known.cancel {
                draft.add(.cancelling(draft.cancelling(cancel.cause)))
            } else {
                draft.cancel(.merchant)
            }
        }
    }

    static func cancelEnded(
        _ state: ShipmentState, _ effect: OutboundCancellation, _ outcome: OutboundCancellation.Outcome, _ context: Context
    ) -> [ShipmentEvent] {
        guard let known = state.outbound(effect.number), known.stage == .created, let cancel = known.cancel,
            cancel.attempt == effect.attempt
        else { return [] }
        return draft(known, effect.orderId, state, context) { draft in
            switch outcome {
            case .cancelled: draft.cancelled(cancel.cause)
            case .failed(let reason): draft.cancelFailed(reason)
            }
        }
    }

    // MARK: Checks

    /// An order of this merchant's that has an allocation to a warehouse.
    static func requirePartner(_ state: ShipmentState, _ orderId: String, _ merchantShopId: String) throws(Refusal) {
        if let merchant = state.merchant, merchant != merchantShopId {
            throw Refusal(.forbidden, "order \(orderId) is not an order of \(merchantShopId)")
        }
        guard state.outbounds?.contains(where: { $0.stage != .awaited }) == true else {
            throw PartnerWarehouse.noPartner("order \(orderId)")
        }
    }
}

extension OutboundDraft {
    /// Begins to cancel, as far as that can be done now.
    fileprivate mutating func cancel(_ cause: DeallocationReason) {
        let attempt = (outbound.cancels ?? 0) + 1
        add(.cancelling(cancelling(cause)))
        // Without the recipient nothing was ever sent.
        if outbound.stage == .creating, outbound.newestRecipient == nil {
            add(.drop(effect: OutboundCreation.id(of: ShipmentMachine.aggregate(orderId), String(outbound.number))))
            return cancelled(cause)
        }
        outbound.cancel = PendingCancel(cause, attempt: attempt)
        outbound.cancels = attempt
        switch outbound.stage {
        case .creating: create()
        case .created: askToCancel()
        case .awaited, .sealing, .unknown, .shipped, .ended: break
        }
    }

    /// Ends what nobody could tell of. The merchant has looked; where the partner can be asked again, it is asked too.
    fileprivate mutating func cancelUnknown(isClosed: Bool) {
        add(.cancelling(cancelling(.merchant)))
        guard !isClosed else { return cancelled(.merchant) }
        let attempt = (outbound.cancels ?? 0) + 1
        outbound.stage = .creating
        outbound.cancel = PendingCancel(.merchant, attempt: attempt)
        outbound.cancels = attempt
        create()
    }
}
