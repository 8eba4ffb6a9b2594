import CommandLine
import Contracts
import Kafka
import Runtime

/// Kafka and the five services to work with: running already, or started for the occasion.
final class RunningServices {
    let kafka: KafkaConfiguration
    /// With the keys that commands are signed with: `DAIFA_SERVICE_KEY_FILE`, or of the services that were started here.
    var keyFile: String? { deployment?.keyFile ?? ThisProcess.environment["DAIFA_SERVICE_KEY_FILE"] }
    /// nil: they belong to somebody else.
    let deployment: LocalDeployment?

    private init(kafka: KafkaConfiguration, deployment: LocalDeployment?) {
        self.kafka = kafka
        self.deployment = deployment
    }

    /// Seconds until all services that were started must be ready.
    private static let readyTimeout = 120.0

    /// - Parameters:
    ///   - store: of the services that are started; nil: files in `data`.
    ///   - attach: start nothing. Also so when KAFKA_BOOTSTRAP_SERVERS is set and ready services answer on the ports from `basePort`.
    /// - Throws: `CommandFailure`. Needs ``StopSignal/hold()``.
    static func find(
        data: String, store: String? = nil, basePort: UInt16, brokerPort: UInt16, attach: Bool
    ) throws -> RunningServices {
        var environment = ThisProcess.environment
        let given = environment["KAFKA_BOOTSTRAP_SERVERS"].map { !$0.isEmpty } ?? false
        if attach, !given {
            throw CommandFailure(.configuration, "--attach: set KAFKA_BOOTSTRAP_SERVERS to the broker of the services that run")
        }
        if attach || given && answers(from: basePort) {
            return RunningServices(kafka: try KafkaConfiguration.fromEnvironment(environment).configuration, deployment: nil)
        }
        var options = LocalDeployment.Options()
        options.data = data
        options.store = store
        options.basePort = basePort
        options.brokerPort = brokerPort
        options.sandbox = true
        var interrupted = false
        let deployment = try LocalDeployment(
            options,
            isInterrupted: {
                interrupted = interrupted || StopSignal.wait(seconds: 0)
                return interrupted
            }, onEvent: { if case .ended(let name, let end, _) = $0 { Terminal.writeError("\(name) ended (\(end)) and is started again") } }
        )
        do {
            try awaitReady(deployment)
            environment["KAFKA_BOOTSTRAP_SERVERS"] = deployment.bootstrapServers
            return RunningServices(kafka: try KafkaConfiguration.fromEnvironment(environment).configuration, deployment: deployment)
        } catch {
            deployment.stop()
            throw error
        }
    }

    private static func answers(from basePort: UInt16) -> Bool {
        ServiceName.domainServices.indices.allSatisfy { HealthProbe.get(port: basePort + UInt16($0), timeout: 1)?.status == 200 }
    }

    private static func awaitReady(_ deployment: LocalDeployment) throws {
        var interrupted = false
        var bar = ProgressBar("Starting", total: deployment.fleet.status.count)
        let waiting: [(name: String, reason: String)]
        do {
            waiting = try deployment.fleet.awaitReady(timeout: readyTimeout) { seconds in
                interrupted = interrupted || StopSignal.wait(seconds: seconds)
                return interrupted
            } onProgress: {
                bar.move(to: $0)
            }
        } catch let defeat as Fleet.Defeat { throw CommandFailure(.configuration, "\(defeat)") }
        bar.finish()
        if interrupted { throw CommandFailure(.temporary, "interrupted before the services were ready") }
        guard waiting.isEmpty else {
            let reasons = waiting.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
            throw CommandFailure(.temporary, "not ready after \(Int(readyTimeout)) s: \(reasons). See \(deployment.options.data)/logs")
        }
    }

    var description: String {
        guard let deployment else { return "Kafka at \(kafka.bootstrapServers), services that run already" }
        return
            "Kafka at \(kafka.bootstrapServers) (\(deployment.brokerKind)), five services and the console, partners of the sandbox, data in \(deployment.options.data)"
    }

    func runUntilStopped() throws {
        while !StopSignal.wait(seconds: 0.2) {
            if let defeat = deployment?.fleet.defeat { throw CommandFailure(.configuration, "\(defeat)") }
        }
    }

    func stop() {
        for name in deployment?.stop() ?? [] { Terminal.writeError("\(name) did not stop in time and was killed") }
    }
}
