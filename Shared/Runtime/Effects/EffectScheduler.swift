import Contracts
import JSON
import Observability
import Stores
import Threads

/// Carries out the effects of the shards that this replica owns, as ``EffectEngine`` says.
///
/// Used from the service's one thread; what is carried out runs in tasks of its own, and leaves its outcome in a queue.
final class EffectScheduler {
    /// The outcome of one attempt, for the main thread.
    struct Outcome: Sendable {
        var shard: Int32
        var id: String
        fileprivate var generation: Int
        var outcome: ErasedOutcome
        fileprivate var seconds: Double

        fileprivate var reference: EffectEngine.Reference { .init(shard: shard, id: id, generation: generation) }
    }

    private let routes: [String: EffectRoute]
    private let logger: Logger
    private let waits: WaitLog
    private let metrics: EffectMetrics
    private let unreadableStates: UnreadableStates
    private let outcomes = Monitor<[Outcome]>([])
    private var engine: EffectEngine
    /// Those under way, by their effect's generation.
    private var tasks: [Int: Task<Void, Never>] = [:]

    init(_ routes: [EffectRoute], logger: Logger, metrics: EffectMetrics, unreadableStates: UnreadableStates) {
        self.routes = Dictionary(uniqueKeysWithValues: routes.map { ($0.kind, $0) })
        self.logger = logger
        waits = WaitLog(logger)
        self.metrics = metrics
        self.unreadableStates = unreadableStates
        engine = EffectEngine(self.routes.mapValues { .init(partner: $0.partner, needsSteadyClock: $0.needsSteadyClock) })
    }

    var isEmpty: Bool { routes.isEmpty }
    var isBusy: Bool { engine.isBusy }
    var counts: EffectCounts { engine.counts }

    // MARK: Shards

    /// The shard is ours, with its effects that are due before `through`.
    func claimed(_ shard: Int32, _ rows: [EffectRow], now: Timestamp, through: Int64) {
        cancel(engine.claimed(shard, rows, now: now, through: through))
        measure(shard)
    }

    func missing(of shard: Int32, now: Timestamp) -> Range<Int64>? { engine.missing(of: shard, now: now) }

    /// The shard's effects that are due in the span that `missing` told.
    func loaded(_ shard: Int32, _ rows: [EffectRow], now: Timestamp, through: Int64) {
        engine.loaded(shard, rows, now: now, through: through)
        measure(shard)
    }

    /// The shard is given up, and likely to be claimed again by this replica at once.
    func suspended(_ shard: Int32) { engine.suspended(shard) }

    /// All shards are somebody else's.
    func dropAll() {
        for task in tasks.values { task.cancel() }
        tasks = [:]
        engine.dropAll()
        metrics.dropAll()
    }

    /// A batch was stored that scheduled or ended effects (nil).
    func stored(_ shard: Int32, _ changes: [String: EffectRow?]) {
        guard !changes.isEmpty else { return }
        cancel(engine.stored(shard, changes))
        measure(shard)
    }

    private func cancel(_ generations: [Int]) { for generation in generations { tasks.removeValue(forKey: generation)?.cancel() } }

    private func measure(_ shard: Int32) { metrics.waiting(shard: shard).set(engine.count(of: shard)) }

    // MARK: Carrying out

    /// Starts what is due, as far as the bounds of the partners let it.
    /// - Parameter isClockSteady: false: what cannot be undone waits.
    func startDue(now: Timestamp, isClockSteady: Bool = true) {
        while let begun = engine.next(now: now, isClockSteady: isClockSteady) { start(begun) }
    }

    private func start(_ begun: EffectEngine.Begun) {
        let id = begun.row.id
        let route: EffectRoute
        let perform: EffectPerformance
        do throws(JSONError) {
            guard let known = self.route(of: id) else {
                throw .invalid("this version has no effects of the kind \(EffectEngine.kind(of: id))")
            }
            (route, perform) = (known, try known.performance(of: begun.row))
        } catch {
            unreadableStates.effect(id, shard: begun.shard, error)
            return engine.isUnreadable(begun)
        }
        let (shard, generation, attempt) = (begun.shard, begun.generation, begun.attempt)
        let began = Clock.seconds
        let step = metrics.begin(begun.row, kind: EffectEngine.kind(of: id), partner: route.partner, attempt: attempt.number)
        tasks[generation] = Task.detached { [outcomes] in
            let outcome = await perform(attempt)
            step?(outcome)
            outcomes.update {
                $0.append(Outcome(shard: shard, id: id, generation: generation, outcome: outcome, seconds: Clock.seconds - began))
            }
        }
    }

    /// Takes the outcomes since the last call, and gives those that still count and need a batch of their shard.
    func takeOutcomes() -> [Outcome] {
        let all = outcomes.withLock { outcomes in
            defer { outcomes.removeAll() }
            return outcomes
        }
        return all.filter { arrived($0) }
    }

    private func route(of id: String) -> EffectRoute? { routes[EffectEngine.kind(of: id)] }

    /// How the effect of an attempt is carried out.
    func route(of outcome: Outcome) -> EffectRoute? { route(of: outcome.id) }

    private func arrived(_ outcome: Outcome) -> Bool {
        let kind = EffectEngine.kind(of: outcome.id)
        metrics.seconds.observe(outcome.seconds)
        let retry: EffectRetry? = if case .again(let retry) = outcome.outcome { retry } else { nil }
        switch engine.arrived(outcome.reference, isAnswer: retry == nil) {
        case .dropped:
            metrics.ended(kind, "dropped")
            return false
        case .suspended:
            tasks[outcome.generation] = nil
            return false
        case .counts:
            tasks[outcome.generation] = nil
            metrics.ended(kind, retry?.reason ?? "answered")
            guard let retry else { return true }
            tryAgain(outcome, retry)
            return retry.report != nil
        }
    }

    /// The answer could not be told, because the effect's aggregate cannot be read. It is found out again later: an effect that may have run
    /// asks before it does anything.
    func undelivered(_ outcome: Outcome) {
        metrics.ended(EffectEngine.kind(of: outcome.id), DeadReason.stateUnreadable.rawValue)
        tryAgain(
            outcome,
            EffectRetry(
                DeadReason.stateUnreadable.rawValue, "its aggregate cannot be read", after: EffectEngine.undeliveredPause,
                mayHaveRun: true))
    }

    private func tryAgain(_ outcome: Outcome, _ retry: EffectRetry) {
        guard let pause = engine.tryAgain(outcome.reference, retry, now: Clock.now, jitter: Double.random(in: 0.75...1.25)) else { return }
        logger.log(
            pause.attempts == 1 ? .info : .debug, "an effect is tried again",
            [
                "effect": outcome.id, "reason": retry.reason, "detail": retry.detail, "attempt": "\(pause.attempts)",
                "after": "\(pause.milliseconds) ms",
            ])
        if pause.attempts > 1 {
            waits.say("effects wait: \(EffectEngine.kind(of: outcome.id)), \(retry.reason)", because: retry.detail)
        }
    }

    /// The effect as it is stored, for an outcome that counts.
    func row(of outcome: Outcome) -> EffectRow? { engine.row(of: outcome.reference) }
}
