import CommandLine
import Contracts
import JSON
import Kafka
import Runtime

/// A place in a topic: `daifa.waybill.dead:3:17`.
struct RecordPlace: Hashable, ExpressibleByArgument, CustomStringConvertible {
    var topic: String
    var partition: Int32
    var offset: Int64

    init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let partition = Int32(parts[1]), let offset = Int64(parts[2]), partition >= 0,
            offset >= 0
        else { return nil }
        self.init(topic: String(parts[0]), partition: partition, offset: offset)
    }

    static let argumentDescription = "a place as topic:partition:offset, for example daifa.waybill.dead:3:17"
    var description: String { "\(topic):\(partition):\(offset)" }
}

/// A message that could not be read or handled (contract, section 1).
struct DeadLetter {
    /// Why it cannot be sent again.
    struct Irreplayable: Error, CustomStringConvertible {
        let description: String
    }

    private static let prefix = "x-dead-"

    let event: EventRecord
    /// Where it lies now.
    let place: RecordPlace
    /// `x-dead-reason`.
    let reason: String
    let detail: String?
    /// Where it was read from; nil when the headers do not say.
    let origin: RecordPlace?
    /// How long its body was before it was cut; nil: it is whole.
    let truncatedFrom: String?
    /// The sender, proven to the service; nil: nobody has proven it, or nobody had to.
    let provenActor: Actor?

    init(_ record: Kafka.Message) {
        func text(_ name: String) -> String? { record.header(Self.prefix + name) }
        event = EventRecord(record)
        place = RecordPlace(topic: record.topic, partition: record.partition, offset: record.offset)
        reason = text("reason") ?? "unknown"
        detail = text("detail")
        truncatedFrom = text("truncated")
        provenActor = text("actor").flatMap { Actor($0) }
        origin = text("topic").flatMap { topic in
            text("partition").flatMap { partition in text("offset").flatMap { RecordPlace(argument: "\(topic):\(partition):\($0)") } }
        }
    }

    /// The message to send: the original bytes and headers to the original topic, by the original key. For a proven sender it is signed,
    /// because his token is not kept; for nobody else, or a replay would make true what a stranger has only claimed.
    func replay(_ proof: SenderProof) throws(Irreplayable) -> Kafka.Message {
        let message = try original()
        if reason == "unauthorized" {
            throw Irreplayable(description: "\(place): its sender has not shown who he is: he has to send it himself")
        }
        guard let provenActor else { return message }
        guard case .keys(let keys) = proof else {
            throw Irreplayable(
                description: "\(place): its proof of who sent it is not kept: name the deployment's keys in DAIFA_SERVICE_KEY_FILE, or let "
                    + "\(provenActor) send it again")
        }
        guard event.type != nil, event.id != nil else {
            throw Irreplayable(
                description: "\(place): it is in structured mode, which cannot be signed: \(provenActor) has to send it again")
        }
        var signed = message
        signed.headers.removeAll { [EnvelopeHeader.actor, EnvelopeHeader.mac].contains($0.name) }
        signed.headers.append(Header(EnvelopeHeader.actor, "\(provenActor)"))
        signed.headers.append(keys.header(topic: signed.topic, key: signed.key, headers: signed.headers, body: signed.value))
        return signed
    }

    private func original() throws(Irreplayable) -> Kafka.Message {
        if let truncatedFrom {
            throw Irreplayable(description: "\(place): its body of \(truncatedFrom) bytes was cut: the sender has to send it again")
        }
        guard let origin else { throw Irreplayable(description: "\(place): its headers do not say from which topic it came") }
        guard Topics.all.contains(origin.topic) else { throw Irreplayable(description: "\(place): \(origin.topic) is no topic of Daifa") }
        // Messages between shards are sent to a partition, not by key (contract, section 3).
        let isInternal = event.type?.contains(".internal.") ?? false
        return Kafka.Message(
            topic: origin.topic, partition: isInternal ? origin.partition : -1, offset: -1, timestamp: -1, key: event.record.key,
            value: event.record.value, headers: event.record.headers.filter { !$0.name.hasPrefix(Self.prefix) })
    }

    /// For `--json`.
    var json: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("place", .string(place.description)), ("reason", .string(reason))]
        if let detail { members.append(("detail", .string(detail))) }
        if let origin { members.append(("origin", .string(origin.description))) }
        if let truncatedFrom { members.append(("truncatedFrom", .string(truncatedFrom))) }
        for case (let name, let value?) in [("id", event.id), ("type", event.type), ("key", event.key)] {
            members.append((name, .string(value)))
        }
        members.append(("bytes", .int(event.record.value?.count ?? 0)))
        return members
    }
}

/// Which dead letters are meant. Those that match everything that is given.
struct DeadSelection {
    var places: Set<RecordPlace> = []
    var ids: Set<String> = []
    var reasons: Set<String> = []
    var isAll = false

    /// Whether it says anything: a replay of everything has to be asked for by name.
    var isEmpty: Bool { places.isEmpty && ids.isEmpty && reasons.isEmpty && !isAll }

    func accepts(_ letter: DeadLetter) -> Bool {
        if !places.isEmpty || !ids.isEmpty {
            guard places.contains(letter.place) || letter.origin.map(places.contains) == true || letter.event.id.map(ids.contains) == true
            else {
                return false
            }
        }
        return reasons.isEmpty || reasons.contains(letter.reason)
    }
}

/// Bytes for people.
enum BytesText {
    /// As text if it is UTF-8 without control characters, else as a dump.
    static func shown(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self),
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) })
        else { return dump(bytes) }
        return text
    }

    /// `00000010  64 61 69 66 61 …  |daifa…|`, 16 bytes a line.
    static func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.count)]
            let codes = line.map { hex(Int($0), 2) }.joined(separator: " ")
            let text = line.map { $0 >= 0x20 && $0 < 0x7F ? String(Unicode.Scalar($0)) : "." }.joined()
            return "\(hex(start, 8))  \(codes)\(String(repeating: " ", count: 47 - codes.count))  |\(text)|"
        }.joined(separator: "\n")
    }

    private static func hex(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
