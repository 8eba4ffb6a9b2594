import Contracts
import Kafka
import Observability
import Stores
import Threads

/// What the group gives and takes, and what a claim needs: carried out as ``ShardEngine`` says.
extension ServiceLoop: RebalanceDelegate {
    func assigned(_ partitions: [TopicPartition], epoch: Int, group: GroupMetadata) -> [PartitionOffset] {
        membership = group
        engine.assigned(partitions, at: Clock.seconds)
        while let action = engine.nextOfClaim(at: Clock.seconds) { carryOutClaim(action) }
        engine.readingBegan()
        return positions()
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) {
        logger.info("shards go", ["count": "\(owned.count)", "lost": "\(lost)"])
        engine.revoked(lost: lost)
        while let action = engine.nextOfLeaving() { carryOutClaim(action) }
    }

    func positions() -> [PartitionOffset] {
        owned.values.flatMap { work in
            zip(description.inputs, work.positions).map { topic, position in
                PartitionOffset(topic: topic, partition: work.number, offset: position ?? PartitionOffset.beginning)
            }
        }
    }

    private static let settling = "shards wait to be claimed"

    /// Carries out what needs no answer of the consumer's to throw: the steps of a claim and of a revoke.
    func carryOutClaim(_ action: ShardEngine.Action) {
        switch action {
        case .settle(let seconds):
            if engine.settled(publisher.isSettled(within: seconds)) {
                status.waits.over(Self.settling)
            } else {
                status.waits.say(Self.settling, because: "what other shards publish is not out yet")
            }
        case .discard: publisher.discard(sayStillPublishing)
        case .recordPublished: recordPublished()
        case .giveUp: dropAll()
        case .claimStores(let numbers): claimStores(numbers)
        case .prepareProducer:
            attempt { (_) throws(KafkaError) in
                try publisher.prepare(timeout: 25)
                engine.producerReady()
            }
        case .readCommitted(let places):
            attempt { (consumer) throws(KafkaError) in engine.committed(try consumer.committed(places, timeout: 10)) }
        case .readMarks(let marks):
            attempt { (_) throws(KafkaError) in engine.marksRead(try LogMark.read(at: marks, configuration.kafka, timeout: 10)) }
        case .readBounds(let places):
            attempt { (consumer) throws(KafkaError) in
                var bounds: [TopicPartition: (low: Int64, high: Int64)] = [:]
                for place in places { bounds[place] = try consumer.queryWatermarks(place, timeout: 5) }
                engine.boundsRead(bounds)
            }
        case .confirm(let number):
            // An empty batch changes nothing, and is refused to who has been fenced.
            do throws(StoreError) {
                try claimed[number]?.commit(StoreBatch())
                engine.confirmed()
            } catch { claimFailed(error) }
        case .take(let taking):
            do throws(StoreError) { try take(taking) } catch { claimFailed(error) }
        case .closeStores(let numbers): for number in numbers { claimed.removeValue(forKey: number)?.close() }
        case .end(let error): status.end(error)
        case .wait, .makeConsumer, .closeConsumer, .read, .readNothing, .letGo: preconditionFailure("\(action) is no step of a claim")
        }
    }

    private func attempt(_ step: (GroupConsumer) throws(KafkaError) -> Void) {
        guard let consumer else { return }
        do throws(KafkaError) { try step(consumer) } catch { claimFailed(error) }
    }

    private func claimFailed(_ error: any Error) {
        complain("shards cannot be claimed yet", error)
        engine.claimFailed(error, leaving: claimed.keys.sorted())
    }

    private func claimStores(_ numbers: [Int32]) {
        var claims: [Int32: StoreClaim] = [:]
        var failures: [StoreError] = []
        for number in numbers {
            do throws(StoreError) {
                let shard = try store.shard(Int(number))
                claims[number] = try shard.claim()
                claimed[number] = shard
                metrics.epochs.increment()
                note(storeAway: false)
            } catch {
                complain("shard \(number) cannot be claimed yet", error)
                note(storeAway: error.kind == .unavailable || error.kind == .misconfigured)
                failures.append(error)
            }
        }
        engine.storesClaimed(claims, failures: failures)
    }

    /// Health names the store while it is what keeps shards from being claimed.
    func note(storeAway: Bool) {
        guard isStoreAway != storeAway else { return }
        isStoreAway = storeAway
        status.set(waitingFor: storeAway ? "the store" : nil)
    }

    private func take(_ taking: ShardEngine.Taking) throws(StoreError) {
        guard let membership, let shard = claimed[taking.shard] else { return }
        let (number, claim) = (taking.shard, taking.claim)
        if claim.identity == nil { try shard.identify(engine.identity) }
        if taking.hasForgottenOffsets {
            logger.notice(
                "Kafka has forgotten the group's offsets; the store was closed in order and knows its place: they are written anew",
                ["shard": "\(number)", "published": "\(taking.published)"])
        }
        let work = ShardProcessor(
            number: number, store: shard, positions: description.inputs.map { claim.positions[$0] }, sequence: claim.highestSequence,
            published: taking.published,
            ShardProcessor.Environment(
                tables: resources.tables, settings: resources.settings, secrets: resources.secrets, partitions: configuration.partitions,
                retention: UInt32(configuration.dedupRetention),
                cacheBytes: Self.cacheBytes / Int(configuration.partitions), maximumBytes: configuration.maximumMessageBytes,
                service: description.name, metrics: metrics, clock: environment.clock, unreadableStates: unreadableStates,
                barrier: { [tableReader] in tableReader?.barrier(timeout: 2) ?? false },
                authenticator: authenticator, hasher: hasher, keys: keys))
        for (topic, offset) in taking.first { work.starts(at: offset, in: topic) }
        var waiting: [EffectRow] = []
        let through = EffectEngine.horizon(now: Clock.now)
        if !effects.isEmpty { try shard.effects(from: .min, to: through) { waiting.append($0) } }
        var unpublished: [(Int64, [UInt8])] = []
        try shard.outbox(after: taking.published) { sequence, records in unpublished.append((sequence, Array(records))) }
        publisher.submit(unpublished.compactMap { job(work, membership, records: $0.1, count: 0, sequence: $0.0) })
        claimed[number] = nil
        owned[number] = work
        engine.own(taking)
        effects.claimed(number, waiting, now: Clock.now, through: through)
        logger.info(
            "shard claimed",
            [
                "shard": "\(number)", "epoch": "\(claim.epoch)", "recovered": "\(unpublished.count)",
                "published": "\(taking.published)",
            ])
    }
}
