import Contracts
import JSON
import Kafka
import Machines
import Observability
import Stores

/// One shard that this replica owns: its store, the state in its hands, and the batch being decided.
///
/// Used from the service's one thread. Nothing of a batch is visible outside before `commit` has stored it.
final class ShardWork {
    let number: Int32
    let store: any ShardStore
    let service: ServiceName
    private let tables: any Tables
    private let settings: Settings
    private let secrets: any SecretOpener
    private let partitions: Int32
    private let retention: UInt32
    private let barrier: () -> Bool
    private let authenticate: (Attributes) throws(Refusal) -> Actor?
    private let metrics: ServiceMetrics
    private let outbox: BatchOutbox
    private let proof: CarriedProof

    private(set) var now = Timestamp(milliseconds: 0)
    /// Next offset of each input topic, by its index in the consumer's list; nil: never read.
    private(set) var positions: [Int64?]
    private(set) var sequence: Int64
    /// Highest outbox sequence that is known to be published.
    var published: Int64
    /// What of that the store knows.
    private var recordedPublished: Int64 = 0
    var hasUnrecordedPublish: Bool { published > recordedPublished }
    /// Positions are ahead of what is stored: only records without effect were read since.
    private(set) var hasUnstoredPositions = false

    /// What the last batch that was stored scheduled and ended (nil).
    private(set) var effectChanges: [String: EffectRow?] = [:]
    private var answers = 0

    private var cache: AggregateCache
    /// What the batch has read from the store.
    private var loaded: [String: Aggregate] = [:]
    /// Keys of what it could not read.
    private var unreadable: Set<String> = []
    private let unreadableStates: UnreadableStates
    /// What the batch has changed.
    private var changed: [Aggregate] = []
    private var barrierPassed = false
    private var failure: StoreError?

    struct Environment {
        var tables: any Tables
        var settings = Settings.standard
        var secrets: any SecretOpener = NoSecrets.shared
        var partitions: Int32
        var retention: UInt32
        var cacheBytes: Int
        var maximumBytes: Int
        var service: ServiceName
        var metrics: ServiceMetrics
        var unreadableStates: UnreadableStates
        /// Reads the tables to their end; false when that took too long.
        var barrier: () -> Bool
        /// The actor of a token, when tokens are required.
        var authenticate: (Attributes) throws(Refusal) -> Actor?
        /// What tells the owner of a carried message who sent it.
        var proof = CarriedProof.none
    }

    init(number: Int32, store: any ShardStore, positions: [Int64?], sequence: Int64, published: Int64, _ environment: Environment) {
        self.number = number
        self.store = store
        self.positions = positions
        self.sequence = sequence
        self.published = published
        tables = environment.tables
        settings = environment.settings
        secrets = environment.secrets
        service = environment.service
        partitions = environment.partitions
        retention = environment.retention
        barrier = environment.barrier
        authenticate = environment.authenticate
        metrics = environment.metrics
        unreadableStates = environment.unreadableStates
        proof = environment.proof
        cache = AggregateCache(limit: environment.cacheBytes)
        outbox = BatchOutbox(
            service: environment.service, shard: number, partitions: environment.partitions, maximumBytes: environment.maximumBytes)
    }

    // MARK: A batch

    func beginBatch() {
        now = Clock.now
        loaded.removeAll(keepingCapacity: true)
        if !unreadable.isEmpty { unreadable.removeAll() }
        // A batch that was given up: what it changed was never stored.
        if !changed.isEmpty { cache.removeAll() }
        changed.removeAll(keepingCapacity: true)
        outbox.reset(now: now)
        barrierPassed = false
        failure = nil
        effectChanges = [:]
        answers = 0
    }

    /// Whether the record lies behind what this shard has read.
    func isNew(_ record: RecordView) -> Bool { record.offset >= positions[record.topic] ?? 0 }

    func passed(_ record: RecordView) {
        positions[record.topic] = record.offset + 1
        hasUnstoredPositions = true
    }

    /// Where an input is read from that was never read: known to the store and the group at once, so that lag is a number.
    func starts(at offset: Int64, in topic: Int) {
        if positions[topic] == nil { positions[topic] = offset }
        hasUnstoredPositions = true
    }

    /// The end of an input lies at `offset`, behind transaction markers and aborted records: nothing before it is left to read. Without
    /// this a position would stay before the last marker, and lie outside of the log once everything is deleted by age.
    func reached(_ offset: Int64, in topic: Int) {
        guard offset > positions[topic] ?? 0 else { return }
        positions[topic] = offset
        hasUnstoredPositions = true
    }

    /// What the batch has to be published; nil when nothing has to be stored.
    struct Stored {
        var sequence: Int64
        var records: [UInt8]
        var count: Int
    }

    /// Stores the batch in one transaction. After an error the batch is void and the shard must be claimed anew.
    /// - Parameter positionsToo: store although only positions changed.
    func commit(topics: [String], positionsToo: Bool) throws(StoreError) -> Stored? {
        if let failure { throw failure }
        // In the order of their keys, neighbours share pages: fewer of them are written.
        changed.sort { $0.key < $1.key }
        let rows = changed.map { $0.row() }
        let isEmpty = rows.isEmpty && outbox.isEmpty && !outbox.hasEffects
        guard !isEmpty || positionsToo else {
            store.endReading()
            return nil
        }
        var stored: Stored?
        if !outbox.isEmpty {
            let records = outbox.finish(sequence: sequence + 1)
            stored = Stored(sequence: sequence + 1, records: records, count: outbox.recordCount)
        }
        var next: [(topic: String, next: Int64)] = []
        for (topic, position) in zip(topics, positions) { if let position { next.append((topic: topic, next: position)) } }
        let effects = outbox.hasEffects ? outbox.effectChanges : [:]
        try store.commit(
            StoreBatch(
                aggregates: rows, outbox: stored.map { (sequence: $0.sequence, records: $0.records) }, positions: next,
                publishedThrough: published, removedEffects: effects.filter { $0.value == nil }.map(\.key),
                effects: effects.values.compactMap { $0 }))
        effectChanges = effects
        recordedPublished = published
        if let stored { sequence = stored.sequence }
        // Without records there is nothing to publish yet: the group learns the positions with the next idle commit.
        hasUnstoredPositions = stored == nil && !positionsToo
        for (aggregate, row) in zip(changed, rows) {
            aggregate.wasStored()
            cache.insert(aggregate, bytes: row.state.count + row.answered.count + row.key.utf8.count)
        }
        changed.removeAll(keepingCapacity: true)
        for code in outbox.refusals { metrics.refused(code.rawValue) }
        return stored
    }

    // MARK: For routes

    func partition(of key: String) -> Int32 { Partitioner.partition(forKey: key, count: partitions) }

    func context(origin: Origin, actor: Actor, time: Timestamp) -> Context {
        Context(origin: origin, actor: actor, time: time, now: now, tables: tables, settings: settings, secrets: secrets)
    }

    /// nil: it is stored and cannot be read. Nothing of it may be changed; what concerns it is kept for after a repair.
    func aggregate<Machine: StateMachine>(_ key: String, _: Machine.Type) -> TypedAggregate<Machine.State>? { load(key) }

    private func load<State: Declared>(_ key: String) -> TypedAggregate<State>? {
        if let known = (cache[key] ?? loaded[key]) as? TypedAggregate<State> { return known }
        if unreadable.contains(key) { return nil }
        var row: AggregateRow?
        if failure == nil {
            do throws(StoreError) {
                try store.load([key]) { _, loaded in row = loaded }
            } catch { failure = error }
        }
        do throws(JSONError) {
            let aggregate = try TypedAggregate<State>(key: key, row: row)
            loaded[key] = aggregate
            return aggregate
        } catch {
            unreadable.insert(key)
            unreadableStates.aggregate(key, shard: number, error)
            return nil
        }
    }

    enum Outcome {
        case changed
        case unchanged
        /// The reason is for what cannot be refused.
        case refused(Refusal, dead: DeadReason)
    }

    /// Asks the machine, and keeps what it answers: the new state, and what leaves the service.
    func run<Machine: StateMachine>(
        _: Machine.Type, on aggregate: TypedAggregate<Machine.State>, _ input: Machine.Input, _ context: Context
    ) -> Outcome {
        var decision = Machine.decide(aggregate.state, input, context)
        if case .refuse(let refusal) = decision, refusal.restsOnTable, passBarrier() {
            decision = Machine.decide(aggregate.state, input, context)
        }
        switch decision {
        case .refuse(let refusal): return .refused(refusal, dead: .invalid)
        case .accept(let events) where events.isEmpty: return .unchanged
        case .accept(let events):
            let mark = outbox.mark()
            outbox.emits = Machine.emits
            var state = aggregate.state
            for event in events {
                Machine.evolve(&state, event)
                event.publish(to: outbox)
            }
            if let mistake = outbox.mistake { stop("\(Machine.self) publishes \(mistake)") }
            guard !outbox.isOverfull else {
                outbox.rollBack(to: mark)
                return .refused(
                    Refusal(.invalid, "the answer would be larger than a message may be (\(outbox.maximumBytes) bytes): shorten it"),
                    dead: .tooLarge)
            }
            outbox.keep()
            aggregate.change(to: state)
            keep(aggregate)
            return .changed
        }
    }

    /// The batch becomes void, and the process ends: a machine does not do what it says.
    private func stop(_ mistake: String) {
        failure = StoreError(
            kind: .mistake,
            message:
                "a mistake of the program: \(mistake). Nothing of the batch was stored; a version without the mistake goes on from here")
    }

    /// Once per batch: what comes later in the batch arrived before it as well.
    private func passBarrier() -> Bool {
        if barrierPassed { return false }
        barrierPassed = true
        return barrier()
    }

    func begin(_ message: Incoming) { outbox.begin(message.record, origin: message.origin) }
    func begin(_ origin: Origin) { outbox.begin(origin: origin) }

    func copy() { metrics.copies.increment() }

    func remember(_ hash: UInt64, _ aggregate: Aggregate) {
        aggregate.answered.insert(hash, now: UInt32(clamping: now.milliseconds / 1000), retention: retention)
        keep(aggregate)
    }

    private func keep(_ aggregate: Aggregate) { if aggregate.becomesDirty() { changed.append(aggregate) } }

    /// Who acts. A command without an actor is refused; other messages may have none.
    func actor(of message: Incoming, _ kind: MessageKind) throws(Refusal) -> Actor {
        if kind == .command, let actor = try authenticate(message.attributes) { return actor }
        if let actor = message.actor { return actor }
        guard kind == .command else { return Actor(.partner, "unknown") }
        throw Refusal(.unauthorized, "the command has no actor: send the header ce_actor, for example merchant:<shopId>")
    }

    // MARK: Effects

    /// An effect has ended; `deliver` tells its machine.
    /// - Returns: false when nobody could be told, because its aggregate cannot be read: the effect stays, to be carried out again.
    func conclude(_ row: EffectRow, _ deliver: (ShardWork, Origin) -> Bool) -> Bool {
        let origin: Origin
        do throws(JSONError) { origin = try Origin.decodeStored(row.origin) } catch {
            unreadableStates.effect(row.id, shard: number, error)
            return false
        }
        outbox.begin(effect: answers, sequence: sequence + 1, origin: origin)
        let mark = outbox.mark()
        outbox.cancelEffect(row.id)
        guard deliver(self, origin) else {
            outbox.rollBack(to: mark)
            return false
        }
        answers += 1
        return true
    }

    /// - Returns: false when the aggregate cannot be read.
    func answer<Machine: StateMachine>(_ key: String, _: Machine.Type, _ input: Machine.Input, _ origin: Origin) -> Bool {
        let context = context(origin: origin, actor: Actor(.service, service.rawValue), time: now)
        guard let aggregate = aggregate(key, Machine.self) else { return false }
        if case .refused(let refusal, _) = run(Machine.self, on: aggregate, input, context) { outbox.refuse(refusal, origin: origin) }
        return true
    }

    func announce(_ rows: [KeyRow]) {
        outbox.emits = nil
        outbox.begin(effect: answers, sequence: sequence + 1, origin: Origin())
        answers += 1
        for row in rows { outbox.row(row) }
    }

    /// Tells authorization that a partner did not accept a token; once for each version of it.
    /// - Parameter route: the effect that found it out.
    func report(_ token: ServiceEnvironment.LoadedCredential, of route: EffectRoute?) {
        var report = ReportToken()
        report.authorizationId = token.authorizationId
        report.service = service
        report.version = token.version
        let id = "\(token.authorizationId)~\(service.rawValue)~\(token.version)/refused"
        outbox.begin(effect: answers, sequence: sequence + 1, origin: .step(id, key: token.account))
        answers += 1
        outbox.emits = route?.reports ?? Emits()
        outbox.command(report, key: token.account, id: id, origin: nil)
        if let mistake = outbox.mistake { stop("the effect \(route?.kind ?? "") reports \(mistake)") }
    }

    // MARK: Answers that need no machine

    func refuse(_ message: Incoming, _ hash: UInt64, _ aggregate: Aggregate, _ refusal: Refusal) {
        outbox.refuse(refusal, origin: message.origin)
        remember(hash, aggregate)
    }

    func refuse(_ refusal: Refusal, origin: Origin) { outbox.refuse(refusal, origin: origin) }

    /// Rows for the ids of what reached no aggregate: a fixed number, so that made-up keys leave no row each.
    private static let refusedRows: UInt64 = 1024

    /// A refusal of what cannot be brought to its aggregate: its id is remembered beside it.
    func refuseUnrouted(_ message: Incoming, _ refusal: Refusal) {
        let key = "refused:\(AnsweredIds.hash(message.key) % Self.refusedRows)"
        guard let memory: TypedAggregate<NoState> = load(key) else { return unreadableState(message, key) }
        if memory.answered.contains(message.hash) { return copy() }
        refuse(message, message.hash, memory, refusal)
    }

    func unreadable(_ message: Incoming, _ kind: MessageKind, _ error: JSONError) {
        if error.isSyntax || !JSONReader.isJSON(message.data) { return deadLetter(message.record, .notJSON, "\(error)") }
        if error.path.isEmpty { return deadLetter(message.record, .notObject, "\(error)") }
        guard kind == .command else { return deadLetter(message.record, .invalid, "\(error)") }
        refuseUnrouted(message, Refusal(.invalid, "\(error)", field: error.path))
    }

    func misrouted(_ message: Incoming, _ kind: MessageKind, _ reason: DeadReason, _ advice: String) {
        guard kind == .command else { return deadLetter(message.record, reason, advice) }
        refuseUnrouted(message, Refusal(.invalid, advice, field: "key"))
    }

    /// What concerns an aggregate that cannot be read. Its id is not remembered: after a repair it is replayed.
    func unreadableState(_ message: Incoming, _ key: String) {
        deadLetter(message.record, .stateUnreadable, Self.advice(key))
    }

    /// The items of a message that concern aggregates which cannot be read, without the others, which were taken.
    func unreadableState(_ message: Incoming, items: [UInt8], _ key: String) {
        items.withUnsafeBytes { outbox.deadLetter(message.record, .stateUnreadable, detail: Self.advice(key), value: $0) }
        metrics.dead(DeadReason.stateUnreadable.rawValue)
    }

    private static func advice(_ key: String) -> String { "what is stored of \(key) cannot be read: repair it, then replay this" }

    /// Sends a command or fact on to the shard of its key (contract, section 3), with the positions of this batch: once, whatever dies when.
    ///
    /// It lies right there and needs no mark. Who sent it is found out here, before a key is added and while its token is good.
    func carry(_ message: Incoming, _ kind: MessageKind) {
        if let bytes = message.record.key, !bytes.isEmpty, !message.key.utf8.elementsEqual(bytes) {
            return misrouted(message, kind, .wrongKey, "the key is no text in UTF-8")
        }
        var actor: Actor?
        if kind == .command {
            do throws(Refusal) { actor = try authenticate(message.attributes) } catch { return refuseUnrouted(message, error) }
        }
        if let carried = CarriedMessage(message, partition: partition(of: message.key), actor: actor, proof), outbox.carry(carried) {
            return metrics.carried.increment()
        }
        let advice =
            "it is too large to be carried to the partition that murmur2 gives the key \(message.key): shorten it, or send it there"
        guard kind == .command else { return deadLetter(message.record, .tooLarge, advice) }
        refuseUnrouted(message, Refusal(.invalid, advice))
    }

    func deadLetter(_ record: RecordView, _ reason: DeadReason, _ detail: String) {
        outbox.deadLetter(record, reason, detail: detail, value: record.value)
        metrics.dead(reason.rawValue)
    }
}
