public import Contracts
public import Foundation
import Kafka
import Synchronization
import Threads

/// A service, or the partners' sandbox, as a process of its own that speaks HTTP, ended when the test process ends, however it ends.
///
/// Blocking where it says so: call it on a thread (``onThread(_:)``).
public final class ServiceProcess: Sendable {
    /// How a process ended.
    public enum Exit: Sendable, Equatable {
        case status(Int32)
        case signal(Int32)
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Such as `daifa-shipping`.
    public let executable: String
    public let instance: String
    public let processId: pid_t
    /// Of `/health` and `/metrics`.
    public let httpPort: UInt16

    private struct State {
        var lines: [String] = []
        var isAtEnd = false
        var exit: Exit?
    }

    private let state = Monitor(State())
    /// Ends the process when the write end of its pipe closes.
    private let guardian: pid_t
    private let lifeline: Int32

    /// Where the services' executables are: `DAIFA_BIN`, else beside the test bundle.
    public static var executables: URL {
        if let folder = ProcessInfo.processInfo.environment["DAIFA_BIN"], !folder.isEmpty { return URL(fileURLWithPath: folder) }
        return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    /// Starts a service with its store in a folder; whether it is ready is told by ``awaitReady(timeout:)``.
    /// - Parameters:
    ///   - instance: unique among the live replicas of the service; nil: one for this service, always the same.
    ///   - store: the folder of all services' stores; replicas and restarts share it.
    ///   - httpPort: nil: a free one.
    ///   - environment: further variables, or other values.
    ///   - arguments: of the executable, such as `--check`.
    public convenience init(
        _ service: ServiceName, broker: Broker, store: URL, instance: String? = nil, httpPort: UInt16? = nil,
        environment: [String: String] = [:], arguments: [String] = []
    ) throws {
        let folder = store.appendingPathComponent(service.rawValue)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let port = try httpPort ?? Ports.free()
        let name = instance ?? "\(service.rawValue)-1"
        var variables = [
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrapServers, "DAIFA_STORE": "sqlite:\(folder.path)", "DAIFA_INSTANCE": name,
            "DAIFA_HTTP_PORT": "\(port)",
        ]
        variables.merge(environment) { $1 }
        try self.init(
            executable: "daifa-\(service.rawValue)", instance: name, httpPort: port, environment: variables, arguments: arguments)
    }

    /// Starts an executable, with no other settings of Daifa's than these.
    init(executable: String, instance: String, httpPort: UInt16, environment: [String: String] = [:], arguments: [String]) throws {
        let path = Self.executables.appendingPathComponent(executable).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(description: "there is no executable \(path): build it, or set DAIFA_BIN to the folder of the services")
        }
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("DAIFA_") && !$0.key.hasPrefix("KAFKA_") }
        variables.merge(environment) { $1 }

        let errors = try Pipe.make()
        defer { close(errors.write) }
        let life = try Pipe.make()
        defer { close(life.read) }
        do {
            processId = try spawn([path] + arguments, environment: variables, input: nil, output: errors.write)
            guardian = try spawn(
                ["/bin/sh", "-c", #"trap '' INT TERM; read -r _; kill -KILL "$0""#, "\(processId)"], environment: variables,
                input: life.read,
                output: nil)
        } catch {
            close(errors.read)
            close(life.write)
            throw error
        }
        self.executable = executable
        self.instance = instance
        self.httpPort = httpPort
        lifeline = life.write
        try NamedThread("stderr") { [state] in Self.read(errors.read, into: state) }.detach()
        try NamedThread("waitpid") { [state, processId, guardian] in
            let exit = Self.wait(for: processId)
            // Before the id can belong to another process: it is free only now that it was waited for, and ids are given in circles.
            Glibc.kill(guardian, SIGKILL)
            _ = Self.wait(for: guardian)
            state.update { $0.exit = exit }
        }.detach()
    }

    deinit {
        if isRunning { Glibc.kill(processId, SIGKILL) }
        close(lifeline)
    }

    public var isRunning: Bool { state.withLock { $0.exit == nil } }
    /// What it has written to standard error (and output), line by line.
    public var errorLines: [String] { state.withLock { $0.lines } }

    public func send(signal: Int32) {
        state.withLock { if $0.exit == nil { Glibc.kill(processId, signal) } }
    }

    /// SIGKILL, and waits.
    public func kill() {
        send(signal: SIGKILL)
        _ = awaitExit(timeout: 10)
    }

    /// SIGTERM, and waits. Blocking.
    /// - Throws: when it does not end in time, or not with status 0.
    public func stop(timeout seconds: Double = 20) throws {
        send(signal: SIGTERM)
        let exit = awaitExit(timeout: seconds)
        guard exit == .status(0) else { throw failure("ended with \(exit.map { "\($0)" } ?? "nothing within \(seconds) s") after SIGTERM") }
    }

    /// Waits for the end of the process; nil when it goes on. Blocking.
    public func awaitExit(timeout seconds: Double) -> Exit? {
        state.wait(until: .after(seconds)) { $0.exit != nil && $0.isAtEnd ? $0.exit : nil }
    }

    /// Waits for a line on standard error that holds this text. Blocking.
    public func awaitLine(containing text: String, timeout seconds: Double = 30) throws {
        let found = state.wait(until: .after(seconds)) { state -> Bool? in
            if state.lines.contains(where: { $0.contains(text) }) { return true }
            return state.isAtEnd ? false : nil
        }
        if found != true { throw failure("did not write \"\(text)\" within \(seconds) s") }
    }

    /// Waits until `/health/ready` answers 200. Blocking.
    public func awaitReady(timeout seconds: Double = 60) throws {
        let deadline = Deadline.after(seconds)
        while get("/health/ready")?.status != 200 {
            // The end of the process is awaited while its health is asked for, 20 times a second.
            let exit = state.wait(until: .after(0.05)) { $0.exit != nil && $0.isAtEnd }
            if exit { throw failure("ended before it was ready") }
            if deadline.hasPassed { throw failure("is not ready after \(seconds) s (\(get("/health/ready")?.body ?? "no answer"))") }
        }
    }

    /// Waits until the process says that this keeps it from being ready. Blocking.
    public func await(obstacle text: String, timeout seconds: Double = 60) throws {
        let deadline = Deadline.after(seconds)
        while get("/health/ready")?.body.contains(text) != true {
            if state.wait(until: .after(0.05), { $0.exit != nil && $0.isAtEnd }) { throw failure("ended") }
            if deadline.hasPassed { throw failure("does not wait for \(text) (\(get("/health/ready")?.body ?? "no answer"))") }
        }
    }

    /// The value of a metric, all labels added up; nil when there is none. Blocking.
    public func metric(_ name: String) -> Double? {
        guard let text = get("/metrics")?.body else { return nil }
        let values = text.split(separator: "\n").compactMap { line -> Double? in
            guard line.hasPrefix(name), let end = line.dropFirst(name.count).first, end == "{" || end == " " else { return nil }
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
        return values.isEmpty ? nil : values.reduce(0, +)
    }

    /// One HTTP request. Blocking, 5 s at most; nil when nothing answers.
    public func get(_ path: String) -> (status: Int, body: String)? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard Self.withLoopback(httpPort, { connect(descriptor, $0, $1) }) == 0 else { return nil }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let head = text.range(of: "\r\n\r\n"), let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            return nil
        }
        return (status, String(text[head.upperBound...]))
    }

    private func failure(_ what: String) -> Failure {
        Failure(description: "\(executable) (\(instance)) \(what):\n" + errorLines.suffix(20).joined(separator: "\n"))
    }

    private static func read(_ descriptor: Int32, into state: Monitor<State>) {
        defer { close(descriptor) }
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            rest += buffer[..<count]
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            let lines = rest[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
            rest.removeSubrange(...end)
            state.update { $0.lines += lines }
        }
        state.update { $0.isAtEnd = true }
    }

    private static func wait(for process: pid_t) -> Exit {
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    }

    private static func withLoopback<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

/// Two ends that children inherit only when they are given them.
struct Pipe {
    let read: Int32
    let write: Int32

    static func make() throws -> Pipe {
        var ends: [Int32] = [0, 0]
        // Glibc's module has no pipe2: no child may start between the two calls.
        try spawning.withLock { _ in
            guard pipe(&ends) == 0 else {
                throw ServiceProcess.Failure(description: "no pipe: \(String(cString: strerror(errno)))")
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        return Pipe(read: ends[0], write: ends[1])
    }
}

/// Held while a child is started, and while pipes are not yet kept from children.
private let spawning = Mutex(())

/// `posix_spawn_file_actions_addclosefrom_np`, which Swift's module of glibc leaves out.
private let closeFrom: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32)? = {
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)
}()

/// Starts a child; what it is not given is `/dev/null`.
func spawn(_ command: [String], environment: [String: String], input: Int32?, output: Int32?) throws -> pid_t {
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
    // Foundation's Process learns of its child's end by a socket that the child alone has open: no other may take it along.
    guard closeFrom?(&actions, 3) == 0 else { throw ServiceProcess.Failure(description: "descriptors cannot be closed: needs glibc 2.34") }
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var child: pid_t = 0
    let result = spawning.withLock { _ in posix_spawn(&child, command[0], &actions, nil, &arguments, &variables) }
    guard result == 0 else {
        throw ServiceProcess.Failure(description: "cannot run \(command[0]): \(String(cString: strerror(result)))")
    }
    return child
}
