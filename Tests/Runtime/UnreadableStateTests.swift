import Contracts
import Foundation
import JSON
import Kafka
import Stores
import TestSupport
import Testing

extension ProcessSuite {
    /// An aggregate that cannot be read stops nobody else (contract, section 3).
    @Suite struct UnreadableStateTests {
        private struct NotStored: Error {}

        /// The row of an order in allocation's store, which nobody runs on; blocking.
        private struct Row {
            let database: SQLiteDatabase
            let key: String

            /// - Returns: the row of the shard that has it.
            init(_ bench: Bench, _ orderId: String) throws {
                key = "order:\(orderId)"
                let folder = bench.store.appendingPathComponent("allocation").path
                for number in try SQLiteStore(folder: folder).shards() {
                    let database = try SQLiteDatabase(path: "\(folder)/shard-\(number).db")
                    if try database.rows("SELECT key FROM aggregates WHERE key = ?1", .text(key), read: { _ in () }).count == 1 {
                        self.database = database
                        return
                    }
                    database.close()
                }
                throw NotStored()
            }

            func state() throws -> [UInt8] {
                try database.rows("SELECT state FROM aggregates WHERE key = ?1", .text(key), read: { $0.blob(0) }).first ?? []
            }

            func replace(_ state: [UInt8]) throws {
                #expect(try database.run("UPDATE aggregates SET state = ?2 WHERE key = ?1", .text(key), .blob(state)) == 1)
            }
        }

        private static func stop(_ process: ServiceProcess) async throws { try await onThread { try process.stop() } }

        private static func start(_ bench: Bench) async throws -> ServiceProcess {
            try await onThread {
                let process = try bench.start(.allocation)
                try process.awaitReady()
                return process
            }
        }

        /// How `--store-check` ends, and its lines.
        private static func check(_ bench: Bench, _ arguments: [String]) async throws -> (exit: ServiceProcess.Exit?, lines: [String]) {
            try await onThread {
                let process = try bench.start(.allocation, arguments: arguments)
                return (process.awaitExit(timeout: 60), process.errorLines)
            }
        }

        /// What `daifa store` prints; a failure, with what it printed, when it ends with another status than 0.
        private static func daifaStore(_ arguments: [String]) async throws -> String {
            let daifa = ServiceProcess.executables.appendingPathComponent("daifa").path
            return try await onThread { try Shell.run(daifa, ["store"] + arguments) }
        }

        /// Ids of orders in one shard: the damaged one, and one beside it.
        private static func neighbours() -> (String, String) {
            let first = uniqueName("order")
            var second = uniqueName("order")
            while Partitioner.partition(forKey: second, count: 6) != Partitioner.partition(forKey: first, count: 6) {
                second = uniqueName("order")
            }
            return (first, second)
        }

        private static func riskHeld(_ orderId: String) -> Outgoing {
            let fact = RiskHeld(orderId: orderId)
            return .fact(fact)
        }

        /// Sends a fact and waits for what allocation makes of it.
        private static func answer(to fact: Outgoing, _ client: Client) async throws -> Received {
            try await client.send(fact)
            return try await client.answer(to: fact.id, on: "daifa.allocation.events")
        }

        @Test func itsMessagesAreDeadLettersAndEverythingElseGoesOn() async throws {
            let bench = try await onThread { try Bench.shared() }
            let cast = Cast()
            let (damaged, sound) = Self.neighbours()
            var process = try await Self.start(bench)
            let client = try await onThread { try Client(bench.broker.configuration) }
            for orderId in [damaged, sound] {
                let placed = Outgoing.fact(cast.placed(orderId))
                #expect(try await Self.answer(to: placed, client).name == "order-registered")
            }
            try await Self.stop(process)

            let good = try await onThread {
                let row = try Row(bench, damaged)
                defer { row.database.close() }
                let state = try row.state()
                try row.replace(Array("{\"lines\":".utf8))
                return state
            }

            process = try await Self.start(bench)
            defer { process.kill() }
            let sent = [Self.riskHeld(damaged), Self.riskHeld(damaged)]
            for record in sent {
                try await client.send(record)
                let dead = try await client.first("a dead letter") { $0.topic == "daifa.allocation.dead" && $0.id == record.id }
                #expect(dead.header("x-dead-reason") == "state-unreadable")
                #expect(dead.message.value == record.value)
                #expect(dead.message.key == record.key)
            }
            #expect(try await Self.answer(to: Self.riskHeld(sound), client).name == "order-held", "an order of the same shard goes on")
            #expect(process.isRunning)
            #expect(process.errorLines.count { $0.contains("order:\(damaged)") } == 1, "told once, not for each message")
            let running = process
            #expect(try await onThread { running.metric("daifa_unreadable_state_total") } == 1)

            // Beside the running service.
            let found = try await Self.check(bench, ["--store-check"])
            #expect(found.exit == .status(65))
            #expect(found.lines.contains { $0.contains("order:\(damaged)") }, "\(found.lines)")
            #expect(found.lines.contains { $0.contains("\"unreadable\":1") }, "\(found.lines)")
            let shown = try await Self.check(bench, ["--store-show", "order:\(sound)"])
            #expect(shown.exit == .status(0))
            #expect(shown.lines.first?.contains("\"readable\":true") == true, "\(shown.lines)")
            #expect(try await Self.check(bench, ["--store-show", "order:\(damaged)"]).exit == .status(65))
            let folder = bench.store.appendingPathComponent("allocation").path
            let told = try await Self.daifaStore(["show", "order:\(sound)", "--service", "allocation", "--store", folder])
            #expect(told.contains("\"readable\":true"), "\(told)")
            let failure = await #expect(throws: Shell.Failure.self) {
                try await Self.daifaStore(["check", "--service", "allocation", "--store", folder])
            }
            #expect(failure?.output.contains("order:\(damaged)") == true && failure?.output.contains("\"unreadable\":1") == true)

            // Repaired while the service runs; replayed as `daifa dead replay` does.
            try await onThread {
                let row = try Row(bench, damaged)
                defer { row.database.close() }
                try row.replace(good)
            }
            let dead = try await client.first("a dead letter") { $0.topic == "daifa.allocation.dead" && $0.id == sent[0].id }
            try await client.send(
                Outgoing(
                    topic: Topics.orders, key: dead.message.key, value: dead.message.value,
                    headers: dead.message.headers.filter { !$0.name.hasPrefix("x-dead-") }))
            #expect(try await client.answer(to: sent[0].id, on: "daifa.allocation.events").name == "order-held")
            #expect(try await Self.check(bench, ["--store-check"]).exit == .status(0))
            try await Self.stop(process)
        }
    }
}
