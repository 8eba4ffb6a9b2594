import Contracts
import JSON
import Observability
import Stores

/// The metrics of effects.
final class EffectMetrics: Sendable {
    let seconds: Histogram
    private let attempts: CounterFamily
    private let effects: GaugeFamily

    /// nil: no traces are told.
    let tracer: Tracer?

    init(_ registry: Metrics, tracer: Tracer? = nil) {
        self.tracer = tracer
        attempts = CounterFamily(registry, .effectAttempts)
        effects = GaugeFamily(registry, .effects)
        seconds = registry.histogram(.effectSeconds)
    }

    /// `answered`, `dropped` (nobody waits for it any more), or why it is tried again.
    func ended(_ kind: String, _ outcome: String) { attempts[kind, outcome].increment() }

    func waiting(shard: Int32) -> Gauge { effects["\(shard)"] }
    /// All shards are somebody else's.
    func dropAll() { effects.keep { _ in false } }

    /// The step of a trace that an attempt is; nil: its trace is not told.
    /// - Returns: tells it, when the attempt has ended.
    func begin(_ row: EffectRow, kind: String, partner: String, attempt: Int) -> (@Sendable (ErasedOutcome) -> Void)? {
        guard let tracer, partner != EffectRoute.timer, let origin = try? Origin.decodeStored(row.origin),
            let start = tracer.begin(after: origin.traceparent, mayBegin: false)
        else { return nil }
        return { outcome in
            var (isError, result) = (false, "answered")
            if case .again(let retry) = outcome { (isError, result) = (true, retry.reason) }
            tracer.record([
                start.ended(
                    "effect \(kind)", .client, isError: isError,
                    [.init("daifa.partner", partner), .init("daifa.attempt", attempt), .init("daifa.outcome", result)])
            ])
        }
    }
}
