import CommandLine
import Runtime

/// `daifa health`: for containers' health checks and scripts.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a service on this machine whether it is ready.",
        discussion: "Ends with 0 when http://127.0.0.1:<port>/health/ready answers 200, else with 69.",
        examples: [.init("daifa health --port 9600")])

    @Option(name: .shortAndLong, help: "The service's DAIFA_HTTP_PORT.", valueName: "port") var port: UInt16
    @Option(help: "How long to wait for the answer.", valueName: "seconds") var timeout = 2.0
    @Flag(name: .shortAndLong, help: "Say nothing.") var quiet = false

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else { throw UsageError("--timeout: expected a number above 0, at most 3600") }
    }

    func run() throws {
        guard let answer = HealthProbe.get(port: port, timeout: timeout) else {
            if quiet { throw ExitCode.unavailable }
            throw CommandFailure(.unavailable, "nothing answers on port \(port): is the service running with DAIFA_HTTP_PORT=\(port)?")
        }
        guard answer.status == 200 else {
            if quiet { throw ExitCode.unavailable }
            throw CommandFailure(.unavailable, "not ready (status \(answer.status)): \(answer.body)")
        }
        if !quiet { Terminal.writeLine("ready") }
    }
}
