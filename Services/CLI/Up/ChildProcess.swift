import CommandLine
import Glibc
import Runtime

/// How a process ended.
enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// - Parameter status: as `waitpid` gives it.
    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}

/// Processes that this one starts. Each is in a process group of its own, so that a Ctrl-C in the terminal reaches this process alone,
/// and is sent SIGTERM by the kernel when the thread that started it is gone.
enum ChildProcess {
    /// The destination of standard output and standard error.
    enum Output {
        case inherited
        /// Both are added to the end of this file, which is made for its owner alone.
        case file(String)
        /// Standard output goes to this descriptor, standard error is inherited.
        case descriptor(Int32)
    }

    /// Sets the parent-death signal and becomes the program (util-linux, an essential package of Debian): that signal can only be set by
    /// the child itself, between fork and exec.
    private static let setpriv = "/usr/bin/setpriv"

    /// - Parameter command: the executable's path and its arguments.
    /// - Throws: when it cannot be started.
    static func spawn(
        _ command: [String], environment: [String: String], output: Output = .inherited, diesWithParent: Bool = true
    ) throws(CommandFailure) -> pid_t {
        guard let program = command.first, access(program, X_OK) == 0 else {
            throw CommandFailure(.configuration, "\(command.first ?? "nothing"): cannot be run: \(String(cString: strerror(errno)))")
        }
        let bound = diesWithParent && access(setpriv, X_OK) == 0
        let words = bound ? [setpriv, "--pdeathsig", "TERM", "--"] + command : command
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        switch output {
        case .inherited: break
        case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&files, descriptor, STDOUT_FILENO)
        case .file(let path):
            posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO)
        }
        var pid = pid_t()
        let code = withStrings(words) { arguments in
            withStrings(environment.map { "\($0.key)=\($0.value)" }) { posix_spawn(&pid, words[0], &files, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw CommandFailure(.unavailable, "\(program): cannot be started: \(String(cString: strerror(code)))") }
        return pid
    }

    /// How the child ended; nil while it runs.
    static func reap(_ pid: pid_t) -> ProcessEnd? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? ProcessEnd(status: status) : nil
    }

    /// Runs a program to its end; SIGTERM goes to its process group when `isInterrupted` becomes true meanwhile.
    /// - Returns: how it ended and what it wrote to standard output.
    static func run(
        _ command: [String], environment: [String: String], isInterrupted: () -> Bool = { false }
    ) throws(CommandFailure) -> (end: ProcessEnd, output: String) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw CommandFailure(.unavailable, "no pipe for \(command[0]): \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pid: pid_t
        do throws(CommandFailure) { pid = try spawn(command, environment: environment, output: .descriptor(ends[1])) } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        // Its own children may hold the pipe open longer than it lives: read until it has ended, not until the pipe has.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var output: [UInt8] = []
        var end: ProcessEnd?
        var wasInterrupted = false
        while end == nil {
            var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, 50)
            if waiting.revents & Int16(POLLIN) == 0, waiting.revents != 0 { usleep(20_000) }
            if !wasInterrupted, isInterrupted() {
                wasInterrupted = true
                kill(-pid, SIGTERM)
            }
            end = reap(pid)
            drain(ends[0], into: &output)
        }
        return (end ?? .exited(0), String(decoding: output, as: UTF8.self))
    }

    private static func drain(_ descriptor: Int32, into output: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            output += buffer[..<count]
        }
    }

    /// The strings as C wants an argument vector.
    private static func withStrings<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}

/// The process's own environment and place.
enum ThisProcess {
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") { variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...]) }
            entry += 1
        }
        return variables
    }

    /// The executable's path, links resolved.
    static var executable: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? 0
        }
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}

/// Parts of paths.
enum Path {
    /// The folder that holds it; nil at the root.
    static func parent(_ path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// From the root.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return "\(String(cString: current))/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)"
    }

    /// Makes a folder and those above it, for their owner alone.
    static func makeFolder(_ path: String) throws(CommandFailure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let above = parent(path), above != path {
            try makeFolder(above)
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw CommandFailure(.configuration, "\(path): the folder cannot be made: \(String(cString: strerror(errno)))")
    }
}
