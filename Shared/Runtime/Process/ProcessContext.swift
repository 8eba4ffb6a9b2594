import Contracts
import HTTP
public import Observability
import Stores
import Threads

/// What a process has before anything of its own begins: settings, log, metrics, and whether it is to stop.
public struct ProcessContext: Sendable {
    public let configuration: Configuration
    public let logger: Logger
    public let status: ServiceStatus
    /// `--check`: the configuration and the connections are looked at, and nothing is started.
    public let isCheck: Bool
    let measures: ServiceMetrics

    public var metrics: Metrics { measures.registry }
    /// nil: no traces are told.
    public var tracer: Tracer? { measures.tracer }

    /// What effects and singletons of the process share.
    func environment() -> ServiceEnvironment {
        ServiceEnvironment(
            service: configuration.service, settings: configuration.settings, http: LazyHTTPClient(), logger: logger, metrics: metrics)
    }

    /// Opens the store and holds a name in it, and prepares the files beside it; for a check, which may run beside the process itself,
    /// without the name, and nothing is made.
    /// - Parameters:
    ///   - name: at most one live process has it.
    ///   - resources: what has files beside the store.
    /// - Returns: nil when told to stop before a database was there.
    func openStore(holding name: String, _ resources: any ServiceResources.Type) throws(ExitError) -> (any Store)? {
        let store: any Store
        switch configuration.store {
        case .sqlite(let folder): store = try openFolder(folder, holding: name)
        case .postgres(let location):
            guard let database = try openDatabase(location, holding: name) else { return nil }
            store = database
        }
        do throws(ConfigurationError) {
            try resources.prepare(configuration, storeWasEmpty: store.shards().isEmpty, onlyLooks: isCheck)
        } catch { throw .configuration(error.description) }
        return store
    }

    private func openFolder(_ folder: String, holding name: String) throws(ExitError) -> SQLiteStore {
        let store: SQLiteStore
        do throws(StoreError) {
            store = try SQLiteStore(folder: folder)
            if !isCheck { try store.lockInstance(name) }
        } catch { throw Self.refusal(error) }
        if let mode = store.wideMode {
            logger.warning(
                "the store's folder is open to other users, the files in it are not: chmod 0700 closes it",
                ["folder": store.folder, "mode": mode])
        }
        return store
    }

    /// Seconds for which a name is waited for that another session holds: its host may have vanished, which the server notices later.
    private static let instancePatience = 30.0
    private static let retryInterval = 0.5

    /// Waits for a server that is away; a check does not.
    private func openDatabase(_ location: PostgreSQLLocation, holding name: String) throws(ExitError) -> PostgreSQLStore? {
        let store = PostgreSQLStore(location, owner: configuration.service.rawValue, instance: name, onlyLooks: isCheck)
        let deadline = Deadline.after(Self.instancePatience)
        while !status.isStopping {
            do throws(StoreError) {
                try store.connect()
                if !isCheck { try store.lockInstance(name) }
                for notice in store.notices { logger.warning("the store's server", ["store": location.description, "notice": notice]) }
                return store
            } catch {
                let mayHeal = error.kind == .unavailable || error.kind == .busy || error.kind == .instanceInUse && !deadline.hasPassed
                guard mayHeal, !isCheck else { throw Self.refusal(error) }
                status.set(waitingFor: "the store", because: "\(error)")
            }
            status.wait(Self.retryInterval)
        }
        return nil
    }

    private static func refusal(_ error: StoreError) -> ExitError {
        if error.message.hasPrefix("DAIFA_") { return .configuration(error.message) }
        return .configuration("\(error.kind == .instanceInUse ? "DAIFA_INSTANCE" : "DAIFA_STORE"): \(error)")
    }
}
