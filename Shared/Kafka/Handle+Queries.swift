import CRdKafka
import Threads

extension Handle {
    /// How many partitions a topic has; nil when there is no such topic, or when a partition has no leader yet.
    func partitionCount(of topic: String, until deadline: Deadline) throws(KafkaError) -> Int32? {
        let object = try topicObject(topic)
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try check(
            rd_kafka_metadata(pointer, 0, object, &metadata, deadline.remainingMilliseconds), "read the metadata of \(topic)")
        guard let metadata else { return nil }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt == 1, let found = metadata.pointee.topics else { return nil }
        return found.pointee.readyPartitionCount
    }

    /// Waits until all topics are there and gives their numbers of partitions.
    func partitionCounts(of names: [String], until deadline: Deadline) throws(KafkaError) -> [Int32] {
        var result: [Int32] = []
        for name in names {
            while true {
                if let count = try partitionCount(of: name, until: deadline) {
                    result.append(count)
                    break
                }
                guard !deadline.hasPassed else {
                    throw KafkaError(
                        code: .unknownTopicOrPartition, operation: "read the metadata of \(name)",
                        reason: "the topic does not exist or has no leader")
                }
                pause(0.05)
            }
        }
        return result
    }

    /// The end (``PartitionOffset/end``) or the beginning (``PartitionOffset/beginning``) of partitions, asked of their leaders.
    /// A `read_committed` handle is told the last stable offset as the end.
    func offsets(
        of partitions: [TopicPartition], at place: Int64, until deadline: Deadline
    ) throws(KafkaError) -> [PartitionOffset] {
        guard !partitions.isEmpty else { return [] }
        while true {
            // the request's timestamps -1 and -2 mean latest and earliest
            let list = PartitionList(partitions, offset: place)
            let code = rd_kafka_offsets_for_times(pointer, list.pointer, deadline.remainingMilliseconds)
            guard let refused = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list.firstFailure?.code : code else { return list.offsets }
            let error = KafkaError(refused, on: pointer, operation: "read the ends of partitions of \(partitions[0].topic)")
            // a leader that has just been chosen: the broker that was asked does not know it yet
            guard error.code == .notLeaderForPartition || error.code == .leaderNotAvailable, !deadline.hasPassed else { throw error }
            pause(0.05)
        }
    }
}

extension rd_kafka_metadata_topic {
    /// nil while the topic is missing, or a partition has no leader.
    var readyPartitionCount: Int32? {
        guard err == RD_KAFKA_RESP_ERR_NO_ERROR, partition_cnt > 0 else { return nil }
        for index in 0..<Int(partition_cnt) {
            let partition = partitions[index]
            guard partition.leader >= 0, partition.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        }
        return partition_cnt
    }
}
