import Contracts
import HTTP
import Kafka
import Observability
import Stores
import Threads

/// Everything between a good configuration and the loop. A fault that can heal by itself (Kafka away, topics not there yet) is waited
/// for, unready; any other ends the process with exit 78.
struct Startup {
    private let description: ServiceDescription
    private let context: ProcessContext
    private var configuration: Configuration { context.configuration }
    private var status: ServiceStatus { context.status }

    private static let retryInterval = 0.5

    init(_ description: ServiceDescription, _ context: ProcessContext) {
        self.description = description
        self.context = context
    }

    func run() throws(ExitError) {
        try description.validate()
        guard let store = try context.openStore(holding: configuration.instance, description.resources) else { return }
        let keys = try serviceKeys()
        let authenticator: Authenticator?
        if configuration.requiresTokens, let keys, let place = configuration.authKeys {
            guard let tokens = try tokens(at: place) else { return }
            authenticator = Authenticator(tokens: tokens, keys: keys, topics: description.inputs)
        } else {
            authenticator = nil
        }
        let topics = TopicSetup(description.topics, context)
        if context.isCheck { return try topics.check() }
        status.set(waitingFor: "Kafka")
        guard let clusterId = try topics.prepare() else { return }
        let health = try HealthReport(context)
        defer { health.stop() }
        let environment = context.environment()
        let equipment: ServiceDescription.Equipment
        do throws(ConfigurationError) { equipment = try description.equip(environment, configuration) } catch {
            throw .configuration(error.description)
        }
        let tables = try TableFollower(description.tables, equipment.resources, context)
        defer { tables.stop() }
        let publisher = try startPublisher()
        defer { publisher.stop() }
        guard tables.catchUp(status), announce(equipment.resources, publisher) else { return }
        status.set(waitingFor: nil)
        let loop = try ServiceLoop(
            description, configuration, logger: context.logger, metrics: context.measures, store: store, equipment: equipment,
            tableReader: tables.reader, publisher: publisher, identity: StoreIdentity(clusterId: clusterId, group: description.group),
            status: status, authenticator: authenticator, keys: keys, environment: environment)
        try loop.run()
        context.logger.info("stopped")
    }

    private func serviceKeys() throws(ExitError) -> ServiceKeys? {
        guard let path = configuration.serviceKeyFile else { return nil }
        do throws(ConfigurationError) { return try ServiceKeys(path: path, logger: context.logger) } catch {
            throw .configuration(error.description)
        }
    }

    /// nil when told to stop before the keys of tokens were there.
    private func tokens(at place: String) throws(ExitError) -> TokenVerifier? {
        do throws(ConfigurationError) {
            let keys = try TokenKeys(at: place, http: LazyHTTPClient(), logger: context.logger)
            if context.isCheck { try keys.load() } else if !loaded(keys) { return nil }
            return TokenVerifier(keys, audience: configuration.authAudience, issuer: configuration.authIssuer)
        } catch { throw .configuration(error.description) }
    }

    /// Waits for a server that is away; false when told to stop meanwhile.
    private func loaded(_ keys: TokenKeys) -> Bool {
        status.set(waitingFor: "the keys of tokens")
        while !status.isStopping {
            do throws(ConfigurationError) {
                try keys.load()
                return true
            } catch { status.set(waitingFor: "the keys of tokens", because: "\(error)") }
            status.wait(Self.retryInterval)
        }
        return false
    }

    private func startPublisher() throws(ExitError) -> Publisher {
        let outputs = OutboxTopics.names.map { description.outputs.contains($0) ? $0 : nil }
        do throws(ThreadError) {
            return try Publisher(
                configuration.kafka, transactionalId: "daifa-\(description.name.rawValue)-\(configuration.instance)", outputs: outputs,
                metrics: context.measures)
        } catch { throw .bug("\(error)") }
    }

    /// Writes the rows that the service has to write by itself, unless they stand there already.
    private func announce(_ resources: any ServiceResources, _ publisher: Publisher) -> Bool {
        let rows = resources.announcements()
        if rows.isEmpty { return true }
        status.set(waitingFor: "its own rows")
        let outbox = BatchOutbox(
            service: description.name, shard: -1, partitions: configuration.partitions, maximumBytes: configuration.maximumMessageBytes)
        outbox.reset(now: Clock.now)
        for announcement in rows { outbox.row(announcement.row) }
        let records = outbox.finish(sequence: 0)
        while !status.isStopping {
            do throws(KafkaError) {
                try publisher.prepare(timeout: 25, control: records)
                context.logger.info("rows announced", ["rows": rows.names])
                return true
            } catch { status.set(waitingFor: "its own rows", because: "they are not announced yet: \(error)") }
            status.wait(Self.retryInterval)
        }
        return false
    }
}
