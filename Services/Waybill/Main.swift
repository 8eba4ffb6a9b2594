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
            .waybill, resources: PartnerEnvironment.self, tables: [.participants, .keys, .credentials, .channels],
            routes: Routes<ParcelMachine>.all + Routes<PoolMachine>.all + Routes<NumberMachine>.all
                + [Routes<FactoryNumbersMachine>.event(PolicySet.self, of: { $0.channelId }) { .policy($0) }], effects: effects)
    }

    @Sendable private static func effects(_ environment: PartnerEnvironment) -> [EffectRoute] {
        let access = ChannelAccess(environment)
        let decryptor = PinduoduoDecryptor(access: access, tables: environment.tables)
        let deadline = RetryDeadline(environment)
        let inquiry = OutcomeInquiry(environment)
        let opener = RecipientOpener(vault: environment.vault, decryptor: decryptor)
        let resealer = Resealer(opener: opener, deadline: deadline)
        let sealer = LabelSealer(opener: opener, deadline: RetryDeadline(seconds: LabelSealer.patience, clock: environment.clock))
        let platform = PlatformCalls(access: access, tables: environment.tables, deadline: deadline, inquiry: inquiry)
        let erp = FactoryERP(access: access, inquiry: inquiry, deadline: deadline)
        return [
            Effects<ParcelMachine>.route(Resealing.self, partner: "recipients", perform: { await resealer.perform($0, $1) }) {
                .resealed($0, $1)
            },
            Effects<ParcelMachine>.route(LabelOpening.self, partner: "labels", perform: { await sealer.perform($0, $1) }) {
                .label($0, $1)
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
