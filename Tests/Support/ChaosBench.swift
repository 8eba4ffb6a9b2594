public import Contracts
import Crypto
public import Foundation
import Kafka
import Synchronization
import Threads

/// A broker, and folders for stores, that nobody else uses: services have fixed topics and groups, so a test that ends, starts or
/// doubles them cannot share a broker with others.
public final class Bench: Sendable {
    /// Whether such brokers can be had here: they are started by `$KAFKA_HOME/kafka`, and must be able to do what is tested.
    public static var isAvailable: Bool { Broker.canBeStarted }
    public static let need = "needs brokers of its own: set KAFKA_HOME to a folder with the start script `kafka`"

    public let broker: Broker
    /// The folder of the stores that belong to this broker.
    public var store: URL { folder.url }
    private let folder: TemporaryFolder

    private static let sharedBench = Mutex<Result<Bench, any Error>?>(nil)

    /// The one that the serialized tests of this process share: whoever uses it finds no service running, and leaves none.
    public static func shared() throws -> Bench {
        try sharedBench.withLock { shared in
            let bench = shared ?? Result { try Bench() }
            shared = bench
            return try bench.get()
        }
    }

    /// The server of the services' databases; nil: their stores are in this bench's folder.
    public let database: PostgresServer?
    private let run = "r" + UUID().uuidString.prefix(8).lowercased()

    /// - Parameter database: of services that keep their state there.
    public init(brokers: Int = 1, port: Int? = nil, database: PostgresServer? = nil) throws {
        broker = try Broker.start(brokers: brokers, port: port)
        folder = try TemporaryFolder("daifa-\(UUID().uuidString)")
        self.database = database
        guard let database else { return }
        for service in ServiceName.domainServices {
            try database.makeDatabase(self.database(of: service))
            let keys = keyFolder(of: service)
            try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
            _ = try KeyRing.loadOrCreate(path: "\(keys)/master.key")
            _ = try SealKeys.loadOrCreate(path: "\(keys)/seal.key", purposes: service.keyPurposes.map(\.rawValue))
        }
    }

    /// The name of a service's database and role.
    public func database(of service: ServiceName) -> String { "\(run)_\(service.rawValue)" }

    private func keyFolder(of service: ServiceName) -> String { store.appendingPathComponent("keys/\(service.rawValue)").path }

    private func databaseEnvironment(_ service: ServiceName) -> [String: String] {
        guard let database, ServiceName.domainServices.contains(service) else { return [:] }
        let keys = keyFolder(of: service)
        return [
            "DAIFA_STORE": database.url(self.database(of: service)), "DAIFA_MASTER_KEY_FILE": "\(keys)/master.key",
            "DAIFA_SEAL_KEY_FILE": "\(keys)/seal.key",
        ]
    }

    /// A service on this broker, with its store in this bench's folder or database.
    public func start(
        _ service: ServiceName, instance: String? = nil, httpPort: UInt16? = nil, environment: [String: String] = [:],
        arguments: [String] = []
    ) throws -> ServiceProcess {
        try ServiceProcess(
            service, broker: broker, store: store, instance: instance, httpPort: httpPort,
            environment: databaseEnvironment(service).merging(environment) { $1 }, arguments: arguments)
    }

    /// An empty folder beside the stores.
    public func makeFolder() throws -> URL {
        let folder = store.appendingPathComponent(uniqueName("folder"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// Looks again and again until the condition holds; false when it does not in time. For conditions that nobody signals. Blocking.
public func eventually(within seconds: Double, _ holds: () throws -> Bool) rethrows -> Bool {
    let deadline = Deadline.after(seconds)
    let never = Monitor(())
    while try !holds() {
        if deadline.hasPassed { return false }
        _ = never.wait(until: .after(0.02)) { _ in false }
    }
    return true
}

extension ServiceProcess {
    /// How many shards it has claimed since it started, and how many outbox rows it found unpublished then.
    public var claims: Int { errorLines.count { $0.contains("\"shard claimed\"") } }
    public var recovered: Int {
        errorLines.lazy.filter { $0.contains("\"shard claimed\"") }.reduce(0) { sum, line in
            let digits = line.components(separatedBy: "\"recovered\":\"").last?.prefix { $0.isNumber } ?? ""
            return sum + (Int(digits) ?? 0)
        }
    }

    /// What it wrote that is not a log line: the one line that tells a person why it ended.
    public var plainLines: [String] { errorLines.filter { !$0.hasPrefix("{") } }
}
