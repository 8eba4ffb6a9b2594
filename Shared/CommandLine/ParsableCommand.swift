import Glibc

/// A command: a value that declares its options, flags and arguments as properties, in the shape of swift-argument-parser.
///
///     struct Send: ParsableCommand {
///         static let configuration = CommandConfiguration(commandName: "send", abstract: "Send a command to a service.")
///         @Argument(help: "The service.") var service: String
///         @Option(name: .shortAndLong, help: "The Kafka key.") var key: String?
///         @Flag(help: "Do not wait for the answer.") var noWait = false
///         func run() throws { … }
///     }
///
/// A property's name is its option's name in lower case with hyphens: `basePort` is `--base-port`.
public protocol ParsableCommand: SendableMetatype {
    static var configuration: CommandConfiguration { get }
    init()
    /// Checks what one declaration cannot say; throws ``UsageError``.
    func validate() throws
    /// Does the work, on the main thread. Not called on a command that has subcommands.
    func run() throws
}

extension ParsableCommand {
    public func validate() throws {}
    public func run() throws {}
}

/// A command's description of itself.
public struct CommandConfiguration: Sendable {
    /// A command line to copy, and what it does.
    public struct Example: Sendable {
        public let line: String
        public let meaning: String

        public init(_ line: String, _ meaning: String = "") {
            self.line = line
            self.meaning = meaning
        }
    }

    public let commandName: String
    /// One sentence.
    public let abstract: String
    /// Paragraphs for `--help`, below the usage line.
    public let discussion: String
    public let examples: [Example]
    /// The text of `--version`, at the root.
    public let version: String
    public let subcommands: [any ParsableCommand.Type]

    public init(
        commandName: String, abstract: String, discussion: String = "", examples: [Example] = [], version: String = "",
        subcommands: [any ParsableCommand.Type] = []
    ) {
        self.commandName = commandName
        self.abstract = abstract
        self.discussion = discussion
        self.examples = examples
        self.version = version
        self.subcommands = subcommands
    }
}

extension ParsableCommand {
    /// Parses the process's arguments, runs what they name and ends the process.
    public static func main() {
        exit(Self.execute(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Parses and runs; says on standard error what went wrong.
    public static func execute(_ arguments: [String]) -> ExitCode {
        var path = [configuration.commandName]
        do {
            switch try CommandParser.parse(Self.self, arguments) {
            case .text(let text): Terminal.write(text)
            case .command(let command, let parsed):
                path = parsed
                try command.run()
            }
            return .success
        } catch let code as ExitCode {
            return code
        } catch var error as UsageError {
            if error.path.isEmpty { error.path = path }
            Terminal.writeError("\(error) (see '\(error.path.joined(separator: " ")) --help')")
            return .usage
        } catch {
            let code = ExitCode(for: error)
            Terminal.writeError("\(path.joined(separator: " ")): \(code == .bug ? "unexpected error: " : "")\(error)")
            return code
        }
    }
}
