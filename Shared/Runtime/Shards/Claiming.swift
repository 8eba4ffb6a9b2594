import Contracts
import Kafka
import Stores

/// Store and log do not belong together, so a claim is impossible until a person does something: exit 78.
struct StoreMismatch: Error, CustomStringConvertible {
    let description: String

    init(shard: Int32, _ what: String) {
        description =
            "the store of shard \(shard) does not belong to this log: \(what). Nothing was changed. Restore the store that belongs to it, "
            + "or see `daifa adopt --help` to go on on purpose"
    }
}

/// Whether a shard's store and Kafka's log belong together (design, section 3), and from where to go on.
struct ClaimCheck {
    let shard: Int32
    let claim: StoreClaim
    let identity: StoreIdentity
    /// Offsets that the group has committed in the shard's inputs.
    let committed: [PartitionOffset]

    /// How far Kafka has the outbox; nil: it has no position of this shard.
    var published: Int64? { committed.compactMap { OutboxPosition.sequence($0.metadata) }.max() }

    func verify() throws(StoreMismatch) {
        if let known = claim.identity, known != identity {
            let both =
                "it was made for cluster \(known.clusterId), group \(known.group), and this is cluster \(identity.clusterId), group \(identity.group)"
            throw StoreMismatch(shard: shard, both)
        }
        if let published, published > claim.highestSequence {
            throw StoreMismatch(
                shard: shard, "Kafka has published up to outbox sequence \(published), the store has only \(claim.highestSequence)")
        }
        if published == nil, claim.publishedThrough > 0 {
            throw StoreMismatch(
                shard: shard, "the store has published up to outbox sequence \(claim.publishedThrough), and Kafka has no position of it")
        }
        for offset in committed where offset.offset > 0 {
            guard offset.offset <= claim.positions[offset.topic] ?? 0 else {
                throw StoreMismatch(
                    shard: shard,
                    "the group has read \(offset.topic) up to \(offset.offset), the store only up to \(claim.positions[offset.topic] ?? 0)")
            }
        }
    }

    /// A position outside of the log: read on from there, records would be missed or read again.
    func verify(topic: String, low: Int64, high: Int64) throws(StoreMismatch) {
        guard let position = claim.positions[topic], position < low || position > high else { return }
        throw StoreMismatch(shard: shard, "its position \(position) in \(topic) lies outside of the log (\(low) to \(high))")
    }

    /// The inputs of which the group has no position yet, by index, and where they are read from: written down at once, so that the group's
    /// lag is a number everywhere, also where nothing was ever written.
    /// - Parameter beginning: the first offset that the log of an input still has.
    func firstPositions(
        of inputs: [String], beginning: (_ topic: String) throws(KafkaError) -> Int64
    ) throws(KafkaError) -> [Int: Int64] {
        let known = Set(committed.filter { $0.offset >= 0 }.map(\.topic))
        var first: [Int: Int64] = [:]
        for (index, topic) in inputs.enumerated() where !known.contains(topic) {
            if let position = claim.positions[topic] {
                first[index] = position
            } else {
                first[index] = try beginning(topic)
            }
        }
        return first
    }
}
