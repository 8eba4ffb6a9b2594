import Contracts
import HTTP
import Identity
import Texts
import Threads
import Web

/// Who may see pages: people with a session. The shop stands in the path, and nobody sees another's.
struct PageDoor: Sendable {
    let doorkeeper: Doorkeeper
    let people: People
    let clock: @Sendable () -> Timestamp
    let kept = KeptForms()

    /// Middleware: a user who is logged in; others are led to the login, and come back after it.
    func known(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        guard let open = try session(call) else {
            // A stream is no page to come back to: its script tries again, and then polls.
            if call.request.header("accept") == "text/event-stream" { throw Problem(.unauthorized) }
            if isGet(call) { return .now(.seeOther(Link("login", query: ["next": call.request.target.raw, "ended": "1"]))) }
            return .now(keep(call, of: nil) { Link("login", query: ["next": $0?.text, "ended": "1"]) })
        }
        try doorkeeper.expectOwnOrigin(call)
        call.context.asker = Asker(open: open, caller: nil, name: open.user.userId)
        call.context.language = open.user.language
        return try next(&call)
    }

    /// Middleware below ``known``: a form that was kept comes back on its page; once it is sent, it is forgotten.
    func filled(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        guard let open = call.context.asker?.open, let id = Cookies(call.request)[KeptCookie.name] else { return try next(&call) }
        if isGet(call) {
            call.context.kept = kept.form(id, of: open.user.userId, on: call.request.target, now: clock())
            return try next(&call)
        }
        let answer = try next(&call)
        guard kept.sent(id, to: call.request.target) else { return answer }
        return answer.map { response in
            var response = response
            response.headers += KeptCookie.removed
            return response
        }
    }

    /// Middleware below the shop's: what concerns people and secrets asks for the password when it was not given lately.
    func proven(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        guard Self.sensitive.contains(call.route.name), let open = call.context.asker?.open, !people.isProven(open, now: clock()) else {
            return try next(&call)
        }
        if isGet(call) { return .now(.seeOther(Link("prove", query: ["next": call.request.target.raw]))) }
        return .now(keep(call, of: open) { Link("prove", query: ["next": $0?.text]) })
    }

    /// Routes that ask for the password again: users and people, secrets, and what takes a partner's consent back.
    static let sensitive: Set<String> = [
        "page-people", "page-invite", "page-change-role", "page-reset-user", "page-remove", "page-remove-user", "page-users",
        "page-people-export", "page-users-export", "page-invite-user", "begin-ask",
        "begin", "channel-new", "create-channel", "authorize-channel", "revoke-ask", "revoke",
    ]

    private func isGet(_ call: ConsoleCall) -> Bool { call.request.method == "GET" || call.request.method == "HEAD" }

    /// Keeps what was typed, and leads to where somebody shows who he is.
    /// - Parameter way: there, with the page to come back to; nil: nothing could be kept.
    private func keep(_ call: ConsoleCall, of open: OpenSession?, _ way: (Link?) -> Link) -> HTTPResponse {
        let found = kept.keep(call.request, of: open, call.context.client, now: clock())
        var response = HTTPResponse.seeOther(way(found?.page))
        if let found { response.headers += KeptCookie.set(found.id) }
        return response
    }

    /// Middleware: everybody; a user where there is one.
    func anybody(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        if let open = try session(call) {
            call.context.asker = Asker(open: open, caller: nil, name: open.user.userId)
            call.context.language = open.user.language
        } else if let named = Cookies(call.request)[LanguageCookie.name].flatMap({ Language(rawValue: $0) }) {
            call.context.language = named
        }
        try doorkeeper.expectOwnOrigin(call)
        return try next(&call)
    }

    /// Middleware below ``known``: the shop of the path is one that the user acts for; another's is not found.
    func merchant(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        try own(.merchant, &call, next)
    }

    func factory(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        try own(.factory, &call, next)
    }

    /// Middleware below ``known``: operators.
    func operators(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        guard let open = call.context.asker?.open, let own = open.memberships.first(where: { ActorText.isOperator($0.actor) }) else {
            throw Problem(.forbidden)
        }
        call.context.asker?.caller = open.caller(for: own.actor)
        return try next(&call)
    }

    private func own(
        _ kind: Actor.Kind, _ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next
    ) throws(Problem) -> RouteAnswer {
        guard let caller = call.context.asker?.open?.caller(for: "\(kind.rawValue):\(call["shop"])") else { throw Problem(.notFound) }
        call.context.asker?.caller = caller
        return try next(&call)
    }

    private func session(_ call: ConsoleCall) throws(Problem) -> OpenSession? {
        guard let token = Cookies(call.request)[SessionCookies.name] else { return nil }
        do throws(PeopleError) { return try people.session(token: token, client: call.context.client, now: clock()) } catch {
            if error == .noSession { return nil }
            throw Problem(error)
        }
    }
}

/// The language of somebody who is not logged in.
enum LanguageCookie {
    static let name = "daifa_language"
    private static let seconds = 365 * 86_400

    static func set(_ language: Language) -> [(name: String, value: String)] {
        guard var cookie = SetCookie(name, language.rawValue) else { return [] }
        cookie.maxAge = seconds
        return [cookie.header]
    }
}
