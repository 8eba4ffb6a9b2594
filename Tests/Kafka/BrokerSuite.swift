import Foundation
import Kafka
import TestSupport
import Testing
import Threads

/// The tests that need a broker, one after the other.
@Suite(.serialized, .timeLimit(.minutes(3))) struct BrokerSuite {}

/// Topics of a test's own on the shared broker.
func makeTopics(
    _ names: [String], partitions: Int32 = 2, config: [String: String] = [:], on broker: Broker
) throws {
    try Admin(broker.configuration).createTopics(
        names.map { NewTopic(name: $0, partitions: partitions, replication: 1, config: config) })
}

/// Everything that is in topics now.
/// - Parameter count: records that must be there: a transaction's markers are written after its commit is answered, and until then a part of
///   it may be hidden.
func readAll(
    _ topics: [String], isolation: TopicReader.Isolation = .readCommitted, atLeast count: Int = 0, on broker: Broker
) throws -> [Message] {
    let reader = try TopicReader(broker.configuration, topics: topics, isolation: isolation)
    var messages: [Message] = []
    let deadline = Deadline.after(30)
    while !reader.atEnd || messages.count < count {
        messages += try reader.next(timeout: 1)
        guard !deadline.hasPassed else {
            throw KafkaError(code: .timedOut, operation: "read \(topics) to their ends")
        }
    }
    return messages
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension Message {
    var text: String? { value.map { String(decoding: $0, as: UTF8.self) } }
    var keyText: String? { key.map { String(decoding: $0, as: UTF8.self) } }
}

extension TransactionalProducer {
    /// One record by key without headers.
    func produce(_ topic: String, key: String, value: String?) throws {
        let number = try self.topic(topic)
        try bytes(key).withUnsafeBytes { key in
            guard let value else {
                return try produce(topic: number, partition: -1, key: key, value: nil, packedHeaders: .init(start: nil, count: 0))
            }
            try bytes(value).withUnsafeBytes {
                try produce(topic: number, partition: -1, key: key, value: $0, packedHeaders: .init(start: nil, count: 0))
            }
        }
    }
}

/// A member of a group on a thread of its own, and what it has seen.
final class Member: Sendable {
    struct Seen {
        var owned: [TopicPartition] = []
        var epochs: [Int] = []
        var group: GroupMetadata?
        var revocations: [(partitions: [TopicPartition], lost: Bool)] = []
        var isRevoking = false
        var messages: [Message] = []
        var ends: [Int64] = []
        var failure: KafkaError?
        var notices: [KafkaError] = []
        var closing: Bool?
        var isClosed = false
        var isHeld = false
        var isPolled = true
    }

    let seen = Monitor(Seen())
    private let thread: Monitor<NamedThread?> = Monitor(nil)

    private final class Delegate: RebalanceDelegate {
        let seen: Monitor<Seen>

        init(_ seen: Monitor<Seen>) { self.seen = seen }

        func assigned(_ partitions: [TopicPartition], epoch: Int, group: GroupMetadata) -> [PartitionOffset] {
            seen.update { seen in
                seen.owned = partitions
                seen.epochs.append(epoch)
                seen.group = group
            }
            return partitions.map { .init(topic: $0.topic, partition: $0.partition, offset: PartitionOffset.beginning) }
        }

        func revoked(_ partitions: [TopicPartition], lost: Bool) {
            seen.update { $0.isRevoking = true }
            _ = seen.wait(until: .after(30)) { !$0.isHeld }
            seen.update { seen in
                seen.revocations.append((partitions, lost))
                seen.owned = []
                seen.isRevoking = false
            }
        }
    }

    convenience init(
        _ broker: Broker, group: String, instance: String? = nil, topics: [String], overrides: [String: String] = [:]
    ) throws { try self.init(broker.configuration, group: group, instance: instance, topics: topics, overrides: overrides) }

    init(
        _ configuration: KafkaConfiguration, group: String, instance: String? = nil, topics: [String], overrides: [String: String] = [:]
    ) throws {
        let started = try NamedThread("member") { [seen] in
            do throws(KafkaError) {
                let delegate = Delegate(seen)
                let consumer = try GroupConsumer(
                    configuration, group: group, instance: instance, topics: topics, delegate: delegate, overrides: overrides)
                consumer.onNotice = { notice in seen.withLock { $0.notices.append(notice) } }
                defer { seen.update { $0.isClosed = true } }
                Self.run(consumer, seen)
                withExtendedLifetime(delegate) { consumer.close(leaveGroup: seen.withLock { $0.closing } ?? false) }
            } catch {
                seen.update { $0.failure = error }
            }
        }
        thread.withLock { $0 = started }
    }

    private static func run(_ consumer: GroupConsumer, _ seen: Monitor<Seen>) {
        while seen.withLock({ $0.closing == nil }) {
            guard seen.withLock({ $0.isPolled }) else {
                _ = seen.wait(until: .after(0.1)) { $0.isPolled || $0.closing != nil }
                continue
            }
            do throws(KafkaError) {
                guard let batch = try consumer.poll(maximum: 100, timeout: 0.1) else { continue }
                let messages = (0..<batch.count).map { batch[$0].message() }
                seen.update { seen in
                    seen.messages += messages
                    seen.ends += batch.ends.map(\.offset)
                }
            } catch {
                seen.update { $0.failure = error }
                return
            }
        }
    }

    /// Waits until it owns that many partitions.
    func owns(_ count: Int, within seconds: Double = 30) -> Bool {
        seen.wait(until: .after(seconds)) { $0.owned.count == count }
    }

    func close(leaveGroup: Bool) {
        seen.update { $0.closing = leaveGroup }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }
}
