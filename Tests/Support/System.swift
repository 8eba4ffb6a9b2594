public import Contracts
public import Foundation
import Kafka
import Synchronization
import Threads

/// All five services on one broker, each in a process of its own, and a ``Client`` to speak with them.
public final class System: Sendable {
    public let broker: Broker
    /// The folder of the services' stores. Stores belong to their log: with a broker that outlives the test process they stay, and the next
    /// process goes on with them.
    public let store: URL
    public let client: Client
    private let processes: Monitor<[ServiceName: ServiceProcess]>
    private let environment: [String: String]
    /// Tests that restart a service at the same time do so one after the other.
    private let restarts = Mutex(())
    /// nil: the folder stays.
    private let folder: TemporaryFolder?

    private static let sharedSystem = Mutex<Task<System, any Error>?>(nil)

    /// The system that all tests of this process share, with the partners' sandbox. Its processes end with the test process.
    public static func shared() async throws -> System {
        try await sharedSystem.withLock { shared in
            if let shared { return shared }
            let task = Task { try await onThread { try System(broker: Broker.shared(), environment: PartnerSandbox.shared().environment) } }
            shared = task
            return task
        }.value
    }

    /// Starts the five and waits until they are ready. Blocking.
    /// - Parameter issuer: of the tokens that the services require.
    public init(broker: Broker, environment: [String: String] = [:], issuer: TokenIssuer? = nil) throws {
        self.broker = broker
        self.environment = environment
        let clusterId = try Admin(broker.configuration).metadata(timeout: 30).clusterId ?? "unknown"
        let name = "daifa-stores-\(clusterId)"
        store = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        let staysBehind = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"]?.isEmpty == false
        folder = staysBehind ? nil : try TemporaryFolder(name)
        var started: [ServiceName: ServiceProcess] = [:]
        for service in ServiceName.domainServices {
            started[service] = try ServiceProcess(service, broker: broker, store: store, environment: environment)
        }
        for process in started.values { try process.awaitReady() }
        processes = Monitor(started)
        client = try Client(broker.configuration, issuer: issuer)
    }

    public subscript(service: ServiceName) -> ServiceProcess? { processes.withLock { $0[service] } }

    /// Ends one service and starts it anew with the same store and instance; ready when this returns. Blocking.
    /// - Parameter crash: SIGKILL instead of SIGTERM.
    public func restart(_ service: ServiceName, crash: Bool = false) throws {
        try restarts.withLock { _ in
            if crash { self[service]?.kill() } else { try self[service]?.stop() }
            let process = try ServiceProcess(service, broker: broker, store: store, environment: environment)
            processes.update { $0[service] = process }
            try process.awaitReady()
        }
    }
}
