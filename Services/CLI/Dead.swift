import CommandLine
import Contracts
import DeadLetters
import Glibc
import JSON
import Kafka
import Runtime

/// `daifa dead`: messages that could not be read or handled.
struct Dead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "List, show and send again messages that no service could read or handle.",
        examples: [
            .init("daifa dead list"), .init("daifa dead show daifa.waybill.dead:3:17"), .init("daifa dead replay --reason invalid"),
        ],
        subcommands: [DeadList.self, DeadShow.self, DeadReplay.self])

    static let services = CompletionKind.list(ServiceName.domainServices.map(\.rawValue))

    static func check(_ service: String?) throws(UsageError) {
        if let service { try ServiceName.check(domainService: service) }
    }

    /// Those of the dead letters of one service, or of all, that are meant.
    static func letters(_ service: String?, _ kafka: KafkaConfiguration, _ selection: DeadSelection) throws -> [DeadLetter] {
        let services = service.flatMap { ServiceName(rawValue: $0) }.map { [$0] } ?? ServiceName.domainServices
        var letters: [DeadLetter] = []
        try CommandLineKafka.readAll(services.map(\.dead), kafka, title: "Reading dead letters") { record in
            let letter = DeadLetter(record)
            if selection.accepts(letter) { letters.append(letter) }
        }
        return letters
    }
}

/// `daifa dead list`.
struct DeadList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters.",
        examples: [.init("daifa dead list"), .init("daifa dead list --service waybill --reason not-json --json")])

    @Option(help: "Of this service only.", completion: Dead.services) var service: String?
    @Option(help: "With this reason only; may be given several times.") var reason: [String] = []
    @Flag(help: "One JSON object a line.") var json = false

    func validate() throws { try Dead.check(service) }

    func run() throws {
        let letters = try Dead.letters(service, try CommandLineKafka.configuration(), DeadSelection(reasons: Set(reason)))
        if json {
            for letter in letters { Terminal.write(jsonLine(letter.json)) }
            return
        }
        var rows = [["PLACE", "REASON", "FROM", "TYPE", "KEY", "DETAIL"]]
        for letter in letters {
            rows.append([
                letter.place.description, letter.reason + (letter.truncatedFrom == nil ? "" : " (cut)"), letter.origin?.topic ?? "-",
                TypeName.short(letter.event.type ?? "-"), letter.event.key ?? "-", letter.detail ?? "",
            ])
        }
        if !letters.isEmpty { Terminal.writeLine(TextTable.text(rows)) }
        Terminal.writeLine("\(letters.count) dead \(letters.count == 1 ? "letter" : "letters")")
    }
}

/// `daifa dead show`.
struct DeadShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show dead letters whole: reason, headers, body.",
        examples: [.init("daifa dead show daifa.waybill.dead:3:17"), .init("daifa dead show --id 4711-abc")])

    @Argument(help: "Where it lies, or where it came from, as topic:partition:offset.", valueName: "place") var places: [RecordPlace] = []
    @Option(help: "The message's ce_id; may be given several times.") var id: [String] = []
    @Flag(help: "Its body to standard output as it is, and nothing else; one letter only.") var body = false

    func validate() throws {
        if places.isEmpty, id.isEmpty { throw UsageError("say which: a place from 'daifa dead list', or --id") }
    }

    func run() throws {
        let selection = DeadSelection(places: Set(places), ids: Set(id))
        let letters = try Dead.letters(nil, try CommandLineKafka.configuration(), selection)
        guard let first = letters.first else { throw CommandFailure(.badData, "no such dead letter; 'daifa dead list' lists them") }
        if body {
            guard letters.count == 1 else {
                throw CommandFailure(.badData, "\(letters.count) dead letters are like that: name one by its place")
            }
            var bytes = first.event.record.value ?? []
            while !bytes.isEmpty {
                let count = write(STDOUT_FILENO, bytes, bytes.count)
                if count < 0, errno != EINTR { throw CommandFailure(.unavailable, "standard output: \(String(cString: strerror(errno)))") }
                bytes.removeFirst(max(0, count))
            }
            return
        }
        Terminal.writeLine(letters.map(Self.text).joined(separator: "\n\n"))
    }

    static func text(_ letter: DeadLetter) -> String {
        var lines = ["place    \(letter.place)", "reason   \(letter.reason)"]
        if let detail = letter.detail { lines.append("detail   \(detail)") }
        if let origin = letter.origin { lines.append("from     \(origin)") }
        lines.append("key      \(letter.event.record.key.map { BytesText.shown($0) } ?? "none")")
        lines.append("headers")
        for header in letter.event.record.headers {
            // a token is as good as a password
            let isSecret = header.name.lowercased() == EnvelopeHeader.authorization
            lines.append("  \(header.name): \(isSecret ? "(not shown)" : header.value.map { BytesText.shown($0) } ?? "(null)")")
        }
        let cut = letter.truncatedFrom.map { ", cut from \($0)" } ?? ""
        guard let value = letter.event.record.value else { return (lines + ["body     none"]).joined(separator: "\n") }
        return (lines + ["body     \(value.count) bytes\(cut)", BytesText.shown(value)]).joined(separator: "\n")
    }
}

/// `daifa dead replay`.
struct DeadReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send dead letters again: the original bytes and headers, to the original topic.",
        discussion: """
            For use after what made them dead has been put right (a newer service, for example). They stay listed. A message whose id was
            answered meanwhile changes nothing; one that still cannot be handled becomes a dead letter again. One that was cut is refused.
            No letter holds the token that it came with. Where services require proof of who sends, DAIFA_SERVICE_KEY_FILE has to name their keys:
            with them a letter is signed for the one who has shown then that he sent it. One whose sender has not is refused.
            """,
        examples: [
            .init("daifa dead replay daifa.waybill.dead:3:17"), .init("daifa dead replay --service allocation --reason unknown-type"),
            .init("daifa dead replay --all --dry-run", "what would be sent"),
        ])

    @Argument(help: "Where it lies, or where it came from, as topic:partition:offset.", valueName: "place") var places: [RecordPlace] = []
    @Option(help: "The message's ce_id; may be given several times.") var id: [String] = []
    @Option(help: "With this reason only; may be given several times.") var reason: [String] = []
    @Option(help: "Of this service only.", completion: Dead.services) var service: String?
    @Flag(help: "All of them.") var all = false
    @Flag(help: "Send nothing, say what would be sent.") var dryRun = false
    @Flag(help: "One JSON object a line.") var json = false

    private static let flushTimeout = 30.0
    private static let flushEvery = 1000

    private var selection: DeadSelection { DeadSelection(places: Set(places), ids: Set(id), reasons: Set(reason), isAll: all) }

    func validate() throws {
        try Dead.check(service)
        if selection.isEmpty { throw UsageError("say which: a place from 'daifa dead list', --id, --reason, or --all") }
        if all, !places.isEmpty || !id.isEmpty || !reason.isEmpty {
            throw UsageError("--all is all: leave it out, or leave out the places, --id and --reason")
        }
    }

    func run() throws {
        let kafka = try CommandLineKafka.configuration()
        let letters = try Dead.letters(service, kafka, selection)
        guard !letters.isEmpty else { throw CommandFailure(.badData, "no dead letter is like that; 'daifa dead list' lists them") }
        var refused = 0
        let proof = try SenderProof.keys()
        let producer = try Producer(kafka)
        defer { producer.close() }
        var waiting: [DeadLetter] = []
        for letter in letters {
            let message: Kafka.Message
            do throws(DeadLetter.Irreplayable) { message = try letter.replay(proof) } catch {
                refused += 1
                Terminal.writeError("\(error)")
                continue
            }
            if !dryRun {
                try producer.send(
                    topic: message.topic, partition: message.partition < 0 ? nil : message.partition, key: message.key,
                    value: message.value,
                    headers: message.headers)
            }
            waiting.append(letter)
            if waiting.count == Self.flushEvery { try confirm(&waiting, producer) }
        }
        let sent = letters.count - refused
        try confirm(&waiting, producer)
        if !json { Terminal.writeLine("\(sent) \(dryRun ? "would be sent" : "sent"), \(refused) refused") }
        if refused > 0 { throw ExitCode.badData }
    }

    /// Says what was sent, once Kafka has it.
    private func confirm(_ waiting: inout [DeadLetter], _ producer: Producer) throws {
        if !dryRun { try producer.flush(timeout: Self.flushTimeout) }
        for letter in waiting {
            let members = letter.json + [("replayed", .bool(!dryRun))]
            Terminal.write(json ? jsonLine(members) : "\(letter.place) to \(letter.origin?.topic ?? "-")\n")
        }
        waiting = []
    }
}
