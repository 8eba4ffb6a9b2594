import Contracts
import Machines
import PartnerEffects
import Runtime
import StateMachines

/// What a factory sees of an allocation, and the numbers of its parcels.
@main
struct Waybill {
    typealias Parcel = Routes<ParcelMachine>
    typealias Pool = Routes<PoolMachine>
    typealias Number = Routes<NumberMachine>
    typealias FactoryNumbers = Routes<FactoryNumbersMachine>

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(
            .waybill, tables: [.participants, .keys, .credentials, .channels], announces: ServiceName.waybill.keyPurposes,
            routes: events + commands + numbers, effects: effects)
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
                .erpCreated($0, $1)
            },
            Effects<ParcelMachine>.route(ERPOrderCancellation.self, partner: "jackyun", perform: { await erp.cancel($0, $1) }) {
                .erpCancelled($0, $1)
            },
            Effects<FactoryNumbersMachine>.route(NumberFetch.self, partner: "jackyun", perform: { effect, _ in await erp.fetch(effect) }) {
                .fetched($0, $1)
            },
            Effects<ParcelMachine>.timer(RecipientShredding.self, needsSteadyClock: true) { .shreds($0) },
        ]
    }

    static var events: [Route] {
        [
            Parcel.event(Allocated.self) { .allocated($0) },
            Parcel.event(Deallocated.self) { .deallocated($0) },
            Parcel.event(RecipientChanged.self) { .recipientChanged($0) },
            FactoryNumbers.event(PolicySet.self, of: { $0.channelId }) { .policy($0) },
            Parcel.event(Shipped.self) { .shipped($0) },
        ]
    }

    static var commands: [Route] {
        [
            Parcel.command(Obtain.self) { .obtain($0) },
            Parcel.command(MarkPrinted.self) { .markPrinted($0) },
            Parcel.command(Return.self) { .return($0) },
            Parcel.command(Cancel.self) { .cancel($0) },
            Parcel.command(Claim.self) { .claim($0) },
            Parcel.item(ParcelAnswer.self) { .answer($0) },
        ]
    }

    static var numbers: [Route] {
        [
            Pool.command(TopUp.self) { .topUp($0) },
            Pool.item(PoolTake.self) { .take($0) },
            Number.item(NumberClaim.self) { .claim($0) },
            Number.item(NumberSettle.self) { .settle($0) },
        ]
    }
}
