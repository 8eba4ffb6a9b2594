import Contracts
import JSON
import Kafka
import Machines
import Observability
import Stores
import Threads

/// One shard that this replica owns: its store, the state in its hands, and the batch being decided.
///
/// Used from the service's one thread. Nothing of a batch is visible outside before `commit` has stored it.
final class ShardProcessor {
    let number: Int32
    let store: any ShardStore
    let service: ServiceName
    private let tables: any Tables
    private let settings: Settings
    private let secrets: any SecretOpener
    private let partitions: Int32
    private let retention: UInt32
    private let barrier: () -> Bool
    let authenticator: Authenticator?
    let hasher: IdentityHasher
    /// nil: there is no `DAIFA_SERVICE_KEY_FILE`.
    let keys: ServiceKeys?
    let metrics: ServiceMetrics
    let outbox: BatchOutbox

    private let clock: ServiceClock
    private(set) var now = Timestamp(milliseconds: 0)
    /// Whether what cannot be undone may rest on `now`.
    private var isClockSteady = true
    /// Next offset of each input topic, by its index in the consumer's list; nil: never read.
    private(set) var positions: [Int64?]
    /// As the store has them.
    private var storedPositions: [Int64?]
    /// By input: the last record that was read since marks were stored.
    private var marks: [LogMark?]
    private(set) var sequence: Int64
    /// Highest outbox sequence that is known to be published.
    var published: Int64
    /// When the batches beyond it were stored, as far as this owner knows.
    private var storedAt: [(sequence: Int64, at: Timestamp)] = []
    /// When the oldest batch was stored that is not known to be published; of one that an earlier owner has stored, when it was claimed.
    var oldestUnpublished: Timestamp? {
        storedAt.removeAll { $0.sequence <= published }
        return storedAt.first?.at
    }
    /// The part of `published` that the store has recorded.
    private var recordedPublished: Int64 = 0
    var hasUnrecordedPublish: Bool { published > recordedPublished }
    /// Positions are ahead of what is stored: only records without effect were read since.
    private(set) var hasUnstoredPositions = false

    /// Effects that the last stored batch has scheduled, or ended (nil).
    private(set) var effectChanges: [String: EffectRow?] = [:]
    /// Effects that have ended, keys and tokens announced: so many in this batch.
    var answers = 0

    private(set) var cache: AggregateCache
    /// What the batch has read from the store.
    private(set) var loaded: [String: Aggregate] = [:]
    /// Rows that the store was asked for in advance; nil: it has none.
    private var fetched: [String: AggregateRow?] = [:]
    /// Keys of what it could not read.
    private var unreadable: Set<String> = []
    let unreadableStates: UnreadableStates
    /// What the batch has changed.
    private var changed: [Aggregate] = []
    private var tablesAreCurrent = false
    var failure: StoreError?
    /// Of traces that are told, in this batch.
    var steps: [OpenStep] = []
    /// The places in their traces of what the last stored batch has decided.
    var traced: [TraceContext] = []

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
        /// nil: what is written carries no mac, and none is checked.
        var keys: ServiceKeys?
    }

    init(number: Int32, store: any ShardStore, positions: [Int64?], sequence: Int64, published: Int64, _ environment: Environment) {
        self.number = number
        self.store = store
        self.positions = positions
        storedPositions = positions
        marks = .init(repeating: nil, count: positions.count)
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
        keys = environment.keys
        metrics = environment.metrics
        clock = environment.clock
        if sequence > published { storedAt = [(sequence, clock.now)] }
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
        fetched.removeAll(keepingCapacity: true)
        if !unreadable.isEmpty { unreadable.removeAll() }
        // A batch that was given up: what it changed was never stored.
        if !changed.isEmpty { cache.removeAll() }
        changed.removeAll(keepingCapacity: true)
        outbox.reset(now: now)
        tablesAreCurrent = false
        failure = nil
        if !steps.isEmpty { steps.removeAll() }
        effectChanges = [:]
        answers = 0
    }

    /// Whether the record lies behind what this shard has read.
    func isNew(_ record: RecordView) -> Bool { record.offset >= positions[record.topic] ?? 0 }

    func passed(_ record: RecordView) {
        positions[record.topic] = record.offset + 1
        hasUnstoredPositions = true
    }

    /// Keeps the marks of the last records of a poll, by input, while its memory is there.
    func mark(_ records: [RecordView]) {
        var left = positions.count
        var marked = 0
        for record in records.reversed() where left > 0 {
            let bit = 1 << record.topic
            guard marked & bit == 0 else { continue }
            marked |= bit
            left -= 1
            // What was read again from an earlier place says nothing new.
            if record.offset + 1 >= positions[record.topic] ?? 0 { marks[record.topic] = LogMark(record) }
        }
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
            endTraces()
            return nil
        }
        var stored: Stored?
        if !outbox.isEmpty {
            let records = outbox.finish(sequence: sequence + 1)
            stored = Stored(sequence: sequence + 1, records: records, count: outbox.recordCount)
        }
        var next: [StorePosition] = []
        for (index, topic) in topics.enumerated() {
            guard let position = positions[index], position != storedPositions[index] || marks[index] != nil else { continue }
            next.append(StorePosition(topic, position, mark: marks[index]))
        }
        let effects = outbox.hasEffects ? outbox.effectChanges : [:]
        try store.commit(
            StoreBatch(
                aggregates: rows, outbox: stored.map { (sequence: $0.sequence, records: $0.records) }, positions: next,
                publishedThrough: published, removedEffects: effects.filter { $0.value == nil }.map(\.key),
                effects: effects.values.compactMap { $0 }))
        endTraces()
        storedPositions = positions
        for index in marks.indices { marks[index] = nil }
        effectChanges = effects
        recordedPublished = published
        if let stored {
            sequence = stored.sequence
            storedAt.append((sequence, now))
        }
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

    func load<State: DefaultInitializable>(_ key: String) -> TypedAggregate<State>? {
        if let known = (cache[key] ?? loaded[key]) as? TypedAggregate<State> { return known }
        if unreadable.contains(key) { return nil }
        do throws(JSONError) {
            let aggregate = try TypedAggregate<State>(key: key, row: row(of: key))
            loaded[key] = aggregate
            return aggregate
        } catch {
            unreadable.insert(key)
            unreadableStates.aggregate(key, shard: number, error)
            return nil
        }
    }

    /// As it is stored; nil: there is none, or the batch is void.
    func row(of key: String) -> AggregateRow? {
        if let known = fetched[key] { return known }
        guard failure == nil else { return nil }
        var row: AggregateRow?
        do throws(StoreError) { try store.load([key]) { _, loaded in row = loaded } } catch { failure = error }
        return row
    }

    /// Asks the store for what will most likely be wanted, in one call, where that costs less than one for each.
    func fetch(_ keys: [String]) {
        guard store.prefersLargeLoads, failure == nil else { return }
        var wanted: [String] = []
        for key in keys where cache[key] == nil && loaded[key] == nil && fetched[key] == nil {
            fetched[key] = .some(nil)
            wanted.append(key)
        }
        guard !wanted.isEmpty else { return }
        do throws(StoreError) { try store.load(wanted) { fetched[wanted[$0]] = $1 } } catch { failure = error }
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
        let outcome = aggregate.withState { run(Machine.self, &$0, input, context) }
        guard case .changed = outcome else { return outcome }
        aggregate.noteChange()
        keep(aggregate)
        return outcome
    }

    private func run<Machine: StateMachine>(
        _: Machine.Type, _ state: inout Machine.State, _ input: Machine.Input, _ context: Context
    ) -> Outcome {
        var decision = Machine.decide(state, input, context)
        if case .refuse(let refusal) = decision, refusal.restsOnTable, awaitTables() {
            decision = Machine.decide(state, input, context)
        }
        switch decision {
        case .refuse(let refusal): return .refused(refusal, dead: .invalid)
        case .accept(let events) where events.isEmpty: return .unchanged
        case .accept(let events):
            let mark = outbox.mark()
            outbox.emits = Machine.emits
            for event in events { event.publish(to: outbox) }
            if let mistake = outbox.mistake { stop("\(Machine.self) publishes \(mistake)") }
            guard !outbox.isOverfull else {
                outbox.rollBack(to: mark)
                return .refused(
                    Refusal(.invalid, "the answer would be larger than a message may be (\(outbox.maximumBytes) bytes): shorten it"),
                    dead: .tooLarge)
            }
            // Only now: what is refused leaves the state as it was, and nobody has to keep a copy of it.
            for event in events { Machine.evolve(&state, event) }
            outbox.keep()
            return .changed
        }
    }

    /// The batch becomes void, and the process ends: a machine does not do what it says.
    func stop(_ mistake: String) {
        failure = StoreError(
            kind: .mistake,
            message:
                "a mistake of the program: \(mistake). Nothing of the batch was stored; a version without the mistake goes on from here")
    }

    /// Once per batch: what comes later in the batch arrived before it as well.
    private func awaitTables() -> Bool {
        if tablesAreCurrent { return false }
        tablesAreCurrent = true
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

    // MARK: Ids of what reached no aggregate

    /// Rows for the ids of what reached no aggregate: a fixed number, so that made-up keys leave no row each.
    static let refusedRows: UInt64 = 1024

    static let refusedPrefix = "refused:"

    /// Those of the rows that there are: mostly none, so that good commands look nothing up.
    lazy var knownRefusedRows: Set<String> = {
        var keys: Set<String> = []
        do throws(StoreError) {
            try store.scan(prefix: Self.refusedPrefix, limit: Int(Self.refusedRows)) { row in
                keys.insert(row.key)
                return true
            }
        } catch { failure = error }
        return keys
    }()
}
