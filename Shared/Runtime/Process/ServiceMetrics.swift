import CommandLine
import Observability

/// What a process measures (design, section 9): its metrics, and its traces where they are told.
final class ServiceMetrics: Sendable {
    let registry: Metrics
    /// nil: no traces are told, and nothing is done for them.
    let tracer: Tracer?
    let records: Counter
    let skipped: Counter
    let copies: Counter
    let carried: Counter
    let published: Counter
    let epochs: Counter
    let publishFailures: Counter
    let batchSize: Histogram
    let recordAge: Histogram
    let decideSeconds: Histogram
    let storeSeconds: Histogram
    let publishSeconds: Histogram
    let ready: Gauge
    private let refusals: CounterFamily
    private let deadLetters: CounterFamily
    let load: ReplicaLoad

    /// - Parameter hasShards: false: what only a process with shards measures is served by none.
    init(_ registry: Metrics = Metrics(), hasShards: Bool = true, tracer: Tracer? = nil) {
        self.registry = registry
        self.tracer = tracer
        ready = registry.gauge(.ready)
        registry.gauge(.buildInfo, ProductVersion.current).set(1)
        ProcessReadings.register(registry)
        let ofShards = hasShards ? registry : Metrics()
        records = ofShards.counter(.records)
        skipped = ofShards.counter(.skipped)
        copies = ofShards.counter(.copies)
        carried = ofShards.counter(.carried)
        published = ofShards.counter(.published)
        epochs = ofShards.counter(.epochs)
        publishFailures = ofShards.counter(.publishFailures)
        batchSize = ofShards.histogram(.batchSize)
        recordAge = ofShards.histogram(.recordAge)
        decideSeconds = ofShards.histogram(.decideSeconds)
        storeSeconds = ofShards.histogram(.storeSeconds)
        publishSeconds = ofShards.histogram(.publishSeconds)
        refusals = CounterFamily(ofShards, .refusals)
        deadLetters = CounterFamily(ofShards, .deadLetters)
        load = ReplicaLoad(ofShards)
    }

    func refused(_ code: String) { refusals[code].increment() }
    func dead(_ reason: String) { deadLetters[reason].increment() }
}
