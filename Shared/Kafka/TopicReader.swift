import CRdKafka
import Threads

/// Reads all partitions of topics, or some, without a group. For tools and tests. Blocking, for one thread.
public final class TopicReader {
    public enum Start: Sendable {
        /// From the first record that the log still has.
        case beginning
        /// The end: records that come after the reader was made.
        case end
        /// These partitions only.
        case offsets([PartitionOffset])
    }

    public enum Isolation: Sendable {
        case readCommitted
        case readUncommitted
    }

    public let topics: [String]
    /// Whether every partition has been read to its end, as of the last ``next(maximum:timeout:)``.
    public var atEnd: Bool { ended.count == reading }

    private let reader: PartitionReader
    private let reading: Int
    private var ended: Set<TopicPartition> = []
    private var confinement = ThreadConfinement()

    /// - Throws: when a topic is not there within `timeout` seconds.
    public init(
        _ configuration: KafkaConfiguration, topics: [String], from start: Start = .beginning, isolation: Isolation = .readCommitted,
        overrides: [String: String] = [:], timeout seconds: Double = 30
    ) throws(KafkaError) {
        self.topics = topics
        reader = try PartitionReader(configuration, topics: topics, committedOnly: isolation == .readCommitted, overrides: overrides)
        let positions = try Self.positions(reader, topics, start, .after(seconds))
        reading = positions.count
        for position in positions { try reader.start(position) }
    }

    /// Waits for a record and gives what else is there, up to `maximum`; empty when none came in time.
    /// - Throws: what cannot pass by itself. Brokers that are away are waited for.
    public func next(maximum: Int = 1000, timeout seconds: Double) throws(KafkaError) -> [Message] {
        confinement.check()
        let deadline = Deadline.after(seconds)
        var messages: [Message] = []
        var failure: KafkaError?
        repeat {
            reader.next(maximum: maximum, timeout: deadline.remaining) { item in
                switch item {
                case .record(let topic, let record):
                    ended.remove(.init(topic: topics[topic], partition: record.pointee.partition))
                    messages.append(RecordView(record: record, topicObjects: nil, topicCount: 0).message())
                case .end(let topic, let partition, _):
                    ended.insert(.init(topic: topics[topic], partition: partition))
                case .failure(let error):
                    if !error.isRetriable { failure = failure ?? error }
                }
            }
        } while messages.isEmpty && failure == nil && !atEnd && !deadline.hasPassed
        if messages.isEmpty, let failure { throw failure }
        return messages
    }

    private static func positions(
        _ reader: PartitionReader, _ topics: [String], _ start: Start, _ deadline: Deadline
    ) throws(KafkaError) -> [PartitionOffset] {
        if case .offsets(let positions) = start { return positions }
        var partitions: [TopicPartition] = []
        for (topic, count) in zip(topics, try reader.handle.partitionCounts(of: topics, until: deadline)) {
            for partition in 0..<count { partitions.append(.init(topic: topic, partition: partition)) }
        }
        // resolved now: the library would do it when its first fetch happens
        if case .end = start { return try reader.handle.offsets(of: partitions, at: PartitionOffset.end, until: deadline) }
        return partitions.map { .init(topic: $0.topic, partition: $0.partition, offset: PartitionOffset.beginning) }
    }
}
