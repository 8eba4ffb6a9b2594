public import Contracts
import Crypto
public import HTTP
import JSON
import Kafka
import Observability
public import Stores
import Threads

/// Describes a process without shards: the topics it reads and writes by itself, the tables it looks things up in, what its keys are for.
public struct EdgeDescription<Resources: ServiceResources>: Sendable {
    let name: ServiceName
    let summary: String
    let topics: [String]
    let tables: [Table]

    /// - Parameters:
    ///   - resources: what has its tables and its secrets.
    ///   - summary: for a person, behind "The <name> of Daifa: ".
    ///   - topics: what it reads and writes, but for tables.
    public init(_ name: ServiceName, resources: Resources.Type, summary: String, topics: [String], tables: [Table]) {
        self.name = name
        self.summary = summary
        self.tables = tables + resources.announced(by: name).filter { !tables.contains($0) }
        let table = Table.health.topic
        let all = topics + self.tables.map(\.topic)
        self.topics = all.contains(table) ? all : all + [table]
    }
}

/// A process without shards, as it begins: what can heal by itself is waited for, unready; what cannot ends it with exit 78.
public struct ShardlessProcess<Resources: ServiceResources>: Sendable {
    private static var retryInterval: Double { 0.5 }
    /// Seconds that the brokers have to take an announced row.
    private static var announceTimeout: Double { 10 }

    public let context: ProcessContext
    private let description: EdgeDescription<Resources>
    private let health: HealthAnswers
    private var name: String { description.name.rawValue }

    init(_ description: EdgeDescription<Resources>, _ context: ProcessContext) {
        self.description = description
        self.context = context
        health = HealthAnswers(context)
    }

    /// The answer to `/health/live`, `/health/ready` and `/metrics`; nil for any other path.
    public func health(_ request: HTTPRequest) -> HTTPResponse? { health.answer(request) }

    /// How many connections its server has, and how long they may take; some are kept for `/health` (design, section 3).
    /// - Parameter connections: at a time, those that are kept included.
    public func limits(connections: Int) -> HTTPServer.Limits { HealthAnswers.limits(context.configuration, connections: connections) }

    /// Keeps connections for `/health`.
    public var refusals: HTTPServer.Refusals { HealthAnswers.refusals }

    /// Opens the process's store under a name that at most one live process holds, and prepares the files beside it.
    public func openStore(holding name: String) throws(ExitError) -> any Store {
        guard case .sqlite = context.configuration.store, let store = try context.openStore(holding: name, Resources.self) else {
            throw .configuration(
                "DAIFA_STORE: the \(self.name) keeps its stores in a folder: sqlite:<folder>; the other services may have postgres://…")
        }
        return store
    }

    /// Verifies brokers and topics, for `--check`.
    public func check() throws(ExitError) { try TopicSetup(description.topics, context).check() }

    /// Creates the topics that are missing, or waits for them. Returns the cluster's id; nil when told to stop meanwhile.
    public func prepareTopics() throws(ExitError) -> String? {
        context.status.set(waitingFor: "Kafka")
        return try TopicSetup(description.topics, context).prepare()
    }

    /// Begins to tell `daifa.health` how the process is; the topics are there.
    public func reportHealth() throws(ExitError) -> HealthReport { try HealthReport(context) }

    /// Reads the tables, and announces what the process has to tell by itself. Returns nil when told to stop meanwhile.
    public func openTables() throws(ExitError) -> EdgeTables<Resources>? {
        let resources: Resources
        do throws(ConfigurationError) { resources = try Resources(context.environment(), context.configuration) } catch {
            throw .configuration(error.description)
        }
        let tables = try TableFollower(description.tables, resources, context)
        guard tables.catchUp(context.status), announce(resources) else {
            tables.stop()
            return nil
        }
        return EdgeTables(resources: resources, live: tables, announce: { announceNewRows(resources) })
    }

    /// Rows that have come to be announced meanwhile (`daifa keys rotate`).
    private func announceNewRows(_ resources: Resources) {
        resources.refresh()
        _ = announce(resources, patiently: false)
    }

    /// - Parameter patiently: again and again until the brokers have them; false: tries once.
    private func announce(_ resources: Resources, patiently: Bool = true) -> Bool {
        let rows = resources.announcements()
        if rows.isEmpty { return true }
        if patiently { context.status.set(waitingFor: "its own rows") }
        while !context.status.isStopping {
            do throws(KafkaError) {
                try send(rows)
                context.status.waits.over("its own rows are not announced yet")
                context.logger.info("rows announced", ["rows": rows.names])
                return true
            } catch {
                if !patiently {
                    context.status.waits.say("its own rows are not announced yet", because: "\(error)")
                    return false
                }
                context.status.set(waitingFor: "its own rows", because: "they are not announced yet: \(error)")
            }
            context.status.wait(Self.retryInterval)
        }
        return false
    }

    private func send(_ rows: [Announcement]) throws(KafkaError) {
        let producer = try Producer(context.configuration.kafka)
        defer { producer.close() }
        for row in rows {
            let envelope = OutgoingEnvelope(
                id: NamedId.make(row.type, row.key, "\(row.version)"), type: row.type, source: "/daifa/\(name)", subject: row.key,
                time: Clock.now, actor: Actor(.service, name))
            try producer.send(topic: row.table.topic, key: Array(row.key.utf8), value: row.row.json, headers: envelope.headers)
        }
        try producer.flush(timeout: Self.announceTimeout)
    }
}

/// The tables of a process without shards.
public struct EdgeTables<Resources: ServiceResources>: Sendable {
    public let resources: Resources
    fileprivate let live: TableFollower
    /// Announces what has come to be told since (`daifa keys rotate`), if the brokers are there.
    public let announce: @Sendable () -> Void

    /// Waits until everything is read that was committed when the call was made; false after `seconds`.
    public func barrier(timeout seconds: Double) -> Bool { live.reader?.barrier(timeout: seconds) ?? true }
    public func stop() { live.stop() }
}
