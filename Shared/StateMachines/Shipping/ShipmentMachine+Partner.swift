import Contracts

// Orders have no link to a partner: these commands are answered so.
extension ShipmentMachine {
    static func pullStatus(_ state: ShipmentState, _ command: PullStatus, _ context: Context) throws(Refusal) -> Never {
        try requireOne(command.orderId, command.inboundId)
        try context.require(.merchant, command.merchantShopId)
        if let inboundId = command.inboundId { throw PartnerMachine.noPartner("inbound order \(inboundId)") }
        throw absent(state, command.orderId ?? "", command.merchantShopId)
    }

    static func reportStatus(_ command: ReportStatus, _ context: Context) throws(Refusal) -> Never {
        try requireOne(command.orderId, command.inboundId)
        try context.require(.partner, command.partner)
        throw PartnerMachine.noPartner("number \(command.partnerNumber) of \(command.partner)")
    }

    /// What the declared fields cannot say.
    private static func requireOne(_ orderId: String?, _ inboundId: String?) throws(Refusal) {
        guard (orderId == nil) != (inboundId == nil) else {
            throw Refusal(.invalid, "expected exactly one of orderId and inboundId", field: "orderId")
        }
    }

    static func cancelOutbound(_ state: ShipmentState, _ command: CancelOutbound, _ context: Context) throws(Refusal) -> Never {
        try context.require(.merchant, command.merchantShopId)
        throw absent(state, command.orderId, command.merchantShopId)
    }

    private static func absent(_ state: ShipmentState, _ orderId: String, _ merchantShopId: String) -> Refusal {
        if let merchant = state.merchant, merchant != merchantShopId {
            return Refusal(.forbidden, "order \(orderId) is not an order of \(merchantShopId)")
        }
        return PartnerMachine.noPartner("order \(orderId)")
    }
}
