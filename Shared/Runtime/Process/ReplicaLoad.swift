import Contracts
import Observability
import Synchronization
import Threads

/// What a process has to do: told once by its loop, for its metrics and its row in `daifa.health` alike.
final class ReplicaLoad: Sendable {
    private struct Shard {
        /// By topic.
        var lags: [String: Int] = [:]
        var outbox = 0
        var oldestAt: Timestamp?
    }

    private struct State {
        var shards: [Int32: Shard] = [:]
        var effects = EffectCounts(waiting: 0, running: 0, retrying: 0)
    }

    private let state = Mutex(State())
    private let lags: GaugeFamily
    private let outboxes: GaugeFamily
    private let oldest: GaugeFamily
    private let states: GaugeFamily
    private let owned: Gauge
    private let pending: Gauge
    private let incomplete: Gauge
    private let partitions: Gauge

    init(_ registry: Metrics) {
        lags = GaugeFamily(registry, .lag)
        outboxes = GaugeFamily(registry, .outbox)
        oldest = GaugeFamily(registry, .outboxOldest)
        states = GaugeFamily(registry, .effectStates)
        owned = registry.gauge(.shards, "owned")
        pending = registry.gauge(.shards, "pending")
        incomplete = registry.gauge(.shards, "incomplete")
        partitions = registry.gauge(.partitions)
    }

    /// Shards that the group gives this replica.
    /// - Parameter partitions: so many there are.
    func shards(owned: Int, pending: Int, incomplete: Int, of partitions: Int32) {
        self.partitions.set(Int(partitions))
        self.owned.set(owned)
        self.pending.set(pending)
        self.incomplete.set(incomplete)
    }

    /// Records of an input that are not handled yet.
    func lag(shard: Int32, topic: String, _ records: Int) {
        lags["\(shard)", topic].set(records)
        state.withLock { $0.shards[shard, default: Shard()].lags[topic] = records }
    }

    /// Stored batches that are not known to be published, and when the oldest was stored.
    func outbox(shard: Int32, _ batches: Int, oldestAt: Timestamp?) {
        outboxes["\(shard)"].set(batches)
        oldest["\(shard)"].set(batches > 0 ? (oldestAt?.milliseconds ?? 0) / 1000 : 0)
        state.withLock { state in
            state.shards[shard, default: Shard()].outbox = batches
            state.shards[shard]?.oldestAt = batches > 0 ? oldestAt : nil
        }
    }

    func effects(_ counts: EffectCounts) {
        states["waiting"].set(counts.waiting)
        states["running"].set(counts.running)
        states["retrying"].set(counts.retrying)
        state.withLock { $0.effects = counts }
    }

    /// Forgets the shards that are somebody else's.
    func keep(_ owned: some Sequence<Int32>) {
        let owned = Set(owned)
        let isKept = { (values: [String]) in Int32(values[0]).map { owned.contains($0) } ?? false }
        for family in [lags, outboxes, oldest] { family.keep(isKept) }
        state.withLock { state in state.shards = state.shards.filter { owned.contains($0.key) } }
    }

    /// By number.
    var shards: [ShardHealth] {
        state.withLock { state in
            state.shards.sorted { $0.key < $1.key }.map { number, shard in
                ShardHealth(
                    shard: Int(number), lag: shard.lags.values.reduce(0, +), outbox: shard.outbox, oldestAt: shard.oldestAt)
            }
        }
    }

    var effects: EffectCounts { state.withLock { $0.effects } }
}
