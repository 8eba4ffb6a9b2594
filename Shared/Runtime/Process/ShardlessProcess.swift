public import Contracts
import Crypto
public import HTTP
import JSON
import Kafka
import Observability
public import Stores
import Threads

/// Describes a process without shards: the topics it reads and writes by itself, the tables it looks things up in, what its keys are for.
public struct EdgeDescription: Sendable {
    let name: ServiceName
    let summary: String
    let topics: [String]
    let tables: [Table]
    let announces: [KeyPurpose]

    /// - Parameters:
    ///   - summary: for a person, behind "The <name> of Daifa: ".
    ///   - topics: what it reads and writes, but for tables.
    ///   - announces: what its public keys in `daifa.keys` are for.
    public init(_ name: ServiceName, summary: String, topics: [String], tables: [Table], announces: [KeyPurpose]) {
        self.name = name
        self.summary = summary
        self.tables = announces.isEmpty || tables.contains(.keys) ? tables : tables + [.keys]
        self.topics = topics + self.tables.map(\.topic)
        self.announces = announces
    }
}

/// A process without shards, as it begins: what can heal by itself is waited for, unready; what cannot ends it with exit 78.
public struct ShardlessProcess: Sendable {
    private static let retryInterval = 0.5
    /// Seconds that the brokers have to take an announced key.
    private static let announceTimeout = 10.0

    public let context: ProcessContext
    private let description: EdgeDescription
    private let health: HealthAnswers
    private var name: String { description.name.rawValue }

    init(_ description: EdgeDescription, _ context: ProcessContext) {
        self.description = description
        self.context = context
        health = HealthAnswers(context)
    }

    /// The answer to `/health/live`, `/health/ready` and `/metrics`; nil for any other path.
    public func health(_ request: HTTPRequest) -> HTTPResponse? { health.answer(request) }

    /// How many connections a server of Daifa has, and how long they may take; some are kept for `/health` (design, section 3).
    /// - Parameter connections: at a time, those that are kept included.
    public static func limits(_ configuration: Configuration, connections: Int) -> HTTPServer.Limits {
        HealthAnswers.limits(configuration, connections: connections)
    }

    /// Keeps connections for `/health`.
    public static var refusals: HTTPServer.Refusals { HealthAnswers.refusals }

    /// Opens the process's store under a name that at most one live process holds, and prepares its key files.
    public func openStore(holding name: String) throws(ExitError) -> any Store {
        try context.openStore(holding: name, announces: description.announces)
    }

    /// Verifies brokers and topics, for `--check`.
    public func check() throws(ExitError) { try TopicSetup(description.topics, context).check() }

    /// Creates the topics that are missing, or waits for them. Returns the cluster's id; nil when told to stop meanwhile.
    public func prepareTopics() throws(ExitError) -> String? {
        context.status.set(waitingFor: "Kafka")
        return try TopicSetup(description.topics, context).prepare()
    }

    /// Reads the tables, and announces the process's keys. Returns nil when told to stop meanwhile.
    public func openTables() throws(ExitError) -> EdgeTables? {
        let tables = try TableFollower(description.tables, announces: description.announces, context)
        let configuration = context.configuration
        let environment = ServiceEnvironment(
            service: description.name, settings: configuration.settings, partners: configuration.partners, tables: tables.cache,
            vault: tables.vault, http: LazyHTTPClient(), logger: context.logger, metrics: context.metrics)
        guard tables.catchUp(context.status), announceKeys(tables) else {
            tables.stop()
            return nil
        }
        return EdgeTables(environment: environment, live: tables, announce: { announceNewKeys(tables) })
    }

    /// Keys that were made meanwhile (`daifa keys rotate`).
    private func announceNewKeys(_ tables: TableFollower) {
        tables.vault.reload()
        _ = announceKeys(tables, patiently: false)
    }

    /// - Parameter patiently: again and again until the brokers have them; false: tries once.
    private func announceKeys(_ tables: TableFollower, patiently: Bool = true) -> Bool {
        let rows = tables.unannouncedKeys(of: description.name)
        if rows.isEmpty { return true }
        if patiently { context.status.set(waitingFor: "its key") }
        while !context.status.isStopping {
            do throws(KafkaError) {
                try send(rows)
                context.logger.info("keys announced", ["keyIds": rows.map(\.keyId).joined(separator: " ")])
                return true
            } catch { context.logger.warning("the keys are not announced yet", ["reason": "\(error)"]) }
            if !patiently { return false }
            context.status.wait(Self.retryInterval)
        }
        return false
    }

    private func send(_ rows: [KeyRow]) throws(KafkaError) {
        let producer = try Producer(context.configuration.kafka)
        defer { producer.close() }
        for row in rows {
            let envelope = OutgoingEnvelope(
                id: NamedId.make(KeyRow.type, row.key, "\(row.version)"), type: KeyRow.type, source: "/daifa/\(name)", subject: row.key,
                time: Clock.now, actor: Actor(.service, name))
            try producer.send(topic: Table.keys.topic, key: Array(row.key.utf8), value: row.json, headers: envelope.headers)
        }
        try producer.flush(timeout: Self.announceTimeout)
    }
}

/// The tables of a process without shards.
public struct EdgeTables: Sendable {
    public let environment: ServiceEnvironment
    fileprivate let live: TableFollower
    /// Announces keys that were made since (`daifa keys rotate`), if the brokers are there.
    public let announce: @Sendable () -> Void

    /// Waits until everything is read that was committed when the call was made; false after `seconds`.
    public func barrier(timeout seconds: Double) -> Bool { live.reader?.barrier(timeout: seconds) ?? true }
    public func stop() { live.stop() }
}
