public import Foundation
import Synchronization

/// A PostgreSQL of the test process's own, started by `deploy/postgres/server` in a temporary folder and ended when the process ends, however
/// it ends. Blocking: call it on a thread (``onThread(_:)``).
public final class PostgresServer: Sendable {
    /// With its data, its socket and its log.
    public let folder: URL
    public let port: Int
    private let lifeline: Int32

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("deploy/postgres/server").path

    /// Whether Debian's server is installed here.
    public static let isAvailable = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql").isEmpty) == false
    public static let need = "needs a PostgreSQL server: deploy/local/install test"

    private static let sharedServer = Mutex<Result<PostgresServer, any Error>?>(nil)

    /// The one that the tests of this process share, each with a database of its own.
    public static func shared() throws -> PostgresServer {
        try sharedServer.withLock { shared in
            let server = shared ?? Result { try PostgresServer() }
            shared = server
            return try server.get()
        }
    }

    /// - Parameters:
    ///   - settings: of the server, `name=value`.
    ///   - disk: MiB of a disk of its own, which needs root; nil: the disk of all.
    public convenience init(settings: [String] = [], disk: Int? = nil) throws {
        try self.init { ["start", "--dir", $0] + settings.flatMap { ["--set", $0] } + (disk.map { ["--disk", "\($0)"] } ?? []) }
    }

    /// Whether it can have a disk of its own here.
    public static let canHaveDisk = geteuid() == 0 && (try? Shell.run("/usr/bin/unshare", ["--mount", "true"])) != nil

    /// Its data on a disk of its own.
    public func onItsDisk(_ file: String) throws -> String {
        let process = try String(contentsOf: folder.appendingPathComponent("pid"), encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        return "/proc/\(process)/root\(folder.path)/data/\(file)"
    }

    /// Has it speak TLS, with a certificate for that host.
    /// - Returns: the file of the authority that vouches for it.
    public func certify(_ host: String) throws -> String {
        _ = try control("certificate", host)
        return "\(folder.path)/ca.crt"
    }

    /// A standby of another server.
    public convenience init(following primary: PostgresServer) throws {
        try self.init { ["standby", "--dir", $0, "--of", primary.folder.path] }
    }

    private init(_ arguments: (_ folder: String) -> [String]) throws {
        // Short: the path of a socket has 107 bytes at most.
        folder = URL(fileURLWithPath: "/tmp/daifa-pg-\(UUID().uuidString.prefix(12))")
        let life = try Pipe.make()
        defer { close(life.read) }
        let command = #"trap '' INT TERM; read -r _; "$0" kill --dir "$1"; rm -rf "$1""#
        _ = try spawn(["/bin/sh", "-c", command, Self.script, folder.path], environment: Self.environment, input: life.read, output: nil)
        lifeline = life.write
        let output = try Self.run(arguments(folder.path))
        let line = output.split(separator: "\n").last { $0.hasPrefix("DAIFA_POSTGRES_PORT=") }
        guard let number = line.flatMap({ Int($0.dropFirst("DAIFA_POSTGRES_PORT=".count)) }) else {
            throw ServiceProcess.Failure(description: "\(Self.script) said no port: \(output)")
        }
        port = number
    }

    deinit { close(lifeline) }

    private static let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]

    /// Foundation's `Process` waits for a child's children too, and the server is such.
    private static func run(_ arguments: [String]) throws -> String {
        let ends = try Pipe.make()
        let reading = FileHandle(fileDescriptor: ends.read, closeOnDealloc: true)
        let child: pid_t
        do {
            defer { close(ends.write) }
            child = try spawn([script] + arguments, environment: environment, input: nil, output: ends.write)
        }
        let text = String(decoding: try reading.readToEnd() ?? Data(), as: UTF8.self)
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        guard status == 0 else {
            throw ServiceProcess.Failure(description: "\(script) \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }

    private func control(_ command: String, _ arguments: String...) throws -> String {
        try Self.run([command, "--dir", folder.path] + arguments)
    }

    /// Ends its sessions and then itself, in order.
    public func stop() throws { _ = try control("stop") }
    /// SIGKILL, to all of it.
    public func kill() throws { _ = try control("kill") }
    /// SIGSTOP: a server that hangs.
    public func pause() throws { _ = try control("pause") }
    /// SIGCONT.
    public func resume() throws { _ = try control("resume") }
    /// What was stopped or killed, with its data and port.
    public func restart() throws { _ = try control("start") }
    /// Makes a standby the primary.
    public func promote() throws { _ = try control("promote") }

    /// Runs statements as the superuser; the rows, columns by `|`.
    @discardableResult
    public func sql(_ statements: String, in database: String = "postgres") throws -> String {
        try control("sql", "-d", database, statements).trimmingCharacters(in: .newlines)
    }

    /// Makes a role and a database of that name, which the role owns.
    /// - Returns: its name.
    @discardableResult
    public func makeDatabase(_ name: String = "d" + UUID().uuidString.prefix(13).lowercased().replacing("-", with: "_")) throws -> String {
        _ = try control("database", name)
        return name
    }

    /// Over the socket, where no password is asked for.
    public func url(_ database: String) -> String {
        "postgres://\(database)@\(folder.path.replacing("/", with: "%2F")):\(port)/\(database)"
    }

    /// Over TCP, with what `parameters` says behind the question mark.
    public func networkURL(_ database: String, _ parameters: String = "", host: String = "127.0.0.1") -> String {
        "postgres://\(database)@\(host):\(port)/\(database)" + (parameters.isEmpty ? "" : "?\(parameters)")
    }

    /// With the role's password.
    public func passwordFile(_ database: String) -> String { "\(folder.path)/\(database).password" }
}
