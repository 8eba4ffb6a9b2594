import Observability

/// The metrics of effects.
final class EffectMetrics: Sendable {
    let seconds: Histogram
    private let attempts: CounterFamily
    private let effects: GaugeFamily

    init(_ registry: Metrics) {
        attempts = CounterFamily(
            registry, "daifa_effect_attempts_total", "Attempts to carry out an effect, by what came of them.", labels: ["kind", "outcome"])
        effects = GaugeFamily(
            registry, "daifa_effects", "Effects and timers that are due within the hour or under way.", labels: ["shard"])
        seconds = registry.histogram(
            "daifa_effect_seconds", "Duration of one attempt to carry out an effect.", bounds: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30])
    }

    /// `answered`, `dropped` (nobody waits for it any more), or why it is tried again.
    func ended(_ kind: String, _ outcome: String) { attempts[kind, outcome].increment() }

    func waiting(shard: Int32) -> Gauge { effects["\(shard)"] }
}
