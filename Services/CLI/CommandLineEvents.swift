import CommandLine
import Contracts
import JSON
import Kafka
import Runtime
import Threads

/// The names of types as people use them.
enum TypeName {
    /// `daifa.allocation.allocated.v1` is `allocation.allocated`; any other stays as it is.
    static func short(_ type: String) -> String {
        let parts = type.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0] == "daifa", parts[parts.count - 1].hasPrefix("v") else { return type }
        return parts[1..<(parts.count - 1)].joined(separator: ".")
    }

    /// Whether a type is meant by `daifa.allocation.allocated.v1`, `allocation.allocated` or `allocated`.
    static func matches(_ type: String, _ wanted: String) -> Bool {
        if type == wanted { return true }
        let short = short(type)
        return short == wanted || short.hasSuffix(".\(wanted)")
    }
}

/// A record with its CloudEvents attributes read, whatever of them it has.
struct EventRecord {
    let record: Kafka.Message
    let id: String?
    let type: String?
    let subject: String?
    let time: String?
    let actor: String?
    let correlationId: String?
    let causationId: String?
    /// On whose behalf it came about.
    let behalf: String?

    init(_ record: Kafka.Message) {
        self.record = record
        func text(_ name: String) -> String? { record.header(name) }
        id = text(EnvelopeHeader.id)
        type = text(EnvelopeHeader.type)
        subject = text(EnvelopeHeader.subject)
        time = text(EnvelopeHeader.time)
        actor = text(EnvelopeHeader.actor)
        correlationId = text(EnvelopeHeader.correlationId)
        causationId = text(EnvelopeHeader.causationId)
        behalf = text(EnvelopeHeader.behalf)
    }

    /// Whether this answers a command. An id is its sender's choice, so somebody else may have sent one with the same: the actor counts too.
    /// - Parameter sender: of the command; nil: not known.
    func answers(_ id: String, of sender: Actor?) -> Bool {
        guard causationId == id else { return false }
        guard let sender, let behalf else { return true }
        return behalf.utf8.elementsEqual(sender.description.utf8)
    }

    var key: String? { record.key.map { String(decoding: $0, as: UTF8.self) } }

    /// The body, if it is JSON.
    var data: JSONValue? {
        guard let value = record.value else { return nil }
        do throws(JSONError) { return try JSONValue.decode(value) } catch { return nil }
    }

    /// For `--json`: one object; what is missing is left out.
    var json: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("topic", .string(record.topic)), ("partition", .int(Int(record.partition))), ("offset", .int(Int(record.offset))),
        ]
        let attributes = [
            ("id", id), ("type", type), ("key", key), ("subject", subject), ("time", time), ("actor", actor),
            ("correlationId", correlationId),
            ("causationId", causationId), ("behalf", behalf),
        ]
        for case (let name, let value?) in attributes { members.append((name, .string(value))) }
        members.append(("data", data ?? record.value.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null))
        return members
    }
}

/// How a command reaches Kafka, and what it says when it cannot.
enum CommandLineKafka {
    /// How long a command waits for brokers, in seconds.
    static let patience = 15.0

    /// From `KAFKA_…` variables.
    static func configuration() throws -> KafkaConfiguration {
        try KafkaConfiguration.fromEnvironment(ThisProcess.environment).configuration
    }

    /// Those of the topics that exist.
    static func existing(_ topics: [String], _ configuration: KafkaConfiguration) throws -> [String] {
        let metadata: ClusterMetadata
        do throws(KafkaError) { metadata = try Admin(configuration).metadata(timeout: patience) } catch {
            throw CommandFailure(
                .unavailable,
                "no broker answers at \(configuration.bootstrapServers): start one (daifa up), or set KAFKA_BOOTSTRAP_SERVERS (\(error))")
        }
        let found = topics.filter { metadata.topics[$0] != nil }
        guard !found.isEmpty else {
            throw CommandFailure(
                .unavailable,
                "\(configuration.bootstrapServers) has none of the topics \(topics.joined(separator: ", ")): start the services first")
        }
        return found
    }

    /// Reads topics from their beginning to where they end, with a progress bar.
    static func readAll(_ topics: [String], _ configuration: KafkaConfiguration, title: String, _ each: (Kafka.Message) -> Void) throws {
        let topics = try existing(topics, configuration)
        let reader = try TopicReader(configuration, topics: topics)
        var progress = ProgressBar(title)
        var lastNews = Clock.seconds
        while !reader.atEnd {
            let messages = try reader.next(timeout: 1)
            for message in messages { each(message) }
            progress.advance(by: messages.count)
            if !messages.isEmpty { lastNews = Clock.seconds }
            guard Clock.seconds - lastNews < patience else {
                throw CommandFailure(
                    .temporary,
                    "\(configuration.bootstrapServers) gave nothing for \(Int(patience)) s while \(topics.joined(separator: ", ")) were read: try again"
                )
            }
        }
        progress.finish()
    }
}
