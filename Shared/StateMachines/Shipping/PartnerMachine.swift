public import Contracts
public import JSON

/// What concerns a partner and no order: inbound orders and stock. Aggregate key `inbound:<inboundId>` or `warehouse:<warehouseId>`.
///
/// No warehouse has a link to a partner: after the checks of fields and actor each command is refused `not-found`, and nothing is kept.
/// Needs no table.
public enum PartnerMachine: StateMachine {
    public enum Input: Sendable {
        case createInbound(CreateInbound)
        case pullStatus(PullStatus)
        case pullStock(PullStock)
        case reportStatus(ReportStatus)
    }

    public static func decide(_ state: PartnerState, _ input: Input, _ context: Context) -> Decision<PartnerEvent> {
        do throws(Refusal) {
            switch input {
            case .createInbound(let command):
                try context.require(.merchant, command.merchantShopId)
                throw noPartner("warehouse \(command.warehouseId)")
            case .pullStatus(let command):
                try requireOne(command.orderId, command.inboundId)
                try context.require(.merchant, command.merchantShopId)
                throw noPartner("inbound order \(command.inboundId ?? "")")
            case .pullStock(let command):
                try context.require(.merchant, command.merchantShopId)
                throw noPartner("warehouse \(command.warehouseId)")
            case .reportStatus(let command): try reportStatus(command, context)
            }
        } catch {
            return .refuse(error)
        }
    }

    public static func evolve(_ state: inout PartnerState, _ event: PartnerEvent) {}

    static func noPartner(_ what: String) -> Refusal {
        Refusal(.notFound, "no partner is linked to \(what), so there is nothing to ask or to tell")
    }

    /// What the declared fields cannot say.
    static func requireOne(_ orderId: String?, _ inboundId: String?) throws(Refusal) {
        guard (orderId == nil) != (inboundId == nil) else {
            throw Refusal(.invalid, "expected exactly one of orderId and inboundId", field: "orderId")
        }
    }

    static func reportStatus(_ command: ReportStatus, _ context: Context) throws(Refusal) -> Never {
        try requireOne(command.orderId, command.inboundId)
        try context.require(.partner, command.partner)
        throw noPartner("number \(command.partnerNumber) of \(command.partner)")
    }
}

/// Nothing is kept.
public struct PartnerState: Declared, Equatable {
    public init() {}
    public static let fields = Fields<PartnerState>()
}

/// Nothing happens.
public enum PartnerEvent: Publishable {
    public func publish(to outbox: some Outbox) {}
}
