import Contracts
import DeadLetters
import Kafka
import Runtime
import Threads

/// Dead letters where they lie, and the way back for them. Each call opens a connection of its own and blocks.
struct LetterLog: Sendable {
    /// Seconds in which all letters that are asked for have to be read.
    private static let readTimeout = 20.0
    private static let sendTimeout = 10.0
    /// Records that are rather read over than left out by another connection.
    private static let gap: Int64 = 2000

    let kafka: KafkaConfiguration

    /// - Returns: those that the log still holds.
    func read(_ places: Set<RecordPlace>) throws(KafkaError) -> [RecordPlace: Kafka.Message] {
        let deadline = Deadline.after(Self.readTimeout)
        var found: [RecordPlace: Kafka.Message] = [:]
        for run in Self.runs(places) {
            let start = PartitionOffset(topic: run[0].topic, partition: run[0].partition, offset: run[0].offset)
            let reader = try TopicReader(kafka, topics: [run[0].topic], from: .offsets([start]), timeout: Self.readTimeout)
            let end = run[run.count - 1].offset
            var next = start.offset
            while next <= end, !reader.atEnd {
                guard !deadline.hasPassed else {
                    throw KafkaError(
                        code: .timedOut, operation: "read \(run[0].topic)", reason: "it took longer than \(Int(Self.readTimeout)) s")
                }
                for message in try reader.next(maximum: 500, timeout: 1) {
                    next = message.offset + 1
                    let place = RecordPlace(topic: message.topic, partition: message.partition, offset: message.offset)
                    if places.contains(place) { found[place] = message }
                }
            }
        }
        return found
    }

    /// Places of one partition that lie near each other, in order.
    static func runs(_ places: Set<RecordPlace>) -> [[RecordPlace]] {
        let sorted = places.sorted { ($0.topic, $0.partition, $0.offset) < ($1.topic, $1.partition, $1.offset) }
        var runs: [[RecordPlace]] = []
        for place in sorted {
            if let last = runs.last?.last, last.topic == place.topic, last.partition == place.partition, place.offset - last.offset <= gap {
                runs[runs.count - 1].append(place)
            } else {
                runs.append([place])
            }
        }
        return runs
    }

    /// Returns when Kafka has all of them.
    func send(_ messages: [Kafka.Message]) throws(KafkaError) {
        let producer = try Producer(kafka, overrides: ["message.timeout.ms": "\(Int(Self.sendTimeout * 1000))"])
        defer { producer.close() }
        for message in messages {
            try producer.send(
                topic: message.topic, partition: message.partition < 0 ? nil : message.partition, key: message.key, value: message.value,
                headers: message.headers)
        }
        try producer.flush(timeout: Self.sendTimeout)
    }
}
