import CommandLine
import Contracts
import Crypto
import Glibc
import JSON
import Kafka
import Runtime
import Threads

/// `daifa send`: one command or fact, checked here first, and its answer.
struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send a command to a service, or a fact about an order, and wait for the answer.",
        discussion: """
            The data is checked before anything is sent. Ends with 0 when the command was accepted, 65 when the data is wrong or the command
            was refused, 75 when no answer came in time (send again with the same --id: a copy changes nothing). Facts are not waited for.
            Names, addresses and phone numbers belong into --file: what is on a command line, other users of the machine see, and the shell keeps.
            Without <message>, lists what can be sent.
            """,
        examples: [
            .init(
                "daifa send binding apply --actor merchant:m1 --data '{\"merchantShopId\":\"m1\",\"factoryShopId\":\"f1\"}'",
                "a merchant asks a factory"),
            .init("daifa send allocation allocate --actor merchant:m1 --file allocate.json --json", "data from a file, answer as JSON"),
            .init("daifa send order cancelled --data '{\"orderId\":\"m1:1\"}'", "a fact"),
            .init("daifa send waybill", "what can be sent to waybill"),
        ])

    @Argument(help: "A service, or 'order' for facts.", completion: .list(SendCatalog.places)) var service: String
    @Argument(
        help: "The command's or fact's name.", valueName: "message",
        completion: .list(SendCatalog.places.flatMap { SendCatalog.entries(of: $0).map(\.name) })) var message: String?
    @Option(
        help: "Who acts: merchant:<shopId>, factory:<shopId>, operator:<id>, connector:<name> (facts), partner:<name> or service:<name>.")
    var actor: String?
    @Option(name: .shortAndLong, help: "The Kafka key, when it is not to be the contract's field of the data.") var key: String?
    @Option(name: .shortAndLong, help: "The data as JSON.", valueName: "json") var data: String?
    @Option(name: .shortAndLong, help: "A file with the data; '-' is standard input.", completion: .file) var file: String?
    @Option(help: "The message's id, to send the same once more; a new one if not given.") var id: String?
    @Option(help: "The id of the conversation; the message's id if not given.") var correlationId: String?
    @Option(help: "A file with the JWT for services with DAIFA_AUTH=required.", completion: .file) var tokenFile: String?
    @Option(help: "How long to wait for the answer.", valueName: "seconds") var timeout = 30.0
    @Flag(help: "Do not wait for the answer.") var noWait = false
    @Flag(help: "Send what is not declared in the contract, as it is; needs --key.") var unchecked = false
    @Flag(help: "The answer as one JSON object.") var json = false

    func validate() throws {
        guard SendCatalog.places.contains(service) else {
            throw UsageError("no service '\(service)': expected one of \(SendCatalog.places.joined(separator: ", "))")
        }
        guard message != nil else { return }
        if (data == nil) == (file == nil) { throw UsageError("give the data, either by --data or by --file") }
        if let actor, Actor(actor) == nil {
            throw UsageError(
                "--actor: expected merchant:<shopId>, factory:<shopId>, operator:<id>, connector:<name>, partner:<name> or service:<name>, not \"\(actor)\""
            )
        }
        if service != SendCatalog.order, actor == nil, tokenFile == nil {
            throw UsageError("--actor is missing: say who acts, for example merchant:m1")
        }
        if unchecked, key == nil { throw UsageError("--unchecked needs --key") }
        if timeout <= 0 { throw UsageError("--timeout: expected a number above 0") }
    }

    func run() throws {
        guard let message else { return list() }
        let body = try body()
        let target = try target(message, body)
        let kafka = try CommandLineKafka.configuration()
        let waits = target.answers != nil && !noWait
        _ = try CommandLineKafka.existing([target.topic], kafka)
        let proof = try SenderProof.token(in: tokenFile)
        let reader =
            try waits ? target.answers.map { try TopicReader(kafka, topics: [$0], from: .end, timeout: CommandLineKafka.patience) } : nil
        let id = id ?? RandomUUID.v4()
        let producer = try Producer(kafka)
        defer { producer.close() }
        try producer.send(
            topic: target.topic, key: Array(target.key.utf8), value: body,
            headers: proof.added(
                to: headers(id: id, type: target.type, subject: target.key), topic: target.topic, key: target.key, body: body))
        try producer.flush(timeout: timeout)
        guard let reader else {
            let members: [(String, JSONValue)] = [
                ("sent", .bool(true)), ("id", .string(id)), ("topic", .string(target.topic)), ("key", .string(target.key)),
            ]
            return Terminal.write(json ? jsonLine(members) : "sent to \(target.topic), key \(target.key), id \(id)\n")
        }
        try report(try answer(to: id, of: proof.actor ?? actor.flatMap { Actor($0) }, reader), id: id)
    }

    private func list() {
        let entries = SendCatalog.entries(of: service)
        guard !entries.isEmpty else { return Terminal.writeLine("No message of \(service) is declared yet; --unchecked sends any.") }
        if json {
            for entry in entries {
                Terminal.write(jsonLine([("name", .string(entry.name)), ("type", .string(entry.type)), ("key", .string(entry.keyText))]))
            }
        } else {
            Terminal.writeLine(TextTable.text([["MESSAGE", "KEY", "TYPE"]] + entries.map { [$0.name, $0.keyText, $0.type] }))
        }
    }

    private func body() throws -> [UInt8] {
        if let data { return Array(data.utf8) }
        guard let file else { return [] }
        return try CommandLineInput.read(file)
    }

    private struct Destination {
        var type: String
        var topic: String
        var answers: String?
        var key: String
    }

    /// Where it goes, after its data was checked.
    private func target(_ message: String, _ body: [UInt8]) throws -> Destination {
        let name = TypeName.short(message)
        let entry = SendCatalog.entries(of: service).first { $0.name == message || "\(service).\($0.name)" == name }
        if unchecked, let key {
            let known = ServiceName(rawValue: service)
            let type = entry?.type ?? (message.contains(".") ? message : "daifa.\(service).\(message).v1")
            return Destination(type: type, topic: known?.commands ?? Topics.orders, answers: known?.events, key: key)
        }
        guard let entry else {
            let names = SendCatalog.entries(of: service).map(\.name)
            throw UsageError(
                "\(service) has no message '\(message)'\(names.isEmpty ? "; --unchecked sends any" : "; there are: \(names.joined(separator: ", "))")"
            )
        }
        let own: String?
        do throws(JSONError) { own = try entry.readKey(body) } catch {
            throw CommandFailure(.badData, "the data of \(entry.name): \(error); nothing was sent")
        }
        guard let key = key ?? own, !key.isEmpty else {
            throw CommandFailure(.badData, "the data of \(entry.name): \(entry.keyText) is missing; nothing was sent")
        }
        return Destination(type: entry.type, topic: entry.topic, answers: entry.answerTopic, key: key)
    }

    private func headers(id: String, type: String, subject: String) -> [Header] {
        var values: [(String, String)] = [
            (EnvelopeHeader.specversion, "1.0"), (EnvelopeHeader.id, id), (EnvelopeHeader.source, "/daifa/cli"),
            (EnvelopeHeader.type, type),
            (EnvelopeHeader.subject, subject), (EnvelopeHeader.time, "\(Clock.now)"), (EnvelopeHeader.correlationId, correlationId ?? id),
            (EnvelopeHeader.contentType, "application/json"),
        ]
        if let actor { values.append((EnvelopeHeader.actor, actor)) }
        return values.map { Header(name: $0.0, value: Array($0.1.utf8)) }
    }

    /// Seconds to wait on after a refusal that names nobody: it may be of somebody who has used the same id without showing who he is.
    private static let doubt = 3.0

    /// The first message that the command caused on its service's events topic (contract, section 3).
    private func answer(to id: String, of sender: Actor?, _ reader: TopicReader) throws -> EventRecord {
        var deadline = Clock.seconds + timeout
        var nameless: EventRecord?
        while Clock.seconds < deadline {
            for record in try reader.next(timeout: 0.2) {
                let event = EventRecord(record)
                guard event.answers(id, of: sender) else { continue }
                if event.behalf != nil || sender == nil { return event }
                if nameless == nil {
                    nameless = event
                    deadline = min(deadline, Clock.seconds + Self.doubt)
                }
            }
        }
        if let nameless { return nameless }
        throw CommandFailure(
            .temporary,
            "no answer within \(Int(timeout)) s; it is in Kafka and may still be answered: is \(service) running? Ask again with --id \(id), or see daifa dead list"
        )
    }

    private func report(_ event: EventRecord, id: String) throws {
        let refusal: Refused?
        if event.type == ServiceName(rawValue: service).map({ Refused.type(of: $0) }) {
            refusal = try Refused.decode(event.record.value ?? [])
        } else {
            refusal = nil
        }
        if json {
            Terminal.write(jsonLine([("accepted", .bool(refusal == nil)), ("commandId", .string(id))] + event.json))
        } else if let refusal {
            let field = refusal.field.map { ", field \($0)" } ?? ""
            Terminal.writeLine("refused: \(refusal.code.rawValue)\(field): \(refusal.message)")
        } else {
            Terminal.writeLine("accepted: \(TypeName.short(event.type ?? "?"))")
            if let data = event.data { Terminal.writeLine(data.pretty()) }
        }
        if refusal != nil { throw ExitCode.badData }
    }
}

/// Input that a command reads whole.
enum CommandLineInput {
    /// Bytes that a Kafka message could not hold anyway (`message.max.bytes` is 1 MB).
    private static let limit = 16 << 20

    /// - Parameter path: `-` is standard input.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandFailure(.badData, "\(path): cannot be read: \(String(cString: strerror(errno)))") }
        defer { if path != "-" { close(file) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                throw CommandFailure(.badData, "\(path): cannot be read: \(String(cString: strerror(errno)))")
            }
        }
        throw CommandFailure(.badData, "\(path): more than \(limit >> 20) MiB, which is no message")
    }
}
