import CRdKafka
import Glibc

/// librdkafka's list of partitions, owned.
struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ offsets: [PartitionOffset]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(offsets.count))
        for offset in offsets {
            let element = rd_kafka_topic_partition_list_add(pointer, offset.topic, offset.partition)!
            element.pointee.offset = offset.offset
            guard let metadata = offset.metadata else { continue }
            // the list frees it with free()
            element.pointee.metadata = UnsafeMutableRawPointer(strdup(metadata))
            element.pointee.metadata_size = metadata.utf8.count
        }
    }

    init(_ partitions: [TopicPartition], offset: Int64) {
        self.init(partitions.map { .init(topic: $0.topic, partition: $0.partition, offset: offset) })
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    /// The first partition that the broker refused by itself.
    var firstFailure: (partition: TopicPartition, code: rd_kafka_resp_err_t)? { Self.firstFailure(pointer) }

    static func firstFailure(
        _ pointer: UnsafePointer<rd_kafka_topic_partition_list_t>
    ) -> (partition: TopicPartition, code: rd_kafka_resp_err_t)? {
        for index in 0..<Int(pointer.pointee.cnt) {
            let element = pointer.pointee.elems[index]
            guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
                return (.init(topic: String(cString: element.topic), partition: element.partition), element.err)
            }
        }
        return nil
    }

    var offsets: [PartitionOffset] { Self.offsets(pointer) }

    static func offsets(_ pointer: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [PartitionOffset] {
        (0..<Int(pointer.pointee.cnt)).map { index in
            let element = pointer.pointee.elems[index]
            var metadata: String?
            if let bytes = element.metadata, element.metadata_size > 0 {
                metadata = String(decoding: UnsafeRawBufferPointer(start: bytes, count: element.metadata_size), as: UTF8.self)
            }
            return .init(
                topic: String(cString: element.topic), partition: element.partition,
                offset: element.offset == Int64(RD_KAFKA_OFFSET_INVALID) ? PartitionOffset.none : element.offset, metadata: metadata)
        }
    }
}
