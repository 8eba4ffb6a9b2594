import Contracts
import Stores
import Threads

/// The rules of effects, as a value: which wait, which are under way, what is due, tried again, or held back for its partner. It is told the
/// time and what came of each attempt, and starts nothing itself.
///
/// In memory are those that are due within the hour; the others wait in the store. A parcel's recipient is deleted weeks after it was
/// shipped: as many timers as a month has parcels. An outcome counts only for the effect that it was begun for: one that was replaced or
/// cancelled meanwhile is dropped.
struct EffectEngine {
    /// What is to be known of a kind of effects.
    struct Kind {
        var partner: String
        /// Whether it waits after a leap of the clock.
        var needsSteadyClock: Bool
    }

    /// An attempt that begins.
    struct Begun {
        var shard: Int32
        var row: EffectRow
        /// Tells the effect from what had its id before.
        var generation: Int
        var attempt: EffectAttempt
    }

    /// The effect of an attempt whose outcome has come.
    struct Reference {
        var shard: Int32
        var id: String
        var generation: Int
    }

    enum Arrival {
        /// Nobody waits for it any more.
        case dropped
        /// The shard is claimed again soon; until then nothing can be stored, and the effect is carried out again.
        case suspended
        case counts
    }

    /// What follows a failed attempt.
    struct Pause {
        var milliseconds: Int
        var attempts: Int
    }

    private struct Entry {
        var row: EffectRow
        var generation: Int
        /// When the next attempt is due: what else the agenda holds of it is over.
        var due: Int64
        var attempts = 0
        var mayHaveRun: Bool
        var asked = 0
        var isUnderWay = false

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
    /// Seconds until an effect is carried out again whose answer nobody could be told.
    static let undeliveredPause = 600.0

    private let kinds: [String: Kind]
    private var shards: [Int32: [String: Entry]] = [:]
    /// Which effects of a shard are in memory: those due before.
    private var loadedTo: [Int32: Int64] = [:]
    /// Effects of shards that this replica has given up for the time being; attempts that are under way go on.
    private var suspended: [Int32: [String: Entry]] = [:]
    private var schedule = EffectSchedule()
    private var lastGeneration = 0

    init(_ kinds: [String: Kind]) { self.kinds = kinds }

    static func kind(of id: String) -> String { String(id.prefix { $0 != "|" }) }
    private func partner(of id: String) -> String { kinds[Self.kind(of: id)]?.partner ?? "" }

    /// Whether something is being carried out, so that an outcome may come soon.
    var isBusy: Bool { schedule.isBusy }

    /// Those of all shards, by what they wait for.
    var counts: EffectCounts {
        var counts = EffectCounts(waiting: 0, running: 0, retrying: 0)
        for entry in shards.values.lazy.flatMap(\.values) {
            if entry.isUnderWay { counts.running += 1 } else if entry.attempts > 0 { counts.retrying += 1 } else { counts.waiting += 1 }
        }
        return counts
    }

    func count(of shard: Int32) -> Int { shards[shard]?.count ?? 0 }

    // MARK: Shards

    static func horizon(now: Timestamp) -> Int64 { Int64(now.milliseconds) + horizon }

    /// The shard is ours, with its effects that are due before `through`. All but what is due only later may have been begun by an earlier
    /// owner, whatever his clock said: that an attempt begins is written nowhere, as it would cost a synchronous write before each call.
    /// An effect that had not been started costs a few needless questions to the partner, once after each claim.
    /// - Returns: the generations of attempts to be given up.
    mutating func claimed(_ shard: Int32, _ rows: [EffectRow], now: Timestamp, through: Int64) -> [Int] {
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
        shards[shard] = entries
        for (id, entry) in entries where !entry.isUnderWay { plan(id, entry, shard) }
        return kept.values.filter(\.isUnderWay).map(\.generation)
    }

    /// The span of due times, in milliseconds since 1970, whose effects have come so near that they have to be loaded; nil: none yet.
    func missing(of shard: Int32, now: Timestamp) -> Range<Int64>? {
        guard let known = loadedTo[shard], known < Int64(now.milliseconds) + Self.horizon / 2 else { return nil }
        return known..<Self.horizon(now: now)
    }

    /// The shard's effects that are due in the span that `missing` told.
    mutating func loaded(_ shard: Int32, _ rows: [EffectRow], now: Timestamp, through: Int64) {
        loadedTo[shard] = through
        for row in rows { put(entry(row, mayHaveRun: mayHaveRun(row, now)), shard) }
    }

    /// The shard is given up, and likely to be claimed again by this replica at once.
    mutating func suspended(_ shard: Int32) { suspended[shard] = shards.removeValue(forKey: shard) }

    /// All shards are somebody else's: attempts that are under way are given up, and the next owner asks the partner for their outcomes.
    mutating func dropAll() {
        shards = [:]
        suspended = [:]
        loadedTo = [:]
        schedule.removeAll()
    }

    /// A batch was stored that scheduled or ended effects (nil).
    /// - Returns: the generations of attempts to be given up.
    mutating func stored(_ shard: Int32, _ changes: [String: EffectRow?]) -> [Int] {
        var over: [Int] = []
        for (id, row) in changes {
            if let entry = shards[shard, default: [:]].removeValue(forKey: id), entry.isUnderWay { over.append(entry.generation) }
            if let row, row.due < loadedTo[shard] ?? .max { put(entry(row, mayHaveRun: false), shard) }
        }
        return over
    }

    private func mayHaveRun(_ row: EffectRow, _ now: Timestamp) -> Bool { row.due <= Int64(now.milliseconds) + Self.clockSkew }

    private mutating func entry(_ row: EffectRow, mayHaveRun: Bool) -> Entry {
        lastGeneration += 1
        return Entry(row: row, generation: lastGeneration, due: row.due, mayHaveRun: mayHaveRun)
    }

    private mutating func put(_ entry: Entry, _ shard: Int32) {
        shards[shard, default: [:]][entry.row.id] = entry
        plan(entry.row.id, entry, shard)
    }

    private mutating func plan(_ id: String, _ entry: Entry, _ shard: Int32) {
        let item = EffectSchedule.Item(due: entry.due, shard: shard, id: id, generation: entry.generation)
        let shards = shards
        schedule.add(item) { Self.current($0, in: shards) != nil }
    }

    /// The effect that an item is about, unless it was replaced, dropped, begun or put off.
    private static func current(_ item: EffectSchedule.Item, in shards: [Int32: [String: Entry]]) -> Entry? {
        guard let entry = shards[item.shard]?[item.id], entry.generation == item.generation, entry.due == item.due, !entry.isUnderWay
        else { return nil }
        return entry
    }

    // MARK: Attempts

    /// The next attempt that begins: of what is due, as far as the bounds of the partners let it; nil: none.
    /// - Parameter isClockSteady: false: what cannot be undone waits.
    mutating func next(now: Timestamp, isClockSteady: Bool) -> Begun? {
        let kinds = kinds
        schedule.arrive(by: now.milliseconds) { kinds[Self.kind(of: $0.id)]?.partner ?? "" }
        while let (item, partner) = schedule.next() {
            guard var entry = Self.current(item, in: shards) else {
                schedule.ended(partner)
                continue
            }
            guard isClockSteady || kinds[Self.kind(of: item.id)]?.needsSteadyClock != true else {
                schedule.ended(partner)
                entry.due = Int64(now.milliseconds) + Self.steadyPause
                put(entry, item.shard)
                continue
            }
            shards[item.shard]?[item.id]?.isUnderWay = true
            return Begun(
                shard: item.shard, row: entry.row, generation: entry.generation,
                attempt: EffectAttempt(
                    number: entry.attempts, mayHaveRun: entry.mayHaveRun, asked: entry.asked,
                    due: Timestamp(milliseconds: Int(entry.row.due))))
        }
        return nil
    }

    /// The effect cannot be read: it stays, and is not carried out.
    mutating func isUnreadable(_ begun: Begun) {
        schedule.ended(partner(of: begun.row.id))
        shards[begun.shard]?[begun.row.id]?.isUnderWay = false
    }

    /// An attempt has ended.
    mutating func arrived(_ reference: Reference, isAnswer: Bool) -> Arrival {
        schedule.ended(partner(of: reference.id))
        if suspended[reference.shard]?[reference.id]?.generation == reference.generation {
            suspended[reference.shard]?[reference.id]?.isUnderWay = false
            suspended[reference.shard]?[reference.id]?.forgetOutcome()
            return .suspended
        }
        guard shards[reference.shard]?[reference.id]?.generation == reference.generation else { return .dropped }
        shards[reference.shard]?[reference.id]?.isUnderWay = false
        // Should the batch that stores the answer fail.
        if isAnswer { shards[reference.shard]?[reference.id]?.forgetOutcome() }
        return .counts
    }

    /// The effect is tried again, exponentially later where nothing else is said.
    /// - Parameter jitter: from 0.75 to 1.25, by chance.
    mutating func tryAgain(_ reference: Reference, _ retry: EffectRetry, now: Timestamp, jitter: Double) -> Pause? {
        guard var entry = shards[reference.shard]?[reference.id] else { return nil }
        // The next question after one that was answered is no failure.
        if retry.asked <= entry.asked { entry.attempts += 1 }
        if retry.mayHaveRun { entry.mayHaveRun = true }
        entry.asked = retry.asked
        let doubled = Self.firstPause * Double(1 << min(max(entry.attempts - 1, 0), 10))
        let pause = Int((retry.after ?? min(Self.longestPause, doubled) * jitter) * 1000)
        entry.due = Int64(now.milliseconds + pause)
        put(entry, reference.shard)
        return Pause(milliseconds: pause, attempts: entry.attempts)
    }

    /// The effect as it is stored, for an outcome that counts.
    func row(of reference: Reference) -> EffectRow? { shards[reference.shard]?[reference.id]?.row }
}
