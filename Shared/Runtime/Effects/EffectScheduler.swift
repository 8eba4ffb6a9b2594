import Contracts
import JSON
import Observability
import Stores
import Threads

/// The effects of the shards that this replica owns: which wait, which are under way, what came of them.
///
/// In memory are those that are due within the hour; the others wait in the store. A parcel's recipient is deleted weeks after it was
/// shipped: as many timers as a month has parcels.
///
/// Used from the service's one thread; what is carried out runs in tasks of its own, and leaves its outcome in a queue. An outcome counts
/// only for the effect that it was begun for: one that was replaced or cancelled meanwhile is dropped.
final class EffectScheduler {
    /// The outcome of one attempt, for the main thread.
    struct Outcome: Sendable {
        var shard: Int32
        var id: String
        fileprivate var generation: Int
        var outcome: ErasedOutcome
        fileprivate var seconds: Double
    }

    private struct Entry {
        var row: EffectRow
        var generation: Int
        /// When the next attempt is due: what else the agenda holds of it is over.
        var due: Int64
        var attempts = 0
        var mayHaveRun: Bool
        var asked = 0
        var task: Task<Void, Never>?

        /// An attempt's outcome was dropped: earlier findings are out of date, and the next attempt asks the partner first.
        mutating func forgetOutcome() {
            mayHaveRun = true
            asked = 0
        }
    }

    /// Milliseconds ahead of which effects are in memory; what comes nearer is loaded when half of them are left.
    private static let horizon: Int64 = 3_600_000
    /// Milliseconds: what is due later than that after a claim was begun by nobody, however much the clocks of two hosts differ.
    private static let clockSkew: Int64 = 60_000
    /// Milliseconds until what must wait for a steady clock is looked at again.
    private static let steadyPause: Int64 = 60_000
    /// Seconds of the first and the longest pause between attempts.
    private static let firstPause = 1.0
    private static let longestPause = 60.0

    private let routes: [String: EffectRoute]
    private let logger: Logger
    private let waits: WaitLog
    private let metrics: EffectMetrics
    private let unreadableStates: UnreadableStates
    private let outcomes = Monitor<[Outcome]>([])

    private var shards: [Int32: [String: Entry]] = [:]
    /// Which effects of a shard are in memory: those due before.
    private var loadedTo: [Int32: Int64] = [:]
    /// Effects of shards that this replica has given up for the time being; attempts that are under way go on.
    private var suspended: [Int32: [String: Entry]] = [:]
    private var schedule = EffectSchedule()
    private var lastGeneration = 0

    init(_ routes: [EffectRoute], logger: Logger, metrics: EffectMetrics, unreadableStates: UnreadableStates) {
        self.routes = Dictionary(uniqueKeysWithValues: routes.map { ($0.kind, $0) })
        self.logger = logger
        waits = WaitLog(logger)
        self.metrics = metrics
        self.unreadableStates = unreadableStates
    }

    var isEmpty: Bool { routes.isEmpty }
    /// Whether something is being carried out, so that an outcome may come soon.
    var isBusy: Bool { schedule.isBusy }

    // MARK: Shards

    static func horizon(now: Timestamp) -> Int64 { Int64(now.milliseconds) + horizon }

    /// The shard is ours, with its effects that are due before `through`. All but what is due only later may have been begun by an earlier
    /// owner, whatever his clock said: that an attempt begins is written nowhere, as it would cost a synchronous write before each call.
    /// An effect that had not been started costs a few needless questions to the partner, once after each claim.
    func claimed(_ shard: Int32, _ rows: [EffectRow], now: Timestamp, through: Int64) {
        loadedTo[shard] = through
        var kept = suspended.removeValue(forKey: shard) ?? [:]
        var entries: [String: Entry] = [:]
        for row in rows {
            if let entry = kept[row.id], entry.row == row {
                kept[row.id] = nil
                entries[row.id] = entry
            } else {
                entries[row.id] = entry(row, mayHaveRun: mayHaveRun(row, now))
            }
        }
        for entry in kept.values { entry.task?.cancel() }
        shards[shard] = entries
        for (id, entry) in entries where entry.task == nil { plan(id, entry, shard) }
        measure(shard)
    }

    /// The span of due times, in milliseconds since 1970, whose effects have come so near that they have to be loaded; nil: none yet.
    func missing(of shard: Int32, now: Timestamp) -> Range<Int64>? {
        guard let known = loadedTo[shard], known < Int64(now.milliseconds) + Self.horizon / 2 else { return nil }
        return known..<Self.horizon(now: now)
    }

    /// The shard's effects that are due in the span that `missing` told.
    func loaded(_ shard: Int32, _ rows: [EffectRow], now: Timestamp, through: Int64) {
        loadedTo[shard] = through
        for row in rows { put(entry(row, mayHaveRun: mayHaveRun(row, now)), shard) }
        measure(shard)
    }

    /// The shard is given up, and likely to be claimed again by this replica at once.
    func suspended(_ shard: Int32) { suspended[shard] = shards.removeValue(forKey: shard) }

    /// All shards are somebody else's: attempts that are under way are given up, and the next owner asks the partner for their outcomes.
    func dropAll() {
        for entry in shards.values.joined().map(\.value) + suspended.values.joined().map(\.value) { entry.task?.cancel() }
        shards = [:]
        suspended = [:]
        loadedTo = [:]
        schedule.removeAll()
    }

    /// A batch was stored that scheduled or ended effects (nil).
    func stored(_ shard: Int32, _ changes: [String: EffectRow?]) {
        guard !changes.isEmpty else { return }
        for (id, row) in changes {
            shards[shard]?[id]?.task?.cancel()
            shards[shard, default: [:]][id] = nil
            if let row, row.due < loadedTo[shard] ?? .max { put(entry(row, mayHaveRun: false), shard) }
        }
        measure(shard)
    }

    private func mayHaveRun(_ row: EffectRow, _ now: Timestamp) -> Bool { row.due <= Int64(now.milliseconds) + Self.clockSkew }

    private func entry(_ row: EffectRow, mayHaveRun: Bool) -> Entry {
        lastGeneration += 1
        return Entry(row: row, generation: lastGeneration, due: row.due, mayHaveRun: mayHaveRun)
    }

    private func put(_ entry: Entry, _ shard: Int32) {
        shards[shard, default: [:]][entry.row.id] = entry
        plan(entry.row.id, entry, shard)
    }

    private func plan(_ id: String, _ entry: Entry, _ shard: Int32) {
        let item = EffectSchedule.Item(due: entry.due, shard: shard, id: id, generation: entry.generation)
        schedule.add(item) { current($0) != nil }
    }

    /// The effect that an item is about, unless it was replaced, dropped, begun or put off.
    private func current(_ item: EffectSchedule.Item) -> Entry? {
        guard let entry = shards[item.shard]?[item.id], entry.generation == item.generation, entry.due == item.due, entry.task == nil
        else { return nil }
        return entry
    }

    private func measure(_ shard: Int32) {
        metrics.waiting(shard: shard).set(shards[shard]?.count ?? 0)
    }

    // MARK: Carrying out

    /// Starts what is due, as far as the bounds of the partners let it.
    /// - Parameter isClockSteady: false: what cannot be undone waits.
    func startDue(now: Timestamp, isClockSteady: Bool = true) {
        schedule.arrive(by: now.milliseconds) { partner(of: $0.id) }
        while let (item, partner) = schedule.next() {
            if !start(item, now, isClockSteady) { schedule.ended(partner) }
        }
    }

    private func start(_ item: EffectSchedule.Item, _ now: Timestamp, _ isClockSteady: Bool) -> Bool {
        guard var entry = current(item) else { return false }
        let kind = String(item.id.prefix { $0 != "|" })
        let route: EffectRoute
        let perform: EffectPerformance
        do throws(JSONError) {
            guard let known = routes[kind] else { throw .invalid("this version has no effects of the kind \(kind)") }
            (route, perform) = (known, try known.performance(of: entry.row))
        } catch {
            unreadableStates.effect(item.id, shard: item.shard, error)
            return false
        }
        guard isClockSteady || !route.needsSteadyClock else {
            entry.due = Int64(now.milliseconds) + Self.steadyPause
            put(entry, item.shard)
            return false
        }
        let attempt = EffectAttempt(
            number: entry.attempts, mayHaveRun: entry.mayHaveRun, asked: entry.asked, due: Timestamp(milliseconds: Int(entry.row.due)))
        let began = Clock.seconds
        shards[item.shard]?[item.id]?.task = Task.detached { [outcomes] in
            let outcome = await perform(attempt)
            outcomes.update {
                $0.append(
                    Outcome(
                        shard: item.shard, id: item.id, generation: item.generation, outcome: outcome, seconds: Clock.seconds - began))
            }
        }
        return true
    }

    /// Takes the outcomes since the last call, and gives those that still count and need a batch of their shard.
    func takeOutcomes() -> [Outcome] {
        let all = outcomes.withLock { outcomes in
            defer { outcomes.removeAll() }
            return outcomes
        }
        return all.filter { arrived($0) }
    }

    private func route(of id: String) -> EffectRoute? { routes[String(id.prefix { $0 != "|" })] }
    private func partner(of id: String) -> String { route(of: id)?.partner ?? "" }

    /// How the effect of an attempt is carried out.
    func route(of outcome: Outcome) -> EffectRoute? { route(of: outcome.id) }

    private func arrived(_ outcome: Outcome) -> Bool {
        schedule.ended(partner(of: outcome.id))
        let kind = String(outcome.id.prefix { $0 != "|" })
        metrics.seconds.observe(outcome.seconds)
        if suspended[outcome.shard]?[outcome.id]?.generation == outcome.generation {
            // The shard is claimed again soon; until then nothing can be stored.
            suspended[outcome.shard]?[outcome.id]?.task = nil
            suspended[outcome.shard]?[outcome.id]?.forgetOutcome()
            return false
        }
        guard shards[outcome.shard]?[outcome.id]?.generation == outcome.generation else {
            metrics.ended(kind, "dropped")
            return false
        }
        shards[outcome.shard]?[outcome.id]?.task = nil
        switch outcome.outcome {
        case .answer:
            metrics.ended(kind, "answered")
            // Should the batch that stores the answer fail.
            shards[outcome.shard]?[outcome.id]?.forgetOutcome()
            return true
        case .again(let retry):
            metrics.ended(kind, retry.reason)
            tryAgain(outcome, retry)
            return retry.report != nil
        }
    }

    /// Seconds until an effect is carried out again whose answer nobody could be told.
    private static let undeliveredPause = 600.0

    /// The answer could not be told, because the effect's aggregate cannot be read. It is found out again later: an effect that may have run
    /// asks before it does anything.
    func undelivered(_ outcome: Outcome) {
        metrics.ended(String(outcome.id.prefix { $0 != "|" }), DeadReason.stateUnreadable.rawValue)
        tryAgain(
            outcome,
            EffectRetry(
                DeadReason.stateUnreadable.rawValue, "its aggregate cannot be read", after: Self.undeliveredPause, mayHaveRun: true))
    }

    private func tryAgain(_ outcome: Outcome, _ retry: EffectRetry) {
        guard var entry = shards[outcome.shard]?[outcome.id] else { return }
        // The next question after one that was answered is no failure.
        if retry.asked <= entry.asked { entry.attempts += 1 }
        if retry.mayHaveRun { entry.mayHaveRun = true }
        entry.asked = retry.asked
        let doubled = Self.firstPause * Double(1 << min(max(entry.attempts - 1, 0), 10))
        let pause = retry.after ?? min(Self.longestPause, doubled) * Double.random(in: 0.75...1.25)
        logger.log(
            entry.attempts == 1 ? .info : .debug, "an effect is tried again",
            [
                "effect": outcome.id, "reason": retry.reason, "detail": retry.detail, "attempt": "\(entry.attempts)",
                "after": "\(Int(pause * 1000)) ms",
            ])
        if entry.attempts > 1 {
            waits.say("effects wait: \(outcome.id.prefix { $0 != "|" }), \(retry.reason)", because: retry.detail)
        }
        entry.due = Int64(Clock.now.milliseconds + Int(pause * 1000))
        put(entry, outcome.shard)
    }

    /// The effect as it is stored, for an outcome that counts.
    func row(of outcome: Outcome) -> EffectRow? { shards[outcome.shard]?[outcome.id]?.row }
}
