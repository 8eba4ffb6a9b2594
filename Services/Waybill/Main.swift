import Contracts
import Machines
import PartnerEffects
import Runtime
import StateMachines

/// The service of parcels: the part of an allocation that its factory may see, and the waybill numbers of its parcels.
@main
struct Waybill {
    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(
            .waybill, tables: [.participants, .keys, .credentials, .channels], announces: ServiceName.waybill.keyPurposes,
            routes: Routes<ParcelMachine>.all + Routes<PoolMachine>.all + Routes<NumberMachine>.all
                + [Routes<FactoryNumbersMachine>.event(PolicySet.self, of: { $0.channelId }) { .policy($0) }], effects: effects)
    }

    @Sendable private static func effects(_ environment: ServiceEnvironment) -> [EffectRoute] {
        let desk = ChannelDesk(environment)
        let decryptor = PinduoduoDecryptor(desk: desk, tables: environment.tables)
        let patience = Patience(seconds: environment.settings.patience)
        let asking = Asking(environment)
        let resealer = Resealer(vault: environment.vault, decryptor: decryptor, patience: patience)
        let platform = PlatformCalls(desk: desk, tables: environment.tables, patience: patience, asking: asking)
        let erp = FactoryERP(desk: desk, asking: asking, patience: patience)
        return [
            Effects<ParcelMachine>.route(Resealing.self, partner: "recipients", perform: { await resealer.perform($0, $1) }) {
                .resealed($0, $1)
            },
            Effects<ParcelMachine>.route(PlatformCall.self, partner: "pinduoduo", perform: { await platform.perform($0, $1) }) {
                .platform($0, $1)
            },
            Effects<ParcelMachine>.route(ERPOrderCreation.self, partner: "jackyun", perform: { await erp.create($0, $1) }) {
                .erp(.created($0, $1))
            },
            Effects<ParcelMachine>.route(ERPOrderCancellation.self, partner: "jackyun", perform: { await erp.cancel($0, $1) }) {
                .erp(.cancelled($0, $1))
            },
            Effects<FactoryNumbersMachine>.route(NumberFetch.self, partner: "jackyun", perform: { effect, _ in await erp.fetch(effect) }) {
                .fetched($0, $1)
            },
            Effects<ParcelMachine>.timer(RecipientShredding.self, needsSteadyClock: true) { .shreds($0) },
        ]
    }
}
