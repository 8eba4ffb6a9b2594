import CommandLine
import Contracts
import Glibc
import JSON
import Observability
import Runtime
import Threads

/// `allocation=3`.
struct Replicas: ExpressibleByArgument, Equatable {
    var service: ServiceName
    var count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let service = ServiceName(rawValue: String(parts[0])), ServiceName.domainServices.contains(service),
            let count = Int(parts[1]), (1...100).contains(count)
        else { return nil }
        self.service = service
        self.count = count
    }

    static let argumentDescription = "a service and a number from 1 to 100, for example allocation=3"
}

/// `daifa up`: everything on this machine.
struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a broker if none is given, all five services and the console, and keep them running.",
        discussion: """
            Uses the brokers of KAFKA_BOOTSTRAP_SERVERS; without it, starts one (deploy/kafka/broker) and stops it at the end.
            A service that ends is started again; one that says that its configuration is wrong ends everything with 78.
            Their common key (DAIFA_SERVICE_KEY_FILE) is <data>/service.key, made when it is missing.
            --sandbox starts partners on this machine too (JD, Pinduoduo, Jackyun), and points the services at them.
            Other variables (DAIFA_PARTITIONS, DAIFA_LOG_LEVEL, KAFKA_…) are passed on. Stop with Ctrl-C or SIGTERM.
            """,
        examples: [
            .init("daifa up", "a broker, five services and the console, data in ./data"),
            .init("daifa up --sandbox", "and partners to try it with"),
            .init("daifa up --replicas allocation=3 --replicas waybill=2 --data /var/lib/daifa"),
            .init("KAFKA_BOOTSTRAP_SERVERS=kafka-1:9092 daifa up --json", "with brokers that run; one JSON line when ready"),
        ])

    @Option(help: "Folder for stores, logs and the broker.", valueName: "folder", completion: .directory) var data = "./data"
    @Option(help: "Replicas of a service, may be given for several.", valueName: "service=n") var replicas: [Replicas] = []
    @Option(help: "First port for health and metrics.", valueName: "port") var basePort: UInt16 = 9600
    @Option(help: "Port of the broker that is started; 0: a free one.", valueName: "port") var brokerPort: UInt16 = 9092
    @Option(help: "Port of the console; a free one above it when somebody listens there.", valueName: "port") var consolePort: UInt16 = 8080
    @Flag(help: "Partners on this machine: daifa-sandbox.") var sandbox = false
    @Option(help: "How long to wait until all are ready.", valueName: "seconds") var timeout = 120.0
    @Flag(name: .shortAndLong, help: "Logs to standard error instead of files.") var verbose = false
    @Flag(help: "One JSON object when all are ready, and one for each restart.") var json = false

    func validate() throws {
        if timeout <= 0 { throw UsageError("--timeout: expected a number above 0") }
        if basePort == 0 { throw UsageError("--base-port: expected a port from 1 to 65535") }
        if consolePort == 0 { throw UsageError("--console-port: expected a port from 1 to 65535") }
    }

    func run() throws {
        StopSignal.hold()
        var options = LocalDeployment.Options()
        options.data = data
        for replica in replicas { options.replicas[replica.service] = replica.count }
        options.basePort = basePort
        options.brokerPort = brokerPort
        options.isVerbose = verbose
        options.consolePort = consolePort
        options.sandbox = sandbox
        let began = Clock.seconds
        var interrupted = false
        let deployment: LocalDeployment
        do {
            deployment = try LocalDeployment(
                options,
                isInterrupted: {
                    interrupted = interrupted || StopSignal.wait(seconds: 0)
                    return interrupted
                }, onEvent: { [json] in Self.say($0, json: json) })
        } catch {
            // asked to stop while the broker was starting
            if interrupted { return }
            throw error
        }
        defer {
            for name in deployment.stop() { Terminal.writeError("\(name) did not stop in time and was killed") }
        }
        do {
            guard try !interrupted && becomesReady(deployment) else { return }
            Terminal.write(json ? Self.line(deployment) : Self.table(deployment, seconds: Clock.seconds - began))
            while !StopSignal.wait(seconds: 0.2) {
                if let defeat = deployment.fleet.defeat { throw defeat }
            }
        } catch let defeat as Fleet.Defeat { throw CommandFailure(.configuration, "\(defeat)") }
    }

    /// False when a signal came first.
    private func becomesReady(_ deployment: LocalDeployment) throws -> Bool {
        var interrupted = false
        var progress = ProgressBar("Starting", total: deployment.fleet.status.count)
        let waiting = try deployment.fleet.awaitReady(timeout: timeout) { seconds in
            interrupted = interrupted || StopSignal.wait(seconds: seconds)
            return interrupted
        } onProgress: {
            progress.move(to: $0)
        }
        progress.finish()
        if interrupted { return false }
        guard waiting.isEmpty else {
            let reasons = waiting.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
            throw CommandFailure(
                .temporary, "not ready after \(Int(timeout)) s: \(reasons). See \(data)/logs, or wait longer with --timeout")
        }
        return true
    }

    private static func say(_ event: Fleet.Event, json: Bool) {
        switch event {
        case .ended(let name, let end, let delay): Terminal.writeError("\(name) ended (\(end)); starts again in \(delay) s")
        case .restarted(let name, let pid):
            guard json else { return Terminal.writeError("\(name) runs again, process \(pid)") }
            Terminal.write(jsonLine([("restarted", .string(name)), ("pid", .int(Int(pid)))]))
        }
    }

    static func line(_ deployment: LocalDeployment) -> String {
        let services = deployment.fleet.status.map { status -> JSONValue in
            .object([
                ("service", .string(status.service)), ("instance", .string(status.name)),
                ("pid", status.pid.map { .int(Int($0)) } ?? .null),
                ("port", .int(Int(status.port))), ("log", status.log.map { .string($0) } ?? .null),
            ])
        }
        return jsonLine([
            ("bootstrapServers", .string(deployment.bootstrapServers)), ("broker", .string(deployment.brokerKind)),
            ("pid", .int(Int(getpid()))), ("data", .string(Path.absolute(deployment.options.data))),
            ("console", .string(deployment.consoleURL)),
            ("partners", deployment.sandbox.map { .string("http://127.0.0.1:\($0.port)") } ?? .null),
            ("firstOperatorLink", deployment.firstOperatorLink.map { .string($0) } ?? .null), ("services", .array(services)),
        ])
    }

    private static func table(_ deployment: LocalDeployment, seconds: Double) -> String {
        var rows = [["SERVICE", "INSTANCE", "PID", "PORT"]]
        rows += deployment.fleet.status.map { [$0.service, $0.name, $0.pid.map { "\($0)" } ?? "-", "\($0.port)"] }
        return """
            \(TextTable.text(rows))
            ready after \((seconds * 10).rounded() / 10) s, broker \(deployment.brokerKind) at \(deployment.bootstrapServers); stop with Ctrl-C
            The console is at \(deployment.consoleURL)\(deployment.sandbox.map { ", the partners at http://127.0.0.1:\($0.port)" } ?? "")
            \(deployment.firstOperatorLink.map { "Nobody is an operator yet. Open this link once, within the hour: \($0)\n" } ?? "")\
            In another terminal: export KAFKA_BOOTSTRAP_SERVERS=\(deployment.bootstrapServers)

            """
    }
}
