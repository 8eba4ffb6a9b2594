import Contracts
import Credentials
import Runtime

/// The only door for HTTP: what comes in from partners becomes commands.
@main
struct Console {
    static func main() {
        let edge = EdgeDescription(
            .console, resources: TablesAndSecrets.self, summary: "takes what partners send over HTTP, and makes commands of it.",
            topics: ReadModel.topics + [ServiceName.authorization.commands, ServiceName.shipping.commands],
            tables: [.warehouses, .credentials])
        ServiceProcess.main(edge) { (process) throws(ExitError) in try ConsoleProcess(process).run() }
    }
}
