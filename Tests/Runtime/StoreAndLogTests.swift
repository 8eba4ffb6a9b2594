import Contracts
import Foundation
import Kafka
import Stores
import TestSupport
import Testing

extension ProcessSuite {
    /// A store and a log that do not belong together: the service ends with advice before it loses or doubles anything.
    @Suite struct StoreAndLogTests {
        /// The bench's own store of allocation, with something published from it, and nobody running. Blocking.
        private static func publish(_ bench: Bench, orders: Int = 60) throws {
            let process = try bench.start(.allocation)
            defer { process.kill() }
            try process.awaitReady()
            try withOrderFlow(bench, rate: 200) { try $0.awaitMore(orders) }
            try process.stop()
        }

        /// Every aggregate of every shard, by shard. Blocking.
        private static func aggregates(_ folder: URL) throws -> [Int: [AggregateRow]] {
            let store = try SQLiteStore(folder: folder.path)
            var found: [Int: [AggregateRow]] = [:]
            for number in store.shards() {
                let shard = try store.shard(number)
                defer { shard.close() }
                try shard.scan(prefix: "", limit: .max) { row in
                    found[number, default: []].append(row)
                    return true
                }
            }
            return found
        }

        /// Starts allocation on the store in `folder` (its parent of all stores) and expects its end with advice, and no aggregate changed.
        private static func expectRefusal(_ broker: Broker, store: URL, _ text: String) throws {
            let before = try aggregates(store.appendingPathComponent("allocation"))
            let events = try EventLog(broker.configuration, topics: [ServiceName.allocation.events]).events.count
            let process = try ServiceProcess(.allocation, broker: broker, store: store)
            defer { process.kill() }
            #expect(process.awaitExit(timeout: 60) == .status(78), "\(process.errorLines.suffix(5))")
            #expect(process.plainLines.count == 1, "\(process.plainLines)")
            let advice = process.plainLines.first ?? ""
            #expect(advice.contains("does not belong to this log") && advice.contains("daifa adopt"), "\(advice)")
            #expect(advice.contains(text), "\(advice)")
            #expect(try aggregates(store.appendingPathComponent("allocation")) == before)
            #expect(try EventLog(broker.configuration, topics: [ServiceName.allocation.events]).events.count == events)
        }

        private static func copy(_ service: String, of bench: Bench, to folder: URL) throws {
            try FileManager.default.copyItem(
                at: bench.store.appendingPathComponent(service), to: folder.appendingPathComponent("allocation"))
        }

        @Test func aStoreThatWasDeleted() async throws {
            try await onThread {
                let bench = try Bench.shared()
                try Self.publish(bench)
                let empty = try bench.makeFolder()
                try Self.expectRefusal(bench.broker, store: empty, "the store has only")
            }
        }

        @Test func aStoreThatWasRestored() async throws {
            try await onThread {
                let bench = try Bench.shared()
                try Self.publish(bench)
                let older = try bench.makeFolder()
                try Self.copy("allocation", of: bench, to: older)
                try Self.publish(bench)
                try Self.expectRefusal(bench.broker, store: older, "the store has only")
            }
        }

        @Test func aStoreOfAnotherService() async throws {
            try await onThread {
                let bench = try Bench.shared()
                try Self.publish(bench)
                let binding = try bench.start(.binding)
                try binding.awaitReady()
                try binding.stop()
                let foreign = try bench.makeFolder()
                try Self.copy("binding", of: bench, to: foreign)
                try Self.expectRefusal(bench.broker, store: foreign, "group daifa-binding")
            }
        }

        @Test func aBrokerThatWasWiped() async throws {
            try await onThread {
                let bench = try Bench.shared()
                try Self.publish(bench)
                let new = try Bench()
                // The new log has what the service reads, made by the same service on a store of its own.
                let fresh = try new.start(.allocation)
                try fresh.awaitReady()
                try fresh.stop()
                let old = try new.makeFolder()
                try Self.copy("allocation", of: bench, to: old)
                try Self.expectRefusal(new.broker, store: old, "it was made for cluster")
                try Self.publish(new)
            }
        }

        /// Topics that were deleted and made again, in the same cluster.
        @Test func topicsThatWereMadeAgain() async throws {
            try await onThread {
                let bench = try Bench()
                try Self.publish(bench)
                let topics = [Topics.orders, ServiceName.allocation.commands]
                let admin = try Admin(bench.broker.configuration)
                try admin.deleteTopics(topics)
                try #require(try eventually(within: 30) { try topics.allSatisfy { try admin.metadata(timeout: 10).topics[$0] == nil } })
                try admin.createTopics(topics.map { NewTopic(name: $0, partitions: 6) })
                try Self.expectRefusal(bench.broker, store: bench.store, "the store of shard")
                let said = try Self.adopt(bench)
                #expect(said.contains("they fit now"), "\(said)")
                #expect(try Self.adopt(bench).contains("nothing to adopt"))
                try Self.publish(bench)
            }
        }

        /// A topic with records enough that the store's places lie within it, but others, as after a cut.
        @Test func aLogWithOtherRecordsAtItsPlaces() async throws {
            try await onThread {
                let bench = try Bench()
                try Self.publish(bench)
                let admin = try Admin(bench.broker.configuration)
                try admin.deleteTopics([Topics.orders])
                try #require(try eventually(within: 30) { try admin.metadata(timeout: 10).topics[Topics.orders] == nil })
                try admin.createTopics([NewTopic(name: Topics.orders, partitions: 6)])
                let producer = try Producer(bench.broker.configuration)
                defer { producer.close() }
                for number in 0..<1200 {
                    try producer.send(topic: Topics.orders, key: Array("order-\(number)".utf8), value: Array("{}".utf8))
                }
                try producer.flush(timeout: 30)
                try Self.expectRefusal(bench.broker, store: bench.store, "was cut before it and written anew")
                let said = try Self.adopt(bench)
                #expect(said.contains("they fit now"), "\(said)")
                #expect(try Self.adopt(bench).contains("nothing to adopt"))
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitReady()
                try process.stop()
            }
        }

        /// As after a week's stop: the store was closed in order, and knows its place itself.
        @Test(arguments: [1, 60]) func offsetsThatExpiredNeedNobody(orders: Int) async throws {
            try await onThread {
                let bench = try Bench()
                try Self.publish(bench, orders: orders)
                try Self.deleteGroup("daifa-allocation", bench.broker)
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitReady()
                #expect(process.errorLines.contains { $0.contains("has forgotten the group's offsets") })
                try withOrderFlow(bench, rate: 200) { try $0.awaitMore(60) }
                try process.stop()
            }
        }

        /// What `daifa adopt --yes` says of the bench's store of allocation. Blocking.
        private static func adopt(_ bench: Bench) throws -> String {
            let bin = try #require(ProcessInfo.processInfo.environment["DAIFA_BIN"])
            let script = #"KAFKA_BOOTSTRAP_SERVERS="$1" "$2/daifa" adopt --service allocation --store "$3" --yes"#
            return try Shell.run(
                "/bin/sh",
                ["-c", script, "sh", bench.broker.bootstrapServers, bin, bench.store.appendingPathComponent("allocation").path])
        }

        /// As the broker does by itself with the offsets of a group that was empty for a week.
        private static func deleteGroup(_ group: String, _ broker: Broker) throws {
            let home = try #require(ProcessInfo.processInfo.environment["KAFKA_HOME"])
            // A static member stays in its group until its session ends; only an empty group can be deleted.
            let deleted = try eventually(within: 60) {
                let attempt = Process()
                attempt.executableURL = URL(fileURLWithPath: home + "/kafka")
                attempt.arguments = [
                    "tool", "consumer-groups", "--bootstrap-server", broker.bootstrapServers, "--delete", "--group", group,
                ]
                let output = Foundation.Pipe()
                attempt.standardOutput = output
                attempt.standardError = output
                try attempt.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                attempt.waitUntilExit()
                return text.contains("was successful")
            }
            try #require(deleted)
        }
    }
}
