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

    static func main() {
        ServiceProcess.main(
            ServiceDescription(
                .waybill, reads: [.allocation, .authorization, .shipping], commands: [.authorization],
                tables: [.participants, .keys, .credentials, .channels], writes: [.keys],
                announces: [.recipient, .credential], routes: events + commands + numbers, effects: effects))
    }

    private static func order(_ id: String) -> String { ParcelMachine.aggregate(id) }

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
            Parcel.event(Allocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .allocated($0) },
            Parcel.event(Deallocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .deallocated($0) },
            Parcel.event(RecipientChanged.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .recipientChanged($0) },
            Parcel.event(Shipped.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .shipped($0) },
            FactoryNumbers.event(PolicySet.self, key: { _ in nil }, aggregate: { FactoryNumbersMachine.aggregate($0.channelId) }) {
                .policy($0)
            },
        ]
    }

    static var commands: [Route] {
        [
            Parcel.command(Obtain.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .obtain($0) },
            Parcel.command(MarkPrinted.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .markPrinted($0) },
            Parcel.command(Return.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .return($0) },
            Parcel.command(Cancel.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .cancel($0) },
            Parcel.command(Claim.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .claim($0) },
            Parcel.item(ParcelAnswer.self, of: .waybill) { .answer($0) },
        ]
    }

    static var numbers: [Route] {
        [
            Pool.command(TopUp.self, key: { $0.factoryShopId }, aggregate: { "pool:\($0.factoryShopId)" }) { .topUp($0) },
            Pool.item(PoolTake.self, of: .waybill) { .take($0) },
            Number.item(NumberClaim.self, of: .waybill) { .claim($0) },
            Number.item(NumberSettle.self, of: .waybill) { .settle($0) },
        ]
    }
}
