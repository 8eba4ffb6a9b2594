public import Contracts
public import Kafka
public import Runtime

/// A message that could not be read or handled (contract, section 1).
public struct DeadLetter: Sendable {
    /// Why it cannot be sent again.
    public struct Irreplayable: Error, CustomStringConvertible {
        public enum Cause: Sendable {
            /// Nobody has shown who sent it, or it cannot be signed for the one who has.
            case sender
            /// It is not whole, or does not say where it came from.
            case message
        }

        public let cause: Cause
        public let description: String
    }

    /// For whom a letter is signed that is sent again.
    public enum Signing: Sendable {
        /// For one who had shown to the service that he sent it.
        case proven
        /// For a merchant, a factory, an operator or a connector too whom the services believed without proof.
        case believed
    }

    private static let prefix = "x-dead-"

    public let record: Kafka.Message
    /// Where it lies now.
    public let place: RecordPlace
    /// `x-dead-reason`.
    public let reason: String
    public let detail: String?
    /// Where it was read from; nil when the headers do not say.
    public let origin: RecordPlace?
    /// How long its body was before it was cut; nil: it is whole.
    public let truncatedFrom: String?
    /// The sender, proven to the service; nil: nobody has proven it, or nobody had to.
    public let provenActor: Actor?

    public init(_ record: Kafka.Message) {
        func text(_ name: String) -> String? { record.header(Self.prefix + name) }
        self.record = record
        place = RecordPlace(topic: record.topic, partition: record.partition, offset: record.offset)
        reason = text("reason") ?? "unknown"
        detail = text("detail")
        truncatedFrom = text("truncated")
        provenActor = text("actor").flatMap { Actor($0) }
        origin = text("topic").flatMap { topic in
            text("partition").flatMap { partition in text("offset").flatMap { RecordPlace("\(topic):\(partition):\($0)") } }
        }
    }

    /// `ce_id` and `ce_type` of what it was.
    public var id: String? { record.header(EnvelopeHeader.id) }
    public var type: String? { record.header(EnvelopeHeader.type) }

    /// The message to send: the original bytes and headers to the original topic, by the original key. For a proven sender it is signed,
    /// because his token is not kept.
    /// - Parameter keys: the deployment's; nil: nothing is signed.
    public func replay(_ keys: ServiceKeys?, for signing: Signing = .proven) throws(Irreplayable) -> Kafka.Message {
        var message = try original()
        if reason == "unauthorized" { throw refused(.sender, "its sender has not shown who he is: he has to send it himself") }
        let believed = signing == .believed ? believedActor : nil
        guard let actor = provenActor ?? believed else { return message }
        guard let keys else {
            guard let provenActor else { return message }
            throw refused(
                .sender,
                "its proof of who sent it is not kept: name the deployment's keys in DAIFA_SERVICE_KEY_FILE, or let \(provenActor) send it again"
            )
        }
        guard type != nil, id != nil else {
            guard let provenActor else { return message }
            throw refused(.sender, "it is in structured mode, which cannot be signed: \(provenActor) has to send it again")
        }
        message.headers.removeAll { [EnvelopeHeader.actor, EnvelopeHeader.mac].contains($0.name) }
        message.headers.append(Header(name: EnvelopeHeader.actor, value: Array("\(actor)".utf8)))
        message.headers.append(keys.header(topic: message.topic, key: message.key, headers: message.headers, body: message.value))
        return message
    }

    private var believedActor: Actor? {
        let claimed = record.header(EnvelopeHeader.actor).flatMap { Actor($0) }
        return claimed.flatMap { [.merchant, .factory, .operator, .connector].contains($0.kind) ? $0 : nil }
    }

    private func original() throws(Irreplayable) -> Kafka.Message {
        if let truncatedFrom {
            throw refused(.message, "its body of \(truncatedFrom) bytes was cut: the sender has to send it again")
        }
        guard let origin else { throw refused(.message, "its headers do not say from which topic it came") }
        guard Topics.all.contains(origin.topic) else { throw refused(.message, "\(origin.topic) is no topic of Daifa") }
        // Messages between shards are sent to a partition, not by key (contract, section 3).
        let isInternal = type?.contains(".internal.") ?? false
        return Kafka.Message(
            topic: origin.topic, partition: isInternal ? origin.partition : -1, offset: -1, timestamp: -1, key: record.key,
            value: record.value, headers: record.headers.filter { !$0.name.hasPrefix(Self.prefix) })
    }

    private func refused(_ cause: Irreplayable.Cause, _ reason: String) -> Irreplayable {
        Irreplayable(cause: cause, description: "\(place): \(reason)")
    }
}
