import Contracts

// Orders have no channel that shipped numbers go to: these commands are answered so.
extension ShipmentMachine {
    /// The data names no merchant: the order's own is the only one who may.
    static func retryUpload(_ state: ShipmentState, _ command: RetryUpload, _ context: Context) throws(Refusal) -> Never {
        guard context.actor.kind == .merchant else {
            throw Refusal(.forbidden, "only the merchant of order \(command.orderId) may do this, not \(context.actor)")
        }
        if let merchant = state.merchant, merchant != context.actor.id {
            throw Refusal(.forbidden, "order \(command.orderId) is not an order of \(context.actor.id)")
        }
        throw PartnerWarehouse.noPartner("order \(command.orderId)")
    }
}
