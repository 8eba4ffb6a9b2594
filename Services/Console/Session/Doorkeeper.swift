import Contracts
import HTTP
import Identity
import Runtime
import Texts
import Threads
import Web

typealias ConsoleCall = Call<Visit>
typealias ConsoleGroup = RouteGroup<Visit, Problem>

/// Finds out who asks (contract, section 9): a token's actor, or the user of a session.
struct Doorkeeper: Sendable {
    static let actorHeader = "x-daifa-actor"
    static let csrfHeader = "x-csrf-token"

    private let people: People
    private let tokens: CallerTokens?
    private let clock: @Sendable () -> Timestamp
    private let limiter: RateLimiter
    /// Addresses that pages of ours have, beside the one that the request names itself.
    private let origins: [String]

    /// - Parameters:
    ///   - tokens: nil: no keys are known, so that no token is good.
    ///   - origins: of our own pages.
    init(
        people: People, tokens: CallerTokens?, limiter: RateLimiter, origins: [String],
        clock: @escaping @Sendable () -> Timestamp
    ) {
        (self.people, self.tokens, self.limiter, self.origins, self.clock) = (people, tokens, limiter, origins, clock)
    }

    // MARK: Middleware

    /// Lets in whoever has shown who he is; others are answered 401. A caller who asks too often is answered 429.
    func asked(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        let found: Asker?
        do throws(Problem) { found = try asker(call.request, call.context.client) } catch {
            // Whoever tries tokens and actors is counted as one who has shown nothing.
            try limit(call.context.client.address)
            throw error
        }
        guard let asker = found else {
            try limit(call.context.client.address)
            throw Problem(.unauthorized)
        }
        try limit(asker.caller.map { "\(asker.name) \($0.actor)" } ?? asker.name)
        enter(asker, &call)
        if let open = asker.open {
            try expectOwnOrigin(call)
            if !call.route.method.isSafe { try call.expectOwnPage(open) }
        }
        return try next(&call)
    }

    /// Lets everybody in, and says who it is where that is known.
    func open(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        try limit(call.context.client.address)
        if let asker = try? asker(call.request, call.context.client) { enter(asker, &call) }
        return try next(&call)
    }

    /// An unsafe request of a browser comes from a page of ours, as far as the browser says.
    func expectOwnOrigin(_ call: ConsoleCall) throws(Problem) {
        guard call.route.method.isSafe || call.request.isFromOwnPage(origins: origins) else { throw Problem(.forbidden, field: "Origin") }
    }

    /// The answer is in the language that the request asks for, else in the user's.
    private func enter(_ asker: Asker, _ call: inout ConsoleCall) {
        call.context.asker = asker
        if let open = asker.open, call.request.language(among: Language.allCases.map(\.rawValue)) == nil {
            call.context.language = open.user.language
        }
    }

    // MARK: Who asks

    /// - Throws: 401 for a token that is not good, 403 for an actor that is not the user's.
    func asker(_ request: HTTPRequest, _ client: Client) throws(Problem) -> Asker? {
        if let token = request.header("authorization") { return try asker(token: token, request) }
        guard let cookie = Cookies(request)[SessionCookies.name] else { return nil }
        let open: OpenSession
        do throws(PeopleError) { open = try people.session(token: cookie, client: client, now: clock()) } catch {
            if error == .noSession { return nil }
            throw Problem(error)
        }
        return Asker(open: open, caller: try caller(open, request), name: open.user.userId)
    }

    private func asker(token: String, _ request: HTTPRequest) throws(Problem) -> Asker {
        guard let actor = tokens?.caller(of: token, now: clock()) else { throw Problem(.unauthorized) }
        if let named = Self.namedActor(request), named != "\(actor)" { throw Problem(.forbidden, field: "actor") }
        return Asker(open: nil, caller: Caller(userId: nil, actor: "\(actor)", role: .owner), name: "\(actor)")
    }

    /// nil: the user acts for nobody, or for several and names none of them.
    private func caller(_ open: OpenSession, _ request: HTTPRequest) throws(Problem) -> Caller? {
        guard let named = Self.namedActor(request) else {
            return open.memberships.count == 1 ? open.memberships.first.flatMap { open.caller(for: $0.actor) } : nil
        }
        guard let caller = open.caller(for: named) else { throw Problem(.forbidden, field: "actor") }
        return caller
    }

    private static func namedActor(_ request: HTTPRequest) -> String? { request.header(actorHeader) ?? request.query("actor") }

    private func limit(_ name: String) throws(Problem) {
        guard let pause = limiter.take(name) else { return }
        var problem = Problem(.tooMany)
        problem.retryAfter = max(1, Int(pause.rounded(.up)))
        throw problem
    }
}

extension ConsoleCall {
    /// The caller of a route that asks who it is.
    /// - Throws: 400 where a user of several shops has named none of them; 403 where he has none.
    func caller(_ kinds: Actor.Kind...) throws(Problem) -> Caller {
        guard let asker = context.asker else { throw Problem(.unauthorized) }
        guard let caller = asker.caller else {
            if asker.open?.memberships.isEmpty ?? true { throw Problem(.forbidden) }
            throw Problem.invalid("X-Daifa-Actor", "name the shop that you act for: merchant:<shopId>, factory:<shopId> or operator:<id>")
        }
        if !kinds.isEmpty, !kinds.contains(where: { caller.actor.hasPrefix("\($0.rawValue):") }) { throw Problem(.forbidden) }
        return caller
    }

    /// The session of a route that only people have.
    /// - Throws: 403 for a token.
    func openSession() throws(Problem) -> OpenSession {
        guard let asker = context.asker else { throw Problem(.unauthorized) }
        guard let open = asker.open else { throw Problem(.forbidden) }
        return open
    }

    /// An unsafe request with a cookie comes from a page of ours: it knows the session's token.
    func expectOwnPage(_ open: OpenSession) throws(Problem) {
        let token = request.header(Doorkeeper.csrfHeader)
        guard open.isValid(csrfToken: token) || open.accepts(csrf: token) else {
            throw Problem(
                403, RefusalCode.forbidden.rawValue, "send the session's csrfToken in the header X-CSRF-Token", field: "X-CSRF-Token")
        }
    }

    /// The id of the caller's shop.
    func shop(_ kinds: Actor.Kind...) throws(Problem) -> String {
        let caller = try caller()
        guard let actor = Actor(caller.actor), kinds.contains(actor.kind) else { throw Problem(.forbidden) }
        return actor.id
    }

    /// - Throws: 400 for a parameter that the request does not have, and for one that comes twice or is empty.
    func expectNoQuery(but names: String...) throws(Problem) {
        var seen: Set<String> = []
        for field in request.query where field.name != "actor" {
            guard names.contains(field.name) else {
                throw Problem.invalid(field.name, "this request has no such parameter: leave it out")
            }
            guard seen.insert(field.name).inserted else { throw Problem.invalid(field.name, "it may be given once") }
            guard !field.value.isEmpty else { throw Problem.invalid(field.name, "it is empty: leave it out instead") }
        }
    }
}
