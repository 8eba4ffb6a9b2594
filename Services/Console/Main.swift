import Contracts
import ReadModel
import Runtime

/// The only door for HTTP: what people, partners and other systems ask for becomes commands, and what happened is shown to them.
@main
struct Console {
    static func main() {
        let edge = EdgeDescription(
            .console, resources: ConsoleResources.self, summary: "is the door for people, partners and other systems over HTTP.",
            topics: ReadModelTopics.all.filter { topic in !Table.allCases.contains { $0.topic == topic } } + [ServiceName.console.events],
            tables: Table.allCases.filter { ReadModelTopics.all.contains($0.topic) } + [.credentials, .health, .keys])
        ServiceProcess.main(edge) { (process) throws(ExitError) in try ConsoleProcess(process).run() }
    }
}
