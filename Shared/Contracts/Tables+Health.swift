public import JSON
public import Threads

/// The load of one shard that a replica owns.
public struct ShardHealth: Declared, Equatable {
    public var shard = 0
    /// Records of its inputs that are not handled yet.
    public var lag = 0
    /// Stored batches that are not known to be published.
    public var outbox = 0
    /// When the oldest of those batches was stored; absent: there is none.
    public var oldestAt: Timestamp?

    public init(blank: Blank) {}
    public init(shard: Int, lag: Int, outbox: Int, oldestAt: Timestamp? = nil) {
        self.shard = shard
        self.lag = lag
        self.outbox = outbox
        self.oldestAt = oldestAt
    }

    public static let fields = Fields<ShardHealth>(
        Field("shard", \.shard, 0...Int.max), Field("lag", \.lag, 0...Int.max), Field("outbox", \.outbox, 0...Int.max),
        Field("oldestAt", \.oldestAt))
}

/// How many effects and timers of a replica are in each state; those due within the hour or under way are counted.
public struct EffectCounts: Declared, Equatable {
    /// Not due yet, or next in turn.
    public var waiting = 0
    /// Being carried out.
    public var running = 0
    /// To be tried again after an attempt without an answer.
    public var retrying = 0

    public init(blank: Blank) {}
    public init(waiting: Int, running: Int, retrying: Int) {
        self.waiting = waiting
        self.running = running
        self.retrying = retrying
    }

    public static let fields = Fields<EffectCounts>(
        Field("waiting", \.waiting, 0...Int.max), Field("running", \.running, 0...Int.max), Field("retrying", \.retrying, 0...Int.max))
}

/// `daifa.health`: the state of one replica, as it tells it itself.
///
/// Written every 10 s and when `ready` changes; a tombstone when the replica stops in order. One that dies leaves its row, which its age gives
/// away.
public struct HealthRow: TableRow {
    public static let table = Table.health
    public static let contract: Contract<HealthRow> = .row(
        key: .joined(\.service, \.instance), by: [.authorization, .binding, .allocation, .waybill, .shipping, .console],
        readers: [.console], "The state of a replica, every 10 s and when it becomes ready or unready.")
    public var service = ServiceName.waybill
    public var instance = ""
    public var ready = false
    /// What it waits for while it is not ready.
    public var reason: String?
    /// Of those that it owns, by number.
    public var shards: [ShardHealth] = []
    public var effects: EffectCounts
    public var at: Timestamp
    public var version = 0

    public init(blank: Blank) {
        effects = EffectCounts(blank: blank)
        at = Timestamp(milliseconds: 0)
    }
    public init(
        service: ServiceName, instance: String, ready: Bool, reason: String? = nil, shards: [ShardHealth], effects: EffectCounts,
        at: Timestamp, version: Int
    ) {
        self.service = service
        self.instance = instance
        self.ready = ready
        self.reason = reason
        self.shards = shards
        self.effects = effects
        self.at = at
        self.version = version
    }

    public static let fields = Fields<HealthRow>(
        Field("service", \.service), Field("instance", \.instance), Field("ready", \.ready), Field("reason", \.reason),
        Field("shards", \.shards), Field("effects", \.effects), Field("at", \.at), Field("version", \.version, 0...Int.max))
}
