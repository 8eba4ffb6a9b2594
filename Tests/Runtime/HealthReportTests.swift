import Contracts
import Foundation
import JSON
import Kafka
import Observability
import TestSupport
import Testing
import Threads

@testable import Runtime

@Suite struct ReplicaLoadTests {
    @Test func theRowTellsWhatTheMetricsTell() {
        let load = ReplicaLoad(Metrics())
        let stored = Timestamp(milliseconds: 7)
        load.lag(shard: 3, topic: "a", 5)
        load.lag(shard: 3, topic: "b", 2)
        load.outbox(shard: 1, 2, oldestAt: stored)
        load.outbox(shard: 3, 0, oldestAt: stored)
        load.effects(EffectCounts(waiting: 1, running: 2, retrying: 3))
        #expect(
            load.shards == [ShardHealth(shard: 1, lag: 0, outbox: 2, oldestAt: stored), ShardHealth(shard: 3, lag: 7, outbox: 0)])
        #expect(load.effects == EffectCounts(waiting: 1, running: 2, retrying: 3))
        load.keep([3])
        #expect(load.shards.map(\.shard) == [3], "what is somebody else's is not told")
    }

    @Test func onlyAChangeOfReadinessIsNewsBeforeItsTime() {
        let metrics = ServiceMetrics()
        let status = ServiceStatus(metrics: metrics, waits: WaitLog(Logger(label: "test", level: .critical)))
        #expect(status.waitToTell(after: nil, for: 60), "nothing was told yet")
        status.set(waitingFor: nil)
        status.set(assigned: true)
        #expect(status.waitToTell(after: false, for: 60))
        status.endHealth()
        #expect(!status.waitToTell(after: true, for: 60))
    }
}

extension ProcessSuite {
    /// `daifa.health`, as the console reads it.
    @Suite struct HealthReportTests {
        /// What a replica has told so far, oldest first; nil: a tombstone.
        private static func told(_ bench: Bench, _ instance: String, _ service: ServiceName = .allocation) throws -> [HealthRow?] {
            let reader = try TopicReader(bench.broker.configuration, topics: [Table.health.topic])
            var messages: [Kafka.Message] = []
            while !reader.atEnd { messages += try reader.next(timeout: 1) }
            let own = messages.filter { $0.key.map { String(decoding: $0, as: UTF8.self) } == "\(service.rawValue)~\(instance)" }
            for message in own {
                #expect(message.headers.last(EnvelopeHeader.type) == Array(HealthRow.type.utf8))
                #expect((message.headers.last(EnvelopeHeader.contentType) == nil) == (message.value == nil))
                #expect(message.partition == Partitioner.partition(forKey: "\(service.rawValue)~\(instance)", count: 6))
            }
            return try own.map { try $0.value.map { try HealthRow.decode($0) } }
        }

        private static func isReady(_ row: HealthRow??) -> Bool { (row ?? nil)?.ready == true }

        @Test func aReplicaTellsThatItIsReadyAndThatItHasStopped() async throws {
            try await onThread {
                let (bench, instance) = (try Bench.shared(), uniqueName("told"))
                let process = try bench.start(.allocation, instance: instance)
                defer { process.kill() }
                try process.awaitReady()
                let ready = Timestamp(milliseconds: Clock.now.milliseconds)
                #expect(try eventually(within: 20) { Self.isReady(try Self.told(bench, instance).last) })
                let rows = try Self.told(bench, instance).compactMap(\.self)
                let (first, last) = (try #require(rows.first), try #require(rows.last))
                #expect(!first.ready && first.reason?.isEmpty == false, "it tells before it is ready, and why it is not")
                #expect(last.service == .allocation && last.instance == instance && last.reason == nil)
                #expect(last.at.milliseconds < ready.milliseconds + 5000, "a change is told at once")
                #expect(rows.map(\.version) == rows.map(\.version).sorted() && Set(rows.map(\.version)).count == rows.count)
                // From then on, with its shards.
                #expect(try eventually(within: 30) { try Self.told(bench, instance).last??.shards.count == 6 })
                let shards = try Self.told(bench, instance).last??.shards ?? []
                #expect(shards.map(\.shard) == Array(0..<6) && shards.allSatisfy { $0.outbox == 0 && $0.oldestAt == nil })
                try process.stop()
                let end = try Self.told(bench, instance)
                #expect(end.count > rows.count && end.last == .some(nil), "it has stopped in order")
            }
        }

        @Test func theRowOfOneThatDiedStays() async throws {
            try await onThread {
                let (bench, instance) = (try Bench.shared(), uniqueName("died"))
                let process = try bench.start(.allocation, instance: instance)
                try process.awaitReady()
                #expect(try eventually(within: 20) { Self.isReady(try Self.told(bench, instance).last) })
                process.kill()
                let left = try Self.told(bench, instance)
                #expect(Self.isReady(left.last), "only its age gives it away")
                let next = try bench.start(.allocation, instance: instance)
                defer { next.kill() }
                try next.awaitReady()
                try next.stop()
                let all = try Self.told(bench, instance)
                #expect(all.last == .some(nil))
                let versions = all.compactMap { $0?.version }
                #expect(versions == versions.sorted(), "also over a restart")
            }
        }

        @Test func itTellsAgainWhenKafkaIsBack() async throws {
            try await onThread {
                let (bench, instance) = (try Bench(), uniqueName("back"))
                let process = try bench.start(.allocation, instance: instance)
                defer { process.kill() }
                try process.awaitReady()
                #expect(try eventually(within: 20) { Self.isReady(try Self.told(bench, instance).last) })
                try bench.broker.kill()
                #expect(eventually(within: 30) { process.get("/health/ready")?.status == 503 })
                try process.awaitLine(containing: "its health is not told")
                try bench.broker.restart()
                try process.awaitReady()
                let back = Clock.now.milliseconds
                #expect(
                    try eventually(within: 30) {
                        let last = try Self.told(bench, instance).last ?? nil
                        return last?.ready == true && (last?.at.milliseconds ?? 0) > back
                    })
                try process.stop()
                #expect(try Self.told(bench, instance).last == .some(nil))
            }
        }
    }
}
