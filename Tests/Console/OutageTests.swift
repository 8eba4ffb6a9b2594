import Contracts
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing

extension DoorSuite {
    @Suite(.enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need))) struct OutageTests {
        @Test func kafkaGoesAwayAndComesBack() async throws {
            let bench = try await onThread { try Bench() }
            let console = try await onThread { try ConsoleFixture(broker: bench.broker) }
            let (appKey, warehouse, order) = (uniqueName("app"), uniqueName("warehouse"), uniqueName("order"))
            try await console.authorize("auth", appKey: appKey, secret: "s", warehouseId: warehouse)
            try await console.outbound("ESL1", orderId: order, warehouseId: warehouse)
            try await console.ask(state: "known", authorizationId: "auth", key: "jd-fulfillment:pin")
            #expect(try await console.status(ConsoleFixture.body("m-1", "ESL1"), appKey: appKey, secret: "s").status == 200)
            try await onThread { try bench.broker.kill() }

            let start = ContinuousClock.now
            async let status = console.status(ConsoleFixture.body("m-2", "ESL1"), appKey: appKey, secret: "s")
            async let callback = console.send("GET", "/partners/jd-fulfillment/callback?code=c&state=known")
            // What is not known may have been told a moment ago: nobody is sent away for good.
            async let unknown = console.send("GET", "/partners/jd-fulfillment/callback?code=c&state=unknown")
            for response in try await [status, callback, unknown] {
                _ = try problem(response, 503)
                #expect(response.header("retry-after").flatMap { Int($0) } != nil)
            }
            #expect(start.duration(to: .now) < .seconds(15))
            #expect(
                try await onThread { eventually(within: 30) { console.process.get("/health/ready").map { $0.status == 503 } == true } })
            #expect(console.process.get("/health/live")?.status == 200)
            #expect(console.process.errorLines.contains { $0.contains("waiting for Kafka") }, "it says for what it waits")

            try await onThread {
                try bench.broker.restart()
                try console.process.awaitReady()
            }
            #expect(try await console.status(ConsoleFixture.body("m-2", "ESL1"), appKey: appKey, secret: "s").status == 200)
            #expect(try await console.send("GET", "/partners/jd-fulfillment/callback?code=c&state=known").status == 200)
            #expect(
                try problem(try await console.send("GET", "/partners/jd-fulfillment/callback?code=c&state=unknown"), 400)["field"] != nil)
            let first = try #require(console.commands(.shipping, key: order).first?.id)
            _ = try await console.client.first("the second status") {
                $0.key == order && $0.topic == "daifa.shipping.commands" && $0.id != first
            }
            try await console.end()
        }

        /// A store goes with its log: numbers of another cluster are nobody's.
        @Test func aStoreOfAnotherCluster() async throws {
            let console = try await ConsoleFixture.start()
            try await onThread {
                try console.process.stop()
                let bench = try Bench()
                let process = try ServiceProcess(.console, broker: bench.broker, store: console.store)
                #expect(process.awaitExit(timeout: 60) == .status(78))
                #expect(process.plainLines.count == 1 && process.plainLines[0].contains("DAIFA_STORE"))
                try FileManager.default.removeItem(at: console.store)
            }
        }

        @Test func itListensWhileItWaitsForKafka() async throws {
            try await onThread {
                let folder = try ConsoleFixture.makeFolder()
                defer { try? FileManager.default.removeItem(at: folder) }
                let process = try ServiceProcess(
                    .console, broker: Broker.shared(), store: folder, environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"])
                try process.awaitLine(containing: "waiting for Kafka")
                #expect(process.get("/health/ready")?.status == 503 && process.get("/health/live")?.status == 200)
                #expect(process.get("/partners/jd-fulfillment/callback?code=c&state=s")?.status == 503)
                #expect(process.get("/partners/jd-fulfillment/callback?code=c")?.status == 400)
                try process.stop()
            }
        }
    }
}
