public import Observability
public import Stores

/// What a process has before anything of its own begins: settings, log, metrics, and whether it is to stop.
public struct ProcessContext: Sendable {
    public let configuration: Configuration
    public let logger: Logger
    public let status: ServiceStatus
    /// `--check`: the configuration and the connections are looked at, and nothing is started.
    public let isCheck: Bool
    let measures: ServiceMetrics

    public var metrics: Metrics { measures.registry }

    /// Opens the store and holds a name in it; for a check, which may run beside the process itself, without the name.
    /// - Parameter name: at most one live process has it.
    public func openStore(holding name: String) throws(ExitError) -> any Store {
        switch configuration.store {
        case .sqlite(let folder):
            do throws(StoreError) {
                let store = try SQLiteStore(folder: folder)
                if !isCheck { try store.lockInstance(name) }
                return store
            } catch {
                throw error.kind == .instanceInUse
                    ? .configuration("DAIFA_INSTANCE: \(error)") : .configuration("DAIFA_STORE: \(error)")
            }
        }
    }
}
