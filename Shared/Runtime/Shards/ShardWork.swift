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
    private let authenticator: Authenticator?
    private let hasher: IdentityHasher
    private let metrics: ServiceMetrics
    private let outbox: BatchOutbox

    private let clock: ServiceClock
    private(set) var now = Timestamp(milliseconds: 0)
    /// Whether what cannot be undone may rest on `now`.
    private var isClockSteady = true
    /// Next offset of each input topic, by its index in the consumer's list; nil: never read.
    private(set) var positions: [Int64?]
    private(set) var sequence: Int64
    /// Highest outbox sequence that is known to be published.
    var published: Int64
    /// The part of `published` that the store has recorded.
    private var recordedPublished: Int64 = 0
    var hasUnrecordedPublish: Bool { published > recordedPublished }
    /// Positions are ahead of what is stored: only records without effect were read since.
    private(set) var hasUnstoredPositions = false

    /// Effects that the last stored batch has scheduled, or ended (nil).
    private(set) var effectChanges: [String: EffectRow?] = [:]
    private var answers = 0

    private var cache: AggregateCache
    /// Aggregates that the batch has read from the store.
    private var loaded: [String: Aggregate] = [:]
    /// Keys of the aggregates that the batch could not read.
    private var unreadable: Set<String> = []
    private let unreadableStates: UnreadableStates
    /// Aggregates that the batch has changed.
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
        var clock = ServiceClock()
        var unreadableStates: UnreadableStates
        /// Reads the tables to their end; false when that took too long.
        var barrier: () -> Bool
        /// nil: nobody has to show who he is.
        var authenticator: Authenticator?
        var hasher = IdentityHasher()
        /// nil: what is written carries no mac.
        var keys: ServiceKeys?
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
        authenticator = environment.authenticator
        hasher = environment.hasher
        metrics = environment.metrics
        clock = environment.clock
        unreadableStates = environment.unreadableStates
        cache = AggregateCache(limit: environment.cacheBytes)
        outbox = BatchOutbox(
            service: environment.service, shard: number, partitions: environment.partitions, maximumBytes: environment.maximumBytes,
            keys: environment.keys)
    }

    // MARK: A batch

    func beginBatch() {
        let time = clock.read()
        now = time.now
        isClockSteady = time.isSteady
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

    /// The records of a stored batch, which have to be published.
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
        Context(
            origin: origin, actor: actor, time: time, now: now, isClockSteady: isClockSteady, tables: tables, settings: settings,
            secrets: secrets)
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

    private var seconds: UInt32 { UInt32(clamping: now.milliseconds / 1000) }
    // After a leap nothing is forgotten: a copy would count as new.
    private var currentRetention: UInt32 { isClockSteady ? retention : .max }

    /// Whether the aggregate can remember no further identity.
    func isFull(_ aggregate: Aggregate) -> Bool { aggregate.answered.isFull(now: seconds, retention: currentRetention) }

    func remember(_ identity: MessageIdentity, _ aggregate: Aggregate, limit: Int = .max) {
        aggregate.answered.insert(identity, now: seconds, retention: currentRetention, limit: limit)
        keep(aggregate)
    }

    private func keep(_ aggregate: Aggregate) { if aggregate.becomesDirty() { changed.append(aggregate) } }

    // MARK: Senders

    /// Finds out who has sent a message, as far as that has to be shown, and on whose behalf: before anything of it is answered, because a refusal
    /// names its sender.
    func identify(_ message: inout Incoming, _ proof: Proof?, _ kind: MessageKind) {
        let attributes = message.attributes
        guard kind != .event else {
            // Events have one writer each, which Kafka's ACLs guard.
            message.origin.behalf = attributes.behalf
            message.origin.user = attributes.user
            return
        }
        var isSigned = true
        do throws(Refusal) {
            if let authenticator {
                let sender = try authenticator.sender(of: message.record, attributes, proof, kind, now: now)
                message.sender = sender.actor.map { .known($0) } ?? .unknown
                isSigned = sender.isSigned
            } else {
                message.sender = attributes.actor.map { .known($0) } ?? .unknown
            }
        } catch { message.sender = .refused(error) }
        guard kind == .command, case .known(let actor) = message.sender else { return }
        message.origin.actor = actor
        message.isSigned = isSigned
        if isSigned { message.origin.user = attributes.user }
        if actor.kind == .service { message.origin.behalf = attributes.behalf }
    }

    /// The actor of a message. A command without one is refused; other messages may have none.
    func actor(of message: Incoming, _ kind: MessageKind) throws(Refusal) -> Actor {
        switch message.sender {
        case .refused(let refusal): throw refusal
        case .known(let actor):
            guard kind == .command, actor.kind == .connector else { return actor }
            throw Refusal(.forbidden, "\(actor) writes facts only, no commands")
        case .unknown:
            guard kind == .command else { return Actor(.partner, "unknown") }
            throw Refusal(.unauthorized, "the command has no actor: send the header ce_actor, for example merchant:<shopId>")
        }
    }

    /// The identity that a message shares with its copies alone. A command's sender counts: nobody can use up the id of somebody else's.
    func identity(of message: Incoming, _ kind: MessageKind) -> MessageIdentity {
        let (source, id) = (message.attributes.source, message.attributes.id)
        guard kind == .command else { return hasher.identity(source: source, id: id, sender: nil) }
        guard case .known(let actor) = message.sender else {
            return hasher.identity(source: source, id: id, unproven: message.attributes.actor)
        }
        return hasher.identity(source: source, id: id, sender: actor)
    }

    /// Milliseconds that the clock of a fact's sender may be ahead of ours.
    private static let tolerance = 86_400_000

    /// Such a fact would be the newest for ever: it goes to dead letters. Judged by our own clock.
    func isFromTheFuture(_ message: Incoming) -> Bool {
        guard let time = message.attributes.time, time.milliseconds - now.milliseconds > Self.tolerance else { return false }
        deadLetter(
            message.record, .fromTheFuture, "ce_time is \(time), more than a day ahead of \(now): set the sender's clock, and send it again"
        )
        return true
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
        outbox.command(report, key: token.account, id: NamedId.make(ReportToken.type, id), origin: nil)
        if let mistake = outbox.mistake { stop("the effect \(route?.kind ?? "") reports \(mistake)") }
    }

    // MARK: Answers that need no machine

    func refuse(_ message: Incoming, _ identity: MessageIdentity, _ aggregate: Aggregate, _ refusal: Refusal) {
        outbox.refuse(refusal, origin: message.origin)
        remember(identity, aggregate)
    }

    func refuse(_ refusal: Refusal, origin: Origin) { outbox.refuse(refusal, origin: origin) }

    /// Rows for the ids of what reached no aggregate: a fixed number, so that made-up keys leave no row each.
    private static let refusedRows: UInt64 = 1024

    private static let refusedPrefix = "refused:"

    private func refusedRow(of key: String) -> String { Self.refusedPrefix + String(hasher.bucket(key, below: Self.refusedRows)) }

    /// Those of the rows that there are: mostly none, so that good commands look nothing up.
    private lazy var knownRefusedRows: Set<String> = {
        var keys: Set<String> = []
        do throws(StoreError) {
            try store.scan(prefix: Self.refusedPrefix, limit: Int(Self.refusedRows)) { row in
                keys.insert(row.key)
                return true
            }
        } catch { failure = error }
        return keys
    }()

    /// Whether a command with this identity was refused before anything of it could be brought to an aggregate.
    func wasRefusedUnrouted(_ message: Incoming, _ identity: MessageIdentity) -> Bool {
        guard !knownRefusedRows.isEmpty else { return false }
        let row = refusedRow(of: message.key)
        guard knownRefusedRows.contains(row), let memory: TypedAggregate<NoState> = load(row) else { return false }
        return memory.answered.contains(identity)
    }

    /// Whether the aggregate has answered the command, of which not everything can be read.
    func isAnswered(_ message: Incoming, by key: String) -> Bool {
        let identity = identity(of: message, .command)
        if let known = cache[key] ?? loaded[key] { return known.answered.contains(identity) }
        guard failure == nil else { return false }
        var isAnswered = false
        do throws(StoreError) {
            try store.load([key]) { _, row in isAnswered = AnsweredIds(row.answered).contains(identity) }
        } catch { failure = error }
        return isAnswered
    }

    /// A refusal of what cannot be brought to its aggregate: its identity is remembered beside it.
    func refuseUnrouted(_ message: Incoming, _ refusal: Refusal) {
        let row = refusedRow(of: message.key)
        guard let memory: TypedAggregate<NoState> = load(row) else { return unreadableState(message, row) }
        let identity = identity(of: message, .command)
        if memory.answered.contains(identity) { return copy() }
        knownRefusedRows.insert(row)
        outbox.refuse(refusal, origin: message.origin)
        remember(identity, memory, limit: AnsweredIds.refusedLimit)
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

    /// Sends a message for an aggregate that cannot be read to dead letters. Its id is not remembered: after a repair it is replayed.
    func unreadableState(_ message: Incoming, _ key: String) {
        deadLetter(message.record, .stateUnreadable, Self.advice(key))
    }

    /// The items of a message that concern aggregates which cannot be read, without the others, which were taken.
    func unreadableState(_ message: Incoming, items: [UInt8], _ key: String) {
        let sender = provenSender(of: message.record)
        items.withUnsafeBytes { outbox.deadLetter(message.record, .stateUnreadable, detail: Self.advice(key), value: $0, actor: sender) }
        metrics.dead(DeadReason.stateUnreadable.rawValue)
    }

    private static func advice(_ key: String) -> String { "what is stored of \(key) cannot be read: repair it, then replay this" }

    /// Sends a command or fact on to the shard of its key (contract, section 3), with the positions of this batch: once, whatever dies when.
    ///
    /// In that shard it lies right and needs no mark. Its sender is found out here, before a key is added and while its token is good.
    func carry(_ message: Incoming, _ kind: MessageKind) {
        if let bytes = message.record.key, !bytes.isEmpty, !message.key.utf8.elementsEqual(bytes) {
            return misrouted(message, kind, .wrongKey, "the key is no text in UTF-8")
        }
        if case .refused(let refusal) = message.sender {
            if kind == .command { return refuseUnrouted(message, refusal) }
            return deadLetter(message.record, .unauthorized, refusal.message)
        }
        let isProven = authenticator != nil
        if let carried = CarriedMessage(message, partition: partition(of: message.key), isProven: isProven), outbox.carry(carried) {
            return metrics.carried.increment()
        }
        let advice =
            "it is too large to be carried to the partition that murmur2 gives the key \(message.key): shorten it, or send it there"
        guard kind == .command else { return deadLetter(message.record, .tooLarge, advice) }
        refuseUnrouted(message, Refusal(.invalid, advice))
    }

    func deadLetter(_ record: RecordView, _ reason: DeadReason, _ detail: String) {
        outbox.deadLetter(record, reason, detail: detail, value: record.value, actor: provenSender(of: record))
        metrics.dead(reason.rawValue)
    }

    /// The proven sender of a message, of which nothing else may be readable; nil: nobody has proven it, or nobody has to.
    private func provenSender(of record: RecordView) -> Actor? {
        guard let authenticator else { return nil }
        let envelope = IncomingEnvelope(record)
        if let attributes = envelope.attributes { return authenticator.provenSender(of: record, attributes, envelope.proof, now: now) }
        guard let value = record.value, let attributes = (try? StructuredEvent.decode(value))?.attributes(beside: envelope) else {
            return nil
        }
        return authenticator.provenSender(of: record, attributes, nil, now: now)
    }
}
