import CRdKafka
import Threads

/// Reads compacted topics whole, from the beginning, or any topics on from positions, and then forever, on a thread of its own; without
/// a group, `read_committed`. Survives the loss of brokers, and waits for topics that do not exist yet.
public final class TableReader: Sendable {
    /// A row, or its end (a nil value). Called on the reader's thread, in the order of each partition.
    public typealias RowHandler = @Sendable (_ topicIndex: Int, _ key: [UInt8], _ value: [UInt8]?) -> Void
    /// Records that came together. Called on the reader's thread, in the order of each partition; they count as read once it has returned.
    public typealias RecordsHandler = @Sendable ([Message]) -> Void

    private enum Handler {
        case rows(RowHandler)
        case records(RecordsHandler)
    }

    private struct State {
        /// The next offset of each partition of each topic; empty until the partitions are known.
        var positions: [[Int64]] = []
        var partitions: [TopicPartition] = []
        /// The ends that the first read has to reach; nil until they are known.
        var firstEnds: [PartitionOffset]?
        var isCaughtUp = false
        var isStopped = false
        var lastError: KafkaError?

        func hasReached(_ ends: [PartitionOffset], _ topics: [String]) -> Bool {
            ends.allSatisfy { end in
                topics.firstIndex(of: end.topic).map { positions[$0][Int(end.partition)] >= end.offset } ?? true
            }
        }
    }

    /// Asks for the ends of partitions, open transactions included.
    private final class EndQuery: @unchecked Sendable {
        // librdkafka's own handles may be used from any thread
        let handle: Handle

        init(_ configuration: KafkaConfiguration, _ overrides: [String: String]) throws(KafkaError) {
            var settings = PartitionReader.settings
            settings.required["isolation.level"] = "read_uncommitted"
            handle = try settings.makeHandle(RD_KAFKA_CONSUMER, configuration, overrides: overrides)
        }
    }

    public let topics: [String]
    private let configuration: KafkaConfiguration
    private let overrides: [String: String]
    private let state = Monitor(State())
    private let query = Monitor<EndQuery?>(nil)
    private let thread: Monitor<NamedThread?> = Monitor(nil)
    private let firstPositions: [TopicPartition: Int64]
    private let handler: Handler

    /// Starts reading at once.
    /// - Parameter overrides: librdkafka properties.
    public convenience init(
        _ configuration: KafkaConfiguration, topics: [String], overrides: [String: String] = [:], onRow: @escaping RowHandler
    ) throws {
        try self.init(configuration, topics, [], overrides, .rows(onRow))
    }

    /// Starts reading at once.
    /// - Parameters:
    ///   - positions: where to go on. A partition that is not named, or whose log does not reach there (any more), is read from its beginning.
    ///   - overrides: librdkafka properties.
    public convenience init(
        _ configuration: KafkaConfiguration, topics: [String], from positions: [PartitionOffset], overrides: [String: String] = [:],
        onRecords: @escaping RecordsHandler
    ) throws {
        try self.init(configuration, topics, positions, overrides, .records(onRecords))
    }

    private init(
        _ configuration: KafkaConfiguration, _ topics: [String], _ positions: [PartitionOffset], _ overrides: [String: String],
        _ handler: Handler
    ) throws {
        self.topics = topics
        self.configuration = configuration
        self.overrides = overrides
        self.handler = handler
        firstPositions = Dictionary(positions.map { ($0.topicPartition, $0.offset) }, uniquingKeysWith: { _, last in last })
        let reader = try ReaderBox(PartitionReader(configuration, topics: topics, committedOnly: true, overrides: overrides))
        let started = try NamedThread("tables") { [self] in run(reader) }
        thread.withLock { $0 = started }
    }

    /// Whether everything has been read that was there at the start.
    public var isCaughtUp: Bool { state.withLock { $0.isCaughtUp } }

    /// What the first read still lacks, for a person: topics that are not read to their end, and the last error, if there was one.
    public var obstacle: String {
        state.withLock { state in
            let unread = topics.enumerated().filter { index, topic in
                guard let ends = state.firstEnds else { return true }
                return ends.contains { $0.topic == topic && state.positions[index][Int($0.partition)] < $0.offset }
            }
            let text = "not read to the end yet: \(unread.map(\.element).joined(separator: ", "))"
            return state.lastError.map { "\(text); last error: \($0)" } ?? text
        }
    }

    /// The last error while reading; nil when there was none since the last record.
    public var lastError: KafkaError? { state.withLock { $0.lastError } }

    /// Waits until ``isCaughtUp``; false after `seconds`, or when the reader was stopped.
    public func waitUntilCaughtUp(timeout seconds: Double) -> Bool {
        state.wait(until: .after(seconds)) { $0.isCaughtUp || $0.isStopped ? $0.isCaughtUp : nil } ?? false
    }

    /// Waits until everything that was committed to these topics when the call was made has been passed to the row handler. From any
    /// thread but the reader's.
    ///
    /// Waits, too, for the end of transactions that are open on these topics at that moment: one that was committed a moment ago looks the
    /// same until its markers are written.
    /// - Returns: false after `seconds`, or when the reader was stopped.
    public func barrier(timeout seconds: Double) -> Bool {
        let deadline = Deadline.after(seconds)
        let known = state.wait(until: deadline) { state -> [TopicPartition]? in
            state.isStopped || !state.partitions.isEmpty ? state.partitions : nil
        }
        guard let partitions = known, let ends = ends(of: partitions, until: deadline) else { return false }
        return state.wait(until: deadline) { [topics] state in
            state.isStopped || state.hasReached(ends, topics) ? !state.isStopped : nil
        } ?? false
    }

    /// Ends the reading; no row is passed on after it has returned. Not from the reader's thread.
    public func stop() {
        state.update { $0.isStopped = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        query.withLock { $0 = nil }
    }

    private func ends(of partitions: [TopicPartition], until deadline: Deadline) -> [PartitionOffset]? {
        while !deadline.hasPassed, !isStopped {
            let handle = query.withLock { query -> Handle? in
                if query == nil { query = try? EndQuery(configuration, overrides) }
                return query?.handle
            }
            guard let handle else { return nil }
            if let ends = try? handle.offsets(of: partitions, at: PartitionOffset.end, until: deadline) { return ends }
            pause(Self.retryInterval)
        }
        return nil
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }
    private static let retryInterval = 0.1
    private static let pollInterval = 0.1
    private static let queryTimeout = 5.0
    private static let batchSize = 1000
}

// MARK: - The reader's thread

extension TableReader {
    /// Carries the reader into its thread.
    private final class ReaderBox: @unchecked Sendable {
        let reader: PartitionReader

        init(_ reader: PartitionReader) { self.reader = reader }
    }

    private func run(_ box: ReaderBox) {
        let reader = box.reader
        guard let partitions = retrying({ () throws(KafkaError) in try self.start(reader) }) else { return }
        state.update { state in
            state.positions = topics.map { topic in .init(repeating: 0, count: partitions.count { $0.topic == topic }) }
            state.partitions = partitions
        }
        let ends = retrying { () throws(KafkaError) in
            try reader.handle.offsets(of: partitions, at: PartitionOffset.end, until: .after(Self.queryTimeout))
        }
        state.update { $0.firstEnds = ends }
        while !isStopped {
            read(reader)
            state.update { state in
                guard !state.isCaughtUp, let ends = state.firstEnds else { return }
                state.isCaughtUp = state.hasReached(ends, topics)
            }
        }
    }

    private func start(_ reader: PartitionReader) throws(KafkaError) -> [TopicPartition] {
        let counts = try reader.handle.partitionCounts(of: topics, until: .after(Self.queryTimeout))
        var partitions: [TopicPartition] = []
        for (topic, count) in zip(topics, counts) {
            for partition in 0..<count { partitions.append(.init(topic: topic, partition: partition)) }
        }
        for partition in partitions {
            let offset = firstPositions[partition] ?? PartitionOffset.beginning
            try reader.start(.init(topic: partition.topic, partition: partition.partition, offset: offset))
        }
        return partitions
    }

    private func read(_ reader: PartitionReader) {
        var messages: [Message] = []
        // Told only after the handler has returned.
        var places: [(topic: Int, partition: Int32, next: Int64)] = []
        reader.next(maximum: Self.batchSize, timeout: Self.pollInterval) { item in
            switch item {
            case .record(let topic, let message):
                let record = message.pointee
                switch handler {
                case .rows(let onRow):
                    if let key = record.key {
                        let value = record.payload.map { Array(UnsafeRawBufferPointer(start: $0, count: record.len)) }
                        onRow(topic, Array(UnsafeRawBufferPointer(start: key, count: record.key_len)), value)
                    }
                    advance(topic, record.partition, record.offset + 1)
                case .records:
                    messages.append(RecordView(record: message, topicObjects: nil, topicCount: 0).message())
                    places.append((topic, record.partition, record.offset + 1))
                }
            case .end(let topic, let partition, let offset): places.append((topic, partition, offset))
            case .failure(let error): state.withLock { $0.lastError = error }
            }
        }
        if !messages.isEmpty, case .records(let onRecords) = handler { onRecords(messages) }
        for place in places { advance(place.topic, place.partition, place.next) }
    }

    private func advance(_ topic: Int, _ partition: Int32, _ position: Int64) {
        state.withLock { state in
            state.positions[topic][Int(partition)] = position
            state.lastError = nil
        }
    }

    /// Tries until it succeeds; nil when the reader is stopped before that.
    private func retrying<Result>(_ body: () throws(KafkaError) -> Result) -> Result? {
        while !isStopped {
            do throws(KafkaError) {
                return try body()
            } catch {
                state.withLock { $0.lastError = error }
                pause(Self.retryInterval)
            }
        }
        return nil
    }
}
