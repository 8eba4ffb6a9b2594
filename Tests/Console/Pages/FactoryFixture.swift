import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Runtime
import Synchronization
import Texts
import Threads
import Web

@testable import Console
@testable import Identity
@testable import ReadModel

/// The pages of factory f1 on a read model that a test fills, without a server. What is sent is kept instead of going to Kafka.
final class FactoryFixture: Sendable {
    static let now = Timestamp(milliseconds: 1_764_000_000_000)

    let folder: String
    let model: SQLiteReadModel
    let people: SQLitePeopleStore
    let sent = SentCommands()
    let labels = LabelStandIn()
    private let router: Router<Visit, Problem>
    private let open: OpenSession

    init(_ log: TopicLog = TopicLog(), language: Language = .en) throws {
        folder = NSTemporaryDirectory() + "pages-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        model = try SQLiteReadModel(path: "\(folder)/model.sqlite", clusterId: "c1")
        _ = try model.apply(log.records)
        people = try SQLitePeopleStore(folder: "\(folder)/people")
        let user = User(userId: "u1", name: "Wang", passwordHash: nil, language: language, zone: "Asia/Shanghai", created: Self.now)
        let session = Session(
            sessionId: "s1", userId: "u1", created: Self.now, lastUsed: Self.now, address: "", browser: "",
            csrfToken: Base64URL.encode([UInt8](repeating: 7, count: 32)), isOfProvider: false, ends: Self.now.after(seconds: 3600))
        open = OpenSession(session: session, user: user, memberships: [Membership(actor: "factory:f1", role: .owner)])
        router = try Self.router(model, people, sent, labels, open, language)
        try router.check()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func router(
        _ model: SQLiteReadModel, _ people: SQLitePeopleStore, _ sent: SentCommands, _ labels: LabelStandIn, _ open: OpenSession,
        _ language: Language
    ) throws -> Router<Visit, Problem> {
        let texts = try Texts.load(checkout + "/Shared/Texts")
        let clock: @Sendable () -> Timestamp = { now }
        let streams = try EventStreams()
        var kit = PageKit(
            texts: texts, assets: try assets(), hub: EventHub(streams: streams, ends: []),
            clock: clock)
        kit.alarm = StopList(model: model, ledger: people).banner
        let desk = CommandDesk(
            ledger: people, model: model, pending: PendingCommands([:]), gateway: sent, waiters: AnswerWaiters { $0() }, clock: clock)
        let sessions = StreamSessions(
            people: People(store: people, hasher: try PasswordHasher(), settings: PeopleSettings()),
            streams: streams)
        let pages = ShopPages(
            kit: kit, model: model, commands: PageCommands(desk: desk, kit: kit),
            batches: BatchRoutes(desk: desk, watch: BatchWatch(streams: streams, ledger: people), sessions: sessions, texts: texts),
            selections: people,
            sealKey: { _, _ in nil })
        let asked: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            guard call["shop"] == "f1" else { throw Problem(.notFound) }
            call.context.asker = Asker(open: open, caller: open.caller(for: "factory:f1"), name: "u1")
            return try next(&call)
        }
        let pageKit = kit
        let shown: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            do throws(Problem) { return try next(&call) } catch { return .now(pageKit.frame(call).failure(error)) }
        }
        var router = Router<Visit, Problem>(
            context: { _ in Visit(language: language, client: Client(address: "", browser: "")) },
            refusal: { why, _ in .text("", status: why.status) }, failure: { problem, _ in problem.response() })
        router.group("/f/{shop}", behind: [shown, asked]) { (group: inout ConsoleGroup) in
            FactoryPages(pages: pages, ledger: people, labels: labels, clock: clock).add(to: &group)
            ChannelsPage(pages: pages).add(to: &group)
        }
        return router
    }

    /// The web folder as it is installed: without what is written for its authors.
    static func assets() throws -> Assets {
        let files = FileManager.default
        let (source, copy) = (checkout + "/Services/Console/Web", NSTemporaryDirectory() + "web-" + UUID().uuidString)
        try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: copy) }
        for name in try files.contentsOfDirectory(atPath: source) where name.hasSuffix(".css") || name.hasSuffix(".js") {
            try files.copyItem(atPath: "\(source)/\(name)", toPath: "\(copy)/\(name)")
        }
        return try Assets(folder: copy)
    }

    static let checkout = "/" + URL(fileURLWithPath: #filePath).pathComponents.dropFirst().dropLast(4).joined(separator: "/")

    // MARK: Asking

    func get(_ path: String, _ query: [(String, String)] = []) async -> HTTPResponse {
        await respond(HTTPRequest(method: "GET", path: path, query: query.map { HTTPRequest.Field($0.0, $0.1) }))
    }

    /// A form of this session's.
    func post(_ path: String, _ fields: [(String, String)], csrf: Bool = true, isFragment: Bool = false) async -> HTTPResponse {
        let pairs = fields + (csrf ? [("csrf", open.maskedCSRF)] : [])
        let body = pairs.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return await respond(
            HTTPRequest(
                method: "POST", path: path,
                headers: [HTTPRequest.Field("Content-Type", "application/x-www-form-urlencoded")]
                    + (isFragment ? [HTTPRequest.Field("X-Fragment", "1")] : []), body: Array(body.utf8)))
    }

    private func respond(_ request: HTTPRequest) async -> HTTPResponse {
        await withCheckedContinuation { continuation in router.respond(to: request) { continuation.resume(returning: $0) } }
    }
}

extension HTTPResponse {
    var page: String { String(decoding: body, as: UTF8.self) }
    func headerText(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}

/// Takes commands in Kafka's place, and answers that it could not: pages then say so.
final class SentCommands: CommandTransport {
    private let all = Locked<[OutgoingCommand]>([])
    func submit(_ commands: [OutgoingCommand], _ done: @escaping CommandGateway.Done) {
        all.change { $0 += commands }
        done(false)
    }

    /// Types without `daifa.` and version, with their data.
    var list: [(type: String, data: JSONValue)] {
        all.read { commands in
            commands.compactMap { command in
                (try? JSONValue.decode(command.body)).map {
                    (command.envelope.type.split(separator: ".").dropFirst().dropLast().joined(separator: "."), $0)
                }
            }
        }
    }
}

/// Answers print jobs with what a test says.
final class LabelStandIn: LabelOpening {
    let outcome = Locked<LabelDesk.Outcome>(.file(Array("%PDF-1.7".utf8), leftOut: []))
    let asked = Locked<[[String]]>([])
    func open(
        _ request: PrintRequest, of caller: Caller, traceparent: String?, _ done: @escaping @Sendable (LabelDesk.Outcome) -> Void
    ) throws(Problem) {
        asked.change { $0.append(request.allocationIds) }
        done(outcome.read { $0 })
    }
}

/// A value that several threads look at.
final class Locked<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func change(_ body: @Sendable (inout Value) -> Void) { value.withLock { body(&$0) } }
    func read<Result: Sendable>(_ body: @Sendable (Value) -> Result) -> Result { value.withLock { body($0) } }
}
