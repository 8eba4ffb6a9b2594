import Contracts
import Machines

/// What an order's parts share.
extension ShipmentMachine {
    // MARK: What the other services tell

    static func allocated(_ state: ShipmentState, _ event: Allocated, _ context: Context) -> [ShipmentEvent] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId) else { return [] }
        let order = ShippedOrder(event)
        let known: [ShipmentEvent] = order == state.order ? [] : [.known(order)]
        if event.target.kind == .factory { return known + (state.parcels ?? FactoryParcels()).allocated(number).map { .parcel($0) } }
        return known + (state.outbounds ?? Outbounds()).allocated(order, event, number, context).map { .outbound($0) }
    }

    static func ended(
        _ state: ShipmentState, _ orderId: String, _ allocationId: String, _ merchant: String, _ context: Context
    ) -> [ShipmentEvent] {
        if let outbounds = state.outbounds, let known = outbounds.outbound(orderId, allocationId) {
            return outbounds.takenBack(state.order, known, orderId, context).map { .outbound($0) }
        }
        guard let number = AllocationNumber.parse(allocationId, of: orderId) else { return [] }
        return adding((state.parcels ?? FactoryParcels()).ended(number), of: merchant, state)
    }

    static func returned(_ state: ShipmentState, _ event: Returned) -> [ShipmentEvent] {
        adding((state.parcels ?? FactoryParcels()).returned(event), of: event.merchantShopId, state)
    }

    /// Waybill may be the first that tells of an order.
    private static func adding(_ steps: [FactoryParcels.Step], of merchant: String, _ state: ShipmentState) -> [ShipmentEvent] {
        var order = state.order
        order.merchant = merchant
        return (steps.isEmpty || order == state.order ? [] : [.known(order)]) + steps.map { .parcel($0) }
    }

    /// Any refusal by allocation of a command of this service's comes here: only the one of the last attempt counts.
    static func sealRefused(_ state: ShipmentState, _ event: Refused, _ orderId: String, _ context: Context) -> [ShipmentEvent] {
        guard event.commandType == Seal.type else { return [] }
        if let outbounds = state.outbounds, let known = outbounds.outbound(sealedBy: event.commandId) {
            return outbounds.takenBack(state.order, known, orderId, context).map { .outbound($0) }
        }
        return (state.parcels ?? FactoryParcels()).sealRefused(event, orderId, state.order).map { .parcel($0) }
    }

    // MARK: What the merchant asks for

    static func ship(_ state: ShipmentState, _ command: Ship, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        try requireOwner(state.order, command.orderId, command.merchantShopId, context)
        let parcels = state.parcels ?? FactoryParcels()
        let outbounds = state.outbounds ?? Outbounds()
        if let allocationId = command.allocationId {
            if let outbound = outbounds.outbound(command.orderId, allocationId) {
                throw shipsByItself(outbound, command.orderId, allocationId)
            }
            return try parcels.ship(allocationId, command, context).map { .parcel($0) }
        }
        if let steps = try parcels.shipAll(command, context) { return steps.map { .parcel($0) } }
        if let waiting = outbounds.awaitingShipment {
            throw shipsByItself(waiting, command.orderId, AllocationNumber.id(command.orderId, waiting.number))
        }
        if parcels.hasShipped || outbounds.hasShipped {
            throw FactoryParcels.alreadyShipped("all that is allocated of order \(command.orderId)")
        }
        throw Refusal(.notAllocated, "nothing of order \(command.orderId) is allocated any more; allocate it anew")
    }

    private static func shipsByItself(_ outbound: Outbound, _ orderId: String, _ allocationId: String) -> Refusal {
        switch outbound.stage {
        case .sealing, .creating, .created:
            Refusal(
                .waybillNotReturned, "\(allocationId) is with a partner's warehouse, and ships by itself once it is out of the door there")
        case .unknown:
            Refusal(
                .waybillNotReturned,
                "\(allocationId) may be at a partner's warehouse that was closed: look there, then end it with cancel-outbound")
        case .shipped: Refusal(.alreadyShipped, "\(allocationId) is shipped")
        case .awaited, .ended: FactoryParcels.notInForce(allocationId, of: orderId)
        }
    }

    static func amend(_ state: ShipmentState, _ command: Amend, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        try requireOwner(state.order, command.orderId, command.merchantShopId, context)
        if state.outbounds?.outbound(command.orderId, command.allocationId)?.stage == .shipped {
            throw Refusal(.forbidden, "\(command.allocationId) left a partner's warehouse, which gave it its number")
        }
        return try (state.parcels ?? FactoryParcels()).amend(command, context).map { .parcel($0) }
    }

    // MARK: Uploads

    /// What has happened, and what has to be told because of it.
    static func addingUploads(_ state: ShipmentState, _ events: [ShipmentEvent], _ context: Context) -> [ShipmentEvent] {
        let numbers = events.compactMap(\.newNumber)
        guard !numbers.isEmpty, OrderUploads.isWanted(for: order(state, events), context) else { return events }
        var after = state
        for event in events { evolve(&after, event) }
        var uploads: [ShipmentEvent] = []
        for (orderId, number) in numbers {
            let steps = (after.uploads ?? OrderUploads()).changed(number, source(after, orderId), context)
            for step in steps { evolve(&after, .upload(step)) }
            uploads += steps.map { .upload($0) }
        }
        return events + uploads
    }

    /// The order's owner after the events.
    private static func order(_ state: ShipmentState, _ events: [ShipmentEvent]) -> ShippedOrder {
        for case .known(let order) in events.reversed() { return order }
        return state.order
    }

    static func source(_ state: ShipmentState, _ orderId: String) -> UploadSource {
        UploadSource(orderId: orderId, order: state.order, shipped: state.shippedNumber)
    }

    /// The data names no merchant: the order's own is the only one who may.
    static func retryUpload(_ state: ShipmentState, _ command: RetryUpload, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        guard context.actor.kind == .merchant else {
            throw Refusal(.forbidden, "only the merchant of order \(command.orderId) may do this, not \(context.actor)")
        }
        try requireOwner(state.order, command.orderId, context.actor.id, context)
        return try (state.uploads ?? OrderUploads()).retry(command, source(state, command.orderId), context).map { .upload($0) }
    }

    // MARK: Checks

    private static func requireOwner(
        _ order: ShippedOrder, _ orderId: String, _ merchantShopId: String, _ context: Context
    ) throws(Refusal) {
        try context.require(.merchant, merchantShopId)
        guard let merchant = order.merchant else {
            throw Refusal(.notFound, "nothing of order \(orderId) is allocated yet; allocate it first")
        }
        guard merchant == merchantShopId else { throw Refusal(.forbidden, "order \(orderId) is not an order of \(merchantShopId)") }
        if FactoryDropship.isOrder(orderId) {
            throw Refusal(.forbidden, "order \(orderId) came allocated from its platform, which ships it by itself")
        }
    }
}
