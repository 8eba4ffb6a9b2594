import CRdKafka

/// An idempotent producer: every record is written once and in the order it was sent, per partition, and acknowledged by all in-sync
/// replicas. Keys choose partitions as Java's producer does.
///
/// Blocking, for one dedicated thread.
public final class Producer {
    /// The first delivery that failed since the last flush; filled in by the delivery callback, on the thread that serves it.
    private final class Deliveries {
        var firstFailure: (code: rd_kafka_resp_err_t, topic: String)?
    }

    private static let settings = ClientSettings(
        defaults: [
            // a caller waits for the acknowledgement: tell it soon that there is none (the library's own limit is 5 min)
            "message.timeout.ms": "30000",
            // 1 GiB of waiting records is the library's limit
            "queue.buffering.max.kbytes": "16384", "linger.ms": "2",
        ],
        required: ["enable.idempotence": "true", "acks": "all", "partitioner": "murmur2_random"])

    private var handle: Handle?
    private let deliveries = Deliveries()
    private var confinement = ThreadConfinement()

    /// - Throws: when a property is unknown or has a wrong value. Brokers that are away are no error here.
    public init(_ configuration: KafkaConfiguration, overrides: [String: String] = [:]) throws(KafkaError) {
        handle = try Self.settings.makeHandle(RD_KAFKA_PRODUCER, configuration, overrides: overrides, context: deliveries) {
            configuration in
            rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
                guard let message, let opaque, message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
                let deliveries = Unmanaged<Deliveries>.fromOpaque(opaque).takeUnretainedValue()
                guard deliveries.firstFailure == nil else { return }
                deliveries.firstFailure = (message.pointee.err, String(cString: rd_kafka_topic_name(message.pointee.rkt)))
            }
        }
    }

    /// Queues one record; while the queue is full it waits. A nil partition means: by key, or any without one. A nil value is a
    /// tombstone. Whether it arrived is told by ``flush(timeout:)``.
    public func send(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []
    ) throws(KafkaError) {
        let handle = try open("send to \(topic)")
        let object = try handle.topicObject(topic)
        let packed = Self.pack(headers)
        let code = withOptionalBytes(key) { key in
            withOptionalBytes(value) { value in
                packed.withUnsafeBufferPointer { headers in
                    crdkafka_produce(
                        handle.pointer, object, partition ?? -1, key?.nonNullBase, key?.count ?? 0, value?.nonNullBase, value?.count ?? 0,
                        headers.baseAddress, headers.count)
                }
            }
        }
        rd_kafka_poll(handle.pointer, 0)
        try handle.check(code, "send to \(topic)")
    }

    /// Waits until every record that was sent is acknowledged or has failed.
    /// - Throws: the first delivery error since the last flush, or ``KafkaError/Code/timedOut`` with records still on their way.
    public func flush(timeout seconds: Double) throws(KafkaError) {
        let handle = try open("flush")
        let code = rd_kafka_flush(handle.pointer, milliseconds(seconds))
        if let failure = deliveries.firstFailure {
            deliveries.firstFailure = nil
            throw KafkaError(failure.code, on: handle.pointer, operation: "deliver to \(failure.topic)")
        }
        try handle.check(code, "flush")
    }

    /// Drops what is not delivered yet and closes the connections.
    public func close() {
        guard let handle else { return }
        confinement.check()
        rd_kafka_purge(handle.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
        self.handle = nil
    }

    private func open(_ operation: @autoclosure () -> String) throws(KafkaError) -> Handle {
        confinement.check()
        guard let handle else { throw KafkaError(code: .state, operation: operation(), reason: "the producer is closed") }
        return handle
    }

    private static func pack(_ headers: [Header]) -> [UInt8] {
        guard !headers.isEmpty else { return [] }
        var result: [UInt8] = []
        func append<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { result.append(contentsOf: $0) }
        }
        append(UInt16(headers.count))
        for header in headers {
            let name = header.name.utf8.prefix(255)
            append(UInt8(name.count))
            result.append(contentsOf: name)
            append(Int32(header.value?.count ?? -1))
            result.append(contentsOf: header.value ?? [])
        }
        return result
    }
}

/// The bytes of an array that may be null.
func withOptionalBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
    guard let bytes else { return body(nil) }
    return bytes.withUnsafeBytes { body($0) }
}

extension UnsafeRawBufferPointer {
    /// For C, where a null pointer means null and not empty.
    var nonNullBase: UnsafeRawPointer { baseAddress ?? UnsafeRawPointer(bitPattern: 1)! }
}
