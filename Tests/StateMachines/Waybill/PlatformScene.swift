import Contracts
import JSON
import StateMachines

/// A factory with an order of its platform's, and what the platform is asked.
struct PlatformScene {
    static let order = "pdd-fds:mall:sn"
    static let allocation = "\(order)/1"

    let service: WaybillService

    init(seed: UInt64 = 1) {
        service = WaybillService(seed: seed)
        service.simulation.tables.put(Self.channel())
        let fact = Self.allocated
        service.fact(fact, .allocated(fact), Self.order)
    }

    static var allocated: Allocated {
        var fact = WaybillService.allocated(allocation, to: "F", of: "pdd:mall")
        fact.recipientSealed = nil
        fact.sender = nil
        fact.channelId = "C-1"
        return fact
    }

    /// Only the platform knows the new recipient.
    static var recipientChanged: RecipientChanged {
        var fact = WaybillService.recipientChanged(allocation, at: "F", of: "pdd:mall", city: "宁波市")
        fact.recipientSealed = nil
        return fact
    }

    func changeRecipient() {
        let fact = Self.recipientChanged
        service.fact(fact, .recipientChanged(fact), Self.order)
    }

    static func channel(_ id: String = "C-1", state: ChannelState = .active) -> ChannelRow {
        ChannelRow(channelId: id, factoryShopId: "F", name: "", platform: "pinduoduo", state: state, version: 0)
    }

    var parcel: ParcelMachine.Parcel? { service.parcel(Self.allocation) }
    var state: ParcelMachine.State { service.simulation.state(ParcelMachine.self, "order:\(Self.order)") }

    /// What the platform was asked, in order.
    var calls: [(call: PlatformCall, origin: Origin)] {
        service.simulation.published.compactMap { emission in
            guard case .effect(let effect, _, let origin) = emission, let call = effect as? PlatformCall else { return nil }
            return (call, origin)
        }
    }

    /// The platform answers what it was asked last.
    @discardableResult
    func answer(_ outcome: PlatformCall.Outcome) -> [Emission] {
        guard let (call, origin) = calls.last else { return [] }
        return service.simulation.send(
            Cancel(orderId: call.orderId, allocationId: call.allocationId, factoryShopId: "F"), to: ParcelMachine.self, call.aggregate,
            .platform(call, outcome), key: call.orderId, id: origin.id,
            actor: Actor(.service, "waybill"))
    }

    static let label = PlatformLabel(template: "https://label", data: "encrypted")
    static let refused = PlatformCall.Outcome.refused(PlatformRefusal(code: "21002", "no"))

    func obtained(_ number: String = sf(0)) {
        service.obtain(Self.allocation, "F", "SF")
        answer(.obtained(number: number, Self.label))
        service.simulation.run()
    }
}
