public import Kafka
public import Stores

/// Why a shard cannot be claimed until a person does something: exit 78.
struct StoreMismatch: Error, CustomStringConvertible {
    let description: String

    init(shard: Int, _ finding: String) {
        description =
            "the store of shard \(shard) does not belong to this log: \(finding). Nothing was changed. Restore the store that belongs to it, "
            + "or see `daifa adopt --help` to go on on purpose"
    }
}

/// Whether a shard's store and Kafka's log belong together (design, section 3): the one rule for a service's claim and for `daifa adopt`.
public struct StoreLogCheck: Sendable {
    /// What the log of one input topic's partition still holds: from the offset `low` to the one before `high`.
    public struct LogRange: Sendable, Equatable {
        public var low: Int64
        public var high: Int64
        /// What lies where the store's mark is.
        public var atMark: AtMark

        /// What a log holds at the offset of a mark.
        public enum AtMark: Sendable, Equatable {
            case notRead
            /// The first record from that offset on; nil: there is none.
            case record(LogMark?)
        }

        public init(low: Int64, high: Int64, atMark: AtMark = .notRead) {
            self.low = low
            self.high = high
            self.atMark = atMark
        }

        /// Whether reading may go on at this offset.
        public func holds(_ offset: Int64) -> Bool { offset >= low && offset <= high }

        /// Whether the marked record has been replaced: the log was cut before it, as after the election of a leader that lagged behind, and
        /// written anew. A log only loses records at its beginning otherwise.
        func hasReplaced(_ mark: LogMark) -> Bool {
            guard case .record(let found) = atMark, mark.offset >= low, mark.offset < high else { return false }
            return found != mark
        }
    }

    public let shard: Int
    /// The shard as its store has it.
    public let claim: StoreClaim
    /// The cluster and the group as they are now.
    public let identity: StoreIdentity
    /// By topic: the offset that the group has committed, where it has.
    public let committed: [String: Int64]
    /// How far Kafka has the outbox, from the committed offsets' metadata; nil: it has no such position.
    public let kafkaPublished: Int64?
    /// By topic; a topic that is not there is not looked at.
    public var logs: [String: LogRange]

    public init(shard: Int, claim: StoreClaim, identity: StoreIdentity, committed: [PartitionOffset], logs: [String: LogRange] = [:]) {
        self.shard = shard
        self.claim = claim
        self.identity = identity
        self.logs = logs
        let present = committed.filter { $0.offset >= 0 }
        self.committed = Dictionary(present.map { ($0.topic, $0.offset) }) { max($0, $1) }
        kafkaPublished = present.compactMap { OutboxPosition.sequence($0.metadata) }.max()
    }

    /// Every topic in which one side knows a place.
    public var topics: [String] { Set(claim.positions.keys).union(committed.keys).sorted() }

    /// Whether the log of a topic is another one than the store has read, although its offsets would fit.
    public func isRewritten(_ topic: String) -> Bool {
        guard let mark = claim.marks[topic], let log = logs[topic] else { return false }
        return log.hasReplaced(mark)
    }

    /// Kafka has forgotten the group's offsets, and the store was closed in order: it knows itself that its whole outbox is published and
    /// where it read on, so the claim writes the offsets anew.
    public var hasForgottenOffsets: Bool {
        kafkaPublished == nil && claim.publishedThrough > 0 && claim.publishedThrough == claim.highestSequence
            && claim.identity == identity && committed.isEmpty
    }

    /// Up to where the outbox is published: as Kafka says, else as far as the store of this cluster and group knows it.
    public var published: Int64 { kafkaPublished ?? (claim.identity == identity ? claim.publishedThrough : 0) }

    /// Why a service must not claim this shard, each as a clause of a sentence; empty: store and log belong together.
    public var findings: [String] {
        var findings: [String] = []
        if let known = claim.identity, known != identity {
            findings.append(
                "it was made for cluster \(known.clusterId), group \(known.group), and this is cluster \(identity.clusterId), group \(identity.group)"
            )
        }
        if let kafkaPublished, kafkaPublished > claim.highestSequence {
            findings.append(
                "Kafka has published up to outbox sequence \(kafkaPublished), the store has only \(claim.highestSequence): it was deleted or restored"
            )
        }
        if kafkaPublished == nil, claim.publishedThrough > 0, !hasForgottenOffsets {
            findings.append(
                "the store has published up to outbox sequence \(claim.publishedThrough) of \(claim.highestSequence), and Kafka has no position of it: other brokers, or offsets that expired after a crash"
            )
        }
        for topic in topics {
            let position = claim.positions[topic]
            if let read = committed[topic], read > position ?? 0 {
                findings.append("the group has read \(topic) up to \(read), the store only up to \(position ?? 0)")
            }
            if let position, let log = logs[topic], !log.holds(position) {
                // Read on from there, records would be missed or read again.
                findings.append("its position \(position) in \(topic) lies outside of the log (\(log.low) to \(log.high))")
            }
            if let mark = claim.marks[topic], isRewritten(topic) {
                findings.append(
                    "the record at offset \(mark.offset) of \(topic) is not the one that it has read: the log was cut before it and written anew"
                )
            }
        }
        return findings
    }

    func verify() throws(StoreMismatch) {
        if let finding = findings.first { throw StoreMismatch(shard: shard, finding) }
    }

    /// The inputs of which the group has no position yet, by index, and where they are read from: written down at once, so that the group's
    /// lag is a number everywhere, also where nothing was ever written.
    func firstPositions(of inputs: [String]) -> [Int: Int64] {
        var first: [Int: Int64] = [:]
        for (index, topic) in inputs.enumerated() where committed[topic] == nil {
            first[index] = claim.positions[topic] ?? logs[topic]?.low
        }
        return first
    }
}
