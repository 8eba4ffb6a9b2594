import CommandLine
import Contracts
import Crypto
import Glibc
import Identity
import Runtime

/// A broker, if none is given, the five services and the console with their data in one folder: what `daifa up` and `daifa demo` run on.
///
/// Begin with ``StopSignal/hold()``; ``stop()`` ends all of it.
final class LocalDeployment {
    struct Options: Sendable {
        /// Stores in `<data>/<service>`, logs in `<data>/logs`, the broker in `<data>/kafka`.
        var data = "./data"
        /// `DAIFA_STORE` of the services, `<service>` standing for each one's name; nil: files in `data`.
        var store: String?
        /// Replicas of a service; one where nothing is said.
        var replicas: [ServiceName: Int] = [:]
        /// Health and metrics get ports from here on; those that are taken are left out.
        var basePort: UInt16 = 9600
        /// Of a broker that is started; 0: a free one.
        var brokerPort: UInt16 = 9092
        /// Logs go to standard error, not to files.
        var isVerbose = false
        /// The console's; when somebody listens there, the next free one.
        var consolePort: UInt16 = 8080
        /// Partners on this machine, instead of those that the environment names.
        var sandbox = false
    }

    let options: Options
    let bootstrapServers: String
    /// The kind of the broker, if one was started; else `given`.
    let brokerKind: String
    let fleet: Fleet
    /// nil: the services call the partners that the environment names.
    let sandbox: LocalSandbox?
    let consolePort: UInt16
    /// With the keys of `daifa-mac` of all processes: `<data>/service.key`, made when it is missing, unless the environment names another.
    let keyFile: String
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
        try Self.checkHost(environment["DAIFA_HTTP_HOST"])
        try Path.makeFolder("\(data)/logs")
        let given = environment["KAFKA_BOOTSTRAP_SERVERS"].flatMap { $0.isEmpty ? nil : $0 }
        let executables = environment["DAIFA_BIN"].flatMap { $0.isEmpty ? nil : $0 } ?? Path.parent(ThisProcess.executable) ?? "."
        try Self.checkExecutables(executables, sandbox: options.sandbox)
        keyFile = try Self.keyFile(data: data, environment)
        if options.store != nil { try Self.makeStoreKeys(data) }
        broker =
            try given == nil
            ? LocalBroker.start(
                folder: "\(data)/kafka", port: options.brokerPort, environment: environment, isInterrupted: isInterrupted) : nil
        bootstrapServers = given ?? broker?.bootstrapServers ?? ""
        brokerKind = broker?.kind ?? "given"
        var environment = environment
        environment["KAFKA_BOOTSTRAP_SERVERS"] = bootstrapServers
        environment["DAIFA_SERVICE_KEY_FILE"] = keyFile
        do {
            let ports = try Self.freePorts(from: options.basePort, count: Self.count(options) + 2)
            consolePort = try Self.freePorts(from: options.consolePort, count: 1)[0]
            sandbox =
                try options.sandbox
                ? LocalSandbox(data: data, port: ports[ports.count - 2], messagePort: ports[ports.count - 1]) : nil
            if let sandbox { environment.merge(sandbox.environment) { _, new in new } }
            if environment["DAIFA_PUBLIC_URL"] == nil { environment["DAIFA_PUBLIC_URL"] = "http://127.0.0.1:\(consolePort)" }
            var members = Self.members(options, data: data, executables: executables, environment: environment, ports: ports)
            members.append(Self.console(options, data: data, executables: executables, environment: environment, port: consolePort))
            if let sandbox {
                members.append(
                    Fleet.Member(
                        name: "sandbox", service: "sandbox",
                        command: sandbox.command(executables: executables, consolePort: consolePort), environment: environment,
                        log: options.isVerbose ? nil : "\(data)/logs/sandbox.log"))
            }
            fleet = Fleet(members, onEvent: onEvent)
            try fleet.start()
        } catch {
            broker?.stop()
            throw error
        }
    }

    var consoleURL: String { "http://127.0.0.1:\(consolePort)" }

    /// The one-time link that makes the first operator, once all are ready; nil: there is an operator. The console makes it anew at each
    /// start when an hour has passed.
    var firstOperatorLink: String? {
        let folder = SQLitePeopleStore.folder(inStoreFolder: Self.consoleStore(Path.absolute(options.data)))
        return try? KeyMaterial.text(path: SQLitePeopleStore.linkFile(inFolder: folder))
    }

    private static func consoleStore(_ data: String) -> String { "\(data)/console" }

    /// Stops the services, then the broker if it was started here.
    /// - Returns: names of services that had to be killed.
    @discardableResult
    func stop() -> [String] {
        let killed = fleet.stop()
        broker?.stop()
        return killed
    }

    private static func keyFile(data: String, _ environment: [String: String]) throws(CommandFailure) -> String {
        if let named = environment["DAIFA_SERVICE_KEY_FILE"], !named.isEmpty { return Path.absolute(named) }
        let file = MACKeyFile(path: "\(data)/service.key")
        do throws(CryptoError) { try file.create() } catch { throw CommandFailure(.configuration, "\(error)") }
        return file.path
    }

    private static func count(_ options: Options) -> Int { ServiceName.domainServices.reduce(0) { $0 + (options.replicas[$1] ?? 1) } }

    private static func checkExecutables(_ folder: String, sandbox: Bool) throws(CommandFailure) {
        let names = ServiceName.allCases.map(\.rawValue) + (sandbox ? ["sandbox"] : [])
        for name in names where access("\(folder)/daifa-\(name)", X_OK) != 0 {
            throw CommandFailure(
                .configuration, "there is no executable \(folder)/daifa-\(name): build it, or set DAIFA_BIN to the folder of all")
        }
    }

    /// The console's health is asked for on loopback.
    private static func checkHost(_ host: String?) throws(CommandFailure) {
        guard let host, !host.isEmpty, !["127.0.0.1", "localhost", "0.0.0.0", "::"].contains(host) else { return }
        throw CommandFailure(
            .configuration,
            "DAIFA_HTTP_HOST: the console must be there on loopback too: use 127.0.0.1, or 0.0.0.0 for all addresses, not \"\(host)\"")
    }

    private static func console(
        _ options: Options, data: String, executables: String, environment: [String: String], port: UInt16
    ) -> Fleet.Member {
        var variables = environment
        variables["DAIFA_STORE"] = "sqlite:\(consoleStore(data))"
        variables["DAIFA_INSTANCE"] = "console-1"
        variables["DAIFA_HTTP_PORT"] = "\(port)"
        return Fleet.Member(
            name: "console-1", service: ServiceName.console.rawValue, command: ["\(executables)/daifa-console"], environment: variables,
            port: port, log: options.isVerbose ? nil : "\(data)/logs/console-1.log")
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

    /// A store that is no folder has no place for a service's keys.
    private static func storeKeys(of service: ServiceName, data: String) -> [String: String] {
        let folder = keyFolder(of: service, data: data)
        return ["DAIFA_MASTER_KEY_FILE": "\(folder)/master.key", "DAIFA_SEAL_KEY_FILE": "\(folder)/seal.key"]
    }

    private static func keyFolder(of service: ServiceName, data: String) -> String { "\(data)/keys/\(service.rawValue)" }

    private static func makeStoreKeys(_ data: String) throws {
        for service in ServiceName.domainServices {
            let folder = keyFolder(of: service, data: data)
            try Path.makeFolder(folder)
            do throws(CryptoError) {
                _ = try KeyRing.loadOrCreate(path: "\(folder)/master.key")
                _ = try SealKeys.loadOrCreate(path: "\(folder)/seal.key", purposes: service.keyPurposes.map(\.rawValue))
            } catch { throw CommandFailure(.configuration, "\(error)") }
        }
    }

    /// The services as processes: what each is told by its environment (design, section 10).
    static func members(
        _ options: Options, data: String, executables: String, environment: [String: String], ports: [UInt16]
    ) -> [Fleet.Member] {
        var members: [Fleet.Member] = []
        for service in ServiceName.domainServices {
            for number in 1...max(1, options.replicas[service] ?? 1) {
                let name = "\(service.rawValue)-\(number)"
                let port = ports[members.count]
                var variables = environment
                variables["DAIFA_STORE"] =
                    options.store?.replacing("<service>", with: service.rawValue) ?? "sqlite:\(data)/\(service.rawValue)"
                if options.store != nil { variables.merge(storeKeys(of: service, data: data)) { given, _ in given } }
                variables["DAIFA_INSTANCE"] = name
                variables["DAIFA_HTTP_PORT"] = "\(port)"
                // Nobody but this process asks them.
                variables["DAIFA_HTTP_HOST"] = "127.0.0.1"
                members.append(
                    Fleet.Member(
                        name: name, service: service.rawValue, command: ["\(executables)/daifa-\(service.rawValue)"],
                        environment: variables, port: port, log: options.isVerbose ? nil : "\(data)/logs/\(name).log"))
            }
        }
        return members
    }
}
