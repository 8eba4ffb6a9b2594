import CRdKafka
import Threads

/// Decides what a member of a group reads. Called on the polling thread, inside of ``GroupConsumer/poll(maximum:timeout:)`` or
/// ``GroupConsumer/close(leaveGroup:)``.
public protocol RebalanceDelegate: AnyObject {
    /// The group has given these partitions to this member.
    /// - Parameters:
    ///   - epoch: counts this consumer's assignments, from 1.
    ///   - group: of this assignment, to be kept with what is claimed for it.
    /// - Returns: what to read and from where; may be fewer partitions, or none.
    func assigned(_ partitions: [TopicPartition], epoch: Int, group: GroupMetadata) -> [PartitionOffset]

    /// The group takes these partitions back. The next owner gets them when this returns.
    /// - Parameter lost: the group has given them away already.
    func revoked(_ partitions: [TopicPartition], lost: Bool)
}

/// A member of a consumer group that keeps its positions itself.
///
/// Range assignment (equal partition numbers of topics with equal partition counts come together), `read_committed`, no automatic
/// commits. Blocking, for one dedicated thread: every call, and the delegate, happen on it. When the member does not poll for
/// `max.poll.interval.ms` (5 min) the group takes its partitions away.
public final class GroupConsumer {
    static let settings = ClientSettings(
        defaults: [
            // how long a dead member's partitions idle, and how long all others take to hear of a rebalance (own: 45 s and 3 s)
            "session.timeout.ms": "10000", "heartbeat.interval.ms": "500",
            // a fetch that waits for data also holds up newly assigned partitions (own: 500); short ones cost CPU when there is nothing to read
            "fetch.wait.max.ms": "50",
            // after this much silence a broker is given up and its connection made anew (own: 60 s)
            "socket.timeout.ms": "10000",
            // bounds memory (own: 100,000 records and 64 MiB). A queue that is over its limits is looked at again after up to 1 s, so
            // it has to hold a second of work
            "queued.min.messages": "20000", "queued.max.messages.kbytes": "8192", "fetch.max.bytes": "4194304",
            "fetch.message.max.bytes": "524288",
        ],
        required: [
            "enable.auto.commit": "false", "enable.auto.offset.store": "false", "isolation.level": "read_committed",
            "partition.assignment.strategy": "range",
            // a position outside of the log must be told, not repaired silently
            "auto.offset.reset": "error",
            // tells positions behind transaction markers, see ConsumedBatch.ends
            "enable.partition.eof": "true",
        ])

    /// Errors that pass by themselves (brokers away, topics missing, permissions missing), for logs and health. On the polling thread.
    public var onNotice: ((KafkaError) -> Void)?

    public let group: String
    public let instance: String?
    public let topics: [String]
    private let callbacks = ConsumerCallbacks()
    private weak var delegate: (any RebalanceDelegate)?
    private var handle: Handle?
    private let topicTable: TopicTable
    private var confinement = ThreadConfinement()
    private var received: [UnsafeMutablePointer<rd_kafka_message_t>] = []
    private var ends: [(topic: Int, partition: Int32, offset: Int64)] = []
    private var buffer: [UnsafeMutablePointer<rd_kafka_message_t>?] = []
    private var failure: KafkaError?
    private var epoch = 0
    private var owned: [TopicPartition]?

    /// Subscribes; the group answers during ``poll(maximum:timeout:)``.
    /// - Parameter topics: with none it never joins, and only answers for offsets.
    /// - Parameter instance: the static member's name: a member that comes back under it within `session.timeout.ms` gets its
    ///   partitions back without a rebalance.
    /// - Parameter delegate: kept weakly.
    public init(
        _ configuration: KafkaConfiguration, group: String, instance: String?, topics: [String], delegate: any RebalanceDelegate,
        overrides: [String: String] = [:]
    ) throws(KafkaError) {
        self.group = group
        self.instance = instance
        self.topics = topics
        self.delegate = delegate
        var settings = Self.settings
        settings.required["group.id"] = group
        settings.required["group.instance.id"] = instance
        let handle = try settings.makeHandle(
            RD_KAFKA_CONSUMER, configuration, overrides: overrides, context: callbacks, callbacks: ConsumerCallbacks.install)
        // its end must neither wait for the group nor call back
        handle.destroyFlags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE
        self.handle = handle
        topicTable = try TopicTable(handle, names: topics)
        rd_kafka_poll_set_consumer(handle.pointer)
        guard !topics.isEmpty else { return }
        let list = PartitionList(topics.map { .init(topic: $0, partition: -1) }, offset: PartitionOffset.none)
        try handle.check(rd_kafka_subscribe(handle.pointer, list.pointer), "subscribe to \(topics)")
    }

    /// Waits for a record and takes what else is there, up to `maximum`; nil when none came in time, or when a rebalance came instead.
    /// A batch may hold no record and only ends of partitions.
    ///
    /// A rebalance is answered in here: what the call had fetched is dropped then, since the delegate gives new positions.
    /// - Throws: what cannot pass by itself: the consumer is fenced or of no more use (`isFenced`, `isFatal`), or a position lies
    ///   outside of its log (``KafkaError/Code/positionOutsideLog``).
    public func poll(maximum: Int, timeout seconds: Double) throws(KafkaError) -> ConsumedBatch? {
        let handle = try open("poll")
        if let failure {
            self.failure = nil
            throw failure
        }
        if let first = rd_kafka_consumer_poll(handle.pointer, milliseconds(seconds)) {
            accept(first, of: handle)
            drain(handle, maximum - 1)
        }
        report(handle)
        if !callbacks.rebalances.isEmpty {
            discard()
            try answerRebalances(handle)
            return nil
        }
        guard !received.isEmpty || !ends.isEmpty else {
            if let failure {
                self.failure = nil
                throw failure
            }
            return nil
        }
        defer {
            received.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
        }
        return ConsumedBatch(received[...], ends: ends, topics: topicTable)
    }

    /// Replaces what is read, within what the group has assigned; every partition starts anew at its position.
    /// - Throws: ``KafkaError/Code/state`` when the group has assigned nothing at this time.
    public func assign(_ positions: [PartitionOffset]) throws(KafkaError) {
        let handle = try open("assign")
        guard owned != nil else {
            throw KafkaError(code: .state, operation: "assign partitions of \(group)", reason: "the group has assigned nothing yet")
        }
        try assign(positions, handle)
    }

    /// The group's committed offsets with their metadata; ``PartitionOffset/none`` where there is none. Waits for transactions that are
    /// about to change them, and never answers with what was before.
    public func committed(_ partitions: [TopicPartition], timeout seconds: Double) throws(KafkaError) -> [PartitionOffset] {
        let handle = try open("read committed offsets")
        let operation = "read committed offsets of \(group)"
        let deadline = Deadline.after(seconds)
        while true {
            let list = PartitionList(partitions, offset: Int64(RD_KAFKA_OFFSET_INVALID))
            var code = rd_kafka_committed(handle.pointer, list.pointer, deadline.remainingMilliseconds)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                guard let refused = list.firstFailure else { return list.offsets }
                code = refused.code
            }
            let error = KafkaError(code, on: handle.pointer, operation: operation)
            guard error.isRetriable, error.code != .timedOut, !deadline.hasPassed else { throw error }
            pause(Self.retryInterval)
        }
    }

    /// The first and the next offset of a partition as the last fetch told them, without asking; the low one is -1 when unknown.
    /// The high one counts records of open transactions and transaction markers.
    public func cachedWatermarks(_ partition: TopicPartition) -> (low: Int64, high: Int64)? {
        guard let handle else { return nil }
        confinement.check()
        var low: Int64 = 0
        var high: Int64 = 0
        let code = rd_kafka_get_watermark_offsets(handle.pointer, partition.topic, partition.partition, &low, &high)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
        return (max(low, -1), high)
    }

    /// The first offset of a partition and its last stable one, asked of the broker.
    public func queryWatermarks(_ partition: TopicPartition, timeout seconds: Double) throws(KafkaError) -> (low: Int64, high: Int64) {
        let handle = try open("query watermarks")
        var low: Int64 = 0
        var high: Int64 = 0
        try handle.check(
            rd_kafka_query_watermark_offsets(
                handle.pointer, partition.topic, partition.partition, &low, &high, milliseconds(seconds)),
            "query the watermarks of \(partition.topic) \(partition.partition)")
        return (low, high)
    }

    /// Gives everything back (the delegate hears of it) and closes the connections, within ``closeTimeout``.
    /// - Parameter leaveGroup: a static member tells the group that it is gone for good, so that others get its partitions at once instead
    ///   of after `session.timeout.ms`. A member without a name always leaves.
    public func close(leaveGroup: Bool) {
        guard let handle else { return }
        confinement.check()
        discard()
        if leaveGroup, instance != nil, !topics.isEmpty { leave(handle) }
        let queue = rd_kafka_queue_new(handle.pointer)
        defer { rd_kafka_queue_destroy(queue) }
        let deadline = Deadline.after(Self.closeTimeout)
        if let error = rd_kafka_consumer_close_queue(handle.pointer, queue) {
            rd_kafka_error_destroy(error)
        } else {
            while rd_kafka_consumer_closed(handle.pointer) == 0, !deadline.hasPassed {
                var message: UnsafeMutablePointer<rd_kafka_message_t>?
                if rd_kafka_consume_batch_queue(queue, 50, &message, 1) == 1 { rd_kafka_message_destroy(message) }
                try? answerRebalances(handle)
            }
        }
        // a consumer with a fatal error closes without a revoke
        giveUp(lost: true)
        self.handle = nil
    }

    /// A close sends LeaveGroup for members without a name only; the end of a subscription does so for static members too, by the member id,
    /// which librdkafka then forgets (rdkafka_cgrp.c, `rd_kafka_cgrp_leave_maybe`). The close that follows waits for the group's answer.
    private func leave(_ handle: Handle) {
        guard rd_kafka_unsubscribe(handle.pointer) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        let deadline = Deadline.after(Self.leaveTimeout)
        repeat {
            if let message = rd_kafka_consumer_poll(handle.pointer, Self.leavePollMilliseconds) { rd_kafka_message_destroy(message) }
            try? answerRebalances(handle)
        } while isMember(handle) && !deadline.hasPassed
    }

    private func isMember(_ handle: Handle) -> Bool {
        guard let member = rd_kafka_memberid(handle.pointer) else { return false }
        defer { rd_kafka_mem_free(handle.pointer, member) }
        return member.pointee != 0
    }

    /// Seconds that a close may take.
    public static let closeTimeout = 10.0
    private static let leaveTimeout = 2.0
    private static let leavePollMilliseconds: Int32 = 10
    private static let retryInterval = 0.02
}

// MARK: - Records and errors

extension GroupConsumer {
    private func drain(_ handle: Handle, _ maximum: Int) {
        guard maximum > 0, callbacks.rebalances.isEmpty else { return }
        if buffer.count < maximum { buffer = .init(repeating: nil, count: maximum) }
        let count = rd_kafka_consume_batch_queue(handle.consumerQueue, 0, &buffer, maximum)
        for index in 0..<max(0, count) {
            if let message = buffer[index] { accept(message, of: handle) }
        }
    }

    private func accept(_ message: UnsafeMutablePointer<rd_kafka_message_t>, of handle: Handle) {
        guard message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else {
            received.append(message)
            return
        }
        defer { rd_kafka_message_destroy(message) }
        if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            if let topic = topicTable.index(of: message.pointee.rkt) {
                ends.append((topic: topic, partition: message.pointee.partition, offset: message.pointee.offset))
            }
            return
        }
        let place = message.pointee.rkt.map { " \(String(cString: rd_kafka_topic_name($0))) \(message.pointee.partition)" } ?? ""
        take(
            KafkaError(
                message.pointee.err, on: handle.pointer, operation: "consume\(place) as \(group)",
                reason: rd_kafka_message_errstr(message).map { String(cString: $0) }))
    }

    private func take(_ error: KafkaError) {
        if error.isFatal || error.isFenced || error.code == .positionOutsideLog || error.code == .offsetOutOfRange {
            failure = failure ?? error
        } else {
            onNotice?(error)
        }
    }

    private func report(_ handle: Handle) {
        guard !callbacks.errors.isEmpty else { return }
        let errors = callbacks.errors
        callbacks.errors.removeAll()
        for (code, reason) in errors { take(KafkaError(code, on: handle.pointer, operation: "consume as \(group)", reason: reason)) }
    }

    private func discard() {
        for message in received { rd_kafka_message_destroy(message) }
        received.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    private func open(_ operation: String) throws(KafkaError) -> Handle {
        confinement.check()
        guard let handle else { throw KafkaError(code: .state, operation: "\(operation) as \(group)", reason: "the consumer is closed") }
        return handle
    }
}

// MARK: - Rebalance

extension GroupConsumer {
    /// The callback only notes a rebalance; the library waits for the answer, which is given here, when no call of it is under way.
    private func answerRebalances(_ handle: Handle) throws(KafkaError) {
        while !callbacks.rebalances.isEmpty {
            let rebalance = callbacks.rebalances.removeFirst()
            switch rebalance.kind {
            case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
                // without membership there is nothing to own: the next rebalance is on its way
                guard let delegate, let metadata = GroupMetadata(of: handle.pointer) else {
                    try assign([], handle)
                    continue
                }
                epoch += 1
                owned = rebalance.partitions
                try assign(delegate.assigned(rebalance.partitions, epoch: epoch, group: metadata), handle)
            case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
                giveUp(lost: rebalance.isLost)
                try handle.check(rd_kafka_assign(handle.pointer, nil), "give back the partitions of \(group)")
            default:
                onNotice?(KafkaError(rebalance.kind, on: handle.pointer, operation: "rebalance \(group)"))
                giveUp(lost: true)
                try handle.check(rd_kafka_assign(handle.pointer, nil), "give back the partitions of \(group)")
            }
        }
    }

    private func giveUp(lost: Bool) {
        guard let partitions = owned else { return }
        owned = nil
        failure = failure.flatMap { $0.isFatal || $0.isFenced ? $0 : nil }
        delegate?.revoked(partitions, lost: lost)
    }

    private func assign(_ positions: [PartitionOffset], _ handle: Handle) throws(KafkaError) {
        let list = PartitionList(positions)
        try handle.check(rd_kafka_assign(handle.pointer, list.pointer), "assign partitions of \(group)")
    }
}
