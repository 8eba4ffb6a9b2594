import Contracts
import Foundation
import HTTP
import Observability
import TestSupport
import Texts
import Threads
import Web

@testable import Console
@testable import Identity
@testable import ReadModel

/// The pages about people, with a store of their own and no server.
final class PeopleFixture: Sendable {
    static let password = "correct horse battery"
    static let now = Timestamp(milliseconds: 1_790_000_000_000)
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let people: People
    let kit: PageKit
    let texts: Texts
    private let router: Router<Visit, Problem>
    private let folder: TemporaryFolder

    init(isSignUpOpen: Bool = false) throws {
        folder = try TemporaryFolder(uniqueName("people-pages"))
        let model = try SQLiteReadModel(path: "\(folder.url.path)/model.db", clusterId: "c1")
        var settings = PeopleSettings()
        settings.isSignUpOpen = isSignUpOpen
        people = People(
            store: try SQLitePeopleStore(folder: "\(folder.url.path)/people"), hasher: try PasswordHasher(), settings: settings)
        texts = try Texts.load(Self.checkout.appendingPathComponent("Shared/Texts").path)
        let assets = try Assets(folder: Self.checkout.appendingPathComponent("Services/Console/Web").path)
        let clock: @Sendable () -> Timestamp = { Self.now }
        let streams = try EventStreams()
        kit = PageKit(texts: texts, assets: assets, hub: EventHub(streams: streams, ends: []), clock: clock)
        let (kit, texts) = (kit, texts)
        let door = PageDoor(
            doorkeeper: Doorkeeper(
                people: people, tokens: nil, limiter: RateLimiter(rate: 1000, burst: 1000), origins: [], clock: clock),
            people: people, clock: clock)
        let pages = PagePeople(
            people: people, events: ConsoleEvents(gateway: SentCommands(), logger: Logger(label: "test", level: .critical), clock: clock),
            cookies: SessionCookies(isSecure: false),
            streams: StreamSessions(people: people, streams: streams), clock: clock)
        let shown: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            do throws(Problem) { return try next(&call) } catch { return .now(kit.frame(call).failure(error)) }
        }
        var router = Router<Visit, Problem>(
            context: { _ in Visit(language: .en, client: Client(address: "192.0.2.1", browser: "Test")) },
            refusal: { why, request in FailurePage(texts: texts, assets: assets).response(why, to: request) },
            failure: { problem, call in kit.frame(call).failure(problem) })
        router.group("", behind: [shown, door.anybody]) { (group: inout ConsoleGroup) in
            SignInPage(people: pages, kit: kit).add(to: &group)
            JoinPage(people: pages, kit: kit).add(to: &group)
        }
        router.group("", behind: [shown, door.known]) { (group: inout ConsoleGroup) in
            MePage(people: pages, kit: kit).add(to: &group)
            HomePage(people: pages, model: model, kit: kit).add(to: &group)
        }
        router.group("/m/{shop}", behind: [shown, door.known, door.merchant]) { (group: inout ConsoleGroup) in
            PeoplePage(people: pages, kit: kit).add(to: &group)
        }
        router.group("/o", behind: [shown, door.known, door.operators]) { (group: inout ConsoleGroup) in
            UsersPage(people: pages, kit: kit).add(to: &group)
        }
        try router.check()
        self.router = router
    }

    /// A user with memberships, as an administrator at the machine makes one.
    @discardableResult
    func user(_ name: String, _ actor: String? = nil, role: Role = .owner, language: Language = .en) throws -> User {
        try people.add(user: name, password: Self.password, language: language, actor: actor, role: role, now: Self.now)
    }

    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        await withCheckedContinuation { continuation in router.respond(to: request) { continuation.resume(returning: $0) } }
    }
}

/// A browser: keeps cookies, and the token that the last page had.
final class TestBrowser {
    private let fixture: PeopleFixture
    private var cookies: [String: String] = [:]
    private var csrf: String?
    private(set) var page = ""
    private(set) var status = 0
    private(set) var location: String?

    init(_ fixture: PeopleFixture) { self.fixture = fixture }

    var hasSession: Bool { !(cookies[SessionCookies.name] ?? "").isEmpty }

    func get(_ target: String) async { await send("GET", target, [], []) }

    /// - Parameters:
    ///   - withToken: the form is one of the page that was seen last.
    ///   - headers: beside those of a form.
    func post(
        _ target: String, _ fields: [(String, String)] = [], withToken: Bool = true, headers: [HTTPRequest.Field] = []
    ) async {
        let all = fields + (withToken ? csrf.map { [("csrf", $0)] } ?? [] : [])
        let body = all.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        await send(
            "POST", target, headers + [HTTPRequest.Field("Content-Type", "application/x-www-form-urlencoded")], Array(body.utf8))
    }

    func signIn(_ user: String, password: String = PeopleFixture.password, next: String? = nil) async {
        await post("/login", [("user", user), ("password", password)] + (next.map { [("next", $0)] } ?? []), withToken: false)
    }

    private func send(_ method: String, _ target: String, _ headers: [HTTPRequest.Field], _ body: [UInt8]) async {
        let sent = cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")
        let response = await fixture.respond(
            HTTPRequest(
                method: method, target: RequestTarget(target),
                headers: headers + [HTTPRequest.Field("Cookie", sent), HTTPRequest.Field("Host", "127.0.0.1:8080")], body: body))
        (status, page, location) = (response.status, response.page, response.headerText("location"))
        for (name, value) in response.headers where name == "Set-Cookie" {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { cookies[String(pair[0])] = String(pair[1]) }
        }
        if let start = page.firstRange(of: "name=\"csrf\" value=\"")?.upperBound {
            csrf = String(page[start...].prefix { $0 != "\"" })
        }
    }
}
