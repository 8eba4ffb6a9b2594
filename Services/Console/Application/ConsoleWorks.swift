import ConsoleConfiguration
import Contracts
import Crypto
import HTTP
import Identity
import Labels
import Machines
import Observability
import OrderImports
import ReadModel
import Runtime
import Texts
import Threads
import Web

/// What runs in the console beside its HTTP server: it fills the read model, sends commands, and tells those who wait.
struct ConsoleWorks: Sendable {
    /// Threads that write answers which come later than their requests, and answers that may wait for them.
    private static let answerThreads = 2
    private static let answersWaiting = 65_536

    let people: People
    let feeder: ModelFeeder
    private let stores: ConsoleStores
    private let context: ProcessContext
    private let clock: @Sendable () -> Timestamp
    private let settings: ConsoleSettings
    private let publicURL: String
    private let gateway: CommandGateway
    private let events: ConsoleEvents
    private let labels: LabelDesk
    private let waiters: AnswerWaiters
    private let pending: PendingCommands
    private let streams: EventStreams
    private let streamSessions: StreamSessions
    private let hub: EventHub
    let freshness = ModelFreshness()
    private let batches: BatchWatch
    private let pool: WorkerPool
    private let tokens: CallerTokens?
    private let resources: ConsoleResources
    private let health: HealthBoard
    private let letters: LetterDesk
    private let provider: ProviderDoor?

    init(
        _ context: ProcessContext, _ stores: ConsoleStores, _ resources: ConsoleResources, clock: ServiceClock, _ settings: ConsoleSettings,
        _ texts: Texts
    ) throws {
        (self.context, self.stores, self.settings, self.resources) = (context, stores, settings, resources)
        let configuration = context.configuration
        self.clock = { clock.now }
        publicURL = resources.settings.publicURL
        let peopleSettings = settings.people(publicURL: publicURL)
        people = People(
            store: stores.people, hasher: try PasswordHasher(), settings: peopleSettings,
            linkFile: "\(stores.people.folder)/first-operator.link")
        tokens = try CallerTokens(context)
        gateway = CommandGateway(configuration.kafka, keyFile: configuration.serviceKeyFile, logger: context.logger)
        pool = try WorkerPool("late-answers", threads: Self.answerThreads, waiting: Self.answersWaiting)
        let pool = pool
        provider = try Self.provider(settings, publicURL: publicURL).map { provider in
            ProviderDoor(provider, http: LazyHTTPClient(), submit: { pool.submit($0) }, logger: context.logger)
        }
        waiters = AnswerWaiters { work in _ = pool.submit(work) }
        pending = PendingCommands(try stores.people.pendingCommands())
        streams = try EventStreams()
        streamSessions = StreamSessions(people: people, streams: streams)
        hub = EventHub(streams: streams, ends: stores.model.positions)
        batches = BatchWatch(streams: streams, ledger: stores.people)
        health = resources.health
        letters = try Self.letters(context, stores, clock: clock)
        events = ConsoleEvents(gateway: gateway, logger: context.logger, clock: self.clock, audit: stores.people)
        labels = LabelDesk(
            LabelDesk.Tools(
                parcels: stores.model, gateway: gateway, events: events, waiters: waiters,
                carrierName: { texts[.zh]("carrier.\($0)") }, clock: self.clock, logger: context.logger),
            isSigned: configuration.serviceKeyFile != nil, missing: LabelFonts().check())
        let (waiters, hub, batches, labelAnswers) = (waiters, hub, batches, labels.answers)
        feeder = ModelFeeder(
            model: stores.model, ledger: stores.people, pending: pending, context: context, clock: self.clock,
            seen: { waiters.answered(labelAnswers.read($0)) }
        ) { settled, events in
            waiters.answered(settled.commands)
            hub.tell(events)
            if !batches.isEmpty, !settled.batches.isEmpty { _ = pool.submit { batches.changed(settled.batches) } }
        }
    }

    func start() throws(ThreadError) {
        try gateway.start()
        try waiters.start()
        try labels.start()
        provider?.discover(now: clock())
    }

    /// For a timer: what others have done to people and batches of the same store.
    func look() {
        streamSessions.look(now: clock())
        batches.look()
    }

    func stop() {
        streams.stop()
        waiters.stop()
        gateway.stop()
        letters.stop()
        pool.stop()
        labels.stop()
    }

    /// - Parameter settle: waits until the model holds what the topics hold.
    func imports(_ resources: ConsoleResources, settle: @escaping @Sendable (Double) -> Bool) throws -> ImportDesk {
        let gateway = gateway
        return try ImportDesk(
            ImportDesk.Surroundings(
                ledger: stores.people, model: stores.model,
                recipientKey: { resources.recipientKey },
                mergeSecret: try MergeSecret(file: "\(stores.people.folder)/merge.secret"), send: { gateway.deliver($0) },
                settle: settle, logger: context.logger, clock: clock))
    }

    private static func provider(_ settings: ConsoleSettings, publicURL: String) throws(ExitError) -> ProviderSettings? {
        do throws(CryptoError) {
            let secret = try settings.providerSecretFile.map { (path) throws(CryptoError) in try KeyMaterial.text(path: path) }
            return settings.provider(publicURL: publicURL, secret: secret)
        } catch { throw .configuration("DAIFA_OIDC_CLIENT_SECRET_FILE: \(error)") }
    }

    private static func letters(_ context: ProcessContext, _ stores: ConsoleStores, clock: ServiceClock) throws(ThreadError) -> LetterDesk {
        let (log, keyFile) = (LetterLog(kafka: context.configuration.kafka), context.configuration.serviceKeyFile)
        return try LetterDesk(
            LetterDesk.Surroundings(
                model: stores.model, ledger: stores.people, read: { try log.read($0) }, send: { try log.send($0) },
                keys: { try keyFile.map { try ServiceKeys(path: $0) } }, logger: context.logger, clock: { clock.now }))
    }

    func parts(
        _ texts: Texts, _ assets: Assets, _ partners: PartnerRequestQueue, _ imports: ImportDesk, _ counts: RequestCounts
    ) -> ConsoleParts {
        let rate = Double(settings.apiRate)
        let doorkeeper = Doorkeeper(
            people: people, tokens: tokens, limiter: RateLimiter(rate: rate, burst: rate * 10), origins: [publicURL.lowercased()],
            clock: clock)
        return ConsoleParts(
            people: people, ledger: stores.people, selections: stores.people, audit: stores.people, model: stores.model, texts: texts,
            assets: assets,
            doorkeeper: doorkeeper,
            desk: CommandDesk(
                ledger: stores.people, model: stores.model, pending: pending, gateway: gateway, waiters: waiters, clock: clock),
            labels: labels, events: events, hub: hub, freshness: freshness, streams: streams, streamSessions: streamSessions,
            watch: batches, own: OwnCommands(ledger: stores.people, model: stores.model, clock: clock),
            imports: imports, health: health, letters: letters,
            partners: partners, counts: counts, cookies: SessionCookies(isSecure: publicURL.lowercased().hasPrefix("https:")),
            provider: provider, proxies: context.configuration.trustedProxies, sealKey: { [resources] in resources.newestKey(of: $0, $1) },
            clock: clock)
    }
}
