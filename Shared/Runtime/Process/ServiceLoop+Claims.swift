import Contracts
import Kafka
import Observability
import Stores
import Threads

/// Which shards this replica owns: what the group gives and takes, and how a shard is claimed.
extension ServiceLoop: RebalanceDelegate {
    func assigned(_ partitions: [TopicPartition], epoch: Int, group: GroupMetadata) -> [PartitionOffset] {
        claimToken = GroupGeneration(group: group, epoch: epoch)
        var topics: [Int32: Int] = [:]
        for partition in partitions { topics[partition.partition, default: 0] += 1 }
        pending = []
        incomplete = []
        for (number, count) in topics {
            if number >= configuration.partitions {
                status.end(.configuration("DAIFA_PARTITIONS is \(configuration.partitions), but the inputs have more partitions by now"))
            }
            if count == description.inputs.count {
                pending.insert(number)
            } else {
                incomplete.insert(number)
            }
        }
        claimPending()
        return positions()
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) {
        logger.info("shards go", ["count": "\(owned.count)", "lost": "\(lost)"])
        if !lost {
            publisher.drain(timeout: 5, sayStillPublishing)
            recordPublished()
        }
        dropAll()
    }

    func positions() -> [PartitionOffset] {
        owned.values.flatMap { work in
            zip(description.inputs, work.positions).map { topic, position in
                PartitionOffset(topic: topic, partition: work.number, offset: position ?? PartitionOffset.beginning)
            }
        }
    }

    private static let settling = "shards wait to be claimed"

    /// Claims what can be claimed now; what cannot (store busy or away, Kafka away) stays pending.
    func claimPending() {
        guard let claimToken, let consumer, !pending.isEmpty else { return }
        retryAt = Clock.seconds + Self.retryInterval
        // What waits belongs to shards that go on, and nobody would submit it again; what a shard that is claimed anew has left waiting
        // must be out before it is read how far its outbox is. A failure is met by the next step, which claims everything anew.
        guard owned.isEmpty || publisher.isSettled(within: Self.settleTimeout) else {
            return status.waits.say(Self.settling, because: "what other shards publish is not out yet")
        }
        status.waits.over(Self.settling)
        var claims: [Int32: (any ShardStore, StoreClaim)] = [:]
        do {
            for number in pending.sorted() {
                do throws(StoreError) {
                    let shard = try store.shard(Int(number))
                    claims[number] = (shard, try shard.claim())
                    metrics.epochs.increment()
                } catch {
                    if error.kind == .corrupt { status.end(.configuration("\(error)")) }
                    complain("shard \(number) cannot be claimed yet", error)
                }
            }
            guard !claims.isEmpty else { return }
            if owned.isEmpty { publisher.discard(sayStillPublishing) }
            try publisher.prepare(timeout: 25)
            let wanted = claims.keys.flatMap { number in description.inputs.map { TopicPartition(topic: $0, partition: number) } }
            let committed = Dictionary(grouping: try consumer.committed(wanted, timeout: 10), by: \.partition)
            // All are looked at before the first is taken: a store that does not belong to the log leaves everything untouched.
            var checks: [Int32: StoreLogCheck] = [:]
            for (number, (_, claim)) in claims {
                let check = StoreLogCheck(shard: Int(number), claim: claim, identity: identity, committed: committed[number] ?? [])
                try check.verify()
                checks[number] = check
            }
            try verifyLogs(&checks, consumer)
            var first: [Int32: [Int: Int64]] = [:]
            for (number, check) in checks {
                first[number] = try check.firstPositions(of: description.inputs) { topic throws(KafkaError) in
                    try consumer.queryWatermarks(TopicPartition(topic: topic, partition: number), timeout: 5).low
                }
            }
            for (number, check) in checks {
                guard let shard = claims[number]?.0 else { continue }
                try take(number, shard, check, claimToken, first: first[number] ?? [:])
                claims[number] = nil
            }
        } catch let mismatch as StoreMismatch {
            status.end(.configuration("\(mismatch)"))
        } catch {
            if let error = error as? KafkaError, error.code == .invalidArgument { status.end(.configuration("\(error)")) }
            complain("shards cannot be claimed yet", error)
            for (shard, _) in claims.values { shard.close() }
        }
    }

    /// Looks at the logs, which Kafka has to be asked for, after what store and group say of each other. Records first, then the bounds: a
    /// record that is deleted by age meanwhile lies before the log's beginning then.
    private func verifyLogs(_ checks: inout [Int32: StoreLogCheck], _ consumer: GroupConsumer) throws {
        var marks: [TopicPartition: LogMark] = [:]
        for (number, check) in checks {
            for topic in description.inputs { marks[TopicPartition(topic: topic, partition: number)] = check.claim.marks[topic] }
        }
        let found = try LogMark.read(at: marks, configuration.kafka, timeout: 10)
        for (number, var check) in checks {
            for topic in check.claim.positions.keys where description.inputs.contains(topic) {
                let place = TopicPartition(topic: topic, partition: number)
                let bounds = try consumer.queryWatermarks(place, timeout: 5)
                check.logs[topic] = .init(low: bounds.low, high: bounds.high, atMark: found[place].map { .record($0) } ?? .notRead)
            }
            try check.verify()
            checks[number] = check
        }
    }

    private func take(
        _ number: Int32, _ shard: any ShardStore, _ check: StoreLogCheck, _ token: GroupGeneration, first: [Int: Int64]
    ) throws(StoreError) {
        let claim = check.claim
        if claim.identity == nil { try shard.identify(identity) }
        let published = check.published
        if check.hasForgottenOffsets {
            logger.notice(
                "Kafka has forgotten the group's offsets; the store was closed in order and knows its place: they are written anew",
                ["shard": "\(number)", "published": "\(published)"])
        }
        let work = ShardProcessor(
            number: number, store: shard, positions: description.inputs.map { claim.positions[$0] }, sequence: claim.highestSequence,
            published: published,
            ShardProcessor.Environment(
                tables: resources.tables, settings: resources.settings, secrets: resources.secrets, partitions: configuration.partitions,
                retention: UInt32(configuration.dedupRetention),
                cacheBytes: Self.cacheBytes / Int(configuration.partitions), maximumBytes: configuration.maximumMessageBytes,
                service: description.name, metrics: metrics, clock: environment.clock, unreadableStates: unreadableStates,
                barrier: { [tableReader] in tableReader?.barrier(timeout: 2) ?? false },
                authenticator: authenticator, hasher: hasher, keys: keys))
        for (topic, offset) in first { work.starts(at: offset, in: topic) }
        // Stored and told to the group by the next step.
        if !first.isEmpty { lastIdleCommit = 0 }
        var waiting: [EffectRow] = []
        let through = EffectScheduler.horizon(now: Clock.now)
        if !effects.isEmpty { try shard.effects(from: .min, to: through) { waiting.append($0) } }
        var unpublished: [(Int64, [UInt8])] = []
        try shard.outbox(after: published) { sequence, records in unpublished.append((sequence, Array(records))) }
        publisher.submit(unpublished.compactMap { job(work, token, records: $0.1, count: 0, sequence: $0.0) })
        owned[number] = work
        pending.remove(number)
        effects.claimed(number, waiting, now: Clock.now, through: through)
        logger.info(
            "shard claimed",
            ["shard": "\(number)", "epoch": "\(claim.epoch)", "recovered": "\(unpublished.count)", "published": "\(published)"])
    }
}
