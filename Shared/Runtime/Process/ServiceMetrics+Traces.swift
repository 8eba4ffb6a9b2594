import Observability
import Threads

extension ServiceMetrics {
    /// A Kafka transaction has ended.
    func published(_ jobs: [Publisher.Job], seconds: Double) {
        guard let tracer else { return }
        let began = Clock.nanoseconds - Int(seconds * 1e9)
        tracer.record(
            jobs.flatMap { job in
                job.traces.map { context in
                    tracer.child(of: context, nanoseconds: began).ended(
                        "publish", .producer,
                        [
                            .init("messaging.system", "kafka"), .init("messaging.operation.type", "send"),
                            .init("daifa.shard", Int(job.shard)), .init("daifa.outbox.sequence", Int(job.sequence)),
                        ])
                }
            })
    }
}
