import Foundation
public import Kafka
import Synchronization
import Threads

/// A real Kafka for tests: the one that `KAFKA_BOOTSTRAP_SERVERS` names, or brokers of the test process's own, started by the script
/// `$KAFKA_HOME/kafka` in a temporary folder and ended when the process ends, however it ends.
public final class Broker: Sendable {
    /// Why there is no broker to test against.
    public struct Unavailable: Error, CustomStringConvertible {
        public let description: String
    }

    public let bootstrapServers: String
    /// nil for brokers that are not ours to stop.
    private let cluster: Cluster?

    private struct Cluster {
        let script: String
        let folder: String
        /// The end of this pipe is the end of the brokers.
        let lifeline: Int32
    }

    /// Whether the broker does all that Apache Kafka does: `noida-db` knows no group-metadata fencing, pending offsets or transaction time-outs.
    public static var isApacheKafka: Bool { ProcessInfo.processInfo.environment["DAIFA_BROKER"] != "noida-db" }

    /// Whether brokers of a test's own can be started, killed and paused: by `$KAFKA_HOME/kafka`.
    public static var canBeStarted: Bool {
        guard isApacheKafka, let home = ProcessInfo.processInfo.environment["KAFKA_HOME"] else { return false }
        return FileManager.default.isExecutableFile(atPath: home + "/kafka")
    }

    public var configuration: KafkaConfiguration { .init(bootstrapServers: bootstrapServers) }

    private static let sharedBroker = Mutex<Result<Broker, any Error>?>(nil)

    /// The broker that all tests of this process share.
    public static func shared() throws -> Broker {
        try sharedBroker.withLock { shared in
            if let shared { return try shared.get() }
            let found = Result { () throws -> Broker in
                if let servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"], !servers.isEmpty {
                    return Broker(bootstrapServers: servers, cluster: nil)
                }
                return try start()
            }
            shared = found
            return try found.get()
        }
    }

    /// Starts brokers that one test has for itself, to kill or to pause.
    /// - Parameters:
    ///   - brokers: 1 or 3.
    ///   - port: of the first broker; nil chooses free ones.
    ///   - settings: further server properties, `key=value`.
    public static func start(brokers: Int = 1, port: Int? = nil, settings: [String] = []) throws -> Broker {
        guard let home = ProcessInfo.processInfo.environment["KAFKA_HOME"] else {
            throw Unavailable(
                description:
                    "no Kafka to test against: set KAFKA_BOOTSTRAP_SERVERS, or KAFKA_HOME to a folder with the start script `kafka`")
        }
        let script = home + "/kafka"
        guard FileManager.default.isExecutableFile(atPath: script) else {
            throw Unavailable(description: "KAFKA_HOME: there is no executable \(script)")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kafka-\(UUID().uuidString)").path
        let lifeline = try guardLife(script: script, folder: folder)
        var arguments = ["start", "--dir", folder, "--port", String(try port ?? freePort(brokers: brokers)), "--brokers", String(brokers)]
        arguments += ["--heap", "384m"]
        for setting in settings { arguments += ["--set", setting] }
        // Several that start at once, of this process and of others, are slower together than one after the other, and then too slow.
        let turn = try StartTurn()
        let output = try run(script, arguments)
        turn.end()
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("KAFKA_BOOTSTRAP_SERVERS=") }) else {
            throw Unavailable(description: "\(script) start said nothing of its addresses: \(output)")
        }
        return Broker(
            bootstrapServers: String(line.dropFirst("KAFKA_BOOTSTRAP_SERVERS=".count)),
            cluster: .init(script: script, folder: folder, lifeline: lifeline))
    }

    /// The right to start a broker, which one process of the machine has at a time; given back at the latest when it ends.
    private struct StartTurn: ~Copyable {
        private let file: Int32

        /// Waits for it; blocking.
        init() throws {
            let path = "/tmp/daifa-broker-start-\(getuid()).lock"
            file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw Unavailable(description: "\(path): \(String(cString: strerror(errno)))") }
            while flock(file, LOCK_EX) == -1, errno == EINTR {}
        }

        consuming func end() {}

        deinit { close(file) }
    }

    private init(bootstrapServers: String, cluster: Cluster?) {
        self.bootstrapServers = bootstrapServers
        self.cluster = cluster
    }

    deinit {
        if let cluster { close(cluster.lifeline) }
    }

    /// SIGKILL: one broker, or all.
    public func kill(broker: Int? = nil) throws { try control("kill", broker) }
    /// SIGSTOP: a broker that hangs.
    public func pause(broker: Int = 1) throws { try control("pause", broker) }
    /// SIGCONT.
    public func resume(broker: Int = 1) throws { try control("resume", broker) }
    /// SIGTERM, and waits.
    public func stop(broker: Int? = nil) throws { try control("stop", broker) }
    /// Starts what was killed or stopped, with its data and ports; returns when it answers.
    public func restart(broker: Int? = nil) throws { try control("start", broker) }

    private func control(_ command: String, _ broker: Int?) throws {
        guard let cluster else {
            throw Unavailable(description: "cannot \(command) brokers of somebody else (\(bootstrapServers))")
        }
        _ = try Self.run(cluster.script, [command, "--dir", cluster.folder] + (broker.map { ["--broker", String($0)] } ?? []))
    }

    private static func run(_ script: String, _ arguments: [String]) throws -> String {
        let ends = try makePipe()
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn([script] + arguments, input: nil, output: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        let reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        let text = String(decoding: try reading.readToEnd() ?? Data(), as: UTF8.self)
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        guard status == 0 else { throw Unavailable(description: "\(script) \(arguments.joined(separator: " ")): \(text)") }
        return text
    }

    /// A child that waits for the end of this process (its pipe closes, even after SIGKILL), ends the brokers and removes the folder.
    private static func guardLife(script: String, folder: String) throws -> Int32 {
        let ends = try makePipe()
        defer { close(ends[0]) }
        let command = #"trap '' INT TERM; read -r _; "$0" kill --dir "$1"; rm -rf "$1""#
        _ = try spawn(["/bin/sh", "-c", command, script, folder], input: ends[0], output: nil)
        return ends[1]
    }

    /// Neither end is inherited by other children.
    private static func makePipe() throws -> [Int32] {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Unavailable(description: "no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }

    /// Foundation's `Process` waits for a child's children too, and the brokers are such.
    private static func spawn(_ command: [String], input: Int32?, output: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target, mode) in [(input, 0, O_RDONLY), (output, 1, O_WRONLY), (output, 2, O_WRONLY)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", mode, 0)
            }
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, command[0], &actions, nil, &arguments, environ)
        guard result == 0 else { throw Unavailable(description: "cannot run \(command[0]): \(String(cString: strerror(result)))") }
        return child
    }

    /// A port that is free together with those that the other brokers and the controllers take.
    private static func freePort(brokers: Int) throws -> Int {
        try Ports.free(20000..<32000, with: (0..<brokers).flatMap { [$0, $0 + 10] })
    }
}

/// A name that no other test uses.
public func uniqueName(_ prefix: String) -> String {
    "\(prefix)-\(UUID().uuidString.replacing("-", with: "").prefix(12).lowercased())"
}

/// Runs what blocks on a thread of its own, since tests run on a pool that must not be blocked. It stays in the test's task, so that what
/// fails in it is the test's failure, by its name.
public func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withTaskExecutorPreference(ThreadExecutor()) { try body() }
}

/// Runs each job on a thread of its own.
private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        do {
            try NamedThread("test") { job.runSynchronously(on: self.asUnownedTaskExecutor()) }.detach()
        } catch {
            // There is no other way to go on, and none to tell the test.
            preconditionFailure("no thread for a test: \(error)")
        }
    }
}
