import CommandLine
import Glibc
import HTTP
import Observability
import Stores

/// `daifa-sandbox`: JD, Pinduoduo and Jackyun on this machine's loopback, for tests and local use.
@main
struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daifa-sandbox", abstract: "The partners on loopback: JD, Pinduoduo and Jackyun with their wire formats.",
        discussion: """
            Listens on loopback unless --host says otherwise; it asks nobody who he is. The page / shows what it holds, /sandbox/… drives it: orders, statuses, faults, consent.
            Point the services at it with DAIFA_PARTNER_…_URL. SIGTERM ends it; what was answered is in the folder and stays.
            """,
        examples: [
            .init("daifa-sandbox --data ./data/sandbox", "with everything that the demo needs"),
            .init("daifa-sandbox --data ./data/sandbox --auto-advance 5", "orders walk by themselves"),
            .init("daifa-sandbox --data ./data/sandbox --no-dedup", "what is sent twice is made twice"),
        ], version: ProductVersion.current)

    @Option(help: "The address for all partners' HTTP; in a container 0.0.0.0.", valueName: "address") var host = "127.0.0.1"
    @Option(help: "For all partners' HTTP; 0: a free one.", valueName: "port") var port: UInt16 = 9600
    @Option(help: "For Pinduoduo's message socket; 0: a free one.", valueName: "port") var messagePort: UInt16 = 9601
    @Option(help: "Folder for its database.", valueName: "folder", completion: .directory) var data = "./data/sandbox"
    @Option(help: "The console's /partners/jd-fulfillment/status, to which JD's statuses go.", valueName: "url") var pushUrl: String?
    @Flag(help: "A create that comes again makes a second one; kept in the folder.") var noDedup = false
    @Option(help: "Every order moves on so often; 0: none does; kept in the folder.", valueName: "seconds") var autoAdvance: Double?
    @Flag(help: "Only see whether folder and ports can be used.") var check = false

    func validate() throws {
        if let autoAdvance, !(0...86_400).contains(autoAdvance) { throw UsageError("--auto-advance: expected 0 to 86400 seconds") }
        if let pushUrl, !pushUrl.hasPrefix("http://"), !pushUrl.hasPrefix("https://") {
            throw UsageError("--push-url: expected an http or https address")
        }
    }

    func run() throws {
        StopSignal.hold()
        // A peer that closes its connection is an error of that call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let logger = Logger(label: "sandbox", level: .info)
        let sandbox: Sandbox
        do throws(StoreError) { sandbox = try open(logger) } catch {
            throw CommandFailure(error.kind == .instanceInUse ? .configuration : .unavailable, "--data: \(error)")
        }
        let client: HTTPClient
        do { client = try HTTPClient() } catch { throw CommandFailure(.unavailable, "\(error)") }
        let server: SandboxServer
        do { server = try SandboxServer(sandbox, host: host, port: port, sender: client) } catch {
            throw CommandFailure(.configuration, "--host, --port: \(error)")
        }
        let messages: MessageSocket
        do { messages = try MessageSocket(sandbox, port: messagePort) } catch {
            throw CommandFailure(.configuration, "--message-port: \(error)")
        }
        defer {
            messages.stop()
            server.stop()
            client.close()
        }
        if check { return }
        Terminal.writeLine("messages on ws://127.0.0.1:\(messages.port)/message")
        Terminal.writeLine("partners on http://127.0.0.1:\(server.port)")
        StopSignal.wait()
    }

    /// The sandbox of the folder, with what the options say kept in it.
    private func open(_ logger: Logger) throws(StoreError) -> Sandbox {
        let sandbox = try Sandbox(folder: data) { logger.error("store failed", ["error": $0]) }
        try sandbox.withWorld { [pushUrl, noDedup, autoAdvance] (world) throws(StoreError) in
            var settings = try world.settings()
            if let pushUrl { settings.pushUrl = pushUrl }
            if noDedup { settings.deduplication = false }
            if let autoAdvance { settings.autoAdvance = autoAdvance }
            try world.objects.put(settings)
        }
        return sandbox
    }
}
