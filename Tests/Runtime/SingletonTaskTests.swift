import Contracts
import JSON
import Kafka
import Observability
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Runtime

/// Seconds: the pool that tasks run on may be taken by other tests for long.
private let patience = 120.0

@Suite struct SingletonTaskTests {
    /// A singleton that goes on until it is cancelled, and ends when the test lets it.
    private final class Guest: Sendable {
        struct State {
            var begun = 0
            var cancelled = 0
            var mayEnd = true
        }
        let state = Monitor(State())

        func run() async {
            state.update { $0.begun += 1 }
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            state.update { $0.cancelled += 1 }
            await withCheckedContinuation { continuation in
                _ = try? NamedThread("guest") { [state] in
                    _ = state.wait(until: .after(patience)) { (state: inout State) -> Bool in state.mayEnd }
                    continuation.resume()
                }.detach()
            }
        }

        func begun(_ count: Int) -> Bool { state.wait(until: .after(patience)) { (state: inout State) -> Bool in state.begun == count } }
        func cancelled(_ count: Int) -> Bool {
            state.wait(until: .after(patience)) { (state: inout State) -> Bool in state.cancelled == count }
        }
    }

    private static func singletons(_ guest: Guest, shard: Int32 = 0) -> SingletonTasks {
        SingletonTasks(
            [SingletonTask("guest", shard: shard) { _ in await guest.run() }],
            ItemSender(KafkaConfiguration(bootstrapServers: "127.0.0.1:1"), service: .authorization, partitions: 6),
            Logger(label: "test", level: .critical))
    }

    // What waits here waits on a thread of its own: singletons run on the pool that tests run on.
    @Test func runsWhereItsShardIsOwned() async throws { try await onThread { Self.checkOwnership() } }

    private static func checkOwnership() {
        let guest = Guest()
        let singletons = Self.singletons(guest)
        singletons.update(owned: [1, 2])
        singletons.update(owned: [0, 1, 2])
        #expect(guest.begun(1))
        singletons.update(owned: [0])
        singletons.update(owned: [1])
        #expect(guest.cancelled(1))
        singletons.stop(within: patience)
        #expect(guest.state.withLock { $0.begun } == 1)
    }

    @Test func isBegunAgainOnlyAfterItsEnd() async throws { try await onThread { Self.checkSuccession() } }

    private static func checkSuccession() {
        let guest = Guest()
        guest.state.withLock { $0.mayEnd = false }
        let singletons = Self.singletons(guest)
        singletons.update(owned: [0])
        #expect(guest.begun(1))
        singletons.update(owned: [])
        #expect(guest.cancelled(1))
        singletons.update(owned: [0])
        #expect(guest.state.withLock { $0.begun } == 1)
        guest.state.update { $0.mayEnd = true }
        let deadline = Deadline.after(patience)
        while guest.state.withLock({ $0.begun }) < 2, !deadline.hasPassed {
            singletons.update(owned: [0])
            _ = guest.state.wait(until: .after(0.01)) { (state: inout Guest.State) -> Bool in state.begun == 2 }
        }
        #expect(guest.begun(2))
        singletons.stop(within: patience)
        #expect(guest.state.withLock { $0.cancelled } == 2)
    }

    @Test func aSenderTellsThatKafkaIsAway() async {
        // Nothing listens there: what is sent times out, and the next is tried anew.
        var settings = KafkaConfiguration(bootstrapServers: "127.0.0.1:1")
        settings.properties["message.timeout.ms"] = "300"
        let sender = ItemSender(settings, service: .authorization, partitions: 6)
        for _ in 0..<2 {
            await #expect(throws: KafkaError.self) {
                try await sender.send(
                    OrderPushed(channelId: "C", messageId: "1", order: PlatformOrder("1")), shardOf: "channel:C", origin: .absent)
            }
        }
    }
}

extension ProcessSuite {
    @Suite struct ItemSenderTests {
        @Test func itemsArriveInTheShardOfTheirKey() async throws {
            let bench = try await onThread { try Bench.shared() }
            let topic = ServiceName.authorization.commands
            let reader = try await onThread {
                let admin = try Admin(bench.broker.configuration)
                if try admin.metadata(timeout: 30).topics[topic] == nil {
                    try admin.createTopics([NewTopic(name: topic, partitions: 6, replication: 1)])
                }
                return Reading(try TopicReader(bench.broker.configuration, topics: [topic], from: .end))
            }
            let sender = ItemSender(bench.broker.configuration, service: .authorization, partitions: 6)
            let keys = (1...20).map { "channel:\(uniqueName("C"))-\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in keys {
                    let item = OrderPushed(
                        channelId: String(key.dropFirst("channel:".count)), messageId: "1", order: PlatformOrder("231114-1"))
                    let sent = item
                    group.addTask { try await sender.send(sent, shardOf: key, origin: .step("step-\(key)", key: key)) }
                }
                try await group.waitForAll()
            }
            let messages = try await onThread { try reader.take(keys.count) }
            var found: [String: Int32] = [:]
            for message in messages {
                #expect(message.key.map { String(decoding: $0, as: UTF8.self) } == "shard:\(message.partition)")
                let headers = Dictionary(message.headers.map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }) { $1 }
                #expect(headers[EnvelopeHeader.type] == OrderPushed.type)
                #expect(headers[EnvelopeHeader.actor] == "service:authorization")
                let item = try #require(try JSONValue.decode(message.value ?? [])["items"]?.array?.first)
                let channel = try #require(item["item"]?["channelId"]?.string)
                #expect(item["origin"]?["id"]?.string == "step-channel:\(channel)")
                found["channel:\(channel)"] = message.partition
            }
            for key in keys { #expect(found[key] == Partitioner.partition(forKey: key, count: 6)) }
            #expect(
                Set(messages.compactMap { message in message.headers.first { $0.name == EnvelopeHeader.id }?.value }).count == keys.count)
        }

        /// One reader, used by one thread after the other.
        private final class Reading: @unchecked Sendable {
            private let reader: TopicReader
            init(_ reader: TopicReader) { self.reader = reader }

            func take(_ count: Int) throws -> [Kafka.Message] {
                var messages: [Kafka.Message] = []
                let deadline = Deadline.after(30)
                while messages.count < count, !deadline.hasPassed { messages += try reader.next(timeout: 1) }
                return messages
            }
        }
    }
}
