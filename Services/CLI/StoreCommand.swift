import CommandLine
import Contracts
import Glibc

/// `daifa store`: what a service has stored.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Show an aggregate of a service's store, and find what cannot be read.",
        discussion: """
            The service's own executable (beside this one, or in DAIFA_BIN) reads its store, also while the service runs; nothing is changed.
            What cannot be read stops nobody else: its messages are dead letters (state-unreadable), and are replayed once the row is restored
            or a version that reads it runs.
            """,
        examples: [
            .init("daifa store check --service shipping --data ./data"),
            .init("daifa store show order:4711 --service shipping --store sqlite:/var/lib/daifa/shipping"),
            .init(
                "DAIFA_STORE_PASSWORD_FILE=/run/secrets/shipping daifa store check --service shipping --store postgres://daifa_shipping@db/daifa_shipping"
            ),
        ],
        subcommands: [StoreShow.self, StoreCheck.self])

    static let services = CompletionKind.list(ServiceName.domainServices.map(\.rawValue))

    static func check(_ service: String, _ data: String?, _ store: String?) throws(UsageError) {
        try ServiceName.check(domainService: service)
        _ = try StorePlace(service, data, store)
    }

    /// Becomes the service's executable, which looks into the store and ends.
    static func become(_ service: String, _ data: String?, _ store: String?, _ arguments: [String]) throws(CommandFailure) -> Never {
        let place: StorePlace
        do throws(UsageError) { place = try StorePlace(service, data, store) } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
        let bin = getenv("DAIFA_BIN").map { String(cString: $0) } ?? ""
        let path = "\(bin.isEmpty ? Path.parent(ThisProcess.executable) ?? "." : bin)/daifa-\(service)"
        // Nothing else of the settings here is the service's.
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = place.variables.map { strdup("\($0)=\($1)") } + [nil]
        execve(path, &words, &variables)
        throw CommandFailure(
            .configuration, "\(path): cannot be run: \(String(cString: strerror(errno))): build it, or set DAIFA_BIN to the folder of all")
    }
}

/// `daifa store show`.
struct StoreShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print one aggregate as JSON, with the effects that belong to it.",
        discussion: "What is sealed is shown as sealed only. Ends with 65 when it is not there or cannot be read.",
        examples: [.init("daifa store show order:4711 --service allocation --data ./data")])

    @Argument(help: "Its key: order:4711, shop:M1, channel:C1 …", valueName: "aggregate") var aggregate: String
    @Option(name: .shortAndLong, help: "The service.", completion: StoreCommand.services) var service: String
    @Option(help: "Folder of 'daifa up': the store is <data>/<service>.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The store, as in DAIFA_STORE.", valueName: "store", completion: .directory) var store: String?

    func validate() throws { try StoreCommand.check(service, data, store) }
    func run() throws { try StoreCommand.become(service, data, store, ["--store-show", aggregate]) }
}

/// `daifa store check`.
struct StoreCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Walk a store and tell which aggregates and effects cannot be read, one JSON object a line.",
        discussion: "The last line counts. Ends with 65 when there is anything that cannot be read.",
        examples: [.init("daifa store check --service shipping --data ./data")])

    @Option(name: .shortAndLong, help: "The service.", completion: StoreCommand.services) var service: String
    @Option(help: "Folder of 'daifa up': the store is <data>/<service>.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The store, as in DAIFA_STORE.", valueName: "store", completion: .directory) var store: String?

    func validate() throws { try StoreCommand.check(service, data, store) }
    func run() throws { try StoreCommand.become(service, data, store, ["--store-check"]) }
}
