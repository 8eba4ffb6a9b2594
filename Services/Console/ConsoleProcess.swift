import ConsoleConfiguration
import Contracts
import Credentials
import HTTP
import Identity
import Kafka
import Machines
import Observability
import ReadModel
import Runtime
import Stores
import Synchronization
import Texts
import Threads
import Web

/// The console's life: it listens at once, and lets people and partners in when it has read everything.
struct ConsoleProcess {
    /// Seconds between two looks at Kafka and the store.
    private static let probeInterval = 2.0
    private static let probeTimeout = 1.0
    /// Seconds between two rounds of forgetting what is too old.
    private static let pruneInterval = 60.0

    private let process: ShardlessProcess<ConsoleResources>
    private let clock: ServiceClock
    private let settings: ConsoleSettings
    private var context: ProcessContext { process.context }
    private var status: ServiceStatus { context.status }

    init(_ process: ShardlessProcess<ConsoleResources>, clock: ServiceClock = ServiceClock()) {
        self.process = process
        self.clock = clock
        settings = process.context.configuration.group(ConsoleSettings.self)
    }

    func run() throws(ExitError) {
        let web = try WebFolder.find(settings.webFolder)
        let texts: Texts
        let assets: Assets
        do throws(TextsError) { texts = try Texts.load(web.texts) } catch { throw .configuration("DAIFA_WEB: \(error)") }
        do throws(Assets.Failure) { assets = try Assets(folder: web.assets) } catch { throw .configuration("DAIFA_WEB: \(error)") }
        // Makes the keys beside the store, and holds its name: one console has one store.
        let lock = try process.openStore(holding: "console")
        if context.isCheck { return try process.check() }
        let counts = RequestCounts(context.metrics, context.tracer)
        let door = FrontDoor(process, counts: counts, failures: FailurePage(texts: texts, assets: assets))
        let server = try door.serve(context.configuration)
        defer { server.stop() }
        context.metrics.reading(.streams) { [weak server] in Double(server?.openStreams ?? 0) }
        guard let clusterId = try process.prepareTopics() else { return }
        let health = try process.reportHealth()
        defer { health.stop() }
        try withExtendedLifetime(lock) { () throws(ExitError) in
            try serve(door, port: server.port, stores: try ConsoleStores(context, clusterId: clusterId, settings), texts, assets, counts)
        }
    }

    private func serve(
        _ door: FrontDoor, port: UInt16, stores: ConsoleStores, _ texts: Texts, _ assets: Assets, _ counts: RequestCounts
    ) throws(ExitError) {
        guard let tables = try process.openTables() else { return }
        defer { tables.stop() }
        let works: ConsoleWorks
        do {
            works = try ConsoleWorks(context, stores, tables.resources, clock: clock, settings, texts)
            try works.start()
        } catch let error as ExitError { throw error } catch { throw .bug("\(error)") }
        defer { works.stop() }
        let reader = try follow(stores.model, works.feeder)
        defer { reader.stop() }
        guard catchUp(reader, works.feeder) else { return }
        let queue = PartnerRequestQueue(
            ConsoleLookup(model: stores.model, resources: tables.resources, clock: clock), kafka: context.configuration.kafka,
            keyFile: context.configuration.serviceKeyFile, logger: context.logger
        ) { timeout in
            let deadline = Deadline.after(timeout)
            return tables.barrier(timeout: timeout) && reader.barrier(timeout: deadline.remaining)
        }
        let imports: ImportDesk
        do { imports = try works.imports(tables.resources) { reader.barrier(timeout: $0) } } catch {
            throw .configuration("DAIFA_STORE: \(error)")
        }
        do throws(ThreadError) {
            try queue.start()
            door.open(try Dispatcher(works.parts(texts, assets, queue, imports, counts).router()))
        } catch { throw .bug("\(error)") }
        defer {
            door.close()
            imports.stop()
            queue.stop()
        }
        try tellFirstOperator(works.people)
        status.set(waitingFor: nil)
        status.set(assigned: true)
        context.logger.info("ready", ["port": "\(port)"])
        try watch(stores, works, tables, reader)
        context.logger.info("stopped")
    }

    private func follow(_ model: SQLiteReadModel, _ feeder: ModelFeeder) throws(ExitError) -> TableReader {
        let positions = model.positions.map { PartitionOffset(topic: $0.topic, partition: $0.partition, offset: $0.offset) }
        do {
            return try TableReader(context.configuration.kafka, topics: ReadModelTopics.all, from: positions) { feeder.apply($0) }
        } catch { throw .configuration("\(error)") }
    }

    /// False when told to stop meanwhile.
    private func catchUp(_ reader: TableReader, _ feeder: ModelFeeder) -> Bool {
        status.set(waitingFor: "events")
        while !status.isStopping {
            if reader.waitUntilCaughtUp(timeout: 0.5) { return true }
            // Otherwise the feeder has said that it waits for the store.
            if feeder.problem == nil { status.set(waitingFor: "events", because: reader.obstacle, level: .notice) }
        }
        return false
    }

    /// While nobody is an operator: says where the link lies that makes the first one.
    private func tellFirstOperator(_ people: People) throws(ExitError) {
        do throws(PeopleError) {
            guard let file = try people.firstOperatorLink(now: clock.now) else { return }
            context.logger.notice(
                "nobody is an operator yet: a link that makes the first one, good for an hour, is in a file", ["file": file])
        } catch { throw .configuration("DAIFA_STORE: \(error)") }
    }

    /// Until the process is to stop: says whether Kafka and the store are there, announces new keys, and forgets what is too old.
    private func watch(
        _ stores: ConsoleStores, _ works: ConsoleWorks, _ tables: EdgeTables<ConsoleResources>, _ reader: TableReader
    ) throws(ExitError) {
        let admin: Admin
        do throws(KafkaError) { admin = try Admin(context.configuration.kafka) } catch { throw .configuration("\(error)") }
        var pruneAt = clock.uptime
        while !status.isStopping {
            status.beat()
            let askedAt = clock.now
            works.freshness.note(reader.barrier(timeout: ModelFreshness.most), asOf: askedAt)
            if look(admin, works.feeder) { tables.announce() }
            works.look()
            if clock.uptime >= pruneAt {
                pruneAt = clock.uptime + Self.pruneInterval
                prune(stores, works)
            }
            status.wait(Self.probeInterval)
        }
    }

    private func prune(_ stores: ConsoleStores, _ works: ConsoleWorks) {
        do {
            try stores.model.age(now: clock.now)
            try works.people.prune(now: clock.now)
            try stores.people.pruneRequests(now: clock.now)
            try stores.people.pruneSelections(now: clock.now)
            try stores.people.pruneAudit(now: clock.now)
        } catch { context.logger.warning("what is too old is not forgotten yet", ["reason": "\(error)"]) }
    }

    /// Says what is away; returns whether Kafka is there.
    private func look(_ admin: Admin, _ feeder: ModelFeeder) -> Bool {
        var trouble: KafkaError?
        do throws(KafkaError) { _ = try admin.metadata(timeout: Self.probeTimeout) } catch { trouble = error }
        if let problem = feeder.problem {
            status.set(waitingFor: "the store", because: problem)
        } else if let trouble {
            status.set(waitingFor: "Kafka", because: "\(trouble)")
        } else {
            status.set(waitingFor: nil)
        }
        return trouble == nil
    }
}

/// The console's lookup, from its read model and its tables.
private struct ConsoleLookup: PartnerLookup {
    let model: SQLiteReadModel
    let resources: ConsoleResources
    let clock: ServiceClock

    var now: Timestamp { clock.now }
    var publicURL: String { resources.settings.publicURL }
    func consent(state: String) throws(ReadModelError) -> ConsentRow? { try model.consent(state: state) }
    func number(_ kind: PartnerNumberKind, _ number: String) throws(ReadModelError) -> PartnerNumberRow? {
        try model.number(kind, number)
    }
    func warehouse(_ warehouseId: String) -> WarehouseRow? { resources.tables.warehouse(warehouseId) }
    func authorizations(of provider: Provider, appKey: String) -> [String: Set<String>] {
        resources.credentials.authorizations(of: provider.rawValue, appKey: appKey)
    }
}
