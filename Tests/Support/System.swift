public import Contracts
public import Foundation
import Kafka
import Synchronization

/// All five services on one broker, each in a process of its own, and a ``Client`` to speak with them.
public final class System: Sendable {
    public let broker: Broker
    /// The folder of the services' stores, removed with the system.
    public let store: URL
    public let client: Client
    private let processes: Monitor<[ServiceName: ServiceProcess]>
    private let environment: [String: String]
    private let sweeper: Int32

    private static let sharedSystem = Mutex<Task<System, any Error>?>(nil)

    /// The system that all tests of this process share. Its processes end with the test process.
    public static func shared() async throws -> System {
        try await sharedSystem.withLock { shared in
            if let shared { return shared }
            let task = Task { try await onThread { try System(broker: Broker.shared()) } }
            shared = task
            return task
        }.value
    }

    /// Starts the five and waits until they are ready. Blocking.
    public init(broker: Broker, environment: [String: String] = [:]) throws {
        self.broker = broker
        self.environment = environment
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-\(UUID().uuidString)")
        store = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let life = try Pipe.make()
        defer { close(life.read) }
        _ = try spawn(
            ["/bin/sh", "-c", #"trap '' INT TERM; read -r _; rm -rf "$0""#, folder.path], environment: [:], input: life.read, output: nil)
        sweeper = life.write
        var started: [ServiceName: ServiceProcess] = [:]
        for service in ServiceName.five {
            started[service] = try ServiceProcess(service, broker: broker, store: folder, environment: environment)
        }
        for process in started.values { try process.awaitReady() }
        processes = Monitor(started)
        client = try Client(broker.configuration)
    }

    deinit { close(sweeper) }

    public subscript(service: ServiceName) -> ServiceProcess? { processes.withLock { $0[service] } }

    /// Ends one service and starts it anew with the same store and instance; ready when this returns. Blocking.
    /// - Parameter crash: SIGKILL instead of SIGTERM.
    public func restart(_ service: ServiceName, crash: Bool = false) throws {
        if crash { self[service]?.kill() } else { try self[service]?.stop() }
        let process = try ServiceProcess(service, broker: broker, store: store, environment: environment)
        processes.update { $0[service] = process }
        try process.awaitReady()
    }
}
