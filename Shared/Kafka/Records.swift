/// One partition of one topic.
public struct TopicPartition: Hashable, Sendable {
    public var topic: String
    public var partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

/// A place in a partition: the offset of the next record to read.
public struct PartitionOffset: Hashable, Sendable {
    /// As an offset to assign: from the first record that the log still has.
    public static let beginning: Int64 = -2
    /// As an offset to assign: only what comes from now on.
    public static let end: Int64 = -1
    /// As an offset that was committed: there is none.
    public static let none: Int64 = -1

    public var topic: String
    public var partition: Int32
    public var offset: Int64
    /// A text that is committed together with the offset.
    public var metadata: String?

    public init(topic: String, partition: Int32, offset: Int64, metadata: String? = nil) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }

    public var topicPartition: TopicPartition { .init(topic: topic, partition: partition) }
}

/// A header of a record. Names may repeat; their order is kept.
public struct Header: Hashable, Sendable {
    public var name: String
    public var value: [UInt8]?

    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

extension [Header] {
    /// The value of the last header with this name that has one, as Kafka's own `lastHeader` gives it: of several that counts everywhere. Names are compared
    /// byte by byte.
    public func last(_ name: String) -> [UInt8]? { last { $0.value != nil && $0.name.utf8.elementsEqual(name.utf8) }?.value }
}

/// A record that owns its bytes, for where speed does not matter; the hot path reads ``RecordView``.
public struct Message: Hashable, Sendable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    /// Milliseconds since 1970, or -1.
    public var timestamp: Int64
    public var key: [UInt8]?
    /// nil: a tombstone.
    public var value: [UInt8]?
    public var headers: [Header]

    public init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// The last header with this name, as text.
    public func header(_ name: String) -> String? { headers.last(name).map { String(decoding: $0, as: UTF8.self) } }
}
