import Contracts
import JSON
import Machines

extension ShipmentMachine {
    /// Carrier and number are checked by waybill, which has to grant them.
    static func amend(_ state: ShipmentState, _ command: Amend, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        try requireOwner(state, command.orderId, command.merchantShopId, context)
        if outbound(state, command.orderId, command.allocationId)?.stage == .shipped {
            throw Refusal(.forbidden, "\(command.allocationId) left a partner's warehouse, which gave it its number")
        }
        guard let parcel = parcel(state, command.orderId, command.allocationId), parcel.stage == .shipped else {
            throw Refusal(
                .notShipped, "\(command.allocationId) is not shipped; until then the factory returns its number")
        }
        try Bounds.require(state.amends?.count ?? 0, below: Bounds.waiting, "too many amend commands of this order wait for waybill")
        var amend = PendingAmend()
        amend.origin = context.origin
        amend.number = parcel.number
        amend.carrier = command.carrier
        amend.waybillNumber = command.waybillNumber
        amend.allowsUnusual = command.unusual
        let isFirst = state.firstAmend(of: parcel.number) == nil
        return [.amendPending(amend)] + (isFirst ? [claim(amend, parcel, command.orderId)] : [])
    }

    private static func claim(_ amend: PendingAmend, _ parcel: Parcel, _ orderId: String) -> ShipmentEvent {
        var message = Claim()
        message.orderId = orderId
        message.allocationId = AllocationNumber.id(orderId, parcel.number)
        message.carrier = amend.carrier
        message.waybillNumber = amend.waybillNumber
        message.unusual = amend.allowsUnusual
        return .claimRequested(
            Request(message, number: parcel.number, attempt: (parcel.claims ?? 0) + 1, allocationId: message.allocationId), amend.origin)
    }

    /// Only one claim of a parcel is under way, so this is its outcome.
    static func claimed(_ state: ShipmentState, _ event: Claimed) -> [ShipmentEvent] {
        guard let parcel = parcel(state, event.orderId, event.allocationId), let amend = state.firstAmend(of: parcel.number)
        else { return [] }
        var message = Amended()
        message.orderId = event.orderId
        message.allocationId = event.allocationId
        message.merchantShopId = state.merchant ?? ""
        message.factoryShopId = parcel.factory ?? ""
        message.carrier = event.carrier
        message.waybillNumber = event.waybillNumber
        message.previousCarrier = parcel.carrier ?? ""
        message.previousWaybillNumber = parcel.waybillNumber ?? ""
        message.unusual = event.unusual
        return [.amended(message, parcel.number, amend.origin)] + next(state, parcel, event.orderId)
    }

    /// Any refusal by waybill of a command of this service's comes here: only the one of the last attempt counts.
    static func claimRefused(_ state: ShipmentState, _ event: Refused, _ orderId: String) -> [ShipmentEvent] {
        guard event.commandType == Claim.type, let amends = state.amends,
            let parcel = state.parcels?.first(where: { $0.stage == .shipped && RequestId.isSame(event.commandId, as: $0.request) }),
            let amend = amends.first(where: { $0.number == parcel.number })
        else { return [] }
        return [.amendRefused(event.refusal, parcel.number, amend.origin)] + next(state, parcel, orderId)
    }

    /// The `amend` that waited for the one that ends.
    private static func next(_ state: ShipmentState, _ parcel: Parcel, _ orderId: String) -> [ShipmentEvent] {
        let waiting = state.amends?.filter { $0.number == parcel.number }.dropFirst().first
        return waiting.map { [claim($0, parcel, orderId)] } ?? []
    }
}
