/// The store of one service: a set of shards, each written by the one who claimed it last.
public protocol Store {
    /// Opens the shard, and makes it when it is new. One handle is used by one thread at a time.
    /// - Throws: `unavailable`, `corrupt`, `busy`.
    func shard(_ number: Int) throws(StoreError) -> any ShardStore

    /// Holds the name for the rest of the process's life, so that two live processes never run under one.
    /// - Throws: `instanceInUse` when another handle holds it, `unavailable`.
    func lockInstance(_ name: String) throws(StoreError)

    /// Numbers of the shards that exist, ascending; empty when the store cannot be read.
    func shards() -> [Int]
}

/// One shard. `claim` comes first; what writes checks in the same transaction that no later claim exists.
/// Bodies that are handed rows must not call the shard.
public protocol ShardStore: AnyObject {
    /// Raises the epoch, which fences every earlier claim, and reads where the shard stands.
    /// - Throws: `busy` when it is locked elsewhere (after a short wait: the caller retries), `unavailable`, `corrupt`.
    func claim() throws(StoreError) -> StoreClaim

    /// Records to which cluster and group the shard belongs: at the first claim, or on purpose.
    /// - Throws: `fenced`, `busy`, `unavailable`, `corrupt`.
    func identify(_ identity: StoreIdentity) throws(StoreError)

    /// Whether one call of `load` for many keys costs far less than a call for each: then it pays to name early what will be wanted.
    var prefersLargeLoads: Bool { get }

    /// Hands over the aggregates with these keys, all from one moment; a key that is not stored is skipped.
    /// - Throws: `busy`, `unavailable`, `corrupt`.
    func load(_ keys: [String], _ body: (_ index: Int, _ row: AggregateRow) -> Void) throws(StoreError)

    /// Ends what `load` may keep open between calls (a view of the data as of the first load); `commit` and `claim` do so by themselves.
    func endReading()

    /// Stores the whole batch in one transaction that survives a loss of power, or none of it.
    /// - Throws: `fenced`, `busy`, `corrupt` (also: an outbox sequence that is not above all stored before),
    ///   `unavailable` (outcome open: claim again).
    func commit(_ batch: StoreBatch) throws(StoreError)

    /// Hands over the outbox rows beyond a sequence, ascending. The bytes are valid during the call only.
    /// - Throws: `busy`, `unavailable`, `corrupt`.
    func outbox(after sequence: Int64, _ body: (_ sequence: Int64, _ records: UnsafeRawBufferPointer) -> Void)
        throws(StoreError)

    /// Sets on purpose what has been published and where to read on, up or down. Outbox rows up to `published` are
    /// deleted, the highest sequence becomes at least `published`; topics that are not named keep their position,
    /// those that are named lose their mark.
    /// - Throws: `fenced`, `busy`, `unavailable`, `corrupt`.
    func adopt(published: Int64, positions: [String: Int64]) throws(StoreError)

    /// Hands over the effects that are due in a span of time, in no order.
    /// - Parameters:
    ///   - from: milliseconds since 1970; included.
    ///   - to: likewise; excluded.
    /// - Throws: `busy`, `unavailable`, `corrupt`.
    func effects(from: Int64, to: Int64, _ body: (EffectRow) -> Void) throws(StoreError)

    /// Hands over aggregates whose key begins with the prefix (by bytes), ascending, until the body returns false or
    /// `limit` is reached.
    /// - Throws: `busy`, `unavailable`, `corrupt`.
    func scan(prefix: String, limit: Int, _ body: (AggregateRow) -> Bool) throws(StoreError)

    /// Lets go of the shard. Every later call throws `unavailable`.
    func close()
}

extension ShardStore {
    public var prefersLargeLoads: Bool { false }
}

/// The Kafka cluster and consumer group that a shard's positions mean.
public struct StoreIdentity: Equatable, Sendable {
    public var clusterId: String
    public var group: String

    public init(clusterId: String, group: String) {
        self.clusterId = clusterId
        self.group = group
    }
}

/// The last record of a topic that a shard has read, as its caller recognises it: should the log be cut and written anew, another one lies
/// at its offset.
public struct LogMark: Equatable, Sendable {
    public var offset: Int64
    public var fingerprint: Int64

    public init(offset: Int64, fingerprint: Int64) {
        self.offset = offset
        self.fingerprint = fingerprint
    }
}

/// Where a shard has read a topic up to.
public struct StorePosition: Equatable, Sendable {
    public var topic: String
    /// The offset of the next record to read.
    public var next: Int64
    /// nil leaves the mark that is stored as it is.
    public var mark: LogMark?

    public init(_ topic: String, _ next: Int64, mark: LogMark? = nil) {
        self.topic = topic
        self.next = next
        self.mark = mark
    }
}

/// Where a shard stands at the moment of its claim.
public struct StoreClaim: Sendable, Equatable {
    /// Number of this claim; every earlier one is fenced.
    public var epoch: Int64
    /// nil until `identify` was called once.
    public var identity: StoreIdentity?
    /// Topic to next offset to read.
    public var positions: [String: Int64]
    /// By topic; a topic of which no record was read has none.
    public var marks: [String: LogMark]
    /// Highest outbox sequence ever stored, also after its row was deleted; 0 when there was none.
    public var highestSequence: Int64
    /// The outbox is known to be published up to here; 0 when nothing was.
    public var publishedThrough: Int64

    public init(
        epoch: Int64, identity: StoreIdentity?, positions: [String: Int64], marks: [String: LogMark] = [:], highestSequence: Int64,
        publishedThrough: Int64
    ) {
        self.epoch = epoch
        self.identity = identity
        self.positions = positions
        self.marks = marks
        self.highestSequence = highestSequence
        self.publishedThrough = publishedThrough
    }

    /// A shard that is not there yet.
    public static let empty = StoreClaim(epoch: 0, identity: nil, positions: [:], highestSequence: 0, publishedThrough: 0)
}

/// An aggregate as it is stored; the store looks into neither of the byte strings.
public struct AggregateRow: Sendable, Equatable {
    public var key: String
    public var version: Int64
    public var state: [UInt8]
    /// The ids this aggregate has answered, packed by the caller.
    public var answered: [UInt8]

    public init(key: String, version: Int64, state: [UInt8], answered: [UInt8]) {
        self.key = key
        self.version = version
        self.state = state
        self.answered = answered
    }
}

/// A call to a partner, or a timer, that is to be carried out; the store looks into neither of the byte strings.
public struct EffectRow: Sendable, Equatable {
    public var id: String
    /// Milliseconds since 1970 before which it is not carried out.
    public var due: Int64
    public var body: [UInt8]
    /// The message that its answer answers.
    public var origin: [UInt8]

    public init(id: String, due: Int64, body: [UInt8], origin: [UInt8]) {
        self.id = id
        self.due = due
        self.body = body
        self.origin = origin
    }
}

/// The changes of one batch of messages, stored in one transaction.
public struct StoreBatch: Sendable {
    /// Rows to insert or replace.
    public var aggregates: [AggregateRow]
    /// Keys to delete, before `aggregates` are written; one that is not stored is no error.
    public var removed: [String]
    /// All the batch publishes, as one row; its sequence must be above every sequence stored before.
    public var outbox: (sequence: Int64, records: [UInt8])?
    /// Where topics have been read up to; those that are not named stay as they are.
    public var positions: [StorePosition]
    /// Outbox rows up to here are deleted with this batch. A value below the recorded one changes nothing.
    public var publishedThrough: Int64
    /// Ids of effects to delete, before `effects` are written; one that is not stored is no error.
    public var removedEffects: [String]
    /// Effects to insert or replace.
    public var effects: [EffectRow]

    public init(
        aggregates: [AggregateRow] = [], removed: [String] = [], outbox: (sequence: Int64, records: [UInt8])? = nil,
        positions: [StorePosition] = [], publishedThrough: Int64 = 0, removedEffects: [String] = [],
        effects: [EffectRow] = []
    ) {
        self.aggregates = aggregates
        self.removed = removed
        self.outbox = outbox
        self.positions = positions
        self.publishedThrough = publishedThrough
        self.removedEffects = removedEffects
        self.effects = effects
    }
}
