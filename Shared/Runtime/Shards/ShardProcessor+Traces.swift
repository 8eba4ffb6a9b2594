import Contracts
import Kafka
import Observability

/// The steps of traces that are told: one a message, from its decision to the end of its batch's store transaction.
extension ShardProcessor {
    struct OpenStep {
        var start: SpanStart
        var name: String
        var attributes: [Span.Attribute]
    }

    /// What comes of the message follows from this step of its trace.
    func trace(_ message: inout Incoming, _ route: Route) {
        guard let tracer = metrics.tracer else { return }
        let attributes = message.attributes
        // What others have caused belongs to a trace that begins with them.
        let mayBegin = (route.kind == .command || route.kind == .fact) && attributes.correlationId == attributes.id
        guard let start = tracer.begin(after: attributes.traceparent, mayBegin: mayBegin) else { return }
        message.origin.traceparent = start.context.traceparent
        let record = message.record
        steps.append(
            OpenStep(
                start: start, name: "process \(route.type)",
                attributes: [
                    .init("messaging.system", "kafka"), .init("messaging.operation.type", "process"),
                    .init("messaging.destination.name", record.topicName),
                    .init("messaging.destination.partition.id", "\(record.partition)"), .init("messaging.kafka.offset", Int(record.offset)),
                    .init("messaging.message.id", attributes.id), .init("messaging.kafka.message.key", message.key),
                ]))
    }

    /// The same for an item of a message between shards.
    func trace(_ origin: inout Origin, item type: String) {
        guard let tracer = metrics.tracer, let start = tracer.begin(after: origin.traceparent, mayBegin: false) else { return }
        origin.traceparent = start.context.traceparent
        steps.append(OpenStep(start: start, name: "process \(type)", attributes: [.init("daifa.shard", Int(number))]))
    }

    /// The batch is stored: its steps are told.
    func endTraces() {
        guard let tracer = metrics.tracer else { return }
        tracer.record(steps.map { $0.start.ended($0.name, .consumer, $0.attributes) })
        traced = steps.map(\.start.context)
        steps.removeAll()
    }
}
