import Contracts
import Foundation
import JSON
import Machines
import Observability
import Stores
import Testing

@testable import Runtime

/// A machine that publishes what it does not declare is a mistake of the program: nothing of its batch is stored.
@Suite struct DeclaredOutputTests {
    enum Machine: StateMachine {
        struct State: DefaultInitializable, Equatable {
            var count = 0
            static let fields = Fields<State>(Field("count", \.count))
        }
        enum Event: Publishable {
            case printed(key: String?)
            case large
            case cancelled
            case removed(Table)
            case told
            case scheduled

            func publish(to outbox: some Outbox) {
                switch self {
                case .printed(let key):
                    let message = Printed(orderId: "order-1", allocationId: "", merchantShopId: "", factoryShopId: "", copies: 0)
                    if let key { outbox.event(message, key: key, origin: nil) } else { outbox.event(message) }
                case .large:
                    outbox.event(
                        Printed(
                            orderId: "order-1", allocationId: "", merchantShopId: String(repeating: "x", count: 200_000), factoryShopId: "",
                            copies: 0))
                case .cancelled:
                    let message = WaybillCancelled(
                        orderId: "order-1", allocationId: "", merchantShopId: "", factoryShopId: "", carrier: "", waybillNumber: "")
                    outbox.event(message)
                case .removed(let table): outbox.removeRow("key", of: table)
                case .told:
                    outbox.tell(
                        ParcelAnswer(orderId: "order-1", allocationId: "", number: "", outcome: .granted), shardOf: "order-1")
                case .scheduled: outbox.schedule(EffectSchedulerTests.Call("order-1"))
                }
            }
        }
        static func aggregate(_ id: String) -> String { "order:\(id)" }
        static let emits = Emits(events: [Printed.self], rows: [StockRow.self])
        static func decide(_ state: State, _ input: Event, _ context: Context) -> Decision<Event> { .accept([input]) }
        static func evolve(_ state: inout State, _ event: Event) { state.count += 1 }
    }

    private static func work(_ store: any ShardStore, sequence: Int64 = 0) -> ShardProcessor {
        let metrics = ServiceMetrics()
        let logger = Logger(label: "test", level: .critical)
        return ShardProcessor(
            number: 0, store: store, positions: [nil], sequence: sequence, published: 0,
            ShardProcessor.Environment(
                tables: TableCache(), partitions: 6, retention: 60, cacheBytes: 1 << 20,
                maximumBytes: 100_000, service: .waybill, metrics: metrics,
                unreadableStates: UnreadableStates(logger: logger, metrics: metrics.registry), barrier: { true }))
    }

    private static func run(_ input: Machine.Event, _ work: ShardProcessor) {
        let origin = Origin(id: "cause", type: "daifa.waybill.mark-printed.v1", key: "order-1", correlationId: "cause")
        _ = work.answer(Machine.aggregate("order-1"), Machine.self, input, origin)
    }

    private static func withShard(_ body: (any ShardStore) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-outputs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shard = try SQLiteStore(folder: folder.path).shard(0)
        defer { shard.close() }
        _ = try shard.claim()
        try body(shard)
    }

    @Test(arguments: [
        (Machine.Event.cancelled, "daifa.waybill.cancelled.v1, which is not declared"),
        (.printed(key: "order-2"), "daifa.waybill.printed.v1 under another key than its contract's"),
        (.printed(key: ""), "daifa.waybill.printed.v1 without a key"), (.removed(.rules), "daifa.rules.row.v1, which is not declared"),
        (.told, "\(ParcelAnswer.type), which is not declared"), (.scheduled, "the effect call, which is not declared"),
    ]) func whatIsNotDeclaredIsNotStoredAndIsNamed(event: Machine.Event, mistake: String) throws {
        try Self.withShard { shard in
            let work = Self.work(shard)
            work.beginBatch()
            Self.run(.printed(key: nil), work)
            Self.run(event, work)
            let error = #expect(throws: StoreError.self) { try work.commit(topics: ["daifa.waybill.commands"], positionsToo: true) }
            #expect(error?.kind == .mistake)
            #expect(error?.message.contains("Machine publishes \(mistake)") == true, "\(error?.message ?? "")")
            var rows = 0
            try shard.load([Machine.aggregate("order-1")]) { _, _ in rows += 1 }
            try shard.outbox(after: 0) { _, _ in rows += 1 }
            #expect(rows == 0)
        }
    }

    @Test func whatIsDeclaredIsStored() throws {
        try Self.withShard { shard in
            let work = Self.work(shard)
            work.beginBatch()
            Self.run(.printed(key: nil), work)
            let stored = try work.commit(topics: ["daifa.waybill.commands"], positionsToo: true)
            #expect(stored?.count == 1)
        }
    }

    /// A decision whose answer is larger than a message may be has not been: neither its state nor what it said is kept.
    @Test func whatIsTooLargeLeavesTheStateAsItWas() throws {
        try Self.withShard { shard in
            let work = Self.work(shard)
            work.beginBatch()
            Self.run(.printed(key: nil), work)
            Self.run(.large, work)
            Self.run(.printed(key: nil), work)
            let records = try #require(try work.commit(topics: ["daifa.waybill.commands"], positionsToo: true)).records
            #expect(records.count < 100_000)
            var states: [[UInt8]] = []
            try shard.load([Machine.aggregate("order-1")]) { _, row in states.append(row.state) }
            #expect(try states.map { try Machine.State.decodeStored($0).count } == [2])
        }
    }

    /// The numbers are stored with what waits to be published: a topic that moves would be written to in another's place.
    @Test func topicsKeepTheirStoredNumbers() {
        let known = [
            "daifa.orders", "daifa.authorization.commands", "daifa.authorization.events", "daifa.authorization.dead",
            "daifa.binding.commands", "daifa.binding.events", "daifa.binding.dead", "daifa.allocation.commands",
            "daifa.allocation.events", "daifa.allocation.dead", "daifa.waybill.commands", "daifa.waybill.events", "daifa.waybill.dead",
            "daifa.shipping.commands", "daifa.shipping.events", "daifa.shipping.dead", "daifa.participants", "daifa.bindings",
            "daifa.rules", "daifa.warehouses", "daifa.stock", "daifa.keys", "daifa.credentials", "daifa.channels",
        ]
        #expect(Array(OutboxTopics.names.prefix(known.count)) == known)
        // What is written beside the outbox, by the process and the console.
        #expect(Set(OutboxTopics.names) == Set(Topics.all).subtracting([Table.health.topic, ServiceName.console.events]))
    }
}
