import HTTP
public import Observability
import Stores

/// What a process has before anything of its own begins: settings, log, metrics, and whether it is to stop.
public struct ProcessContext: Sendable {
    public let configuration: Configuration
    public let logger: Logger
    public let status: ServiceStatus
    /// `--check`: the configuration and the connections are looked at, and nothing is started.
    public let isCheck: Bool
    let measures: ServiceMetrics

    public var metrics: Metrics { measures.registry }

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
    func openStore(holding name: String, _ resources: any ServiceResources.Type) throws(ExitError) -> any Store {
        let store: SQLiteStore
        switch configuration.store {
        case .sqlite(let folder):
            do throws(StoreError) {
                store = try SQLiteStore(folder: folder)
                if !isCheck { try store.lockInstance(name) }
            } catch {
                throw error.kind == .instanceInUse
                    ? .configuration("DAIFA_INSTANCE: \(error)") : .configuration("DAIFA_STORE: \(error)")
            }
        }
        if let mode = store.wideMode {
            logger.warning(
                "the store's folder is open to other users, the files in it are not: chmod 0700 closes it",
                ["folder": store.folder, "mode": mode])
        }
        do throws(ConfigurationError) {
            try resources.prepare(configuration, storeWasEmpty: store.shards().isEmpty, onlyLooks: isCheck)
        } catch { throw .configuration(error.description) }
        return store
    }
}
