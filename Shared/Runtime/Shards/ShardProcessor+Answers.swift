import Contracts
import JSON
import Kafka
import Machines
import Observability
import Stores

/// Answers that need no machine: refusals, dead letters, and what is carried on to its own shard.
extension ShardProcessor {
    /// A refusal by the aggregate. That of a stranger is remembered beside it: an aggregate remembers so many ids, and nobody is to use up
    /// those of its owner.
    func refuse(_ message: Incoming, _ identity: MessageIdentity, _ aggregate: Aggregate, _ refusal: Refusal) {
        if refusal.code == .forbidden { return refuseUnrouted(message, refusal) }
        outbox.refuse(refusal, origin: message.origin)
        remember(identity, aggregate)
    }

    func refuse(_ refusal: Refusal, origin: Origin) { outbox.refuse(refusal, origin: origin) }

    private func refusedRow(of key: String) -> String { Self.refusedPrefix + String(hasher.bucket(key, below: Self.refusedRows)) }

    /// Whether a command with this identity was refused before anything of it could be brought to an aggregate, or as a stranger's.
    func wasRefusedUnrouted(_ message: Incoming, _ identity: MessageIdentity) -> Bool {
        guard !knownRefusedRows.isEmpty else { return false }
        let row = refusedRow(of: message.key)
        guard knownRefusedRows.contains(row), let memory: TypedAggregate<NoState> = load(row) else { return false }
        return memory.answered.contains(identity)
    }

    /// Whether the aggregate has answered the command, of which not everything can be read.
    func isAnswered(_ message: Incoming, by key: String) -> Bool {
        let identity = identity(of: message, .command)
        if let known = cache[key] ?? loaded[key] { return known.answered.contains(identity) }
        return row(of: key).map { AnsweredIds($0.answered).contains(identity) } ?? false
    }

    /// A refusal of what cannot be brought to its aggregate: its identity is remembered beside it.
    func refuseUnrouted(_ message: Incoming, _ refusal: Refusal) {
        let row = refusedRow(of: message.key)
        guard let memory: TypedAggregate<NoState> = load(row) else { return unreadableState(message, row) }
        let identity = identity(of: message, .command)
        if memory.answered.contains(identity) { return copy() }
        knownRefusedRows.insert(row)
        outbox.refuse(refusal, origin: message.origin)
        remember(identity, memory, limit: AnsweredIds.refusedLimit)
    }

    func unreadable(_ message: Incoming, _ kind: MessageKind, _ error: JSONError) {
        if error.isSyntax || !JSONReader.isJSON(message.data) { return deadLetter(message.record, .notJSON, "\(error)") }
        if error.path.isEmpty { return deadLetter(message.record, .notObject, "\(error)") }
        guard kind == .command else { return deadLetter(message.record, .invalid, "\(error)") }
        refuseUnrouted(message, Refusal(.invalid, "\(error)", field: error.path))
    }

    func misrouted(_ message: Incoming, _ kind: MessageKind, _ reason: DeadReason, _ advice: String) {
        guard kind == .command else { return deadLetter(message.record, reason, advice) }
        refuseUnrouted(message, Refusal(.invalid, advice, field: "key"))
    }

    /// What concerns an aggregate that cannot be read. Its id is not remembered: after a repair it is replayed.
    func unreadableState(_ message: Incoming, _ key: String) {
        deadLetter(message.record, .stateUnreadable, Self.advice(key))
    }

    /// The items of a message that concern aggregates which cannot be read, without the others, which were taken.
    func unreadableState(_ message: Incoming, items: [UInt8], _ key: String) {
        let sender = provenSender(of: message.record)
        items.withUnsafeBytes { outbox.deadLetter(message.record, .stateUnreadable, detail: Self.advice(key), value: $0, actor: sender) }
        metrics.dead(DeadReason.stateUnreadable.rawValue)
    }

    private static func advice(_ key: String) -> String { "what is stored of \(key) cannot be read: repair it, then replay this" }

    /// Sends a command or fact on to the shard of its key (contract, section 3), with the positions of this batch: once, whatever dies when.
    ///
    /// It lies right there and needs no mark. Who sent it is found out here, before a key is added and while its token is good.
    func carry(_ message: Incoming, _ kind: MessageKind) {
        if let bytes = message.record.key, !bytes.isEmpty, !message.key.utf8.elementsEqual(bytes) {
            return misrouted(message, kind, .wrongKey, "the key is no text in UTF-8")
        }
        if case .refused(let refusal) = message.sender {
            if kind == .command { return refuseUnrouted(message, refusal) }
            return deadLetter(message.record, .unauthorized, refusal.message)
        }
        if let carried = CarriedMessage(message, partition: partition(of: message.key), isProven: message.isProven), outbox.carry(carried) {
            return metrics.carried.increment()
        }
        let advice =
            "it is too large to be carried to the partition that murmur2 gives the key \(message.key): shorten it, or send it there"
        guard kind == .command else { return deadLetter(message.record, .tooLarge, advice) }
        refuseUnrouted(message, Refusal(.invalid, advice))
    }

    func deadLetter(_ record: RecordView, _ reason: DeadReason, _ detail: String) {
        outbox.deadLetter(record, reason, detail: detail, value: record.value, actor: provenSender(of: record))
        metrics.dead(reason.rawValue)
    }

    /// Who has shown that he sent a message, of which nothing else may be readable; nil: nobody, or nobody has to.
    private func provenSender(of record: RecordView) -> Actor? {
        guard let authenticator else { return nil }
        let envelope = IncomingEnvelope(record)
        if let attributes = envelope.attributes { return authenticator.provenSender(of: record, attributes, envelope.proof, now: now) }
        guard let value = record.value, let attributes = (try? StructuredEvent.decode(value))?.attributes(beside: envelope) else {
            return nil
        }
        return authenticator.provenSender(of: record, attributes, nil, now: now)
    }
}
