import CRdKafka

@testable import Kafka

/// Makes records as librdkafka hands them out, without a broker: a producer is given them and gives them back undelivered.
final class RecordMaker {
    typealias Pointer = UnsafeMutablePointer<rd_kafka_message_t>

    private let handle: OpaquePointer
    private let queue: OpaquePointer
    private var topics: [String: OpaquePointer] = [:]
    /// They own the records.
    private var events: [OpaquePointer] = []

    init() {
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set_events(configuration, Int32(RD_KAFKA_EVENT_DR))
        var text = [CChar](repeating: 0, count: 512)
        rd_kafka_conf_set(configuration, "log_level", "0", &text, text.count)
        guard let made = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count), let queue = rd_kafka_queue_get_main(made)
        else { preconditionFailure("librdkafka makes no producer") }
        handle = made
        self.queue = queue
    }

    deinit {
        for event in events { rd_kafka_event_destroy(event) }
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy(handle)
    }

    func topic(_ name: String) -> OpaquePointer {
        if let known = topics[name] { return known }
        guard let made = rd_kafka_topic_new(handle, name, nil) else { preconditionFailure("librdkafka makes no topic") }
        topics[name] = made
        return made
    }

    /// One topic's records, each with a key, a value and packed headers (``RecordPacker``), in order.
    func make(_ records: [(key: [UInt8], value: [UInt8]?, headers: [UInt8])], topic name: String) -> [Pointer] {
        let topic = topic(name)
        for record in records {
            let code = crdkafka_produce(
                handle, topic, -1, record.key, record.key.count, record.value ?? [], record.value?.count ?? 0, record.headers,
                record.headers.count)
            precondition(code == RD_KAFKA_RESP_ERR_NO_ERROR, "librdkafka takes no record")
        }
        rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING)
        var made: [Pointer] = []
        while made.count < records.count {
            guard let event = rd_kafka_queue_poll(queue, 10_000) else { preconditionFailure("librdkafka keeps a record") }
            events.append(event)
            guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR else { continue }
            while let message = rd_kafka_event_message_next(event) {
                let record = Pointer(mutating: message)
                record.pointee.err = RD_KAFKA_RESP_ERR_NO_ERROR
                made.append(record)
            }
        }
        return made
    }
}
