import Contracts
import JSON
import Machines

/// What a merchant ships, and what allocation says to it.
extension FactoryParcels {
    /// Those that are ready, or else being sealed.
    /// - Returns: nil: of no parcel can anything be shipped, now or later.
    func shipAll(_ command: Ship, _ context: Context) throws(Refusal) -> [Step]? {
        let parcels = list ?? []
        let ready = parcels.filter { $0.stage == .ready }
        if !ready.isEmpty { return try seal(ready, command, context) }
        let sealing = parcels.filter { $0.stage == .sealing }
        if !sealing.isEmpty { return [try wait(for: sealing, context)] }
        if parcels.contains(where: { $0.stage == .open }) { throw Self.waybillNotReturned("order \(command.orderId)") }
        return nil
    }

    func ship(_ allocationId: String, _ command: Ship, _ context: Context) throws(Refusal) -> [Step] {
        let parcel = parcel(command.orderId, allocationId)
        switch parcel?.stage {
        case nil, .ended: throw Self.notInForce(allocationId, of: command.orderId)
        case .shipped: throw Self.alreadyShipped(allocationId)
        case .open: throw Self.waybillNotReturned(allocationId)
        case .ready: return try seal(parcel.map { [$0] } ?? [], command, context)
        case .sealing: return [try wait(for: parcel.map { [$0] } ?? [], context)]
        }
    }

    static func notInForce(_ allocationId: String, of orderId: String) -> Refusal {
        Refusal(.notAllocated, "\(allocationId) is not an allocation in force of order \(orderId): it was taken back or never made")
    }

    private static func waybillNotReturned(_ what: String) -> Refusal {
        Refusal(.waybillNotReturned, "the factory has not returned a waybill number for \(what); ship it once it is ready")
    }

    static func alreadyShipped(_ what: String) -> Refusal {
        Refusal(.alreadyShipped, "\(what) is shipped; use amend to give it another number")
    }

    /// Asks allocation: from then on either it is shipped, or it was taken back before.
    private func seal(_ parcels: [Parcel], _ command: Ship, _ context: Context) throws(Refusal) -> [Step] {
        try requireRoom()
        let ship = PendingShip(
            context.origin, returnAddressId: try Self.returnAddress(command, context), waits: parcels.map(\.number), isFirst: true)
        let seals = parcels.map { parcel in
            let message = Seal(orderId: command.orderId, allocationId: AllocationNumber.id(command.orderId, parcel.number))
            return Request(message, number: parcel.number, attempt: (parcel.seals ?? 0) + 1, allocationId: message.allocationId)
        }
        return [.shipPending(ship, seals)]
    }

    private func requireRoom() throws(Refusal) {
        try Bounds.require(ships?.count ?? 0, below: Bounds.waiting, "too many ship commands of this order wait for allocation")
    }

    private func wait(for parcels: [Parcel], _ context: Context) throws(Refusal) -> Step {
        try requireRoom()
        return .shipPending(PendingShip(context.origin, waits: parcels.map(\.number), isFirst: false), [])
    }

    /// The one that is named, or the merchant's default one, if he has one.
    private static func returnAddress(_ command: Ship, _ context: Context) throws(Refusal) -> String? {
        let addresses = context.tables.participant(command.merchantShopId)?.addresses ?? []
        guard let addressId = command.returnAddressId else { return context.defaultReturnAddress(of: command.merchantShopId) }
        guard addresses.contains(where: { $0.addressId == addressId && $0.kind == .return }) else {
            throw Refusal(
                .returnAddressUnknown, "\(command.merchantShopId) has no return address \(addressId); put it first, or choose another",
                field: "returnAddressId", restsOnTable: true)
        }
        return addressId
    }

    // MARK: The outcome

    func sealed(_ event: AllocationSealed, _ order: ShippedOrder, _ context: Context) -> [Step] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId), let parcel = parcel(number),
            parcel.stage == .sealing, let ships, let first = ships.first(where: { $0.isFirst && $0.waits.contains(number) })
        else { return [] }
        let message = Shipped(
            orderId: event.orderId, allocationId: event.allocationId, merchantShopId: order.merchant ?? "", factoryShopId: parcel.factory,
            carrier: parcel.carrier ?? "", waybillNumber: parcel.waybillNumber ?? "", extraNumbers: parcel.extraNumbers,
            returnAddressId: first.returnAddressId, shippedAt: context.now, platform: order.platform,
            platformOrderNumber: order.platformOrderNumber, channelId: order.channelId)
        var steps: [Step] = [.shipped(message, number, first.origin)]
        for ship in ships where !ship.isFirst && ship.waits == [number] {
            steps.append(.shipRefused(Self.alreadyShipped(event.allocationId), ship.origin))
        }
        return steps
    }

    /// Any refusal by allocation of a command of this service's comes here: only the one of the last attempt counts.
    func sealRefused(_ event: Refused, _ orderId: String, _ order: ShippedOrder) -> [Step] {
        guard let parcel = list?.first(where: { $0.stage == .sealing && RequestId.isSame(event.commandId, as: $0.request) })
        else { return [] }
        var steps: [Step] = []
        for ship in ships ?? [] where ship.waits == [parcel.number] {
            if !ship.hasShipped {
                steps.append(.shipRefused(event.refusal, ship.origin))
            } else if !ship.isFirst {
                steps.append(.shipRefused(Self.alreadyShipped("a part of what is asked for"), ship.origin))
            }
        }
        let wasTakenBack = Self.takenBack.contains(event.code)
        steps.append(.sealRefused(parcel.number, wasTakenBack: wasTakenBack))
        if parcel.isReaddressed == true, !wasTakenBack {
            steps.append(.unready(Self.unready(parcel, orderId, order), parcel.number))
        }
        return steps
    }

    /// What allocation answers when there is nothing left to seal: the hold that took it back, or that it is gone.
    private static let takenBack: Set<RefusalCode> = [.notAllocated, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit]

    func parcel(_ orderId: String, _ allocationId: String) -> Parcel? {
        AllocationNumber.parse(allocationId, of: orderId).flatMap { parcel($0) }
    }
}

extension Context {
    func defaultReturnAddress(of merchant: String) -> String? {
        tables.participant(merchant)?.addresses.first { $0.kind == .return && $0.default }?.addressId
    }
}
