import CommandLine
import Contracts
import Glibc
import HTTP
import Kafka
import Observability
import Threads

/// A service's process from start to end: configuration, health, topics, tables, then the loop; SIGTERM and SIGINT end it cleanly.
public enum ServiceProcess {
    /// Seconds that a stop may take: containers are killed after ten.
    private static let stopGrace: UInt32 = 8

    /// Runs the service and ends the process: 0 after SIGTERM or SIGINT, 78 with one clear line for what a person has to change.
    public static func main(_ description: @autoclosure () -> ServiceDescription, arguments: [String] = CommandLine.arguments) -> Never {
        let description = description()
        if let command = StoreInspection.Command(Array(arguments.dropFirst())) { StoreInspection.main(description, command) }
        main(description.name, help: ServiceHelp.text(description), description.resources.settingGroups, arguments) {
            (context) throws(ExitError) in
            let server = try context.isCheck ? nil : HealthAnswers.serve(context)
            defer { server?.stop() }
            try Startup(description, context).run()
        }
    }

    /// Runs a process without shards in the same way. The body serves ``ShardlessProcess/health(_:)`` on the configuration's port, unless it
    /// only checks, and returns when the status says that the process is to stop.
    public static func main<Resources: ServiceResources>(
        _ edge: EdgeDescription<Resources>, arguments: [String] = CommandLine.arguments,
        run body: (ShardlessProcess<Resources>) throws(ExitError) -> Void
    ) -> Never {
        main(edge.name, help: ServiceHelp.text(edge), Resources.settingGroups, arguments) { (context) throws(ExitError) in
            try body(ShardlessProcess(edge, context))
        }
    }

    private static func main(
        _ name: ServiceName, help: String, _ groups: [any SettingGroup.Type], _ arguments: [String],
        _ body: (ProcessContext) throws(ExitError) -> Void
    ) -> Never {
        do throws(ExitError) {
            switch Array(arguments.dropFirst()) {
            case []: try run(name, groups, isCheck: false, body)
            case ["--check"]: try run(name, groups, isCheck: true, body)
            case ["--health"]: try health()
            case ["--version"]: print("daifa-\(name.rawValue) \(ProductVersion.current)")
            case ["--help"], ["-h"]: print(help)
            default:
                throw ExitError(code: 64, description: "unknown arguments; daifa-\(name.rawValue) --help tells what there is")
            }
            // Other threads may still run in libraries: nothing of them is needed any more.
            fflush(nil)
            _exit(0)
        } catch {
            Log.line("daifa-\(name.rawValue): \(error.description)")
            _exit(error.code)
        }
    }

    /// Asks the process of this environment, which has the same settings, whether it is ready: for an image without a shell.
    private static func health() throws(ExitError) {
        let variable = "DAIFA_HTTP_PORT"
        guard let port = Environment.current[variable].flatMap({ UInt16($0) }), port > 0 else {
            throw .configuration("\(variable): --health needs the port that is asked")
        }
        guard let answer = HealthProbe.get(port: port) else { throw ExitError(code: 69, description: "nothing answers on port \(port)") }
        guard answer.status == 200 else { throw ExitError(code: 69, description: "not ready (status \(answer.status)): \(answer.body)") }
    }

    private static func run(
        _ name: ServiceName, _ groups: [any SettingGroup.Type], isCheck: Bool, _ body: (ProcessContext) throws(ExitError) -> Void
    ) throws(ExitError) {
        Memory.configure()
        // Before any thread is made, so that all of them inherit it.
        let signals = StopSignals.block()
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(
                service: name, environment: Environment.current, hostName: Environment.hostName, groups: groups)
        } catch { throw .configuration(error.description) }
        let logger = Logger(label: name.rawValue, level: configuration.logLevel)
        let registry = Metrics()
        let tracer = isCheck ? nil : try TraceExport.tracer(configuration, metrics: registry, logger: logger)
        defer { tracer?.stop() }
        let metrics = ServiceMetrics(registry, hasShards: ServiceName.domainServices.contains(name), tracer: tracer)
        let status = ServiceStatus(metrics: metrics, waits: WaitLog(logger))
        signals.onStop { signal in
            logger.info("stopping", ["signal": "\(signal)"])
            status.stop()
            // librdkafka may wait for brokers that are away longer than anybody waits for a process. Whatever is not published is stored.
            sleep(stopGrace)
            logger.warning(
                "ended without waiting any longer for Kafka: the next start publishes what is stored", ["seconds": "\(stopGrace)"])
            fflush(nil)
            _exit(0)
        }
        if !configuration.ignored.isEmpty {
            logger.info(
                "variables that name no property of librdkafka are ignored", ["names": configuration.ignored.joined(separator: " ")])
        }
        if !configuration.unknown.isEmpty {
            logger.warning(
                "variables that no part of Daifa knows do nothing: see --help", ["names": configuration.unknown.joined(separator: " ")])
        }
        let wide = configuration.wideFiles
        if !wide.isEmpty {
            logger.warning("files with secrets are open to others: chmod 0600 closes them", ["files": wide.joined(separator: ", ")])
        }
        KafkaLog.handler = { level, facility, text in
            logger.log(level <= 4 ? .notice : .debug, "librdkafka", ["facility": facility, "text": text])
        }
        try body(ProcessContext(configuration: configuration, logger: logger, status: status, isCheck: isCheck, measures: metrics))
    }
}

/// The process's environment.
enum Environment {
    static var current: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") { variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...]) }
            entry += 1
        }
        return variables
    }

    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// SIGTERM and SIGINT, taken by a thread of their own: nothing has to be safe to call inside of a signal handler.
struct StopSignals {
    private let signals: sigset_t

    static func block() -> StopSignals {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A peer that closes its connection is an error of that call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        return StopSignals(signals: signals)
    }

    func onStop(_ body: @escaping @Sendable (Int32) -> Void) {
        let signals = signals
        let thread = try? NamedThread("signals") {
            var signals = signals
            var signal: Int32 = 0
            while sigwait(&signals, &signal) == 0 { body(signal) }
        }
        thread?.detach()
    }
}
