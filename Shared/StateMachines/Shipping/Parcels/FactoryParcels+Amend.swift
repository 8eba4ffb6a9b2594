import Contracts
import JSON
import Machines

extension FactoryParcels {
    /// Carrier and number are checked by waybill, which has to grant them.
    func amend(_ command: Amend, _ context: Context) throws(Refusal) -> [Step] {
        guard let parcel = parcel(command.orderId, command.allocationId), parcel.stage == .shipped else {
            throw Refusal(
                .notShipped, "\(command.allocationId) is not shipped; until then the factory returns its number")
        }
        try Bounds.require(amends?.count ?? 0, below: Bounds.waiting, "too many amend commands of this order wait for waybill")
        let amend = PendingAmend(
            context.origin, number: parcel.number, carrier: command.carrier, waybillNumber: command.waybillNumber,
            allowsUnusual: command.unusual)
        let isFirst = firstAmend(of: parcel.number) == nil
        return [.amendPending(amend)] + (isFirst ? [Self.claim(amend, parcel, command.orderId)] : [])
    }

    private static func claim(_ amend: PendingAmend, _ parcel: Parcel, _ orderId: String) -> Step {
        let message = Claim(
            orderId: orderId, allocationId: AllocationNumber.id(orderId, parcel.number), carrier: amend.carrier,
            waybillNumber: amend.waybillNumber, unusual: amend.allowsUnusual)
        return .claimRequested(
            Request(message, number: parcel.number, attempt: (parcel.claims ?? 0) + 1, allocationId: message.allocationId), amend.origin)
    }

    /// Only one claim of a parcel is under way, so this is its outcome.
    func claimed(_ event: Claimed, _ order: ShippedOrder) -> [Step] {
        guard let parcel = parcel(event.orderId, event.allocationId), let amend = firstAmend(of: parcel.number)
        else { return [] }
        let message = Amended(
            orderId: event.orderId, allocationId: event.allocationId, merchantShopId: order.merchant ?? "",
            factoryShopId: parcel.factory ?? "", carrier: event.carrier, waybillNumber: event.waybillNumber,
            previousCarrier: parcel.carrier ?? "", previousWaybillNumber: parcel.waybillNumber ?? "", unusual: event.unusual)
        return [.amended(message, parcel.number, amend.origin)] + next(parcel, event.orderId)
    }

    /// Any refusal by waybill of a command of this service's comes here: only the one of the last attempt counts.
    func claimRefused(_ event: Refused, _ orderId: String) -> [Step] {
        guard event.commandType == Claim.type, let amends,
            let parcel = list?.first(where: { $0.stage == .shipped && RequestId.isSame(event.commandId, as: $0.request) }),
            let amend = amends.first(where: { $0.number == parcel.number })
        else { return [] }
        return [.amendRefused(event.refusal, parcel.number, amend.origin)] + next(parcel, orderId)
    }

    /// The `amend` that waited for the one that ends.
    private func next(_ parcel: Parcel, _ orderId: String) -> [Step] {
        let waiting = amends?.filter { $0.number == parcel.number }.dropFirst().first
        return waiting.map { [Self.claim($0, parcel, orderId)] } ?? []
    }
}
