import Contracts
import Observability
import Testing

@testable import Runtime

@Suite struct ServiceMetricsTests {
    @Test func everyServiceHasTheMetricsOfTheDesign() {
        let metrics = ServiceMetrics()
        metrics.refused("invalid")
        metrics.dead("not-json")
        metrics.load.lag(shard: 2, topic: "daifa.orders", 7)
        metrics.load.outbox(shard: 2, 1, oldestAt: nil)
        metrics.load.effects(EffectCounts(waiting: 3, running: 2, retrying: 1))
        let text = metrics.registry.text
        for line in [
            #"daifa_refusals_total{code="invalid"} 1"#, #"daifa_dead_letters_total{reason="not-json"} 1"#,
            #"daifa_lag_records{shard="2",topic="daifa.orders"} 7"#, #"daifa_outbox_batches{shard="2"} 1"#, "daifa_epoch_changes_total 0",
            #"daifa_effect_states{state="waiting"} 3"#, #"daifa_effect_states{state="retrying"} 1"#,
            "daifa_ready 0", "daifa_store_seconds_count 0", "daifa_publish_seconds_count 0", "daifa_batch_records_count 0",
        ] { #expect(text.contains(line + "\n")) }
    }
}
