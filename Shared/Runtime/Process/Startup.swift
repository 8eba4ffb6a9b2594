import Contracts
import Crypto
import HTTP
import JSON
import Kafka
import Stores

/// Everything between a good configuration and the loop. What can heal by itself (Kafka away, topics not there yet) is waited for,
/// unready; what cannot ends with exit 78.
struct Startup {
    private let description: ServiceDescription
    private let configuration: Configuration
    private let logger: Logger
    private let metrics: ServiceMetrics
    private let status: ServiceStatus

    private static let retryInterval = 0.5

    init(
        _ description: ServiceDescription, _ configuration: Configuration, _ logger: Logger, _ metrics: ServiceMetrics,
        _ status: ServiceStatus
    ) {
        self.description = description
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        self.status = status
    }

    func run(checkOnly: Bool) throws(ExitError) {
        let store = try openStore(lock: !checkOnly)
        let authenticate = try authentication()
        if checkOnly { return try check() }
        status.set(waitingFor: "Kafka")
        guard let clusterId = try prepareTopics() else { return }
        let tables = TableCache(logger: logger)
        let reader = try startTables(tables)
        defer { reader?.stop() }
        let publisher = try startPublisher()
        defer { publisher.stop() }
        let vault = try openVault(tables)
        guard try catchUp(reader), try announceKeys(vault, tables, publisher) else { return }
        status.set(waitingFor: nil)
        let environment = ServiceEnvironment(
            service: description.name, settings: configuration.settings, partners: configuration.partners, tables: tables, vault: vault,
            http: LazyHTTPClient(), logger: logger, metrics: metrics.registry)
        let loop = ServiceLoop(
            description, configuration, logger: logger, metrics: metrics, store: store, tables: tables, tableReader: reader,
            publisher: publisher, identity: StoreIdentity(clusterId: clusterId, group: description.group), status: status,
            authenticate: authenticate, environment: environment)
        try loop.run()
        logger.info("stopped")
    }

    /// - Parameter lock: take the instance's name; not for a check, which may run beside the service.
    private func openStore(lock: Bool) throws(ExitError) -> any Store {
        switch configuration.store {
        case .sqlite(let folder):
            do throws(StoreError) {
                let store = try SQLiteStore(folder: folder)
                if lock { try store.lockInstance(configuration.instance) }
                return store
            } catch {
                throw error.kind == .instanceInUse
                    ? .configuration("DAIFA_INSTANCE: \(error)") : .configuration("DAIFA_STORE: \(error)")
            }
        }
    }

    private func authentication() throws(ExitError) -> (Attributes) throws(Refusal) -> Actor? {
        guard configuration.requiresTokens, let path = configuration.authKeys else { return { (_) throws(Refusal) in nil } }
        let tokens: TokenVerifier
        do throws(ConfigurationError) { tokens = try TokenVerifier(keysAt: path) } catch { throw .configuration(error.description) }
        let service = description.name
        return { (attributes) throws(Refusal) in
            // Messages between services carry no token yet: whoever may write a commands topic can pose as another service.
            if attributes.token == nil, let actor = attributes.actor, actor.kind == .service,
                actor.id != service.rawValue
            {
                return actor
            }
            return try tokens.actor(of: attributes.token, now: Clock.now)
        }
    }

    // MARK: Kafka

    private func check() throws(ExitError) {
        let topics: [String: Int32]
        do throws(KafkaError) { topics = try Admin(configuration.kafka).metadata(timeout: 10).topics } catch {
            throw .configuration("KAFKA_BOOTSTRAP_SERVERS=\(configuration.kafka.bootstrapServers): \(error)")
        }
        try verify(topics)
        logger.info("configuration and connections are good")
    }

    /// Creates the topics that are missing, or waits for them. Returns the cluster's id; nil when told to stop meanwhile.
    private func prepareTopics() throws(ExitError) -> String? {
        let admin: Admin
        do throws(KafkaError) { admin = try Admin(configuration.kafka) } catch { throw .configuration("\(error)") }
        var complained = ""
        while !status.isStopping {
            do throws(KafkaError) {
                if let clusterId = try topicsReady(admin) { return clusterId }
                continue
            } catch {
                let text = "\(error)"
                if text != complained {
                    logger.warning(
                        "waiting for Kafka",
                        ["bootstrap": configuration.kafka.bootstrapServers, "variable": "KAFKA_BOOTSTRAP_SERVERS", "reason": text])
                }
                complained = text
            }
            status.wait(Self.retryInterval)
        }
        return nil
    }

    /// The cluster's id when every topic is there; nil when some were created just now.
    private func topicsReady(_ admin: Admin) throws(KafkaError) -> String? {
        let metadata = try admin.metadata(timeout: 5)
        do throws(ExitError) { try verify(metadata.topics) } catch { status.end(error) }
        if let unready = description.topics.first(where: { metadata.unready.contains($0) }) {
            throw KafkaError(
                code: .leaderNotAvailable, operation: "read metadata", reason: "\(unready) has no leader yet", isRetriable: true)
        }
        let missing = description.topics.filter { metadata.topics[$0] == nil }
        if missing.isEmpty {
            guard let clusterId = metadata.clusterId else {
                throw KafkaError(
                    code: .transport, operation: "read metadata", reason: "the brokers do not tell the cluster's id", isRetriable: true)
            }
            return clusterId
        }
        guard configuration.createTopics else {
            status.end(
                .configuration(
                    "topics are missing: \(missing.joined(separator: ", ")). Create them with \(configuration.partitions) partitions, or set DAIFA_CREATE_TOPICS=true"
                ))
        }
        try admin.createTopics(missing.map { newTopic($0) })
        logger.info("topics created", ["topics": missing.joined(separator: " ")])
        return nil
    }

    private func newTopic(_ name: String) -> NewTopic {
        let isTable = Topics.tables.contains(name)
        return NewTopic(
            name: name, partitions: configuration.partitions, replication: configuration.replication,
            config: ["cleanup.policy": isTable ? "compact" : "delete"])
    }

    private func verify(_ topics: [String: Int32]) throws(ExitError) {
        for topic in description.topics {
            if let count = topics[topic], count != configuration.partitions {
                throw .configuration(
                    "DAIFA_PARTITIONS is \(configuration.partitions), but the topic \(topic) has \(count) partitions: all topics have the same number; set DAIFA_PARTITIONS=\(count) if they were made so on purpose"
                )
            }
        }
    }

    private func startPublisher() throws(ExitError) -> Publisher {
        let outputs = OutboxTopics.names.map { description.outputs.contains($0) ? $0 : nil }
        do throws(ThreadError) {
            return try Publisher(
                configuration.kafka, transactionalId: "daifa-\(description.name.rawValue)-\(configuration.instance)", outputs: outputs,
                metrics: metrics)
        } catch { throw .bug("\(error)") }
    }

    // MARK: Tables

    private func startTables(_ cache: TableCache) throws(ExitError) -> TableReader? {
        let tables = description.tables
        guard !tables.isEmpty else { return nil }
        do {
            return try TableReader(configuration.kafka, topics: tables.map(\.topic)) { index, key, value in
                cache.apply(tables[index], key: key, value: value)
            }
        } catch { throw .configuration("\(error)") }
    }

    /// Waits for the first full read; false when told to stop meanwhile.
    private func catchUp(_ reader: TableReader?) throws(ExitError) -> Bool {
        guard let reader else { return !status.isStopping }
        status.set(waitingFor: "tables")
        while !status.isStopping {
            if reader.waitUntilCaughtUp(timeout: 0.5) { return true }
        }
        return false
    }

    private func openVault(_ tables: TableCache) throws(ExitError) -> Vault {
        do throws(CryptoError) {
            return try Vault(
                sealPath: configuration.sealKeyPath, ringPath: configuration.masterKeyPath, purposes: description.announces, tables: tables)
        } catch { throw .configuration("DAIFA_SEAL_KEY_FILE, DAIFA_MASTER_KEY_FILE: \(error)") }
    }

    /// Announces the service's public keys in `daifa.keys`, unless they stand there already.
    private func announceKeys(_ vault: Vault, _ tables: TableCache, _ publisher: Publisher) throws(ExitError) -> Bool {
        let rows = KeyRow.rows(of: description.name, vault.sealKeys).filter { tables.key($0.key) != $0 }
        if rows.isEmpty { return true }
        status.set(waitingFor: "its key")
        let outbox = BatchOutbox(
            service: description.name, shard: -1, partitions: configuration.partitions, maximumBytes: configuration.maximumMessageBytes)
        outbox.reset(now: Clock.now)
        for row in rows { outbox.row(row) }
        let records = outbox.finish(sequence: 0)
        while !status.isStopping {
            do throws(KafkaError) {
                try publisher.prepare(timeout: 25, control: records)
                logger.info("keys announced", ["keyIds": rows.map(\.keyId).joined(separator: " ")])
                return true
            } catch { logger.warning("the keys are not announced yet", ["reason": "\(error)"]) }
            status.wait(Self.retryInterval)
        }
        return false
    }
}

extension KeyRow {
    /// A row for each key of a purpose that the contract knows.
    static func rows(of service: ServiceName, _ keys: SealKeys) -> [KeyRow] {
        keys.keys.compactMap { key in
            guard let purpose = KeyPurpose(rawValue: key.purpose) else { return nil }
            var row = KeyRow()
            row.service = service
            row.keyId = key.keyId
            row.purpose = purpose
            row.publicKey = Base64.encode(key.keyPair.publicKey)
            row.version = key.version
            return row
        }
    }
}
