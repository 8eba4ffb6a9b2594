import CRdKafka

/// Reads partitions without a group: librdkafka's simple consumer, which talks to no coordinator.
final class PartitionReader {
    /// A record, an end or an error of a partition.
    enum Item {
        /// Destroyed after the reader's callback has returned.
        case record(topic: Int, UnsafeMutablePointer<rd_kafka_message_t>)
        /// All up to this offset has been read, control records included.
        case end(topic: Int, partition: Int32, offset: Int64)
        case failure(KafkaError)
    }

    static let settings = ClientSettings(
        defaults: [
            // the end of a partition is told by the fetch after the last record (own: 500)
            "fetch.wait.max.ms": "50",
            // as GroupConsumer's
            "socket.timeout.ms": "10000", "queued.min.messages": "10000", "queued.max.messages.kbytes": "4096",
            "fetch.max.bytes": "2097152", "fetch.message.max.bytes": "262144", "auto.offset.reset": "earliest",
        ],
        required: ["enable.partition.eof": "true"])

    let handle: Handle
    private let queue: OpaquePointer
    private var started: [(topic: OpaquePointer, partition: Int32)] = []
    private var topicOfObject: [OpaquePointer: Int] = [:]
    private var buffer: [UnsafeMutablePointer<rd_kafka_message_t>?] = []

    init(
        _ configuration: KafkaConfiguration, topics: [String], committedOnly: Bool, overrides: [String: String]
    ) throws(KafkaError) {
        var settings = Self.settings
        settings.required["isolation.level"] = committedOnly ? "read_committed" : "read_uncommitted"
        handle = try settings.makeHandle(RD_KAFKA_CONSUMER, configuration, overrides: overrides)
        queue = rd_kafka_queue_new(handle.pointer)
        for (index, name) in topics.enumerated() {
            let object = try handle.topicObject(name)
            topicOfObject[object] = index
        }
    }

    deinit {
        for (topic, partition) in started { rd_kafka_consume_stop(topic, partition) }
        rd_kafka_queue_destroy(queue)
    }

    func start(_ position: PartitionOffset) throws(KafkaError) {
        let topic = try handle.topicObject(position.topic)
        guard rd_kafka_consume_start_queue(topic, position.partition, position.offset, queue) == 0 else {
            throw KafkaError(rd_kafka_last_error(), on: handle.pointer, operation: "read \(position.topic) \(position.partition)")
        }
        started.append((topic, position.partition))
    }

    /// Waits for something and hands over what else is there, up to `maximum` items.
    func next(maximum: Int, timeout seconds: Double, _ body: (Item) -> Void) {
        if buffer.count < maximum { buffer = .init(repeating: nil, count: maximum) }
        // asked for more at once, the call would wait for all of them
        var count = rd_kafka_consume_batch_queue(queue, milliseconds(seconds), &buffer, 1)
        if count == 1, maximum > 1 {
            let first = buffer[0]
            count = rd_kafka_consume_batch_queue(queue, 0, &buffer, maximum - 1)
            hand(over: first, body)
        }
        for index in 0..<max(0, count) { hand(over: buffer[index], body) }
    }

    private func hand(over message: UnsafeMutablePointer<rd_kafka_message_t>?, _ body: (Item) -> Void) {
        guard let message else { return }
        defer { rd_kafka_message_destroy(message) }
        let topic = message.pointee.rkt.flatMap { topicOfObject[$0] }
        switch (message.pointee.err, topic) {
        case (RD_KAFKA_RESP_ERR_NO_ERROR, let topic?):
            body(.record(topic: topic, message))
        case (RD_KAFKA_RESP_ERR__PARTITION_EOF, let topic?):
            body(.end(topic: topic, partition: message.pointee.partition, offset: message.pointee.offset))
        default:
            let name = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "topics"
            body(
                .failure(
                    KafkaError(
                        message.pointee.err, on: handle.pointer, operation: "read \(name) \(message.pointee.partition)",
                        reason: rd_kafka_message_errstr(message).map { String(cString: $0) })))
        }
    }
}
