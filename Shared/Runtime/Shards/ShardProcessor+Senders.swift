import Contracts
import Kafka
import Machines
import Threads

/// Who has sent a message, and what tells it from a copy.
extension ShardProcessor {
    /// Finds out who has sent a message, as far as that has to be shown, and on whose behalf: before anything of it is answered, because a refusal
    /// names its sender.
    func identify(_ message: inout Incoming, _ proof: Proof?, _ route: Route) {
        let kind = route.kind
        let attributes = message.attributes
        guard kind != .event else {
            // Events have one writer each, which Kafka's ACLs guard.
            message.origin.behalf = attributes.behalf
            message.origin.user = attributes.user
            return
        }
        var isSigned = true
        do throws(Refusal) {
            if let authenticator {
                let sender = try authenticator.sender(of: message.record, attributes, proof, kind, now: now)
                message.sender = sender.actor.map { .known($0) } ?? .unknown
                isSigned = sender.isSigned
                message.isProven = true
            } else {
                message.sender = attributes.actor.map { .known($0) } ?? .unknown
            }
            if route.needsMAC { try requireMAC(&message, proof) }
        } catch { message.sender = .refused(error) }
        guard kind == .command, case .known(let actor) = message.sender else { return }
        message.origin.actor = actor
        message.isSigned = isSigned
        if isSigned { message.origin.user = attributes.user }
        if actor.kind == .service { message.origin.behalf = attributes.behalf }
    }

    /// For what a name in `ce_actor`, or a token, is not enough.
    private func requireMAC(_ message: inout Incoming, _ proof: Proof?) throws(Refusal) {
        guard let keys else {
            throw Refusal(
                .unauthorized,
                "\(message.origin.type) needs a valid \(EnvelopeHeader.mac), and this service has no keys: set \(ServiceKeys.variable)")
        }
        guard let proof, keys.haveSigned(message.record, in: Array(message.record.topicName.utf8), proof) else {
            throw Refusal(
                .unauthorized,
                "\(message.origin.type) needs a valid \(EnvelopeHeader.mac): only this deployment's own processes send it, in binary mode")
        }
        message.isProven = true
    }

    /// Who acts. A command without an actor is refused; other messages may have none.
    func actor(of message: Incoming, _ kind: MessageKind) throws(Refusal) -> Actor {
        switch message.sender {
        case .refused(let refusal): throw refusal
        case .known(let actor):
            guard kind == .command, actor.kind == .connector else { return actor }
            throw Refusal(.forbidden, "\(actor) writes facts only, no commands")
        case .unknown:
            guard kind == .command else { return Actor(.partner, "unknown") }
            throw Refusal(.unauthorized, "the command has no actor: send the header ce_actor, for example merchant:<shopId>")
        }
    }

    /// What a copy of it has in common with it. A command's sender counts: nobody can use up the id of somebody else's.
    func identity(of message: Incoming, _ kind: MessageKind) -> MessageIdentity {
        let (source, id) = (message.attributes.source, message.attributes.id)
        guard kind == .command else { return hasher.identity(source: source, id: id, sender: nil) }
        guard case .known(let actor) = message.sender else {
            return hasher.identity(source: source, id: id, unproven: message.attributes.actor)
        }
        return hasher.identity(source: source, id: id, sender: actor)
    }

    /// Milliseconds that the clock of a fact's sender may be ahead of ours.
    private static let tolerance = 86_400_000

    /// Such a fact would be the newest for ever: it goes to dead letters. Judged by our own clock.
    func isFromTheFuture(_ message: Incoming) -> Bool {
        guard let time = message.attributes.time, time.milliseconds - now.milliseconds > Self.tolerance else { return false }
        deadLetter(
            message.record, .fromTheFuture, "ce_time is \(time), more than a day ahead of \(now): set the sender's clock, and send it again"
        )
        return true
    }
}
