import CommandLine
import Contracts
import JSON
import Kafka
import Partners
import Runtime
import Threads

/// Which of some orders were placed in Daifa before, by reading `daifa.orders`.
///
/// The log itself knows: nothing else has to be kept, and nothing can be out of date. When the log's beginning has been deleted by age, an
/// order that is not found may have been placed there: `undecided`.
struct KnownOrders {
    private var placed: Set<String> = []
    private var isWhole = true

    /// - Parameter placed: the orders that are known.
    init(placed: Set<String> = [], isWhole: Bool = true) {
        self.placed = placed
        self.isWhole = isWhole
    }

    subscript(orderId: String) -> OrderExport.Knowledge { placed.contains(orderId) ? .placed : isWhole ? .unknown : .undecided }

    /// Reads the whole topic; stops early once all are found.
    static func read(_ kafka: KafkaConfiguration, among orderIds: Set<String>, bar: inout ProgressBar) throws(KafkaError) -> KnownOrders {
        guard !orderIds.isEmpty else { return KnownOrders() }
        let admin = try Admin(kafka)
        guard let count = try admin.metadata(timeout: timeout).topics[Topics.orders] else { return KnownOrders() }
        let partitions = (0..<count).map { TopicPartition(topic: Topics.orders, partition: $0) }
        let begins = try admin.beginningOffsets(partitions, timeout: timeout)
        let ends = try admin.endOffsets(partitions, timeout: timeout)
        var known = KnownOrders(isWhole: begins.allSatisfy { $0.offset == 0 })
        let total = Int(zip(begins, ends).reduce(0) { $0 + $1.1.offset - $1.0.offset })
        guard total > 0 else { return known }
        let reader = try TopicReader(kafka, topics: [Topics.orders], timeout: timeout)
        var seen = 0
        var lastRecord = Clock.seconds
        while !reader.atEnd, known.placed.count < orderIds.count {
            let messages = try reader.next(maximum: 5000, timeout: 1)
            if !messages.isEmpty { lastRecord = Clock.seconds }
            guard Clock.seconds - lastRecord < timeout else {
                throw KafkaError(code: .timedOut, operation: "read \(Topics.orders)", reason: "nothing came for \(Int(timeout)) s")
            }
            for message in messages {
                guard isPlaced(message), let key = message.key else { continue }
                let orderId = String(decoding: key, as: UTF8.self)
                if orderIds.contains(orderId) { known.placed.insert(orderId) }
            }
            seen += messages.count
            bar.move(to: min(seen, total), of: total)
        }
        return known
    }

    private static let timeout = 30.0

    /// In binary or structured mode.
    private static func isPlaced(_ message: Kafka.Message) -> Bool {
        if let type = message.header(EnvelopeHeader.type) { return type == OrderPlaced.type }
        guard message.header(EnvelopeHeader.contentType)?.hasPrefix("application/cloudevents+json") == true, let body = message.value else {
            return false
        }
        return (try? JSONValue.decode(body))?["type"]?.string == OrderPlaced.type
    }
}
