public import Contracts
import Crypto
public import Kafka
public import Threads

/// The CloudEvents attributes of a message that is written outside of a shard's outbox (contract, section 2).
public struct OutgoingEnvelope: Sendable, Equatable {
    public var id: String
    /// The type's name on the wire.
    public var type: String
    public var source: String
    public var subject: String
    public var time: Timestamp
    /// nil: the message begins a conversation.
    public var correlationId: String?
    public var actor: Actor
    public var traceparent: String?
    /// The person behind the actor, as an opaque id.
    public var user: String?
    /// Of commands that a person sent as one batch.
    public var batchId: String?

    public init(
        id: String, type: String, source: String, subject: String, time: Timestamp, correlationId: String? = nil, actor: Actor,
        traceparent: String? = nil, user: String? = nil, batchId: String? = nil
    ) {
        self.user = user
        self.batchId = batchId
        self.id = id
        self.type = type
        self.source = source
        self.subject = subject
        self.time = time
        self.correlationId = correlationId
        self.actor = actor
        self.traceparent = traceparent
    }

    /// Of a message with a body.
    public var headers: [Header] { bodilessHeaders + [Header(name: EnvelopeHeader.contentType, value: Array("application/json".utf8))] }

    /// Of a tombstone.
    public var bodilessHeaders: [Header] {
        var values = [
            (EnvelopeHeader.specversion, "1.0"), (EnvelopeHeader.id, id), (EnvelopeHeader.source, source), (EnvelopeHeader.type, type),
            (EnvelopeHeader.subject, subject), (EnvelopeHeader.time, "\(time)"), (EnvelopeHeader.correlationId, correlationId ?? id),
            (EnvelopeHeader.actor, "\(actor)"),
        ]
        if let user { values.append((EnvelopeHeader.user, user)) }
        if let batchId { values.append((EnvelopeHeader.batchId, batchId)) }
        if let traceparent { values.append((EnvelopeHeader.traceparent, traceparent)) }
        return values.map { Header(name: $0.0, value: Array($0.1.utf8)) }
    }
}

/// Ids of messages that are the same each time the same thing is told, so that a copy is recognised: name-based UUIDs (RFC 4122,
/// version 5).
public enum NamedId {
    /// The namespace of such messages: a random UUID, fixed for ever.
    private static let namespace: [UInt8] = [
        0x3d, 0x9a, 0x51, 0xe7, 0x0c, 0x86, 0x4f, 0x12, 0xb2, 0x6e, 0x94, 0x1b, 0xa5, 0x70, 0xd8, 0x2f,
    ]

    /// - Parameter parts: what makes it unique; no two lists share an id.
    public static func make(_ parts: String...) -> String {
        guard let uuid = try? NameBasedUUID(namespace: namespace) else { preconditionFailure("libcrypto has no SHA-1") }
        var name: [UInt8] = []
        for part in parts { name += Array("\(part.utf8.count):".utf8) + Array(part.utf8) }
        return name.withUnsafeBytes { name in
            withUnsafeTemporaryAllocation(byteCount: NameBasedUUID.textSize, alignment: 1) { text in
                uuid.make(name, into: text)
                return String(decoding: UnsafeRawBufferPointer(text), as: UTF8.self)
            }
        }
    }
}
