public import Contracts
import Foundation
public import Kafka
import Threads

/// Everything that the topics of events hold, as a stranger reads it (`read_committed`), and what must be true of it whatever happened.
public struct EventLog: Sendable {
    public let events: [Received]

    /// Reads these topics from their beginnings to their ends. Blocking.
    ///
    /// The end is looked for again until nothing came for a moment: a transaction that is open when the reading starts hides its records.
    public init(_ configuration: KafkaConfiguration, topics: [String], timeout seconds: Double = 60) throws {
        let reader = try TopicReader(configuration, topics: topics)
        let deadline = Deadline.after(seconds)
        var all: [Received] = []
        while true {
            let messages = try reader.next(maximum: 10_000, timeout: 1)
            all += messages.map { Received(message: $0) }
            if messages.isEmpty, reader.atEnd { break }
            guard !deadline.hasPassed else { throw Client.Failure(description: "\(topics) have no end within \(seconds) s") }
        }
        events = all
    }

    /// The topics of events of these services, which must exist.
    public static func topics(of services: [ServiceName]) -> [String] { services.map(\.events) }

    /// Ids that stand on more than one event: must be empty.
    public var doubledIds: [String] {
        var seen: Set<String> = []
        return events.compactMap(\.id).filter { !seen.insert($0).inserted }
    }

    /// The events of a service by the message that they answer.
    public func byCause(of service: ServiceName) -> [String: [Received]] {
        Dictionary(grouping: events.lazy.filter { $0.topic == service.events && $0.causationId != nil }, by: { $0.causationId ?? "" })
    }

    /// Ids of messages that do not have exactly one answer of this name: `missing` and `doubled` must be empty.
    public func unanswered(_ ids: some Sequence<String>, by service: ServiceName, name: String? = nil) -> (
        missing: [String], doubled: [String]
    ) {
        let answers = byCause(of: service)
        var missing: [String] = []
        var doubled: [String] = []
        for id in ids {
            let count = answers[id, default: []].filter { name == nil || $0.name == name }.count
            if count == 0 { missing.append(id) }
            if count > 1 { doubled.append(id) }
        }
        return (missing, doubled)
    }
}

extension Received {
    public init(_ message: Kafka.Message) { self.init(message: message) }
}

extension Client.Failure {
    public init(_ description: String) { self.init(description: description) }
}
