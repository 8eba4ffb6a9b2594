import CRdKafka

/// A producer of Kafka transactions: what is produced and the offsets that are sent between ``begin()`` and ``commit(timeout:)``
/// become visible together or not at all.
///
/// Blocking, for one dedicated thread. After an error:
/// - `isAbortable`: ``abort(timeout:)``, then the producer goes on;
/// - `isFatal`, and every other error or time-out of ``commit(timeout:)`` or ``abort(timeout:)``: the outcome may be open. Close this
///   producer, make a new one with the same transactional id; its ``initTransactions(timeout:)`` ends the transaction one way or the other;
/// - `isFenced`: another owns the transactional id, or the partitions whose offsets were sent.
public final class TransactionalProducer {
    private static let settings = ClientSettings(
        defaults: [
            // a transaction of a dead producer holds back every read_committed reader this long (the library's own limit is 60 s)
            "transaction.timeout.ms": "10000",
            // the coordinator answers CONCURRENT_TRANSACTIONS while the last transaction's markers are being written, and each such
            // answer costs one back-off: at 100 to 1,000 records a second the median delay was 90 ms with 100 (the library's own), 30 with 5
            "retry.backoff.ms": "5",
            // only gathers what one batch produces in a loop; commit sends at once
            "linger.ms": "20",
            // 1 GiB of waiting records is the library's limit
            "queue.buffering.max.kbytes": "16384",
        ],
        required: ["enable.idempotence": "true", "acks": "all", "partitioner": "murmur2_random"])

    public let transactionalId: String
    private var handle: Handle?
    private var confinement = ThreadConfinement()

    /// - Throws: when a property is unknown or has a wrong value. Brokers that are away are no error here.
    public init(
        _ configuration: KafkaConfiguration, transactionalId: String, overrides: [String: String] = [:]
    ) throws(KafkaError) {
        self.transactionalId = transactionalId
        var settings = Self.settings
        settings.required["transactional.id"] = transactionalId
        handle = try settings.makeHandle(RD_KAFKA_PRODUCER, configuration, overrides: overrides)
    }

    /// Fences earlier producers with this transactional id and waits until a transaction that they left open has ended.
    /// May be called again after an error that is retriable.
    public func initTransactions(timeout seconds: Double) throws(KafkaError) {
        let handle = try open("init transactions")
        try handle.check(rd_kafka_init_transactions(handle.pointer, milliseconds(seconds)), "init transactions of \(transactionalId)")
    }

    /// A number for a topic, for the produce calls; the same name gives the same number.
    public func topic(_ name: String) throws(KafkaError) -> Int32 {
        Int32(try open("use the topic \(name)").topic(name))
    }

    public func begin() throws(KafkaError) {
        let handle = try open("begin a transaction")
        try handle.check(rd_kafka_begin_transaction(handle.pointer), "begin a transaction of \(transactionalId)")
    }

    /// Queues one record, copying it; while the queue is full it waits.
    /// - Parameters:
    ///   - topic: from ``topic(_:)``.
    ///   - partition: -1 by key.
    ///   - value: nil is a tombstone.
    ///   - packedHeaders: a count (u16) and headers as in ``RecordPacker``, or nothing.
    public func produce(
        topic: Int32, partition: Int32, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        packedHeaders: UnsafeRawBufferPointer
    ) throws(KafkaError) {
        let handle = try open("produce")
        let object = handle.topics[Int(topic)]
        let code = crdkafka_produce(
            handle.pointer, object, partition, key?.nonNullBase, key?.count ?? 0, value?.nonNullBase, value?.count ?? 0,
            packedHeaders.baseAddress?.assumingMemoryBound(to: UInt8.self), packedHeaders.count)
        try handle.check(code, "produce to \(String(cString: rd_kafka_topic_name(object)))")
    }

    /// Queues every record of a packed sequence (``RecordPacker``), in order; while the queue is full it waits.
    /// - Parameter topics: from ``topic(_:)``; a record's topic index is an index into this. -1: no record may name it.
    /// - Throws: ``KafkaError/Code/malformedRecord`` when the bytes are no packed records. The records before an error are queued: abort.
    public func produceBatch(_ packed: UnsafeRawBufferPointer, topics: [Int32]) throws(KafkaError) {
        let handle = try open("produce")
        var consumed = 0
        let code = withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: max(1, topics.count)) { objects in
            for (index, topic) in topics.enumerated() {
                objects.initializeElement(at: index, to: topic < 0 ? nil : handle.topics[Int(topic)])
            }
            return crdkafka_produce_packed(
                handle.pointer, objects.baseAddress, topics.count, packed.baseAddress?.assumingMemoryBound(to: UInt8.self), packed.count,
                &consumed)
        }
        try handle.check(code, "produce the packed record at byte \(consumed) of \(packed.count)")
    }

    /// Makes offsets, and their metadata, part of the transaction.
    ///
    /// librdkafka 2.0.2 may overrun `seconds` while the group's coordinator is away.
    /// - Parameter group: of the assignment in which the records were read: with it Kafka refuses the offsets of a member that has lost
    ///   its partitions (`isFenced`); a later copy would be accepted.
    public func sendOffsets(_ offsets: [PartitionOffset], group: GroupMetadata, timeout seconds: Double) throws(KafkaError) {
        let handle = try open("send offsets")
        let list = PartitionList(offsets)
        try handle.check(
            rd_kafka_send_offsets_to_transaction(handle.pointer, list.pointer, group.pointer, milliseconds(seconds)),
            "send offsets to the transaction of \(transactionalId)")
    }

    /// Waits until everything produced is delivered, and commits. Infinity is the advised time limit: librdkafka ends the call by
    /// `transaction.timeout.ms` when the brokers do not answer.
    public func commit(timeout seconds: Double = .infinity) throws(KafkaError) {
        let handle = try open("commit")
        try handle.check(
            rd_kafka_commit_transaction(handle.pointer, milliseconds(seconds)), "commit the transaction of \(transactionalId)")
    }

    /// Takes back everything of the transaction.
    ///
    /// An abort right behind a produce may itself fail for good (INVALID_TXN_STATE): librdkafka 2.0.2 may end the transaction before the
    /// coordinator has heard of its first partition. Nothing is visible then either; go on with a new producer.
    public func abort(timeout seconds: Double = .infinity) throws(KafkaError) {
        let handle = try open("abort")
        try handle.check(rd_kafka_abort_transaction(handle.pointer, milliseconds(seconds)), "abort the transaction of \(transactionalId)")
    }

    /// Drops what is not delivered yet and closes the connections. A transaction that is open stays so until the next producer's
    /// ``initTransactions(timeout:)``, or until it times out.
    public func close() {
        guard let handle else { return }
        confinement.check()
        rd_kafka_purge(handle.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
        self.handle = nil
    }

    private func open(_ operation: @autoclosure () -> String) throws(KafkaError) -> Handle {
        confinement.check()
        guard let handle else {
            throw KafkaError(code: .state, operation: "\(operation()) of \(transactionalId)", reason: "the producer is closed")
        }
        return handle
    }
}
