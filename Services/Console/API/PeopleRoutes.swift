import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// Sessions, users and invitations (contract, section 10).
struct PeopleRoutes: Sendable {
    let people: People
    let events: ConsoleEvents
    let cookies: SessionCookies
    let streams: EventStreams
    let clock: @Sendable () -> Timestamp

    // MARK: Open to everybody

    func addOpen(to group: inout ConsoleGroup) {
        group.post("/session", body: .json(), name: "log-in") { (call) throws(Problem) in try logIn(call) }
        group.post("/users", body: .json(), name: "sign-up") { (call) throws(Problem) in try signUp(call) }
        group.get("/invitations/{code}", name: "show-invitation") { (call) throws(Problem) in try showInvitation(call) }
        group.post("/invitations/{code}", body: .json(), name: "use-invitation") { (call) throws(Problem) in try useInvitation(call) }
    }

    private func logIn(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        try call.expectNoQuery()
        let fields = try BodyFields(call.request.body, ["user", "password"])
        let (user, password) = (try fields.text("user"), try fields.text("password"))
        let new = try asked { () throws(PeopleError) in
            try people.signIn(user: user, password: password, client: call.context.client, now: clock())
        }
        events.sessionOpened(new.open)
        return session(new, status: 200)
    }

    private func signUp(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        try call.expectNoQuery()
        let fields = try BodyFields(call.request.body, ["user", "password", "language"])
        let (user, password, language) = (try fields.text("user"), try fields.text("password"), try fields.language())
        let new = try asked { () throws(PeopleError) in
            try people.signUp(user: user, password: password, language: language, client: call.context.client, now: clock())
        }
        events.sessionOpened(new.open)
        return session(new, status: 201)
    }

    private func showInvitation(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        try call.expectNoQuery()
        let offer = try asked { () throws(PeopleError) in try people.offer(code: call["code"], now: clock()) }
        var members: [(String, JSONValue)] = []
        switch offer.kind {
        case .invitation(let actor, let role): members = [("actor", .string(actor)), ("role", .string(role.rawValue))]
        case .reset(let user): members = [("reset", .bool(true)), ("user", .string(user.name))]
        }
        return .json(JSONValue.object(members + [("expiresAt", .string(offer.expiresAt.description))]).json)
    }

    private func useInvitation(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        try call.expectNoQuery()
        let fields = try BodyFields(call.request.body, ["user", "password", "language"])
        let (code, client, now) = (call["code"], call.context.client, clock())
        let offer = try asked { () throws(PeopleError) in try people.offer(code: code, now: now) }
        if case .reset(let user) = offer.kind {
            let password = try fields.text("password")
            let ended = try sessionIds(of: user.userId)
            let new = try asked { () throws(PeopleError) in
                try people.setPassword(code: code, password: password, client: client, now: now)
            }
            endStreams(ended)
            events.passwordReset(new.open)
            return session(new, status: 201)
        }
        let before: Set<Membership>
        let new: NewSession
        if fields.isEmpty, let open = call.context.asker?.open {
            try call.expectOwnPage(open)
            before = Set(open.memberships)
            new = try asked { () throws(PeopleError) in try people.join(code: code, session: open, client: client, now: now) }
            endStreams([open.session.sessionId])
        } else {
            before = []
            let (user, password, language) = (try fields.text("user"), try fields.text("password"), try fields.language())
            new = try asked { () throws(PeopleError) in
                try people.join(code: code, user: user, password: password, language: language, client: client, now: now)
            }
        }
        for membership in new.open.memberships where !before.contains(membership) { events.joined(new.open, membership) }
        events.sessionOpened(new.open)
        return session(new, status: 201)
    }

    // MARK: For those who are known

    func add(to group: inout ConsoleGroup) {
        let hasSession: ConsoleGroup.Middleware = { (call, next) throws(Problem) in
            _ = try call.openSession()
            return try next(&call)
        }
        group.group("", behind: [hasSession]) { (own: inout ConsoleGroup) in addOwn(to: &own) }
        group.post("/invitations", body: .json(), name: "invite") { (call) throws(Problem) in try invite(call) }
        group.get("/users", name: "list-users") { (call) throws(Problem) in try users(call) }
        group.delete("/users/{user}", name: "remove-user") { (call) throws(Problem) in try remove(call) }
        group.post("/users/{user}/reset", body: .none, name: "reset-user") { (call) throws(Problem) in try reset(call) }
    }

    /// A person's own: a token has no session.
    private func addOwn(to group: inout ConsoleGroup) {
        group.get("/session", name: "show-session") { (call) throws(Problem) in
            try call.expectNoQuery()
            return .json(SessionDocument(try call.openSession()).json)
        }
        group.delete("/session", name: "log-out") { (call) throws(Problem) in try logOut(call) }
        group.put("/session", body: .json(), name: "change-session") { (call) throws(Problem) in try change(call) }
        group.get("/sessions", name: "list-sessions") { (call) throws(Problem) in try sessions(call) }
        group.delete("/sessions/{sessionId}", name: "end-session") { (call) throws(Problem) in try endSession(call) }
        group.post("/session/role", body: .json(), name: "choose-role") { (call) throws(Problem) in try chooseRole(call) }
    }

    private func logOut(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        try call.expectNoQuery()
        if let token = Cookies(call.request)[SessionCookies.name] {
            try asked { () throws(PeopleError) in try people.signOut(token: token) }
        }
        streams.end(key: open.session.sessionId)
        var response = HTTPResponse.noContent()
        response.headers += cookies.removed
        return response
    }

    private func change(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        try call.expectNoQuery()
        let fields = try BodyFields(call.request.body, ["language", "zone", "password", "oldPassword"])
        var change = People.ProfileChange()
        change.language = try fields.optionalLanguage()
        change.zone = try fields.optionalText("zone")
        change.password = try fields.optionalText("password")
        change.oldPassword = try fields.optionalText("oldPassword")
        let others = change.password == nil ? [] : try sessionIds(of: open.user.userId).filter { $0 != open.session.sessionId }
        let changed = try asked { () throws(PeopleError) in
            try people.change(change, of: open, client: call.context.client, now: clock())
        }
        endStreams(others)
        return .json(SessionDocument(changed).json)
    }

    private func sessions(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        try call.expectNoQuery()
        let all = try asked { () throws(PeopleError) in try people.sessions(of: open.user.userId, now: clock()) }
        let items = all.map { session in
            JSONValue.object([
                ("id", .string(session.sessionId)), ("at", .string(session.created.description)),
                ("lastUsedAt", .string(session.lastUsed.description)), ("address", .string(session.address)),
                ("browser", .string(session.browser)), ("current", .bool(session.sessionId == open.session.sessionId)),
            ])
        }
        return .json(JSONValue.object([("items", .array(items))]).json)
    }

    private func endSession(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        try call.expectNoQuery()
        try asked { () throws(PeopleError) in try people.endSession(call["sessionId"], of: open.user.userId) }
        streams.end(key: call["sessionId"])
        return .noContent()
    }

    private func chooseRole(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        try call.expectNoQuery()
        let fields = try BodyFields(call.request.body, ["role"])
        guard let kind = ShopKind(rawValue: try fields.text("role")) else { throw Problem.invalid("role", "it is merchant or factory") }
        let changed = try asked { () throws(PeopleError) in try people.chooseRole(kind, of: open) }
        for membership in changed.memberships where !open.memberships.contains(membership) { events.joined(changed, membership) }
        return .json(SessionDocument(changed).json)
    }

    private func invite(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        let fields = try BodyFields(call.request.body, ["actor", "role"])
        guard let role = Role(rawValue: try fields.text("role")) else { throw Problem.invalid("role", "it is owner or clerk") }
        let actor = try fields.optionalText("actor")
        let code = try asked { () throws(PeopleError) in try people.invite(to: actor, as: role, by: caller, now: clock()) }
        events.invited(by: caller, to: actor ?? (caller.isOperator ? People.anyOperator : caller.actor), as: role)
        return .json(code.document, status: 201)
    }

    private func users(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        let all = try asked { () throws(PeopleError) in try people.users(for: caller) }
        let items = all.map { user in
            JSONValue.object(
                [("user", .string(user.user)), ("language", .string(user.language.rawValue))]
                    + [("role", user.role?.rawValue), ("actor", user.actor)].compactMap { name, text in text.map { (name, .string($0)) } })
        }
        return .json(JSONValue.object([("items", .array(items))]).json)
    }

    private func remove(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        let sessions = try asked { () throws(PeopleError) in try people.remove(user: call["user"], by: caller) }
        // A browser whose session goes on opens its stream anew, and is asked then for whom.
        endStreams(sessions)
        return .noContent()
    }

    private func reset(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        let code = try asked { () throws(PeopleError) in try people.reset(user: call["user"], by: caller, now: clock()) }
        return .json(code.document, status: 201)
    }

    // MARK: For all

    private func sessionIds(of userId: String) throws(Problem) -> [String] {
        try asked { () throws(PeopleError) in try people.sessions(of: userId, now: clock()) }.map(\.sessionId)
    }

    private func endStreams(_ sessionIds: [String]) {
        for id in sessionIds { streams.end(key: id) }
    }

    private func session(_ new: NewSession, status: Int) -> HTTPResponse {
        var response = HTTPResponse.json(SessionDocument(new.open).json, status: status)
        response.headers += cookies.set(new.token)
        return response
    }

    private func asked<Result>(_ body: () throws(PeopleError) -> Result) throws(Problem) -> Result {
        do throws(PeopleError) { return try body() } catch { throw Problem(error) }
    }
}

extension NewCode {
    /// As the API tells it.
    var document: [UInt8] {
        JSONValue.object([("link", .string(link)), ("code", .string(code)), ("expiresAt", .string(expiresAt.description))]).json
    }
}

/// A session as the API tells it.
struct SessionDocument {
    private let open: OpenSession

    init(_ open: OpenSession) { self.open = open }

    var json: [UInt8] {
        let actors = open.memberships.map { membership in
            JSONValue.object([
                ("actor", .string(membership.actor)), ("role", .string(membership.role.rawValue)),
                ("name", .string(ActorText.shop(membership.actor)?.shopId ?? open.user.name)),
            ])
        }
        return JSONValue.object([
            ("user", .string(open.user.name)), ("userId", .string(open.user.userId)), ("actors", .array(actors)),
            ("language", .string(open.user.language.rawValue)), ("zone", .string(open.user.zone)),
            ("csrfToken", .string(open.session.csrfToken)),
        ]).json
    }
}

/// The session's cookie.
struct SessionCookies: Sendable {
    static let name = "daifa_session"

    /// Whether the public address is https.
    let isSecure: Bool

    func set(_ token: String) -> [(name: String, value: String)] { headers(SetCookie(Self.name, token)) }
    var removed: [(name: String, value: String)] { headers(SetCookie.removed(Self.name)) }

    private func headers(_ cookie: SetCookie?) -> [(name: String, value: String)] {
        guard var cookie else { return [] }
        cookie.isSecure = isSecure
        return [cookie.header]
    }
}
