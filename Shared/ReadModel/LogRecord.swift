import Contracts
import Glibc
public import Threads

/// One record of a topic as the log holds it: all that a projection is told.
public struct LogRecord: Sendable, Equatable {
    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: [UInt8]
        public init(_ name: String, _ value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    public var topic: String
    public var partition: Int32
    public var offset: Int64
    /// When the log took it.
    public var time: Timestamp
    public var key: [UInt8]?
    public var headers: [Header]
    /// nil: a tombstone.
    public var value: [UInt8]?

    public init(
        topic: String, partition: Int32, offset: Int64, time: Timestamp, key: [UInt8]? = nil, headers: [Header] = [], value: [UInt8]? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.time = time
        self.key = key
        self.headers = headers
        self.value = value
    }

    /// The first header of that name as text.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}

/// A place in the log: all records of the partition before `offset` are read.
public struct LogPosition: Sendable, Hashable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

/// Since when the model knows of a partition: the log no longer reached back to its beginning when the model was filled.
public struct KnownSince: Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    /// Offset and time of the first record that was there.
    public var offset: Int64
    public var time: Timestamp
}

/// The CloudEvents attributes of a record in binary mode, as services and the console write it. A reference: it is handed on often, and a
/// copy of so many texts counts references.
final class RecordEnvelope {
    var id = ""
    var type = ""
    /// `allocation.allocated`
    var short = ""
    var time: Timestamp
    var causation: String?
    var correlation: String?
    /// `ce_actor`.
    var actor: String?
    /// The actor of the command that began it.
    var behalf: String?
    var user: String?
    /// Whether it bears a token: of a token's command the actor is the token's.
    var isAuthorized = false

    /// - Parameter record: read in place: a copy of each of its many parts counts references.
    init(_ record: UnsafePointer<LogRecord>) {
        time = record.pointee.time
        record.pointee.headers.withUnsafeBufferPointer { headers in
            guard let first = headers.baseAddress else { return }
            for place in 0..<headers.count { read(first + place, record) }
        }
    }

    private func read(_ header: UnsafePointer<LogRecord.Header>, _ record: UnsafePointer<LogRecord>) {
        func text() -> String { String(decoding: header.pointee.value, as: UTF8.self) }
        let name = header.pointee.name
        // By length first: comparing texts that differ is what costs.
        switch name.utf8.count {
        case 5: if name == EnvelopeHeader.id { id = text() }
        case 7:
            if name == EnvelopeHeader.type {
                (type, short) = MessageType.names(header.pointee.value)
            } else if name == EnvelopeHeader.time {
                time = header.pointee.value.withUnsafeBytes { Timestamp(utf8: $0) } ?? record.pointee.time
            } else if name == EnvelopeHeader.user {
                user = text()
            }
        case 8: if name == EnvelopeHeader.actor { actor = text() }
        case 9: if name == EnvelopeHeader.behalf { behalf = text() }
        case 13: if name == EnvelopeHeader.authorization { isAuthorized = true }
        case 14: if name == EnvelopeHeader.causationId { causation = text() }
        case 16: if name == EnvelopeHeader.correlationId { correlation = text() }
        default: break
        }
    }
}

/// Names of types: those of the catalogue are kept once.
enum MessageType {
    private static let known: [Int: (name: String, short: String)] = Dictionary(
        Catalog.entries.map { (StableHash.of($0.type), ($0.type, short($0.type))) }, uniquingKeysWith: { first, _ in first })

    /// The name, and the name as rows have it.
    static func names(_ bytes: [UInt8]) -> (name: String, short: String) {
        if let names = known[bytes.withUnsafeBufferPointer { StableHash.of($0) }], names.name.utf8.count == bytes.count,
            names.name.utf8.withContiguousStorageIfAvailable({ isSame($0, bytes) }) == true
        {
            return names
        }
        let name = String(decoding: bytes, as: UTF8.self)
        return (name, short(name))
    }

    private static func isSame(_ name: UnsafeBufferPointer<UInt8>, _ bytes: [UInt8]) -> Bool {
        guard let start = name.baseAddress else { return bytes.isEmpty }
        return memcmp(start, bytes, bytes.count) == 0
    }

    /// `daifa.allocation.allocated.v1` as `allocation.allocated`.
    static func short(_ type: String) -> String {
        type.hasPrefix("daifa.") && type.hasSuffix(".v1") ? String(type.dropFirst(6).dropLast(3)) : type
    }

    static func long(_ short: String) -> String { short.hasPrefix("daifa.") ? short : "daifa.\(short).v1" }
}
