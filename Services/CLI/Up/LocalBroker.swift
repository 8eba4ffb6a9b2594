import CommandLine
import Glibc
import Runtime
import Threads

/// A Kafka broker on this machine, started and stopped by `deploy/kafka/broker`.
struct LocalBroker {
    let bootstrapServers: String
    /// `given`, `apache-kafka` or `noida-db`.
    let kind: String
    private let script: String
    private let folder: String
    private let environment: [String: String]

    /// Starts one with its data in the folder, or what of it is not running.
    /// - Parameters:
    ///   - port: 0: a free one.
    ///   - isInterrupted: asked while it starts; true ends it.
    static func start(
        folder: String, port: UInt16, environment: [String: String], isInterrupted: () -> Bool
    ) throws(CommandFailure) -> LocalBroker {
        let script = try script(environment)
        let command = [script, "start", "--dir", folder, "--port", "\(port)"]
        let (end, output) = try ChildProcess.run(command, environment: environment, isInterrupted: isInterrupted)
        let broker = LocalBroker(
            bootstrapServers: value("KAFKA_BOOTSTRAP_SERVERS", in: output) ?? "", kind: value("DAIFA_BROKER", in: output) ?? "given",
            script: script, folder: folder, environment: environment)
        guard end == .exited(0), !broker.bootstrapServers.isEmpty else {
            // an interrupted start may leave a broker behind
            broker.stop()
            var code = ExitCode.unavailable
            if case .exited(let number) = end, number != 0 { code = ExitCode(rawValue: number) ?? .unavailable }
            throw CommandFailure(code, "no broker could be started (\(end)); set KAFKA_BOOTSTRAP_SERVERS to use one that runs")
        }
        return broker
    }

    /// Seconds after which a stop that does not end is given up; the script's own limit is shorter.
    private static let stopLimit = 60.0

    /// - Returns: whether it was stopped.
    @discardableResult
    func stop() -> Bool {
        let deadline = Clock.seconds + Self.stopLimit
        do throws(CommandFailure) {
            let command = [script, "stop", "--dir", folder]
            return try ChildProcess.run(command, environment: environment, isInterrupted: { Clock.seconds > deadline }).end == .exited(0)
        } catch { return false }
    }

    /// The value in a line `name=value`.
    static func value(_ name: String, in output: String) -> String? {
        output.split(separator: "\n").last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// `deploy/kafka/broker` of `DAIFA_HOME`, or of the first folder above the executable that has it.
    static func script(_ environment: [String: String], executable: String = ThisProcess.executable) throws(CommandFailure) -> String {
        let name = "deploy/kafka/broker"
        if let home = environment["DAIFA_HOME"], !home.isEmpty {
            let script = "\(home)/\(name)"
            guard access(script, X_OK) == 0 else { throw CommandFailure(.configuration, "DAIFA_HOME: there is no \(script)") }
            return script
        }
        var folder = Path.parent(executable)
        while let current = folder {
            let script = current == "/" ? "/\(name)" : "\(current)/\(name)"
            if access(script, X_OK) == 0 { return script }
            folder = Path.parent(current)
        }
        throw CommandFailure(
            .configuration, "no \(name) above \(executable): set KAFKA_BOOTSTRAP_SERVERS, or DAIFA_HOME to the folder that holds deploy/")
    }
}
