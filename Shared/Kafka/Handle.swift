import CRdKafka

/// Owns a librdkafka handle and its topic objects, and destroys them when the last user is gone: messages that are still held keep the
/// handle, since destroying it under them would wait for them forever.
final class Handle {
    let pointer: OpaquePointer
    /// The object behind the callbacks' opaque pointer.
    let context: AnyObject?
    /// Set by whoever has closed the consumer already, or does not want to wait for it.
    var destroyFlags: Int32 = 0
    private(set) var topics: [OpaquePointer] = []
    /// Where a group's consumer gets its records.
    private(set) lazy var consumerQueue: OpaquePointer = {
        hasConsumerQueue = true
        return rd_kafka_queue_get_consumer(pointer)
    }()
    private var hasConsumerQueue = false
    private var topicNumbers: [String: Int] = [:]

    init(_ pointer: OpaquePointer, context: AnyObject?) {
        self.pointer = pointer
        self.context = context
    }

    deinit {
        if hasConsumerQueue { rd_kafka_queue_destroy(consumerQueue) }
        for topic in topics { rd_kafka_topic_destroy(topic) }
        rd_kafka_destroy_flags(pointer, destroyFlags)
    }

    /// The number of a topic's object, which is made on first use and kept.
    func topic(_ name: String) throws(KafkaError) -> Int {
        if let known = topicNumbers[name] { return known }
        guard let topic = rd_kafka_topic_new(pointer, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), on: pointer, operation: "use the topic \(name)")
        }
        topics.append(topic)
        topicNumbers[name] = topics.count - 1
        return topics.count - 1
    }

    /// A topic's object, which is made on first use and kept.
    func topicObject(_ name: String) throws(KafkaError) -> OpaquePointer {
        let number = try topic(name)
        return topics[number]
    }

    /// Throws what a call answered, if that is an error.
    func check(_ code: rd_kafka_resp_err_t, _ operation: @autoclosure () -> String) throws(KafkaError) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaError(code, on: pointer, operation: operation())
    }

    /// Throws what a call answered, if that is an error, and destroys it.
    func check(_ error: OpaquePointer?, _ operation: @autoclosure () -> String) throws(KafkaError) {
        guard let error else { return }
        throw KafkaError(consuming: error, operation: operation())
    }
}
