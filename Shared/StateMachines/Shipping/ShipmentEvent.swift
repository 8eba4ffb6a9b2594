import Contracts
public import Machines

/// What happens to an order in shipping.
public enum ShipmentEvent: Publishable {
    /// Whose order it is, from then on.
    case known(ShippedOrder)
    case parcel(FactoryParcels.Step)
    case outbound(OutboundStep)
    case upload(UploadStep)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .known: break
        case .parcel(let step): step.publish(to: outbox)
        case .outbound(let step): step.publish(to: outbox)
        case .upload(let step): step.publish(to: outbox)
        }
    }

    /// The allocation whose number is new by it.
    var newNumber: (orderId: String, number: Int)? {
        switch self {
        case .parcel(.shipped(let message, let number, _)): (message.orderId, number)
        case .parcel(.amended(let message, let number, _)): (message.orderId, number)
        case .outbound(.shipped(let message, _)):
            AllocationNumber.parse(message.allocationId, of: message.orderId).map { (message.orderId, $0) }
        default: nil
        }
    }
}
