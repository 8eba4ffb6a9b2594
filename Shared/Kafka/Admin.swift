import CRdKafka
import Threads

/// A topic to create.
public struct NewTopic: Hashable, Sendable {
    public var name: String
    public var partitions: Int32
    public var replication: Int16
    /// Topic properties such as `cleanup.policy`.
    public var config: [String: String]

    public init(name: String, partitions: Int32, replication: Int16 = 1, config: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.config = config
    }
}

/// The brokers' description of their cluster.
public struct ClusterMetadata: Hashable, Sendable {
    public var clusterId: String?
    /// Each topic's number of partitions; topics whose partitions have no leader yet are left out.
    public var topics: [String: Int32]
    public var brokerCount: Int
    /// Topics that exist, and of which a partition has no leader at this time.
    public var unready: Set<String> = []
}

/// Topics, metadata and offsets. Blocking, for one thread.
public final class Admin {
    private static let settings = ClientSettings(
        // the group is never joined: without one, librdkafka 2.0.2 dereferences NULL when a coordinator has just moved or started
        // (github.com/confluentinc/librdkafka/issues/5040)
        defaults: ["socket.timeout.ms": "10000", "group.id": "daifa-admin"], required: ["isolation.level": "read_uncommitted"])

    let handle: Handle
    private var confinement = ThreadConfinement()

    /// - Throws: when a property is unknown or has a wrong value. Brokers that are away are no error here.
    public init(_ configuration: KafkaConfiguration, overrides: [String: String] = [:]) throws(KafkaError) {
        handle = try Self.settings.makeHandle(RD_KAFKA_CONSUMER, configuration, overrides: overrides)
    }

    /// All topics, and the cluster's id.
    public func metadata(timeout seconds: Double) throws(KafkaError) -> ClusterMetadata {
        confinement.check()
        let deadline = Deadline.after(seconds)
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try handle.check(
            rd_kafka_metadata(handle.pointer, 1, nil, &metadata, deadline.remainingMilliseconds), "read the cluster's metadata")
        defer { rd_kafka_metadata_destroy(metadata) }
        var result = ClusterMetadata(clusterId: nil, topics: [:], brokerCount: 0)
        if let metadata = metadata?.pointee {
            result.brokerCount = Int(metadata.broker_cnt)
            for index in 0..<Int(metadata.topic_cnt) {
                let topic = metadata.topics[index]
                let name = String(cString: topic.topic)
                if let count = topic.readyPartitionCount {
                    result.topics[name] = count
                } else if topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART {
                    result.unready.insert(name)
                }
            }
        }
        if let identifier = rd_kafka_clusterid(handle.pointer, deadline.remainingMilliseconds) {
            result.clusterId = String(cString: identifier)
            rd_kafka_mem_free(handle.pointer, identifier)
        }
        return result
    }

    /// Creates topics and waits until each has its leaders. One that exists already is left as it is.
    /// - Throws: the first refusal, or a time-out.
    public func createTopics(_ topics: [NewTopic], timeout seconds: Double = 30) throws(KafkaError) {
        confinement.check()
        guard !topics.isEmpty else { return }
        let deadline = Deadline.after(seconds)
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics {
            var reason = [CChar](repeating: 0, count: 512)
            guard
                let request = rd_kafka_NewTopic_new(topic.name, topic.partitions, Int32(topic.replication), &reason, reason.count)
            else {
                throw KafkaError(
                    code: .invalidArgument, operation: "create the topic \(topic.name)",
                    reason: reason.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
            }
            requests.append(request)
            for (name, value) in topic.config {
                try handle.check(rd_kafka_NewTopic_set_config(request, name, value), "set \(name) of the topic \(topic.name)")
            }
        }
        try request("create topics", RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline, accepting: RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            options, queue in
            rd_kafka_CreateTopics(handle.pointer, &requests, requests.count, options, queue)
        } results: { event, count in
            rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        }
        _ = try handle.partitionCounts(of: topics.map(\.name), until: deadline)
    }

    /// Deletes topics. One that does not exist is no error.
    public func deleteTopics(_ names: [String], timeout seconds: Double = 30) throws(KafkaError) {
        confinement.check()
        guard !names.isEmpty else { return }
        var requests: [OpaquePointer?] = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for request in requests { rd_kafka_DeleteTopic_destroy(request) } }
        try request(
            "delete topics", RD_KAFKA_ADMIN_OP_DELETETOPICS, .after(seconds), accepting: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
        ) { options, queue in
            rd_kafka_DeleteTopics(handle.pointer, &requests, requests.count, options, queue)
        } results: { event, count in
            rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
        }
    }

    /// The ends of partitions' logs, records of open transactions included.
    public func endOffsets(_ partitions: [TopicPartition], timeout seconds: Double) throws(KafkaError) -> [PartitionOffset] {
        confinement.check()
        return try handle.offsets(of: partitions, at: PartitionOffset.end, until: .after(seconds))
    }

    /// The first offsets that partitions' logs still have.
    public func beginningOffsets(_ partitions: [TopicPartition], timeout seconds: Double) throws(KafkaError) -> [PartitionOffset] {
        confinement.check()
        return try handle.offsets(of: partitions, at: PartitionOffset.beginning, until: .after(seconds))
    }

    /// A group's committed offsets, with metadata; ``PartitionOffset/none`` where there is nothing. Waits for stable offsets.
    public func committedOffsets(
        group: String, _ partitions: [TopicPartition], timeout seconds: Double
    ) throws(KafkaError) -> [PartitionOffset] {
        confinement.check()
        let deadline = Deadline.after(seconds)
        while true {
            do throws(KafkaError) {
                return try stableOffsets(group, partitions, deadline)
            } catch {
                // the offsets of a transaction that is ending: they are known in a moment
                guard error.code == .unstableOffsetCommit, !deadline.hasPassed else { throw error }
                pause(Self.retryInterval)
            }
        }
    }

    /// Sets what a group has committed, with metadata. The group must have no member: one that ended without leaving counts until its session
    /// has timed out.
    /// - Throws: `unknownMemberId` or `nonEmptyGroup` while it has one.
    public func setCommittedOffsets(group: String, _ offsets: [PartitionOffset], timeout seconds: Double) throws(KafkaError) {
        confinement.check()
        guard !offsets.isEmpty else { return }
        let operation = "set the committed offsets of \(group)"
        let list = PartitionList(offsets)
        var requests: [OpaquePointer?] = [rd_kafka_AlterConsumerGroupOffsets_new(group, list.pointer)]
        defer { rd_kafka_AlterConsumerGroupOffsets_destroy(requests[0]) }
        var failure: KafkaError?
        try perform(operation, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, .after(seconds)) { options, queue in
            rd_kafka_AlterConsumerGroupOffsets(handle.pointer, &requests, 1, options, queue)
        } answer: { event in
            var count = 0
            let groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
                rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count)
            guard count == 1, let result = groups?[0] else { return }
            if let error = rd_kafka_group_result_error(result) {
                failure = KafkaError(
                    rd_kafka_error_code(error), on: handle.pointer, operation: operation,
                    reason: String(cString: rd_kafka_error_string(error)))
            } else if let list = rd_kafka_group_result_partitions(result), let refused = PartitionList.firstFailure(list) {
                failure = KafkaError(refused.code, on: handle.pointer, operation: operation)
            }
        }
        if let failure { throw failure }
    }

    private static let retryInterval = 0.02
}

extension Admin {
    /// Sends a request about topics and throws the first refusal.
    private func request(
        _ operation: String, _ kind: rd_kafka_admin_op_t, _ deadline: Deadline, accepting accepted: rd_kafka_resp_err_t,
        _ send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
        results: (_ event: OpaquePointer, _ count: inout Int) -> UnsafeMutablePointer<OpaquePointer?>?
    ) throws(KafkaError) {
        var refusal: KafkaError?
        try perform(operation, kind, deadline, send) { event in
            var count = 0
            guard let topics = results(event, &count) else { return }
            for index in 0..<count {
                let code = rd_kafka_topic_result_error(topics[index])
                guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != accepted, refusal == nil else { continue }
                refusal = KafkaError(
                    code, on: handle.pointer, operation: "\(operation): \(String(cString: rd_kafka_topic_result_name(topics[index])))",
                    reason: rd_kafka_topic_result_error_string(topics[index]).map { String(cString: $0) })
            }
        }
        if let refusal { throw refusal }
    }

    private func stableOffsets(
        _ group: String, _ partitions: [TopicPartition], _ deadline: Deadline
    ) throws(KafkaError) -> [PartitionOffset] {
        let operation = "read the committed offsets of \(group)"
        let list = PartitionList(partitions, offset: Int64(RD_KAFKA_OFFSET_INVALID))
        var requests: [OpaquePointer?] = [rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer)]
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(requests[0]) }
        var offsets: [PartitionOffset] = []
        var failure: KafkaError?
        try perform(operation, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, deadline) { options, queue in
            if let error = rd_kafka_AdminOptions_set_require_stable_offsets(options, 1) {
                failure = KafkaError(consuming: error, operation: operation)
            }
            rd_kafka_ListConsumerGroupOffsets(handle.pointer, &requests, 1, options, queue)
        } answer: { event in
            var count = 0
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
            guard count == 1, let result = groups?[0] else { return }
            if let error = rd_kafka_group_result_error(result) {
                failure = KafkaError(
                    rd_kafka_error_code(error), on: handle.pointer, operation: operation,
                    reason: String(cString: rd_kafka_error_string(error)))
            }
            guard let list = rd_kafka_group_result_partitions(result) else { return }
            offsets = PartitionList.offsets(list)
            if let refused = PartitionList.firstFailure(list) {
                failure = KafkaError(refused.code, on: handle.pointer, operation: operation)
            }
        }
        if let failure { throw failure }
        return offsets
    }

    /// Sends an admin request and waits for its answer.
    func perform(
        _ operation: String, _ kind: rd_kafka_admin_op_t, _ deadline: Deadline,
        _ send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void, answer: (_ event: OpaquePointer) -> Void
    ) throws(KafkaError) {
        guard let options = rd_kafka_AdminOptions_new(handle.pointer, kind), let queue = rd_kafka_queue_new(handle.pointer) else {
            throw KafkaError(code: .state, operation: operation)
        }
        defer {
            rd_kafka_queue_destroy(queue)
            rd_kafka_AdminOptions_destroy(options)
        }
        var reason = [CChar](repeating: 0, count: 512)
        let limit = max(1, min(deadline.remainingMilliseconds, 600_000))
        rd_kafka_AdminOptions_set_request_timeout(options, limit, &reason, reason.count)
        rd_kafka_AdminOptions_set_operation_timeout(options, limit, &reason, reason.count)
        send(options, queue)
        // the library answers by its own time limit, which is the same
        guard let event = rd_kafka_queue_poll(queue, limit + 1000) else { throw KafkaError(code: .timedOut, operation: operation) }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(
                code, on: handle.pointer, operation: operation, reason: rd_kafka_event_error_string(event).map { String(cString: $0) })
        }
        answer(event)
    }
}
