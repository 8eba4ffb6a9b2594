import Contracts
import Kafka
import Observability
import Threads

/// What the loop has to do, for its metrics and for `daifa.health`.
extension ServiceLoop {
    /// What came of a shard's batch is stored.
    func measureAge(of first: RecordView?) {
        guard let time = first?.timestamp, time > 0 else { return }
        metrics.recordAge.observe(Double(max(0, Int64(Clock.now.milliseconds) - time)) / 1000)
    }

    func reportLoad(_ consumer: GroupConsumer) {
        metrics.load.keep(owned.keys)
        metrics.load.effects(effects.counts)
        for (number, work) in owned {
            for (index, topic) in description.inputs.enumerated() {
                guard let bounds = consumer.cachedWatermarks(TopicPartition(topic: topic, partition: number)), bounds.high >= 0 else {
                    continue
                }
                metrics.load.lag(
                    shard: number, topic: topic, Int(max(0, bounds.high - (work.positions[index] ?? bounds.low))))
            }
        }
    }
}
