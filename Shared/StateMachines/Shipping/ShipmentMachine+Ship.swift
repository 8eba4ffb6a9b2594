import Contracts
import JSON
import Machines

extension ShipmentMachine {
    static func ship(_ state: ShipmentState, _ command: Ship, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        try requireOwner(state, command.orderId, command.merchantShopId, context)
        let pending = state.ships?.count ?? 0
        if let allocationId = command.allocationId {
            if let outbound = outbound(state, command.orderId, allocationId) {
                throw shipsByItself(outbound, command.orderId, allocationId)
            }
            return try ship(parcel(state, command.orderId, allocationId), pending, command, context)
        }
        let parcels = state.parcels ?? []
        let ready = parcels.filter { $0.stage == .ready }
        if !ready.isEmpty { return try seal(ready, pending, command, context) }
        let sealing = parcels.filter { $0.stage == .sealing }
        if !sealing.isEmpty { return [try wait(for: sealing, pending, context)] }
        let order = "order \(command.orderId)"
        if parcels.contains(where: { $0.stage == .open }) { throw waybillNotReturned(order) }
        let outbounds = state.outbounds ?? []
        if let waiting = outbounds.first(where: { [.sealing, .creating, .created, .unknown].contains($0.stage) }) {
            throw shipsByItself(waiting, command.orderId, AllocationNumber.id(command.orderId, waiting.number))
        }
        if parcels.contains(where: { $0.stage == .shipped }) || outbounds.contains(where: { $0.stage == .shipped }) {
            throw alreadyShipped("all that is allocated of \(order)")
        }
        throw Refusal(.notAllocated, "nothing of \(order) is allocated any more; allocate it anew")
    }

    private static func ship(
        _ parcel: Parcel?, _ pending: Int, _ command: Ship, _ context: Context
    ) throws(Refusal) -> [ShipmentEvent] {
        let allocationId = command.allocationId ?? ""
        switch parcel?.stage {
        case nil, .ended: throw notInForce(allocationId, of: command.orderId)
        case .shipped: throw alreadyShipped(allocationId)
        case .open: throw waybillNotReturned(allocationId)
        case .ready: return try seal(parcel.map { [$0] } ?? [], pending, command, context)
        case .sealing: return [try wait(for: parcel.map { [$0] } ?? [], pending, context)]
        }
    }

    private static func notInForce(_ allocationId: String, of orderId: String) -> Refusal {
        Refusal(.notAllocated, "\(allocationId) is not an allocation in force of order \(orderId): it was taken back or never made")
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
        case .awaited, .ended: notInForce(allocationId, of: orderId)
        }
    }

    private static func waybillNotReturned(_ what: String) -> Refusal {
        Refusal(.waybillNotReturned, "the factory has not returned a waybill number for \(what); ship it once it is ready")
    }

    private static func alreadyShipped(_ what: String) -> Refusal {
        Refusal(.alreadyShipped, "\(what) is shipped; use amend to give it another number")
    }

    /// Asks allocation: from then on either it is shipped, or it was taken back before.
    private static func seal(
        _ parcels: [Parcel], _ pending: Int, _ command: Ship, _ context: Context
    ) throws(Refusal) -> [ShipmentEvent] {
        try Bounds.require(pending, below: Bounds.waiting, shipsWait)
        var ship = PendingShip()
        ship.origin = context.origin
        ship.returnAddressId = try returnAddress(command, context)
        ship.waits = parcels.map(\.number)
        let seals = parcels.map { parcel in
            var message = Seal()
            message.orderId = command.orderId
            message.allocationId = AllocationNumber.id(command.orderId, parcel.number)
            return Request(message, number: parcel.number, attempt: (parcel.seals ?? 0) + 1, allocationId: message.allocationId)
        }
        return [.shipPending(ship, seals)]
    }

    private static let shipsWait = "too many ship commands of this order wait for allocation"

    private static func wait(for parcels: [Parcel], _ pending: Int, _ context: Context) throws(Refusal) -> ShipmentEvent {
        try Bounds.require(pending, below: Bounds.waiting, shipsWait)
        var ship = PendingShip()
        ship.origin = context.origin
        ship.waits = parcels.map(\.number)
        ship.isFirst = false
        return .shipPending(ship, [])
    }

    /// The one that is named, or the merchant's default one, if he has one.
    private static func returnAddress(_ command: Ship, _ context: Context) throws(Refusal) -> String? {
        let addresses = context.tables.participant(command.merchantShopId)?.addresses ?? []
        guard let addressId = command.returnAddressId else { return defaultReturnAddress(of: command.merchantShopId, context) }
        guard addresses.contains(where: { $0.addressId == addressId && $0.kind == .return }) else {
            throw Refusal(
                .returnAddressUnknown, "\(command.merchantShopId) has no return address \(addressId); put it first, or choose another",
                field: "returnAddressId", restsOnTable: true)
        }
        return addressId
    }

    static func defaultReturnAddress(of merchant: String, _ context: Context) -> String? {
        context.tables.participant(merchant)?.addresses.first { $0.kind == .return && $0.default }?.addressId
    }

    // MARK: The outcome

    static func sealed(_ state: ShipmentState, _ event: AllocationSealed, _ context: Context) -> [ShipmentEvent] {
        if let known = outbound(state, event.orderId, event.allocationId) { return sealedForWarehouse(state, known, event, context) }
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId), let parcel = state.parcel(number),
            parcel.stage == .sealing, let ships = state.ships, let first = ships.first(where: { $0.isFirst && $0.waits.contains(number) })
        else { return [] }
        var message = Shipped()
        message.orderId = event.orderId
        message.allocationId = event.allocationId
        message.merchantShopId = state.merchant ?? ""
        message.factoryShopId = parcel.factory
        message.carrier = parcel.carrier ?? ""
        message.waybillNumber = parcel.waybillNumber ?? ""
        message.extraNumbers = parcel.extraNumbers
        message.returnAddressId = first.returnAddressId
        message.shippedAt = context.now
        message.platform = state.platform
        message.platformOrderNumber = state.platformOrderNumber
        message.channelId = state.channelId
        var events: [ShipmentEvent] = [.shipped(message, number, first.origin)]
        for ship in ships where !ship.isFirst && ship.waits == [number] {
            events.append(.shipRefused(alreadyShipped(event.allocationId), ship.origin))
        }
        return events
    }

    /// Any refusal by allocation of a command of this service's comes here: only the one of the last attempt counts.
    static func sealRefused(_ state: ShipmentState, _ event: Refused, _ orderId: String, _ context: Context) -> [ShipmentEvent] {
        guard event.commandType == Seal.type else { return [] }
        if let known = state.outbounds?.first(where: { RequestId.isSame(event.commandId, as: $0.request) }) {
            return takenBack(state, known, orderId, context)
        }
        guard let parcel = state.parcels?.first(where: { $0.stage == .sealing && RequestId.isSame(event.commandId, as: $0.request) })
        else { return [] }
        var events: [ShipmentEvent] = []
        for ship in state.ships ?? [] where ship.waits == [parcel.number] {
            if !ship.hasShipped {
                events.append(.shipRefused(event.refusal, ship.origin))
            } else if !ship.isFirst {
                events.append(.shipRefused(alreadyShipped("a part of what is asked for"), ship.origin))
            }
        }
        let wasTakenBack = takenBack.contains(event.code)
        events.append(.sealRefused(parcel.number, wasTakenBack: wasTakenBack))
        if parcel.isReaddressed == true, !wasTakenBack {
            events.append(.unready(unready(parcel, orderId, state), parcel.number))
        }
        return events
    }

    /// Allocation's answers when there is nothing left to seal: the hold that took the allocation back, or `not-allocated`.
    private static let takenBack: Set<RefusalCode> = [.notAllocated, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit]

    // MARK: Checks

    static func requireOwner(
        _ state: ShipmentState, _ orderId: String, _ merchantShopId: String, _ context: Context
    ) throws(Refusal) {
        try context.require(.merchant, merchantShopId)
        guard let merchant = state.merchant else {
            throw Refusal(.notFound, "nothing of order \(orderId) is allocated yet; allocate it first")
        }
        guard merchant == merchantShopId else { throw Refusal(.forbidden, "order \(orderId) is not an order of \(merchantShopId)") }
        if FactoryDropship.isOrder(orderId) {
            throw Refusal(.forbidden, "order \(orderId) came allocated from its platform, which ships it by itself")
        }
    }

    static func parcel(_ state: ShipmentState, _ orderId: String, _ allocationId: String) -> Parcel? {
        AllocationNumber.parse(allocationId, of: orderId).flatMap { state.parcel($0) }
    }
}
