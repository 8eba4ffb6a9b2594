import Contracts
import Crypto
import Kafka
import Observability
import Stores
import Synchronization
import Threads

/// The one thread of a service that consumes, decides and stores. It owns the consumer and every shard's store, and carries out what
/// ``ShardEngine`` says.
final class ServiceLoop {
    /// Aggregates kept in memory, bytes, over all shards.
    static let cacheBytes = 16 << 20
    /// Seconds that a poll waits for records; shorter while effects are under way, whose answers wait meanwhile.
    private static let idlePoll = 0.1
    private static let busyPoll = 0.02
    /// Seconds that singletons are given to end before the process does.
    private static let residentsTimeout = 1.0

    let description: ServiceDescription
    let configuration: Configuration
    let logger: Logger
    let metrics: ServiceMetrics
    let store: any Store
    let resources: any ServiceResources
    let tableReader: TableReader?
    let publisher: Publisher
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
    var engine: ShardEngine
    /// Of the assignment that stands.
    var membership: GroupMetadata?
    /// Stores of shards that are being claimed.
    var claimed: [Int32: any ShardStore] = [:]
    /// Those that are ours.
    var owned: [Int32: ShardProcessor] = [:]
    /// The last claim could not reach the store.
    var isStoreAway = false
    private var announcedAt = Clock.seconds
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
        self.status = status
        engine = ShardEngine(inputs: description.inputs, partitions: configuration.partitions, identity: identity)
        self.authenticator = authenticator
        self.keys = keys
        self.environment = environment
        unreadableStates = UnreadableStates(logger: logger, metrics: metrics.registry)
        let effectRoutes = equipment.effects()
        try description.validate(effectRoutes)
        effects = EffectScheduler(
            effectRoutes, logger: logger, metrics: EffectMetrics(metrics.registry, tracer: metrics.tracer),
            unreadableStates: unreadableStates)
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
                engine.consumerFailed(at: Clock.seconds)
            }
        }
        engine.stop()
        while let action = engine.nextDue() {
            // Whatever fails now is claimed by the next owner.
            do throws(KafkaError) { try carryOut(action) } catch { complain("the end", error) }
        }
        singletons.stop(within: Self.residentsTimeout)
    }

    private func step() throws(KafkaError) {
        status.beat()
        noteEndOfPublishing()
        try carryOutWhatIsDue()
        guard let consumer else { return }
        singletons.update(owned: owned.keys)
        sayWhetherAssigned()
        brokers.probe(consumer, topic: description.inputs[0], status)
        guard publisher.waitForRoom(timeout: 0.1) else { return brokers.stalled(status.waits) }
        brokers.moved(status.waits)
        let early = engine.pause(at: Clock.seconds)
        if early > 0 { status.wait(early) }
        let batch = try consumer.poll(maximum: ShardEngine.batchLimit, timeout: effects.isBusy ? Self.busyPoll : Self.idlePoll)
        if let batch { engine.batchTaken(batch.count, at: Clock.seconds) }
        let outcomes = effects.takeOutcomes()
        if batch != nil || !outcomes.isEmpty { try handle(batch, outcomes) }
        let time = readClock()
        if !effects.isEmpty { effects.startDue(now: time.now, isClockSteady: time.isSteady) }
        if engine.takesIdleTurn(at: Clock.seconds) {
            try storeIdlePositions()
            recordPublished()
            reportLoad(consumer)
            // What was announced at the start, or the last time, has been read back from its table by then; else it would be told twice.
            if Clock.seconds - announcedAt > ShardEngine.idleInterval { announceNewRows() }
            loadEffects()
            try carryOutWhatIsDue()
        }
    }

    private func carryOutWhatIsDue() throws(KafkaError) {
        while !status.isStopping, let action = engine.next(at: Clock.seconds) { try carryOut(action) }
    }

    private func carryOut(_ action: ShardEngine.Action) throws(KafkaError) {
        switch action {
        case .wait(let seconds): status.wait(seconds)
        case .makeConsumer: _ = try currentConsumer()
        case .closeConsumer(let leave):
            let closing = consumer
            consumer = nil
            closing?.close(leaveGroup: leave)
        case .read: try consumer?.assign(positions())
        case .readNothing: try consumer?.assign([])
        case .letGo(let numbers): for number in numbers { letGo(number) }
        default: carryOutClaim(action)
        }
    }

    private func sayWhetherAssigned() {
        if engine.isComplete, !status.isAssigned { status.waits.allOver() }
        status.set(assigned: engine.isComplete)
        metrics.load.shards(
            owned: owned.count, pending: engine.pending.count, incomplete: engine.incomplete.count, of: configuration.partitions)
        if !engine.isAssigned {
            status.waits.say(
                "waiting until the group gives shards",
                because: lastNotice.map { "Kafka's last notice: \($0)" } ?? "the group \(description.group) is being joined", level: .notice
            )
        } else if !engine.incomplete.isEmpty {
            status.waits.say(
                "shards are left alone: only some of their inputs are assigned; all replicas must read the same topics",
                because: "shards \(engine.incomplete.sorted().map { "\($0)" }.joined(separator: ", "))", level: .error)
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

    private func handle(_ batch: ConsumedBatch?, _ outcomes: [EffectScheduler.Outcome]) throws(KafkaError) {
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
        // Submitted together: one Kafka transaction for the batch, not one for its first shard and another for the rest.
        var jobs: [Publisher.Job] = []
        for (shard, records) in byShard.enumerated() where !records.isEmpty || answers[Int32(shard)] != nil {
            let number = Int32(shard)
            guard let work = owned[number] else { continue }
            do throws(StoreError) {
                let began = Clock.seconds
                work.beginBatch()
                if work.store.prefersLargeLoads { work.fetch(dispatcher.likelyAggregates(of: records.lazy.filter { work.isNew($0) })) }
                for outcome in answers[number] ?? [] { conclude(outcome, work) }
                for record in records where work.isNew(record) {
                    dispatcher.dispatch(record, work)
                    work.passed(record)
                }
                work.mark(records)
                metrics.decideSeconds.observe(Clock.seconds - began)
                if let job = try store(work, positionsToo: false) { jobs.append(job) }
                measureAge(of: records.first)
            } catch { abandonShard(number, error) }
        }
        publisher.submit(jobs)
        for end in batch?.ends ?? [] { owned[end.partition]?.reached(end.offset, in: end.topic) }
        try carryOutWhatIsDue()
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
        announcedAt = Clock.seconds
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

    private func abandonShard(_ number: Int32, _ error: StoreError) {
        complain("shard \(number) is let go and claimed again", error)
        letGo(number)
        engine.storeFailed(number, error, at: Clock.seconds)
    }

    /// Stores the shard's batch; what is to be published of it, if anything.
    private func store(_ work: ShardProcessor, positionsToo: Bool) throws(StoreError) -> Publisher.Job? {
        guard let membership else { return nil }
        let start = Clock.seconds
        let stored = try work.commit(topics: description.inputs, positionsToo: positionsToo)
        effects.stored(work.number, work.effectChanges)
        guard stored != nil || positionsToo else { return nil }
        metrics.storeSeconds.observe(Clock.seconds - start)
        var job = job(
            work, membership, records: stored?.records ?? [], count: stored?.count ?? 0, sequence: stored?.sequence ?? work.sequence)
        job?.traces = work.traced
        return job
    }

    func job(_ work: ShardProcessor, _ claim: GroupMetadata, records: [UInt8], count: Int, sequence: Int64) -> Publisher.Job? {
        var offsets: [(topic: String, next: Int64)] = []
        for (topic, position) in zip(description.inputs, work.positions) {
            if let position { offsets.append((topic: topic, next: position)) }
        }
        guard !offsets.isEmpty else { return nil }
        return Publisher.Job(claim: claim, shard: work.number, sequence: sequence, records: records, count: count, offsets: offsets)
    }

    /// Positions that moved over records without effect: stored now and then, so that lag is seen as it is and a restart skips little.
    private func storeIdlePositions() throws(KafkaError) {
        var jobs: [Publisher.Job] = []
        for (number, work) in owned where work.hasUnstoredPositions {
            do throws(StoreError) {
                work.beginBatch()
                if let job = try store(work, positionsToo: true) { jobs.append(job) }
            } catch { abandonShard(number, error) }
        }
        publisher.submit(jobs)
        try carryOutWhatIsDue()
    }

    private func notePublished() {
        engine.published(publisher.takePublished())
        for (number, published) in engine.owned { owned[number]?.published = published }
        for work in owned.values {
            metrics.load.outbox(shard: work.number, Int(work.sequence - work.published), oldestAt: work.oldestUnpublished)
        }
    }

    func recordPublished() {
        notePublished()
        for work in owned.values where work.hasUnrecordedPublish {
            work.beginBatch()
            _ = try? work.commit(topics: description.inputs, positionsToo: true)
        }
    }

    // MARK: Failures

    private func noteEndOfPublishing() {
        notePublished()
        guard let failure = publisher.takeFailure() else { return }
        complain("publishing failed, the outbox is published from where Kafka has it", failure)
        engine.publishFailed(failure)
    }

    private func letGo(_ number: Int32) {
        guard let work = owned.removeValue(forKey: number) else { return }
        effects.suspended(number)
        work.store.close()
    }

    func dropAll() {
        effects.dropAll()
        singletons.update(owned: [])
        metrics.load.keep([])
        metrics.load.effects(effects.counts)
        for work in owned.values { work.store.close() }
        owned = [:]
        membership = nil
        note(storeAway: false)
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
