/// How a process ends, after `sysexits.h`. Thrown by a command it ends the process without a further line.
public enum ExitCode: Int32, Error, CaseIterable, Sendable {
    case success = 0
    case usage = 64
    case badData = 65
    case unavailable = 69
    case bug = 70
    case temporary = 75
    case configuration = 78

    /// Its meaning, as `--help` tells it.
    public var meaning: String {
        switch self {
        case .success: "done"
        case .usage: "the command line is wrong"
        case .badData: "the data is wrong, or the command was refused"
        case .unavailable: "Kafka, a store or a service cannot be reached"
        case .bug: "a bug"
        case .temporary: "not done in time: try again"
        case .configuration: "the configuration is wrong"
        }
    }

    /// The code for an error that ended a command: the error's own, or `bug`.
    public init(for error: any Error) {
        switch error {
        case let code as ExitCode: self = code
        case let error as any ExitCoded: self = error.exitCode
        default: self = .bug
        }
    }
}

/// An error that knows how a process ends because of it.
public protocol ExitCoded: Error {
    var exitCode: ExitCode { get }
}

/// Why a command ends: one line for standard error that says what to do, and the exit code.
public struct CommandFailure: ExitCoded, Sendable, CustomStringConvertible {
    public let code: ExitCode
    public var exitCode: ExitCode { code }
    public let description: String

    public init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// The command line is wrong: `daifa send: --key needs a value`.
public struct UsageError: ExitCoded, Equatable, Sendable, CustomStringConvertible {
    /// The command and its parents, as they are typed; empty when thrown by a command's own `validate()`, and filled in by the parser.
    public var path: [String]
    public let message: String

    public init(_ message: String, path: [String] = []) {
        self.path = path
        self.message = message
    }

    public var exitCode: ExitCode { .usage }

    public var description: String {
        path.isEmpty ? message : "\(path.joined(separator: " ")): \(message)"
    }
}
