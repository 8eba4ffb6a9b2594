import CommandLine
import Contracts
import JSON
import Kafka
import Runtime

/// Which events are shown.
struct WatchFilter {
    /// Empty: of any order.
    var order: String?
    /// Types, whole or in part; empty: all.
    var types: [String] = []

    func accepts(_ event: EventRecord) -> Bool {
        if !types.isEmpty {
            guard let type = event.type, types.contains(where: { TypeName.matches(type, $0) }) else { return false }
        }
        guard let order else { return true }
        return event.key == order || event.subject == order || event.data?["orderId"]?.string == order
    }
}

/// `daifa watch`: events as they come.
struct Watch: ParsableCommand {
    enum Start: String, CaseIterable, ExpressibleByArgument { case beginning, end }

    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show events as they come.",
        discussion: "Events are shown once their transaction is committed. Stop with Ctrl-C.",
        examples: [
            .init("daifa watch"), .init("daifa watch --order m1:1 --from beginning --until-end", "all that happened to an order"),
            .init("daifa watch --service shipping --type shipped --json", "for a script"),
            .init("daifa watch --type refused"),
        ])

    @Option(help: "Events of this order only.", valueName: "order id") var order: String?
    @Option(help: "Events of this service only; may be given several times.", completion: .list(ServiceName.domainServiceNames))
    var service: [String] = []
    @Option(help: "Events of this type only, as allocated, allocation.allocated or whole; may be given several times.") var type: [String] =
        []
    @Option(help: "Where to begin.") var from = Start.end
    @Flag(help: "End when everything that is there was shown.") var untilEnd = false
    @Flag(help: "One JSON object a line.") var json = false

    func validate() throws {
        for name in service { try ServiceName.check(domainService: name) }
    }

    func run() throws {
        StopSignal.hold()
        let services = service.isEmpty ? ServiceName.domainServices : service.compactMap { ServiceName(rawValue: $0) }
        let kafka = try CommandLineKafka.configuration()
        let topics = try CommandLineKafka.existing(services.map(\.events), kafka)
        let reader = try TopicReader(
            kafka, topics: topics, from: from == .beginning ? .beginning : .end, timeout: CommandLineKafka.patience)
        let filter = WatchFilter(order: order, types: type)
        while !StopSignal.wait(seconds: 0) {
            for record in try reader.next(timeout: 0.5) {
                let event = EventRecord(record)
                guard filter.accepts(event) else { continue }
                Terminal.write(json ? jsonLine(event.json) : Self.line(event) + "\n")
            }
            if untilEnd, reader.atEnd { return }
        }
    }

    /// `2026-11-24T08:00:00.000Z  allocation.allocated  m1:1  {…}`; on a terminal cut to its width.
    static func line(_ event: EventRecord, width: Int? = Terminal.outputIsTerminal ? Terminal.width : nil) -> String {
        let data = event.data.map { String(decoding: $0.json, as: UTF8.self) } ?? "(\(event.record.value?.count ?? 0) bytes, not JSON)"
        let line = "\(event.time ?? "-")  \(TypeName.short(event.type ?? "no type"))  \(event.key ?? "no key")  \(data)"
        guard let width, line.count > width, width > 1 else { return line }
        return line.prefix(width - 1) + "…"
    }
}
