import Kafka
import Stores

/// The differences between one shard's store and Kafka's log, and the values that adopting the log would set (design, section 3).
struct AdoptPlan: Equatable {
    /// The log of one input topic's partition.
    struct Bounds: Equatable {
        var low: Int64
        var high: Int64
        func holds(_ offset: Int64) -> Bool { offset >= low && offset <= high }
    }

    let shard: Int
    /// As the store has it.
    let claim: StoreClaim
    /// The cluster and group as they are now.
    let identity: StoreIdentity
    /// By topic: what the group has committed, where it has.
    let committed: [String: Int64]
    /// How far Kafka has the outbox (`outbox=<n>` in the committed offsets' metadata); nil: it has no such position.
    let kafkaPublished: Int64?
    let bounds: [String: Bounds]
    /// Where neither side knows a place: read from the log's end, not from its beginning.
    var skipsUnknown = false

    init(
        shard: Int, claim: StoreClaim, identity: StoreIdentity, committed: [PartitionOffset], bounds: [String: Bounds],
        skipsUnknown: Bool = false
    ) {
        self.shard = shard
        self.claim = claim
        self.identity = identity
        let present = committed.filter { $0.offset >= 0 }
        self.committed = Dictionary(present.map { ($0.topic, $0.offset) }) { max($0, $1) }
        kafkaPublished = present.compactMap { Self.sequence($0.metadata) }.max()
        self.bounds = bounds
        self.skipsUnknown = skipsUnknown
    }

    private static func sequence(_ metadata: String?) -> Int64? {
        guard let metadata, metadata.hasPrefix("outbox=") else { return nil }
        return Int64(metadata.dropFirst("outbox=".count))
    }

    /// Every topic that one side knows a place in.
    var topics: [String] { Set(claim.positions.keys).union(committed.keys).sorted() }

    /// Why a service would not claim this shard; empty: they belong together.
    var findings: [String] {
        var findings: [String] = []
        if let known = claim.identity, known != identity {
            findings.append(
                "the store was made for cluster \(known.clusterId), group \(known.group); this is cluster \(identity.clusterId), group \(identity.group)"
            )
        }
        if let kafkaPublished, kafkaPublished > claim.highestSequence {
            findings.append(
                "Kafka has published up to outbox sequence \(kafkaPublished), the store ends at \(claim.highestSequence): the store was deleted or restored"
            )
        }
        if kafkaPublished == nil, claim.publishedThrough > 0 {
            findings.append(
                "the store has published up to outbox sequence \(claim.publishedThrough), Kafka knows of none: other brokers, or offsets that expired"
            )
        }
        for topic in topics {
            let position = claim.positions[topic]
            if let committed = committed[topic], committed > position ?? 0 {
                findings.append("\(topic): the group has read up to \(committed), the store up to \(position ?? 0)")
            }
            if let position, let log = bounds[topic], !log.holds(position) {
                findings.append("\(topic): the store's position \(position) lies outside of the log (\(log.low) to \(log.high))")
            }
        }
        return findings
    }

    /// Up to where the outbox counts as published after adopting; what the store has beyond is published by the service.
    var published: Int64 { kafkaPublished ?? 0 }

    /// Where each topic is read on from after adopting.
    var positions: [String: Int64] {
        var positions: [String: Int64] = [:]
        for topic in topics {
            let log = bounds[topic] ?? Bounds(low: 0, high: 0)
            let isOurs = claim.identity == identity
            if isOurs, let own = claim.positions[topic], log.holds(own), own >= committed[topic] ?? 0 {
                positions[topic] = own
            } else if let read = committed[topic], log.holds(read) {
                positions[topic] = read
            } else {
                positions[topic] = skipsUnknown ? log.high : log.low
            }
        }
        return positions
    }
}
