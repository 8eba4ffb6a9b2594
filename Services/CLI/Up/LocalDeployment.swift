import Contracts
import Glibc
import Runtime

/// A broker, if none is given, and the five services with their data in one folder: what `daifa up` and `daifa demo` run on.
///
/// Begin with ``StopSignal/hold()``; ``stop()`` ends all of it.
final class LocalDeployment {
    struct Options: Sendable {
        /// Stores in `<data>/<service>`, logs in `<data>/logs`, the broker in `<data>/kafka`.
        var data = "./data"
        /// Replicas of a service; one where nothing is said.
        var replicas: [ServiceName: Int] = [:]
        /// Health and metrics get ports from here on; those that are taken are left out.
        var basePort: UInt16 = 9600
        /// Of a broker that is started; 0: a free one.
        var brokerPort: UInt16 = 9092
        /// Logs go to standard error, not to files.
        var isVerbose = false
    }

    let options: Options
    let bootstrapServers: String
    /// What the broker is, if one was started; else `given`.
    let brokerKind: String
    let fleet: Fleet
    private let broker: LocalBroker?

    /// Starts all, and waits for nothing but the broker.
    /// - Parameters:
    ///   - isInterrupted: asked while the broker starts; true ends it.
    ///   - onEvent: called on another thread.
    init(
        _ options: Options, environment: [String: String] = ThisProcess.environment, isInterrupted: () -> Bool = { false },
        onEvent: @escaping @Sendable (Fleet.Event) -> Void = { _ in }
    ) throws {
        self.options = options
        let data = Path.absolute(options.data)
        try Path.makeFolder("\(data)/logs")
        let given = environment["KAFKA_BOOTSTRAP_SERVERS"].flatMap { $0.isEmpty ? nil : $0 }
        let executables = environment["DAIFA_BIN"].flatMap { $0.isEmpty ? nil : $0 } ?? Path.parent(ThisProcess.executable) ?? "."
        try Self.checkExecutables(executables)
        broker =
            try given == nil
            ? LocalBroker.start(
                folder: "\(data)/kafka", port: options.brokerPort, environment: environment, isInterrupted: isInterrupted) : nil
        bootstrapServers = given ?? broker?.bootstrapServers ?? ""
        brokerKind = broker?.kind ?? "given"
        var environment = environment
        environment["KAFKA_BOOTSTRAP_SERVERS"] = bootstrapServers
        do {
            let ports = try Self.freePorts(from: options.basePort, count: Self.count(options))
            fleet = Fleet(
                Self.members(options, data: data, executables: executables, environment: environment, ports: ports), onEvent: onEvent)
            try fleet.start()
        } catch {
            broker?.stop()
            throw error
        }
    }

    /// Stops the services, then the broker if it was started here.
    /// - Returns: names of services that had to be killed.
    @discardableResult
    func stop() -> [String] {
        let killed = fleet.stop()
        broker?.stop()
        return killed
    }

    private static func count(_ options: Options) -> Int { ServiceName.five.reduce(0) { $0 + (options.replicas[$1] ?? 1) } }

    private static func checkExecutables(_ folder: String) throws(CommandFailure) {
        for service in ServiceName.five where access("\(folder)/daifa-\(service.rawValue)", X_OK) != 0 {
            throw CommandFailure(
                .configuration,
                "there is no executable \(folder)/daifa-\(service.rawValue): build it, or set DAIFA_BIN to the folder of all")
        }
    }

    /// Ports of loopback on which nobody listens, ascending.
    static func freePorts(
        from base: UInt16, count: Int, isFree: (UInt16) -> Bool = { HealthProbe.isFree(port: $0) }
    ) throws(CommandFailure) -> [UInt16] {
        var ports: [UInt16] = []
        var port = Int(base)
        while ports.count < count, port <= Int(UInt16.max) {
            if isFree(UInt16(port)) { ports.append(UInt16(port)) }
            port += 1
        }
        guard ports.count == count else { throw CommandFailure(.configuration, "--base-port: too few free ports from \(base) on") }
        return ports
    }

    /// The services as processes: what each is told by its environment (design, section 10).
    static func members(
        _ options: Options, data: String, executables: String, environment: [String: String], ports: [UInt16]
    ) -> [Fleet.Member] {
        var members: [Fleet.Member] = []
        for service in ServiceName.five {
            for number in 1...max(1, options.replicas[service] ?? 1) {
                let name = "\(service.rawValue)-\(number)"
                let port = ports[members.count]
                var variables = environment
                variables["DAIFA_STORE"] = "sqlite:\(data)/\(service.rawValue)"
                variables["DAIFA_INSTANCE"] = name
                variables["DAIFA_HTTP_PORT"] = "\(port)"
                members.append(
                    Fleet.Member(
                        name: name, service: service.rawValue, command: ["\(executables)/daifa-\(service.rawValue)"],
                        environment: variables, port: port, log: options.isVerbose ? nil : "\(data)/logs/\(name).log"))
            }
        }
        return members
    }
}
