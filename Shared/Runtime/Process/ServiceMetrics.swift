import Observability

/// The metrics of every service (design, section 9).
final class ServiceMetrics: Sendable {
    let registry = Metrics()
    let records: Counter
    let skipped: Counter
    let copies: Counter
    let carried: Counter
    let published: Counter
    let epochs: Counter
    let publishFailures: Counter
    let batchSize: Histogram
    let storeSeconds: Histogram
    let publishSeconds: Histogram
    let ready: Gauge
    private let refusals: CounterFamily
    private let deadLetters: CounterFamily
    private let lags: GaugeFamily
    private let outboxes: GaugeFamily

    init() {
        let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        records = registry.counter("daifa_records_total", "Records read from input topics.")
        skipped = registry.counter("daifa_records_skipped_total", "Records of types that this service has no use for.")
        copies = registry.counter("daifa_copies_total", "Copies of commands and facts that were answered before.")
        carried = registry.counter(
            "daifa_carried_total", "Commands and facts that lay in another partition than their key's, and were carried there.")
        published = registry.counter("daifa_records_published_total", "Records published in committed Kafka transactions.")
        epochs = registry.counter("daifa_epoch_changes_total", "Claims of shards.")
        publishFailures = registry.counter(
            "daifa_publish_failures_total", "Kafka transactions that did not commit, or whose outcome was open.")
        batchSize = registry.histogram("daifa_batch_records", "Records per batch.", bounds: [1, 3, 10, 30, 100, 300, 1000, 3000])
        storeSeconds = registry.histogram("daifa_store_seconds", "Duration of one store transaction.", bounds: seconds)
        publishSeconds = registry.histogram("daifa_publish_seconds", "Duration of one Kafka transaction.", bounds: seconds)
        ready = registry.gauge("daifa_ready", "1 when the service is ready.")
        refusals = CounterFamily(registry, "daifa_refusals_total", "Refused commands by code.", labels: ["code"])
        deadLetters = CounterFamily(
            registry, "daifa_dead_letters_total", "Messages that could not be read or handled.", labels: ["reason"])
        lags = GaugeFamily(registry, "daifa_lag_records", "Records behind the end of the input.", labels: ["shard", "topic"])
        outboxes = GaugeFamily(
            registry, "daifa_outbox_batches", "Stored batches that are not known to be published.", labels: ["shard"])
    }

    func refused(_ code: String) { refusals[code].increment() }
    func dead(_ reason: String) { deadLetters[reason].increment() }
    func lag(shard: Int32, topic: String) -> Gauge { lags["\(shard)", topic] }
    func outboxDepth(shard: Int32) -> Gauge { outboxes["\(shard)"] }
}
