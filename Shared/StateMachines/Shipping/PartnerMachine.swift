public import Contracts
public import JSON

/// What concerns a partner and no order: inbound orders and stock. Aggregate key `inbound:<inboundId>` or `warehouse:<warehouseId>`.
/// (`pull-status` and `report-status` go to `ShipmentMachine`: they may name an order or an inbound order.)
///
/// No warehouse has a link to a partner: after the checks of fields and actor each command is refused `not-found`, and nothing is kept.
/// Needs no table.
public enum PartnerMachine: StateMachine {
    public enum Input: Sendable {
        case createInbound(CreateInbound)
        case pullStock(PullStock)
    }

    public static func decide(_ state: PartnerState, _ input: Input, _ context: Context) -> Decision<PartnerEvent> {
        do throws(Refusal) {
            switch input {
            case .createInbound(let command):
                try context.require(.merchant, command.merchantShopId)
                throw noPartner("warehouse \(command.warehouseId)")
            case .pullStock(let command):
                try context.require(.merchant, command.merchantShopId)
                throw noPartner("warehouse \(command.warehouseId)")
            }
        } catch {
            return .refuse(error)
        }
    }

    public static func evolve(_ state: inout PartnerState, _ event: PartnerEvent) {}

    static func noPartner(_ what: String) -> Refusal {
        Refusal(.notFound, "no partner is linked to \(what), so there is nothing to ask or to tell")
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
