import Contracts
import Kafka
import Threads

/// Where `DAIFA_AUTH=required`: who has sent a command, an internal item or a fact (contract, section 2).
///
/// A message is taken with a valid `daifa-mac`, whatever its actor, or with a token of an actor of that kind that may speak for itself. So nobody
/// poses as a service, a partner or the console, though they all write the same topics.
final class Authenticator {
    private let tokens: TokenVerifier
    private let keys: ServiceKeys
    /// Names of the consumer's topics, by its indices.
    private let topics: [[UInt8]]

    init(tokens: TokenVerifier, keys: ServiceKeys, topics: [String]) {
        self.tokens = tokens
        self.keys = keys
        self.topics = topics.map { Array($0.utf8) }
    }

    /// Keys that were put into the file, or taken out of it.
    func refresh() { keys.refresh() }

    struct Sender {
        /// nil: a signed message without one.
        var actor: Actor?
        /// Whether one of the deployment's own processes has signed the message.
        var isSigned: Bool
    }

    /// - Parameter proof: of a message in binary mode; nil: it is in structured mode, which has no mac.
    /// - Throws: `unauthorized`.
    func sender(
        of record: RecordView, _ attributes: Attributes, _ proof: Proof?, _ kind: MessageKind, now: Timestamp
    ) throws(Refusal) -> Sender {
        if let proof, isSigned(record, proof) { return Sender(actor: attributes.actor, isSigned: true) }
        guard kind != .item else {
            throw Refusal(
                .unauthorized, "an internal message needs a valid \(EnvelopeHeader.mac): only this deployment's services write them")
        }
        if attributes.token == nil, proof?.mac != nil {
            throw Refusal(.unauthorized, "the header \(EnvelopeHeader.mac) is not of this message by a known key")
        }
        let actor = try tokens.actor(of: attributes.token, now: now)
        switch actor.kind {
        case .merchant, .factory, .operator: break
        case .connector:
            guard kind == .fact else { throw Refusal(.unauthorized, "a token of a connector is good for facts only, not for commands") }
        case .partner, .service:
            throw Refusal(.unauthorized, "a token cannot speak for a \(actor.kind.rawValue): its messages carry \(EnvelopeHeader.mac)")
        }
        return Sender(actor: actor, isSigned: false)
    }

    /// The sender of a message that cannot be handled: of a fact or a command alike. nil: nobody has shown that he is.
    func provenSender(of record: RecordView, _ attributes: Attributes, _ proof: Proof?, now: Timestamp) -> Actor? {
        (try? sender(of: record, attributes, proof, .fact, now: now))?.actor
    }

    private func isSigned(_ record: RecordView, _ proof: Proof) -> Bool { keys.haveSigned(record, in: topics[record.topic], proof) }
}

extension ServiceKeys {
    /// Whether the record bears a valid `daifa-mac`.
    func haveSigned(_ record: RecordView, in topic: [UInt8], _ proof: Proof) -> Bool {
        guard let mac = proof.mac else { return false }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        return topic.withUnsafeBytes { topic in
            isValid(
                mac,
                of: Parts(
                    topic: topic, key: record.key ?? nothing, id: proof.id ?? nothing, type: proof.type ?? nothing,
                    actor: proof.actor ?? nothing, body: record.value ?? nothing))
        }
    }
}

/// A message's `daifa-mac` and the attributes that it covers, as they stand in the headers.
struct Proof {
    var mac: UnsafeRawBufferPointer?
    var id: UnsafeRawBufferPointer?
    var type: UnsafeRawBufferPointer?
    var actor: UnsafeRawBufferPointer?
}
