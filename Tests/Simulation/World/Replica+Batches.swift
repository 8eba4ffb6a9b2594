import Contracts
import Machines
import Threads

@testable import Kafka
@testable import Runtime
@testable import Stores

/// What is decided and stored, and the effects that follow.
extension Replica {
    /// What a poll has given, before it is decided about: the process may stand still in between.
    struct Batch {
        var byShard: [Int32: [RecordView]] = [:]
        var ends: [(topic: Int, partition: Int32, offset: Int64)] = []
    }

    func poll() {
        var batch = Batch()
        var count = 0
        if let reads = consumer?.reads {
            for place in reads.keys.ordered() {
                guard let offset = reads[place], let topic = service.inputs.firstIndex(of: place.topic) else { continue }
                let (records, next) = kafka.read(place, from: offset, maximum: world.batchMaximum())
                consumer?.reads[place] = next
                count += records.count
                batch.byShard[place.partition, default: []] += records.map {
                    RecordView(record: $0, topicObjects: inputs, topicCount: service.inputs.count)
                }
                if next > offset, next == kafka.stable(place) { batch.ends.append((topic, place.partition, next)) }
            }
        }
        if count > 0 { engine.batchTaken(count, at: world.now) }
        inHand = batch
    }

    func take(_ batch: Batch) {
        handle(batch.byShard, arrivals())
        guard !isDead else { return }
        for end in batch.ends { owned[end.partition]?.reached(end.offset, in: end.topic) }
        beginEffects()
        guard !isDead, engine.takesIdleTurn(at: world.now) else { return }
        storeIdlePositions()
        recordPublished()
    }

    func handle(_ records: [Int32: [RecordView]], _ answers: [Int32: [(EffectEngine.Reference, ErasedOutcome)]]) {
        var jobs: [Job] = []
        for number in Set(records.keys).union(answers.keys).sorted() {
            guard let work = owned[number] else { continue }
            do throws(StoreError) {
                work.beginBatch()
                for (reference, outcome) in answers[number] ?? [] {
                    if case .answer(let deliver) = outcome, let row = effects.row(of: reference) { _ = work.conclude(row, deliver) }
                }
                for record in records[number] ?? [] where work.isNew(record) {
                    dispatcher.dispatch(record, work)
                    work.passed(record)
                }
                work.mark(records[number] ?? [])
                if let job = try store(work, positionsToo: false) { jobs.append(job) }
            } catch {
                if isDead { return }
                log("batch of \(number) not stored: \(error)")
                storeFailed(number, error)
            }
        }
        queue.submit(jobs)
    }

    func store(_ work: ShardProcessor, positionsToo: Bool) throws(StoreError) -> Job? {
        guard let membership = consumer?.assigned else { return nil }
        let stored = try work.commit(topics: service.inputs, positionsToo: positionsToo)
        _ = effects.stored(work.number, work.effectChanges)
        if let stored {
            log("stored \(work.number) as \(stored.sequence): \(stored.count) records, positions \(work.positions.map { $0 ?? -1 })")
        }
        guard stored != nil || positionsToo else { return nil }
        return job(work, membership, stored?.records ?? [], stored?.sequence ?? work.sequence)
    }

    func storeIdlePositions() {
        var jobs: [Job] = []
        for number in owned.keys.sorted() {
            guard let work = owned[number], work.hasUnstoredPositions else { continue }
            do throws(StoreError) {
                work.beginBatch()
                if let job = try store(work, positionsToo: true) { jobs.append(job) }
            } catch {
                if isDead { return }
                storeFailed(number, error)
            }
        }
        queue.submit(jobs)
    }

    private func storeFailed(_ number: Int32, _ error: StoreError) {
        if !world.isBroken(.failedShardKept) { letGo(number) }
        engine.storeFailed(number, error, at: world.now)
    }

    func notePublished() {
        engine.published(queue.takePublished())
        for (number, published) in engine.owned { owned[number]?.published = published }
    }

    func recordPublished() {
        notePublished()
        for number in owned.keys.sorted() {
            guard let work = owned[number], work.hasUnrecordedPublish, !isDead else { continue }
            work.beginBatch()
            _ = try? work.commit(topics: service.inputs, positionsToo: true)
        }
    }

    // MARK: Effects

    func arrivals() -> [Int32: [(EffectEngine.Reference, ErasedOutcome)]] {
        let all = outcomes
        outcomes = []
        var answers: [Int32: [(EffectEngine.Reference, ErasedOutcome)]] = [:]
        for (reference, outcome) in all {
            let retry: EffectRetry? = if case .again(let retry) = outcome { retry } else { nil }
            guard case .counts = effects.arrived(reference, isAnswer: retry == nil) else { continue }
            if let retry {
                _ = effects.tryAgain(reference, retry, now: service.environment.clock.now, jitter: 1)
            } else {
                answers[reference.shard, default: []].append((reference, outcome))
            }
        }
        return answers
    }

    func beginEffects() {
        let time = service.environment.clock.read()
        while let begun = effects.next(now: time.now, isClockSteady: time.isSteady) {
            if dies(at: .effectBegun) { return }
            guard let perform = service.performance(of: begun.row) else {
                effects.isUnreadable(begun)
                continue
            }
            let outcome = perform(begun.attempt)
            if dies(at: .effectDone) { return }
            outcomes.append((.init(shard: begun.shard, id: begun.row.id, generation: begun.generation), outcome))
        }
    }
}
