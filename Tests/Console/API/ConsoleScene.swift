import Contracts
import Crypto
import Foundation
import HTTP
import Identity
import JSON
import Kafka
import Observability
import OrderImports
import ReadModel
import Synchronization
import TestSupport
import Testing
import Texts
import Threads
import Web

@testable import Console
@testable import Runtime

/// The console's whole table of routes without Kafka and without a socket: its people, its read model, and services that a test plays.
final class ConsoleScene: Sendable {
    static let password = "correct horse"
    static let publicURL = "https://daifa.example"
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let store: SQLitePeopleStore
    let people: People
    let model: SQLiteReadModel
    let parts: ConsoleParts
    let router: Router<Visit, Problem>
    let transport: PlayedServices
    let issuer: TokenIssuer
    private let folder: TemporaryFolder
    let clock: SceneClock
    private let waiters: AnswerWaiters
    private let queue: PartnerRequestQueue

    /// - Parameters:
    ///   - rate: requests a second and caller.
    ///   - records: what the topics hold.
    ///   - provider: people log in with it too; nil: with none.
    ///   - other: a console with the same people; nil: this one has its own.
    init(
        signUp: Bool = false, rate: Double = 1_000_000, burst: Double? = nil, records: [LogRecord] = [], provider: (any HTTPSender)? = nil,
        beside other: ConsoleScene? = nil
    ) throws {
        folder = try TemporaryFolder(uniqueName("console-scene"))
        let path = folder.url.path
        let clock = other?.clock ?? SceneClock()
        self.clock = clock
        store = try SQLitePeopleStore(folder: "\((other?.folder ?? folder).url.path)/people")
        model = try SQLiteReadModel(path: "\(path)/model.db", clusterId: "c1")
        try model.apply(records)
        var settings = PeopleSettings()
        settings.isSignUpOpen = signUp
        settings.publicURL = Self.publicURL
        people = People(store: store, hasher: try PasswordHasher(), settings: settings)
        issuer = try TokenIssuer()
        try TokenIssuer.keySet(issuer).write(toFile: "\(path)/keys.json", atomically: true, encoding: .utf8)
        let logger = Logger(label: "test", level: .critical)
        let keys = try TokenKeys(at: "\(path)/keys.json", http: LazyHTTPClient(), logger: logger)
        waiters = AnswerWaiters { work in work() }
        try waiters.start()
        let pending = PendingCommands([:])
        let streams = try EventStreams()
        let watch = BatchWatch(streams: streams, ledger: store)
        let (ledger, waiting) = (store, waiters)
        transport = PlayedServices { answers in
            guard let settled = try? ledger.settle(answers) else { return }
            pending.settled(answers.map(\.commandId))
            waiting.answered(settled.commands)
            watch.changed(settled.batches)
        }
        queue = PartnerRequestQueue(Known(), kafka: .init(bootstrapServers: "127.0.0.1:1"), keyFile: nil, logger: logger) { _ in true }
        try queue.start()
        let reading: @Sendable () -> Timestamp = { clock.now }
        let doorkeeper = Doorkeeper(
            people: people, tokens: CallerTokens(TokenVerifier(keys, audience: "daifa", issuer: nil)),
            limiter: RateLimiter(rate: rate, burst: burst ?? rate), origins: [Self.publicURL], clock: reading)
        let events = ConsoleEvents(gateway: transport, logger: logger, clock: reading, audit: store)
        let labels = LabelDesk(
            LabelDesk.Tools(
                parcels: model, gateway: transport, events: events, waiters: waiters, carrierName: { $0 }, clock: reading, logger: logger),
            isSigned: true, missing: [])
        let imports = try ImportDesk(
            ImportDesk.Surroundings(
                ledger: store, model: model, recipientKey: { nil }, mergeSecret: MergeSecret(bytes: [UInt8](repeating: 7, count: 32)),
                send: { _ in true }, settle: { _ in true }, logger: logger, clock: reading, registering: 0))
        let letters = try LetterDesk(
            LetterDesk.Surroundings(
                model: model, ledger: store, read: { _ in [:] }, send: { _ in }, keys: { nil }, logger: logger, clock: reading))
        parts = ConsoleParts(
            people: people, ledger: store, selections: store, audit: store, model: model,
            texts: try Texts.load(Self.checkout.appendingPathComponent("Shared/Texts").path),
            assets: try Assets(folder: Self.checkout.appendingPathComponent("Services/Console/Web").path), doorkeeper: doorkeeper,
            desk: CommandDesk(ledger: store, model: model, pending: pending, gateway: transport, waiters: waiters, clock: reading),
            labels: labels, events: events, hub: EventHub(streams: streams, ends: []), freshness: ModelFreshness(), streams: streams,
            streamSessions: StreamSessions(people: people, streams: streams), watch: watch,
            own: OwnCommands(ledger: store, model: model, clock: reading), imports: imports, health: HealthBoard(),
            letters: letters, partners: queue, counts: RequestCounts(Metrics()), cookies: SessionCookies(isSecure: true),
            provider: provider.map { ProviderDoor(PlayedProvider.settings, http: $0, submit: Self.submitted, logger: logger) },
            proxies: NetworkList(), sealKey: { _, _ in nil }, clock: reading)
        router = parts.router()
    }

    private static func submitted(_ work: @Sendable () -> Void) -> Bool {
        work()
        return true
    }

    deinit {
        parts.streams.stop()
        waiters.stop()
        queue.stop()
    }
}

/// Wall-clock time that a test moves.
final class SceneClock: Sendable {
    private let time = Mutex(Clock.now)

    var now: Timestamp { time.withLock { $0 } }
    func advance(seconds: Int) { time.withLock { $0.milliseconds += seconds * 1000 } }
}

/// Kafka and the services behind it: takes commands, and answers them as a test says.
final class PlayedServices: CommandTransport {
    enum Reply: Sendable {
        case accept
        case refuse(LedgerRefusal)
        case silence
        /// Kafka takes nothing.
        case away
        /// Kafka has it, and goes away before it says so.
        case unconfirmed
    }

    private struct State {
        var reply = Reply.accept
        var messages: [OutgoingCommand] = []
        /// Numbers of messages that tell nobody: for tests with very many.
        var isForgetful = false
    }

    private let state = Mutex(State())
    private let answer: @Sendable ([CommandAnswer]) -> Void

    init(answer: @escaping @Sendable ([CommandAnswer]) -> Void) { self.answer = answer }

    func reply(_ reply: Reply) { state.withLock { $0.reply = reply } }
    func forget() { state.withLock { ($0.isForgetful, $0.messages) = (true, []) } }
    var commands: [OutgoingCommand] { state.withLock { $0.messages.filter { $0.topic.hasSuffix(".commands") } } }
    var events: [OutgoingCommand] { state.withLock { $0.messages.filter { $0.topic.hasSuffix(".events") } } }

    func submit(_ commands: [OutgoingCommand], _ done: @escaping @Sendable (Bool) -> Void) {
        let reply = state.withLock { state in
            if case .away = state.reply { return state.reply }
            if !state.isForgetful { state.messages += commands }
            return state.reply
        }
        switch reply {
        case .away, .unconfirmed: return done(false)
        case .accept, .refuse, .silence: done(true)
        }
        let asked = commands.filter { $0.topic.hasSuffix(".commands") }
        switch reply {
        case .accept: answer(asked.map(Self.accepted))
        case .refuse(let refusal):
            answer(asked.map { CommandAnswer(commandId: $0.envelope.id, eventId: "e-\($0.envelope.id)", event: nil, refusal: refusal) })
        case .silence, .away, .unconfirmed: break
        }
    }

    /// Answers later what was left in silence.
    func answerAll() { answer(commands.map(Self.accepted)) }

    private static func accepted(_ command: OutgoingCommand) -> CommandAnswer {
        let event = JSONValue.object([
            ("id", .string("e-\(command.envelope.id)")), ("type", .string("\(command.envelope.type)ed")), ("key", .string(command.key)),
            ("time", .string(command.envelope.time.description)), ("data", (try? JSONValue.decode(command.body)) ?? .null),
        ])
        return CommandAnswer(commandId: command.envelope.id, eventId: "e-\(command.envelope.id)", event: event.json)
    }
}
