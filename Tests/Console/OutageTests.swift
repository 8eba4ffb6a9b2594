import Contracts
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing
import Threads

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
            // As long as the console cannot tell whether it has read everything, the browser is to try again.
            let deadline = Deadline.after(Client.patience)
            var answer = try await console.send("GET", "/partners/jd-fulfillment/callback?code=c&state=unknown")
            while answer.status == 503, !deadline.hasPassed {
                answer = try await console.send("GET", "/partners/jd-fulfillment/callback?code=c&state=unknown")
            }
            #expect(try problem(answer, 400)["field"] != nil)
            let first = try #require(console.commands(.shipping, key: order).first?.id)
            _ = try await console.client.first("the second status") {
                $0.key == order && $0.topic == "daifa.shipping.commands" && $0.id != first
            }
            try await console.end()
        }

        /// The read model goes with its log: on another cluster it begins anew, and what was known is nobody's.
        @Test func onAnotherClusterTheReadModelBeginsAnew() async throws {
            let console = try await ConsoleFixture.start()
            let state = uniqueName("state")
            try await console.ask(state: state, authorizationId: "auth", key: "jd-fulfillment:pin")
            let path = "/partners/jd-fulfillment/callback?code=c&state=\(state)"
            #expect(try await console.send("GET", path).status == 200)
            try await onThread { try console.process.stop() }
            let other = try await onThread { try ConsoleFixture(broker: try Bench().broker, store: console.store) }
            #expect(try problem(try await other.send("GET", path), 400)["field"]?.string == "state")
            try await other.end()
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
                #expect(process.get("/api/v1/session")?.status == 503)
                try process.stop()
            }
        }
    }
}
