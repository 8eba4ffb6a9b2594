import Contracts
import Machines
import Threads

@testable import Kafka
@testable import Runtime
@testable import Stores

/// How shards are claimed.
extension Replica {
    func claimStores(_ numbers: [Int32]) {
        var claims: [Int32: StoreClaim] = [:]
        var failures: [StoreError] = []
        for number in numbers {
            let shard = SimulatedShard(service.stored(number), number, self)
            do throws(StoreError) {
                claims[number] = try shard.claim()
                claimed[number] = shard
            } catch { failures.append(error) }
            if isDead { return }
        }
        engine.storesClaimed(claims, failures: failures)
    }

    func readCommitted(_ places: [TopicPartition]) {
        if world.kafkaFails() { return claimFailed(KafkaError(code: .transport, operation: "read committed offsets")) }
        if !world.isBroken(.unstableOffsets), places.contains(where: { group.unstable[$0, default: 0] > 0 }) {
            return claimFailed(KafkaError(code: .unstableOffsetCommit, operation: "read committed offsets"))
        }
        if dies(at: .outboxPositionRead) { return }
        engine.committed(
            places.map { group.committed[$0] ?? PartitionOffset(topic: $0.topic, partition: $0.partition, offset: PartitionOffset.none) })
    }

    func take(_ taking: ShardEngine.Taking) throws(StoreError) {
        guard let membership = consumer?.assigned, let shard = claimed[taking.shard] else { return }
        let claim = taking.claim
        if claim.identity == nil { try shard.identify(engine.identity) }
        let work = ShardProcessor(
            number: taking.shard, store: shard, positions: service.inputs.map { claim.positions[$0] }, sequence: claim.highestSequence,
            published: taking.published, service.environment)
        for (topic, offset) in taking.first { work.starts(at: offset, in: topic) }
        var rows: [EffectRow] = []
        let now = service.environment.clock.now
        let through = EffectEngine.horizon(now: now)
        try shard.effects(from: .min, to: through) { rows.append($0) }
        var unpublished: [(Int64, [UInt8])] = []
        try shard.outbox(after: world.isBroken(.outboxNotRecovered) ? .max : taking.published) { unpublished.append(($0, Array($1))) }
        if dies(at: .shardTaken) { return }
        queue.submit(unpublished.compactMap { job(work, membership, $0.1, $0.0) })
        claimed[taking.shard] = nil
        owned[taking.shard] = work
        engine.own(taking)
        _ = effects.claimed(taking.shard, rows, now: now, through: through)
        log("owns \(taking.shard) in epoch \(claim.epoch), published \(taking.published), recovered \(unpublished.map(\.0))")
    }

    func job(_ work: ShardProcessor, _ membership: SimulatedMembership, _ records: [UInt8], _ sequence: Int64) -> Job? {
        var offsets: [(topic: String, next: Int64)] = []
        for (topic, position) in zip(service.inputs, work.positions) {
            if let position { offsets.append((topic: topic, next: position)) }
        }
        guard !offsets.isEmpty else { return nil }
        return Job(claim: membership, shard: work.number, sequence: sequence, records: records, count: 0, offsets: offsets)
    }
}
