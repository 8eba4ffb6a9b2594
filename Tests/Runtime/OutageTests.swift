import Contracts
import Foundation
import JSON
import Kafka
import Observability
import TestSupport
import Testing

extension ProcessSuite {
    /// Kafka is away when the service starts, or lacks what the service needs.
    @Suite struct OutageTests {
        /// A port that is free for a broker (its controller takes the one 10 above).
        private static let port = 19_592

        @Test func itWaitsForKafkaAndGoesOnByItself() async throws {
            try await onThread {
                let folder = try Bench.shared().makeFolder()
                let process = try ServiceProcess(
                    .waybill, broker: Bench.shared().broker, store: folder,
                    environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(Self.port)"])
                defer { process.kill() }
                try process.awaitLine(containing: "waiting for Kafka")
                #expect(process.get("/health/live")?.status == 200)
                #expect(process.get("/health/ready").map { $0.status == 503 && $0.body.contains("Kafka") } == true)
                #expect(process.errorLines.contains { $0.contains("127.0.0.1:\(Self.port)") }, "it says which broker")
                let broker = try Broker.start(port: Self.port)
                try process.awaitReady()
                try process.stop()
                _ = broker
            }
        }

        @Test func itEndsWhileItWaits() async throws {
            try await onThread {
                let process = try ServiceProcess(
                    .waybill, broker: Bench.shared().broker, store: Bench.shared().makeFolder(),
                    environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"])
                defer { process.kill() }
                try process.awaitLine(containing: "waiting for Kafka")
                let start = ContinuousClock.now
                try process.stop()
                #expect(start.duration(to: .now) < .seconds(10))
            }
        }

        /// Kafka is away while it runs: told at once, and once only within a minute, however often it looks.
        @Test func itSaysForWhatItWaitsAndThatItGoesOn() async throws {
            try await onThread {
                let bench = try Bench()
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitReady()
                try bench.broker.kill()
                try process.awaitLine(containing: "\"waiting for Kafka\"")
                #expect(eventually(within: 30) { process.get("/health/ready")?.body.contains("Kafka") == true })
                try bench.broker.restart()
                try process.awaitLine(containing: "\"over: waiting for Kafka\"")
                try process.awaitReady()
                let told = process.errorLines.filter { $0.contains("\"waiting for Kafka\"") }
                #expect((1...WaitLog.limit).contains(told.count) && Set(told.map(Self.reason)).count == told.count, "\(told)")
                try process.stop()
            }
        }

        private static func reason(_ line: String) -> String {
            (try? JSONValue.decode(Array(line.utf8)))?["reason"]?.string ?? line
        }

        /// The group's coordinator keeps a new member waiting while another one has not ended.
        @Test func itSaysThatItWaitsForItsGroup() async throws {
            try await onThread {
                let broker = try Broker.start(settings: ["group.initial.rebalance.delay.ms=4000"])
                let process = try ServiceProcess(.binding, broker: broker, store: Bench.shared().makeFolder())
                defer { process.kill() }
                try process.awaitLine(containing: "waiting until the group gives shards")
                try process.awaitReady()
                try process.awaitLine(containing: "over: waiting until the group gives shards")
                try process.stop()
            }
        }

        /// Within the time that a container is given to stop.
        @Test func itEndsAfterKafkaIsGone() async throws {
            try await onThread {
                let bench = try Bench()
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitReady()
                let flow = try OrderFlow(bench.broker.configuration, rate: 100)
                try flow.awaitMore(100)
                try bench.broker.kill()
                let start = ContinuousClock.now
                process.send(signal: SIGTERM)
                #expect(process.awaitExit(timeout: 60) == .status(0))
                let seconds = start.duration(to: .now) / .seconds(1)
                print("SIGTERM without a broker: \(seconds) s")
                #expect(seconds < 10)
                try bench.broker.restart()
                // What was stored and not published comes out now.
                let again = try bench.start(.allocation)
                defer { again.kill() }
                try again.awaitReady()
                let ids = try flow.stop()
                let log = try flow.log(answering: ids)
                let (missing, doubled) = log.unanswered(ids, by: .allocation, name: "order-registered")
                #expect(missing.isEmpty && doubled.isEmpty && log.doubledIds.isEmpty)
                try again.stop()
            }
        }

        @Test func missingTopicsThatItMayNotCreate() async throws {
            try await onThread {
                let bench = try Bench()
                let process = try bench.start(.allocation, environment: ["DAIFA_CREATE_TOPICS": "false"])
                defer { process.kill() }
                #expect(process.awaitExit(timeout: 60) == .status(78))
                let line = process.plainLines.joined()
                #expect(
                    line.contains("daifa.orders") && line.contains("daifa.allocation.commands") && line.contains("DAIFA_CREATE_TOPICS"),
                    "\(line)")
                #expect(try Admin(bench.broker.configuration).metadata(timeout: 10).topics.isEmpty)
            }
        }
    }
}
