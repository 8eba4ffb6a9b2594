import Contracts
import Crypto
import Kafka
import Observability
import Stores
import Synchronization
import Threads

/// The one thread of a service that consumes, decides and stores. It owns the consumer and every shard's store.
final class ServiceLoop {
    /// Records per poll at most: enough that a sync to disk and a Kafka transaction are shared by many, few enough to stay responsive.
    private static let batchLimit = 2000
    /// Batches that may wait behind the one being published.
    private static let queueLimit = 2
    /// Seconds from one batch to the next at least: under load a few large batches cost far less than many small ones (each is a sync to
    /// disk a shard, and a Kafka transaction). A lone message never waits, a full batch is followed at once.
    private static func pause(after count: Int) -> Double {
        switch count {
        case ..<busyBatch: 0.015
        case ..<batchLimit: 0.1
        default: 0
        }
    }
    /// From so many records in a batch on, throughput counts more than the last milliseconds of latency.
    private static let busyBatch = 100
    /// Aggregates kept in memory, bytes, over all shards.
    static let cacheBytes = 20 << 20
    /// Seconds after which positions are stored and committed although nothing came of the records.
    private static let idleCommitInterval = 5.0
    static let retryInterval = 0.25
    /// Seconds that a poll waits for records; shorter while effects are under way, whose answers wait meanwhile.
    private static let idlePoll = 0.1
    private static let busyPoll = 0.02
    /// Seconds that singletons are given to end before the process does.
    private static let residentsTimeout = 1.0
    /// Seconds to wait for what is being published before a shard is claimed beside others.
    static let settleTimeout = 1.0

    let description: ServiceDescription
    let configuration: Configuration
    let logger: Logger
    let metrics: ServiceMetrics
    let store: any Store
    let resources: any ServiceResources
    let tableReader: TableReader?
    let publisher: Publisher
    let identity: StoreIdentity
    let status: ServiceStatus
    private let dispatcher: Dispatcher
    let authenticator: Authenticator?
    let keys: ServiceKeys?
    let hasher = IdentityHasher()
    let environment: ServiceEnvironment
    let effects: EffectScheduler
    let unreadableStates: UnreadableStates
    private let singletons: SingletonTasks

    var consumer: GroupConsumer?
    var claimToken: GroupGeneration?
    var owned: [Int32: ShardProcessor] = [:]
    var pending: Set<Int32> = []
    /// Shards that were assigned with some of their inputs only.
    var incomplete: Set<Int32> = []
    var retryAt = 0.0
    private var nextBatchAt = 0.0
    var lastIdleCommit = 0.0
    /// What Kafka has told last.
    private var lastNotice: KafkaError?
    private var brokers = BrokerWatch()

    init(
        _ description: ServiceDescription, _ configuration: Configuration, logger: Logger, metrics: ServiceMetrics, store: any Store,
        equipment: ServiceDescription.Equipment, tableReader: TableReader?, publisher: Publisher, identity: StoreIdentity,
        status: ServiceStatus,
        authenticator: Authenticator?, keys: ServiceKeys?, environment: ServiceEnvironment
    ) throws(ExitError) {
        self.description = description
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        self.store = store
        resources = equipment.resources
        self.tableReader = tableReader
        self.publisher = publisher
        self.identity = identity
        self.status = status
        self.authenticator = authenticator
        self.keys = keys
        self.environment = environment
        unreadableStates = UnreadableStates(logger: logger, metrics: metrics.registry)
        let effectRoutes = equipment.effects()
        try description.validate(effectRoutes)
        effects = EffectScheduler(
            effectRoutes, logger: logger, metrics: EffectMetrics(metrics.registry), unreadableStates: unreadableStates)
        singletons = SingletonTasks(
            equipment.singletons(),
            ItemSender(
                configuration.kafka, service: description.name, partitions: configuration.partitions,
                keyFile: configuration.serviceKeyFile), logger)
        dispatcher = Dispatcher(
            description.routes, isStrict: description.inputs.map { description.strictInputs.contains($0) }, metrics: metrics)
    }

    // MARK: The loop

    /// Runs until the process is told to stop, then hands over: what is stored is published, and the group is told.
    func run() throws(ExitError) {
        while !status.isStopping {
            do throws(KafkaError) {
                try step()
            } catch {
                complain("the consumer is made anew", error)
                closeConsumer(leave: false)
                status.wait(Self.retryInterval)
            }
        }
        publisher.drain(timeout: 5, sayStillPublishing)
        closeConsumer(leave: true)
        singletons.stop(within: Self.residentsTimeout)
    }

    private func step() throws(KafkaError) {
        status.beat()
        let consumer = try currentConsumer()
        notePublished()
        if let failure = publisher.takeFailure() { try recover(from: failure) }
        if !pending.isEmpty, Clock.seconds >= retryAt {
            let before = owned.count
            claimPending()
            if owned.count != before { try consumer.assign(positions()) }
        }
        singletons.update(owned: owned.keys)
        sayWhetherAssigned()
        brokers.probe(consumer, topic: description.inputs[0], status)
        guard publisher.waitForRoom(below: Self.queueLimit, timeout: 0.1) else { return brokers.stalled(status.waits) }
        brokers.moved(status.waits)
        let early = nextBatchAt - Clock.seconds
        if early > 0 { status.wait(early) }
        let batch = try consumer.poll(maximum: Self.batchLimit, timeout: effects.isBusy ? Self.busyPoll : Self.idlePoll)
        if let batch { nextBatchAt = Clock.seconds + Self.pause(after: batch.count) }
        let outcomes = effects.takeOutcomes()
        if batch != nil || !outcomes.isEmpty { try handle(batch, outcomes, consumer) }
        let time = readClock()
        if !effects.isEmpty { effects.startDue(now: time.now, isClockSteady: time.isSteady) }
        if Clock.seconds - lastIdleCommit > Self.idleCommitInterval {
            lastIdleCommit = Clock.seconds
            try storeIdlePositions(consumer)
            recordPublished()
            reportLag(consumer)
            announceNewRows()
            loadEffects()
        }
    }

    private func sayWhetherAssigned() {
        let isAssigned = claimToken != nil && pending.isEmpty && incomplete.isEmpty
        if isAssigned, !status.isAssigned { status.waits.allOver() }
        status.set(assigned: isAssigned)
        if claimToken == nil {
            status.waits.say(
                "waiting until the group gives shards",
                because: lastNotice.map { "Kafka's last notice: \($0)" } ?? "the group \(description.group) is being joined", level: .notice
            )
        } else if !incomplete.isEmpty {
            status.waits.say(
                "shards are left alone: only some of their inputs are assigned; all replicas must read the same topics",
                because: "shards \(incomplete.sorted().map { "\($0)" }.joined(separator: ", "))", level: .error)
        }
    }

    private func readClock() -> ServiceClock.Reading {
        let reading = environment.clock.read()
        if let leap = environment.clock.takeLeap() {
            logger.error(
                "the machine's clock has leapt: what cannot be undone (shredding, expiry, forgetting ids) waits for an hour; set it right",
                ["seconds": "\(leap)"])
        }
        return reading
    }

    private func currentConsumer() throws(KafkaError) -> GroupConsumer {
        if let consumer { return consumer }
        let made = try GroupConsumer(
            configuration.kafka, group: description.group, instance: configuration.instance, topics: description.inputs, delegate: self)
        made.onNotice = { [weak self, logger] error in
            logger.info("kafka", ["notice": "\(error)"])
            self?.lastNotice = error
            if error.code == .allBrokersDown { self?.brokers.lost() }
        }
        consumer = made
        return made
    }

    private func handle(_ batch: ConsumedBatch?, _ outcomes: [EffectScheduler.Outcome], _ consumer: GroupConsumer) throws(KafkaError) {
        var byShard = [[RecordView]](repeating: [], count: Int(configuration.partitions))
        if let batch {
            for index in 0..<batch.count {
                let record = batch[index]
                byShard[Int(record.partition)].append(record)
            }
            metrics.records.increment(by: batch.count)
            if batch.count > 0 { metrics.batchSize.observe(Double(batch.count)) }
        }
        keys?.refresh()
        let answers = outcomes.isEmpty ? [:] : Dictionary(grouping: outcomes, by: \.shard)
        var lost = false
        // Submitted together: one Kafka transaction for the batch, not one for its first shard and another for the rest.
        var jobs: [PublishJob] = []
        for (shard, records) in byShard.enumerated() where !records.isEmpty || answers[Int32(shard)] != nil {
            let number = Int32(shard)
            guard let work = owned[number] else { continue }
            do throws(StoreError) {
                work.beginBatch()
                for outcome in answers[number] ?? [] { conclude(outcome, work) }
                for record in records where work.isNew(record) {
                    dispatcher.dispatch(record, work)
                    work.passed(record)
                }
                work.mark(records)
                if let job = try store(work, positionsToo: false) { jobs.append(job) }
            } catch {
                abandonShard(number, error)
                lost = true
            }
        }
        publisher.submit(jobs)
        for end in batch?.ends ?? [] { owned[end.partition]?.reached(end.offset, in: end.topic) }
        if lost { try consumer.assign(positions()) }
    }

    private func conclude(_ outcome: EffectScheduler.Outcome, _ work: ShardProcessor) {
        switch outcome.outcome {
        case .answer(let deliver):
            if let row = effects.row(of: outcome), !work.conclude(row, deliver) { effects.undelivered(outcome) }
        case .again(let retry): if let report = retry.report { work.report(report, of: effects.route(of: outcome)) }
        }
    }

    /// What the service has to tell by itself (keys that were rotated meanwhile) is written with the next batch of any shard.
    private func announceNewRows() {
        guard !description.announced.isEmpty, let work = owned.values.first else { return }
        resources.refresh()
        let rows = resources.announcements()
        guard !rows.isEmpty else { return }
        work.beginBatch()
        work.announce(rows)
        logger.info("rows announced", ["rows": rows.names])
        do throws(StoreError) {
            if let job = try store(work, positionsToo: false) { publisher.submit([job]) }
        } catch { abandonShard(work.number, error) }
    }

    /// Effects that have come near.
    private func loadEffects() {
        for (number, work) in owned {
            guard let span = effects.missing(of: number, now: Clock.now) else { continue }
            var rows: [EffectRow] = []
            do throws(StoreError) {
                try work.store.effects(from: span.lowerBound, to: span.upperBound) { rows.append($0) }
                effects.loaded(number, rows, now: Clock.now, through: span.upperBound)
            } catch { abandonShard(number, error) }
        }
    }

    /// Lets go of a shard until it is claimed anew. A corrupt store will not heal: the process ends instead of retrying silently for ever.
    private func abandonShard(_ number: Int32, _ error: StoreError) {
        if error.kind == .corrupt { status.end(.configuration("\(error)")) }
        if error.kind == .mistake { status.end(.bug("\(error)")) }
        complain("shard \(number) is let go and claimed again", error)
        release(number)
    }

    /// Stores the shard's batch; what is to be published of it, if anything.
    private func store(_ work: ShardProcessor, positionsToo: Bool) throws(StoreError) -> PublishJob? {
        guard let claimToken else { return nil }
        let start = Clock.seconds
        let stored = try work.commit(topics: description.inputs, positionsToo: positionsToo)
        effects.stored(work.number, work.effectChanges)
        guard stored != nil || positionsToo else { return nil }
        metrics.storeSeconds.observe(Clock.seconds - start)
        return job(
            work, claimToken, records: stored?.records ?? [], count: stored?.count ?? 0, sequence: stored?.sequence ?? work.sequence)
    }

    func job(_ work: ShardProcessor, _ claim: GroupGeneration, records: [UInt8], count: Int, sequence: Int64) -> PublishJob? {
        var offsets: [(topic: String, next: Int64)] = []
        for (topic, position) in zip(description.inputs, work.positions) {
            if let position { offsets.append((topic: topic, next: position)) }
        }
        guard !offsets.isEmpty else { return nil }
        return PublishJob(claim: claim, shard: work.number, sequence: sequence, records: records, count: count, offsets: offsets)
    }

    /// Positions that moved over records without effect: stored now and then, so that lag is seen as it is and a restart skips little.
    private func storeIdlePositions(_ consumer: GroupConsumer) throws(KafkaError) {
        var lost = false
        var jobs: [PublishJob] = []
        for (number, work) in owned where work.hasUnstoredPositions {
            do throws(StoreError) {
                work.beginBatch()
                if let job = try store(work, positionsToo: true) { jobs.append(job) }
            } catch {
                abandonShard(number, error)
                lost = true
            }
        }
        publisher.submit(jobs)
        if lost { try consumer.assign(positions()) }
    }

    private func notePublished() {
        for (number, sequence) in publisher.takePublished() {
            // A completion of an earlier claim may arrive after this claim has begun: `published` never moves backwards.
            if let work = owned[number], sequence > work.published { work.published = sequence }
        }
        for work in owned.values { metrics.outboxDepth(shard: work.number).set(Int(work.sequence - work.published)) }
    }

    /// Leaves in the store how far its outbox is published: should Kafka forget the group's offsets, that tells a store whose outbox is out
    /// from one that never came to publish it. What cannot be recorded now is read from Kafka by the next claim.
    func recordPublished() {
        notePublished()
        for work in owned.values where work.hasUnrecordedPublish {
            work.beginBatch()
            _ = try? work.commit(topics: description.inputs, positionsToo: true)
        }
    }

    private func reportLag(_ consumer: GroupConsumer) {
        for (number, work) in owned {
            for (index, topic) in description.inputs.enumerated() {
                guard let bounds = consumer.cachedWatermarks(TopicPartition(topic: topic, partition: number)), bounds.high >= 0 else {
                    continue
                }
                metrics.lag(shard: number, topic: topic).set(Int(max(0, bounds.high - (work.positions[index] ?? bounds.low))))
            }
        }
    }

    // MARK: Failures

    /// After a publish that failed nothing is known: every shard is claimed again, which reads how far Kafka has the outbox. A claim that
    /// the group has ended needs a new consumer as well.
    private func recover(from failure: KafkaError) throws(KafkaError) {
        if failure.code == .messageTooLarge || failure.code == .malformedRecord {
            status.end(.configuration("a stored record cannot be published, ask for more by max.message.bytes of the topics: \(failure)"))
        }
        complain("publishing failed, the outbox is published from where Kafka has it", failure)
        let shards = Set(owned.keys)
        for number in shards { release(number) }
        if failure.isFenced, let consumer {
            self.consumer = nil
            consumer.close(leaveGroup: false)
            claimToken = nil
            pending = []
            return
        }
        retryAt = 0
        try consumer?.assign([])
    }

    /// Lets a shard go that the group still gives us.
    private func release(_ number: Int32) {
        guard let work = owned.removeValue(forKey: number) else { return }
        effects.suspended(number)
        work.store.close()
        pending.insert(number)
        retryAt = Clock.seconds + Self.retryInterval
    }

    private func closeConsumer(leave: Bool) {
        consumer?.close(leaveGroup: leave)
        consumer = nil
        dropAll()
    }

    func dropAll() {
        publisher.discard(sayStillPublishing)
        effects.dropAll()
        singletons.update(owned: [])
        for work in owned.values { work.store.close() }
        owned = [:]
        pending = []
        claimToken = nil
        status.set(assigned: false)
    }

    /// At once, then once a minute for as long as it lasts: a service that waits says for what.
    func complain(_ what: String, _ error: any Error) {
        status.waits.say(what, because: "\(error)")
    }

    /// A commit has no time limit of its own.
    func sayStillPublishing() {
        status.waits.say("waiting for the end of a transaction", because: "Kafka has not answered its commit yet")
    }
}
