import Kafka
import Runtime
import Stores

/// What adopting the log would set for one shard (design, section 3); whether anything must be set, `check` says as the service itself would.
struct AdoptPlan {
    let check: StoreLogCheck
    /// Where neither side knows a place: read from the log's end, not from its beginning.
    var skipsUnknown = false

    /// Why a service would not claim this shard; empty: they belong together.
    var findings: [String] { check.findings }

    /// Up to where the outbox counts as published after adopting; what the store has beyond is published by the service.
    var published: Int64 { check.published }

    /// Where each topic is read on from after adopting.
    var positions: [String: Int64] {
        var positions: [String: Int64] = [:]
        let isOurs = check.claim.identity == check.identity
        for topic in check.topics {
            let log = check.logs[topic] ?? .init(low: 0, high: 0)
            // In a log that was written anew, a place is one only by chance.
            let isSame = !check.isRewritten(topic)
            let read = check.committed[topic].flatMap { isSame && log.holds($0) ? $0 : nil }
            if isOurs, isSame, let own = check.claim.positions[topic], log.holds(own), own >= read ?? own {
                positions[topic] = own
            } else if let read {
                positions[topic] = read
            } else {
                positions[topic] = skipsUnknown ? log.high : log.low
            }
        }
        return positions
    }

    /// What the group has to have committed afterwards, with the outbox's position, so that the service finds both sides alike.
    var groupOffsets: [PartitionOffset] {
        positions.sorted { $0.key < $1.key }.map { topic, next in
            PartitionOffset(topic: topic, partition: Int32(check.shard), offset: next, metadata: OutboxPosition.metadata(published))
        }
    }
}
