import Contracts
import Foundation
import JSON
import Machines
import Observability
import Stores
import Testing

@testable import Runtime

/// A row that cannot be read stops nobody else, and is not written over.
@Suite struct UnreadableAggregateTests {
    private typealias Machine = DeclaredOutputTests.Machine

    private let damaged = Machine.aggregate("order-1")
    private let sound = Machine.aggregate("order-2")

    @Test func nothingIsDecidedAboutItAndItsRowStays() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-unreadable-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shard = try SQLiteStore(folder: folder.path).shard(0)
        defer { shard.close() }
        _ = try shard.claim()
        let rest = Array(#"{"count":"#.utf8)
        try shard.commit(StoreBatch(aggregates: [AggregateRow(key: damaged, version: 1, state: rest, answered: [])]))

        let (metrics, logger) = (ServiceMetrics(), Logger(label: "test", level: .critical))
        let work = ShardProcessor(
            number: 0, store: shard, positions: [nil], sequence: 0, published: 0,
            ShardProcessor.Environment(
                tables: TableCache(), partitions: 6, retention: 60, cacheBytes: 1 << 20, maximumBytes: 100_000,
                service: .waybill, metrics: metrics, unreadableStates: UnreadableStates(logger: logger, metrics: metrics.registry),
                barrier: { true }))
        for _ in 1...2 {
            work.beginBatch()
            let origin = Origin(id: "cause", type: "daifa.waybill.mark-printed.v1", key: "order-1", correlationId: "cause")
            #expect(!work.answer(damaged, Machine.self, .printed(key: nil), origin))
            #expect(work.answer(sound, Machine.self, .printed(key: nil), origin))
            #expect(try work.commit(topics: ["daifa.waybill.commands"], positionsToo: true)?.count == 1)
        }
        var states: [String: [UInt8]] = [:]
        try shard.load([damaged, sound]) { _, row in states[row.key] = row.state }
        #expect(states[damaged] == rest)
        #expect(states[sound] == Array(#"{"count":2}"#.utf8))
        #expect(metrics.registry.text.contains(#"daifa_unreadable_state_total{kind="aggregate"} 1"#), "it is counted once")
    }
}
