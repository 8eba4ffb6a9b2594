import Contracts
import Credentials
import HTTP
import Kafka
import Machines
import Observability
import Runtime
import Stores
import Synchronization
import Threads

/// The console's life: it listens at once, and lets partners in when it has read everything.
struct ConsoleProcess {
    /// Seconds between two looks at Kafka and the store.
    private static let probeInterval = 2.0
    private static let probeTimeout = 1.0
    /// Seconds between two looks at consents that expired long ago.
    private static let pruneInterval = 3600.0

    private let process: ShardlessProcess<TablesAndSecrets>
    private let clock: ServiceClock
    private var context: ProcessContext { process.context }
    private var status: ServiceStatus { context.status }

    init(_ process: ShardlessProcess<TablesAndSecrets>, clock: ServiceClock = ServiceClock()) {
        self.process = process
        self.clock = clock
    }

    func run() throws(ExitError) {
        let store = try process.openStore(holding: "console")
        if context.isCheck { return try process.check() }
        let router = ConsoleRouter(process, clock: clock, answers: AnswerMetrics(context.metrics))
        let server = try router.serve(context.configuration)
        defer { server.stop() }
        guard let clusterId = try process.prepareTopics() else { return }
        let model = try ReadModel(store, clusterId: clusterId, status: status)
        guard let tables = try process.openTables() else { return }
        defer { tables.stop() }
        let reader = try follow(model)
        defer { reader.stop() }
        guard catchUp(reader, model) else { return }
        let queue = PartnerRequestQueue(
            ConsoleLookup(model: model, resources: tables.resources, clock: clock), kafka: context.configuration.kafka,
            keyFile: context.configuration.serviceKeyFile, logger: context.logger, answers: AnswerMetrics(context.metrics)
        ) { timeout in
            let deadline = Deadline.after(timeout)
            return tables.barrier(timeout: timeout) && reader.barrier(timeout: deadline.remaining)
        }
        do throws(ThreadError) { try queue.start() } catch { throw .bug("\(error)") }
        router.open(queue)
        status.set(waitingFor: nil)
        status.set(assigned: true)
        context.logger.info("ready", ["port": "\(server.port)"])
        try watch(model, tables)
        queue.stop()
        context.logger.info("stopped")
    }

    private func follow(_ model: ReadModel) throws(ExitError) -> TableReader {
        do {
            return try TableReader(context.configuration.kafka, topics: ReadModel.topics, from: model.positions) { model.apply($0) }
        } catch { throw .configuration("\(error)") }
    }

    /// False when told to stop meanwhile.
    private func catchUp(_ reader: TableReader, _ model: ReadModel) -> Bool {
        status.set(waitingFor: "events")
        while !status.isStopping {
            if reader.waitUntilCaughtUp(timeout: 0.5) { return true }
            // Otherwise the model has said that it waits for the store.
            if model.problem == nil { status.set(waitingFor: "events", because: reader.obstacle, level: .notice) }
        }
        return false
    }

    /// Until the process is to stop: says whether Kafka and the store are there, announces new keys, and forgets old consents.
    private func watch(_ model: ReadModel, _ tables: EdgeTables<TablesAndSecrets>) throws(ExitError) {
        let admin: Admin
        do throws(KafkaError) { admin = try Admin(context.configuration.kafka) } catch { throw .configuration("\(error)") }
        var pruneAt = clock.uptime
        while !status.isStopping {
            status.beat()
            let isThere = look(admin, model)
            if isThere { tables.announce() }
            if clock.uptime >= pruneAt {
                pruneAt = clock.uptime + Self.pruneInterval
                do throws(StoreError) { try model.prune(now: clock.now) } catch {
                    context.logger.warning("expired consents are not forgotten yet", ["reason": "\(error)"])
                }
            }
            status.wait(Self.probeInterval)
        }
    }

    /// Says what is away; returns whether Kafka is there.
    private func look(_ admin: Admin, _ model: ReadModel) -> Bool {
        var trouble: KafkaError?
        do throws(KafkaError) { _ = try admin.metadata(timeout: Self.probeTimeout) } catch { trouble = error }
        if let problem = model.problem {
            status.set(waitingFor: "the store", because: "\(problem)")
        } else if let trouble {
            status.set(waitingFor: "Kafka", because: "\(trouble)")
        } else {
            status.set(waitingFor: nil)
        }
        return trouble == nil
    }
}

/// The console's lookup, from its store and its tables.
private struct ConsoleLookup: PartnerLookup {
    let model: ReadModel
    let resources: TablesAndSecrets
    let clock: ServiceClock

    var now: Timestamp { clock.now }
    var publicURL: String { resources.settings.publicURL }
    func consent(state: String) throws(StoreError) -> ConsentRow? { try model.consent(state: state) }
    func number(_ kind: StatusPush.OrderType, _ number: String) throws(StoreError) -> NumberRow? { try model.number(kind, number) }
    func warehouse(_ warehouseId: String) -> WarehouseRow? { resources.tables.warehouse(warehouseId) }
    func authorizations(of provider: Provider, appKey: String) -> [String: Set<String>] {
        resources.credentials.authorizations(of: provider.rawValue, appKey: appKey)
    }
}
