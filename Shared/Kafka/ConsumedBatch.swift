import CRdKafka
import Glibc

/// The records of one ``GroupConsumer/poll(maximum:timeout:)``. Frees the records when it goes away, so no ``RecordView`` of it may
/// outlive it. May outlive the consumer's close.
public final class ConsumedBatch {
    private let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>>
    public let count: Int
    /// Partitions that were read to their end: the next offset there, behind transaction markers and aborted records. Holds once the
    /// batch's records are handled; `topic` is an index into the consumer's topics.
    public let ends: [(topic: Int, partition: Int32, offset: Int64)]
    private let topics: TopicTable

    init(
        _ received: ArraySlice<UnsafeMutablePointer<rd_kafka_message_t>>, ends: [(topic: Int, partition: Int32, offset: Int64)],
        topics: TopicTable
    ) {
        self.ends = ends
        count = received.count
        messages = .allocate(capacity: max(1, count))
        _ = UnsafeMutableBufferPointer(start: messages, count: count).initialize(from: received)
        self.topics = topics
    }

    deinit {
        for index in 0..<count { rd_kafka_message_destroy(messages[index]) }
        messages.deallocate()
    }

    public subscript(index: Int) -> RecordView {
        precondition(index >= 0 && index < count, "a record beyond the batch")
        return RecordView(record: messages[index], topicObjects: topics.pointers, topicCount: topics.count)
    }
}

/// The topic objects of a consumer in the order of its topics, at an address that stays, and the handle that they belong to.
final class TopicTable {
    let pointers: UnsafeMutablePointer<OpaquePointer>
    let count: Int
    private let handle: Handle

    init(_ handle: Handle, names: [String]) throws(KafkaError) {
        self.handle = handle
        count = names.count
        var numbers: [Int] = []
        for name in names { numbers.append(try handle.topic(name)) }
        pointers = .allocate(capacity: max(1, count))
        for (index, number) in numbers.enumerated() { (pointers + index).initialize(to: handle.topics[number]) }
    }

    deinit { pointers.deallocate() }

    func index(of topic: OpaquePointer?) -> Int? { (0..<count).first { pointers[$0] == topic } }
}

/// One record, in the client library's memory: good as long as its batch lives. Copying it costs nothing.
public struct RecordView {
    let record: UnsafeMutablePointer<rd_kafka_message_t>
    let topicObjects: UnsafeMutablePointer<OpaquePointer>?
    let topicCount: Int

    /// The topic, as an index into the consumer's topics.
    public var topic: Int {
        // the consumer keeps its topics' objects, so a topic is always the same pointer
        var index = 0
        while index < topicCount, topicObjects?[index] != record.pointee.rkt { index += 1 }
        precondition(index < topicCount, "a record of a topic that was not asked for")
        return index
    }

    public var topicName: String { String(cString: rd_kafka_topic_name(record.pointee.rkt)) }
    public var partition: Int32 { record.pointee.partition }
    public var offset: Int64 { record.pointee.offset }
    /// Milliseconds since 1970, or -1.
    public var timestamp: Int64 { rd_kafka_message_timestamp(record, nil) }

    public var key: UnsafeRawBufferPointer? {
        guard let bytes = record.pointee.key else { return nil }
        return UnsafeRawBufferPointer(start: bytes, count: record.pointee.key_len)
    }

    /// nil: a tombstone.
    public var value: UnsafeRawBufferPointer? {
        guard let bytes = record.pointee.payload else { return nil }
        return UnsafeRawBufferPointer(start: bytes, count: record.pointee.len)
    }

    public var headerCount: Int {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(record, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return 0 }
        return rd_kafka_header_cnt(headers)
    }

    /// Calls `body` with each header, in order. The library parses and copies the headers at the first call, so read them once.
    public func forEachHeader<Failure: Error>(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) throws(Failure) -> Void
    ) throws(Failure) {
        var cursor = HeaderCursor(of: record)
        while let (name, value) = cursor.next() { try body(name, value) }
    }

    /// A copy that owns its bytes.
    public func message() -> Message {
        var headers: [Header] = []
        forEachHeader { headers.append(.init(name: String(decoding: $0, as: UTF8.self), value: $1.map(Array.init))) }
        return Message(
            topic: topicName, partition: partition, offset: offset, timestamp: timestamp, key: key.map(Array.init),
            value: value.map(Array.init), headers: headers)
    }
}

/// Goes through a record's headers.
struct HeaderCursor {
    private let headers: OpaquePointer?
    private var index = 0

    init(of message: UnsafeMutablePointer<rd_kafka_message_t>) {
        var headers: OpaquePointer?
        let code = rd_kafka_message_headers(message, &headers)
        self.headers = code == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : nil
    }

    mutating func next() -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer?)? {
        guard let headers else { return nil }
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        guard rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name else { return nil }
        index += 1
        return (
            UnsafeRawBufferPointer(start: name, count: strlen(name)),
            value.map { UnsafeRawBufferPointer(start: $0, count: size) }
        )
    }
}
