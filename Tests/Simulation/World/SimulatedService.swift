import Contracts
import JSON
import Machines
import Observability
import StateMachines
import Threads

@testable import Kafka
@testable import Runtime
@testable import Stores

/// The world's time, by which all clocks go.
final class SimulatedTime: @unchecked Sendable {
    /// Seconds.
    var now = 0.0
    private static let start = 1_750_000_000_000

    var wall: Timestamp { Timestamp(milliseconds: Self.start + Int(now * 1000)) }
}

/// What all processes of a service share: its routes, what is stored, its group.
final class SimulatedService {
    typealias Perform = (EffectAttempt) -> ErasedOutcome

    /// How effects of one kind are carried out.
    struct Kind {
        var partner: String
        var needsSteadyClock = false
        var performance: (EffectRow) -> Perform?
    }

    let name: ServiceName
    let inputs: [String]
    let routes: [Route]
    let effects: [String: Kind]
    let group: SimulatedGroup
    let metrics = ServiceMetrics()
    let environment: ShardProcessor.Environment
    private(set) var shards: [Int32: StoredShard] = [:]

    init(
        _ name: ServiceName, inputs: [String], routes: [Route], effects: [String: Kind] = [:], tables: TableCache, time: SimulatedTime,
        partitions: Int32
    ) {
        self.name = name
        self.inputs = inputs
        self.routes = routes
        self.effects = effects
        group = SimulatedGroup(partitions: partitions)
        environment = ShardProcessor.Environment(
            tables: tables, partitions: partitions, retention: 604_800, cacheBytes: 1 << 20, maximumBytes: 1_000_000, service: name,
            metrics: metrics, clock: ServiceClock(wall: { time.wall }, seconds: { time.now }),
            unreadableStates: UnreadableStates(logger: Logger(label: "model", level: .critical), metrics: metrics.registry),
            barrier: { true })
    }

    func stored(_ number: Int32) -> StoredShard {
        if let known = shards[number] { return known }
        let made = StoredShard()
        shards[number] = made
        return made
    }

    func replace(_ number: Int32, with data: StoredShard) { shards[number] = data }

    func performance(of row: EffectRow) -> Perform? { effects[EffectEngine.kind(of: row.id)]?.performance(row) }
}

extension SimulatedService {
    /// The services whose shards the world drives, with their real machines.
    static func all(tables: TableCache, partner: SimulatedPartner, time: SimulatedTime, partitions: Int32) -> [SimulatedService] {
        func service(_ name: ServiceName, _ inputs: [String], _ routes: [Route], _ effects: [String: Kind] = [:]) -> SimulatedService {
            SimulatedService(name, inputs: inputs, routes: routes, effects: effects, tables: tables, time: time, partitions: partitions)
        }
        typealias Pair = Routes<PairMachine>
        typealias Shipment = Routes<ShipmentMachine>
        let pairs = [Pair.command(Approve.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .approve($0) }]
        let channels = [
            Routes<ChannelMachine>.command(CreateChannel.self, of: { $0.channelId }) { .create($0) },
            Routes<ChannelMachine>.command(SetPolicy.self, of: { $0.channelId }) { .setPolicy($0) },
        ]
        let (allocation, waybill) = (ServiceName.allocation, ServiceName.waybill)
        return [
            service(.authorization, [ServiceName.authorization.commands], channels),
            service(.binding, [ServiceName.binding.commands], Routes<ShopMachine>.all + Pair.all + pairs),
            service(
                .allocation, [Topics.orders, allocation.commands], Routes<OrderMachine>.all + Routes<RuleMachine>.all),
            service(
                .waybill, [waybill.commands, allocation.events, ServiceName.shipping.events],
                Routes<ParcelMachine>.all + Routes<PoolMachine>.all + Routes<NumberMachine>.all, ["reseal": partner.resealing]),
            service(
                .shipping, [ServiceName.shipping.commands, allocation.events, waybill.events],
                Shipment.all + [
                    Shipment.refusal(by: .allocation) { .allocationRefused($0, orderId: $1) },
                    Shipment.refusal(by: .waybill) { .waybillRefused($0, orderId: $1) },
                ], ["create-outbound": partner.creation]),
        ]
    }
}

/// The partner at whose warehouse orders are created: each once, whoever asks, because who may have asked already asks what came of it.
final class SimulatedPartner {
    private(set) var created: [String: Int] = [:]
    /// See `Break`.
    var isNeverAsked = false

    var resealing: SimulatedService.Kind {
        SimulatedService.Kind(partner: "recipients") { row in
            guard let effect = try? Resealing.decodeStored(row.body) else { return nil }
            return { _ in
                .answer { work, origin in
                    let sealed = Sealed(keyId: "model", enc: "AAAA", ciphertext: "AAAA")
                    return work.answer(effect.aggregate, ParcelMachine.self, .resealed(effect, .sealed(sealed)), origin)
                }
            }
        }
    }

    var creation: SimulatedService.Kind {
        SimulatedService.Kind(partner: "jd") { [unowned self] row in
            guard let effect = try? OutboundCreation.decodeStored(row.body) else { return nil }
            let order = "\(effect.orderId)/\(effect.number)"
            return { attempt in
                // As shipping does: nothing is sent without a recipient.
                guard effect.recipientSealed != nil else { return .again(EffectRetry("recipient-awaited", order)) }
                let isThere = attempt.mayHaveRun && !self.isNeverAsked && self.created[order] != nil
                if !isThere { self.created[order, default: 0] += 1 }
                let number = "ESL-\(order)"
                return .answer { work, origin in
                    work.answer(
                        effect.aggregate, ShipmentMachine.self, .created(effect, .created(partnerNumber: number, carrier: "JD")), origin)
                }
            }
        }
    }
}
