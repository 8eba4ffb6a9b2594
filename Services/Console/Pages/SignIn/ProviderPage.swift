import Contracts
import Crypto
import HTTP
import Identity
import Texts
import Threads
import Web

/// `/oidc/begin`, `/oidc/callback`: the way to the provider of OpenID Connect and back. The login links to the first one: a form's answer must
/// not lead elsewhere (`form-action`).
struct ProviderPage: Sendable {
    let people: PagePeople
    let kit: PageKit
    let door: ProviderDoor

    /// - Parameter group: open to everybody.
    func add(to group: inout ConsoleGroup) {
        group.on(.get, "/oidc/begin", body: .none, name: "page-oidc-begin") { (call) throws(Problem) in begin(call) }
        group.on(.get, "/oidc/callback", body: .none, name: "page-oidc-callback") { (call) throws(Problem) in comeBack(call) }
    }

    private func begin(_ call: ConsoleCall) -> RouteAnswer {
        let next = call.request.query("next")
        let isAgain = call.request.query("again") != nil
        if call.context.asker?.open != nil, !isAgain { return .now(.seeOther(OwnPath.link(next) ?? Link())) }
        let (later, now) = (LaterAnswer(), people.clock())
        door.ask({ (logIn) async throws(PeopleError) in try await logIn.begin(again: isAgain, now: now) }, later) { outcome in
            switch outcome {
            case .failure: return login(call, next, .away)
            case .success(let (url, pending)):
                guard let link = try? Link(address: url) else { return login(call, next, .away) }
                var response = HTTPResponse.seeOther(link)
                response.headers += cookie.set(pending, next: next)
                return response
            }
        }
        return .later(later)
    }

    private func comeBack(_ call: ConsoleCall) -> RouteAnswer {
        let query = call.request.query
        func only(_ name: String) -> String? {
            let values = query.filter { $0.name == name }
            return values.count == 1 ? values.first?.value : nil
        }
        guard let (pending, next) = cookie.read(call.request), let state = only("state"), pending.isOf(state: state) else {
            return .now(login(call, nil, .late))
        }
        if let error = only("error") {
            door.refused(error, only("error_description"))
            return .now(login(call, next, .refused))
        }
        guard let code = only("code"), (1...2000).contains(code.utf8.count) else {
            return .now(login(call, nil, .late))
        }
        let (later, now) = (LaterAnswer(), people.clock())
        door.ask({ (logIn) async throws(PeopleError) in try await logIn.finish(pending, code: code, now: now) }, later) { outcome in
            switch outcome {
            case .failure(let error):
                if case .unavailable = error { return login(call, next, .away) }
                return login(call, next, .refused)
            case .success(let claims): return opened(call, claims, next)
            }
        }
        return .later(later)
    }

    private func opened(_ call: ConsoleCall, _ claims: ProviderClaims, _ next: String?) -> HTTPResponse {
        do throws(PeopleError) {
            let new = try people.people.signIn(
                claims, language: call.context.language, client: call.context.client, now: people.clock())
            // Whoever was logged in here has logged in anew.
            if let old = Cookies(call.request)[SessionCookies.name] { try people.people.signOut(token: old) }
            people.streams.look(at: new.open.user.userId, now: people.clock())
            var response = people.opened(new, OwnPath.link(next) ?? Link())
            response.headers += cookie.removed
            return response
        } catch { return kit.frame(call).failure(Problem(error)) }
    }

    /// The login again, which says why; what the provider has put into the address stays behind.
    private func login(_ call: ConsoleCall, _ next: String?, _ why: ProviderFailure) -> HTTPResponse {
        var response = HTTPResponse.seeOther(Link("login", query: ["next": OwnPath.link(next)?.text, "oidc": why.rawValue]))
        response.headers += cookie.removed
        return response
    }

    private var cookie: PendingCookie { PendingCookie(isSecure: people.cookies.isSecure) }
}

/// Why somebody comes from the provider and is not logged in; the last part of the text's key.
enum ProviderFailure: String, CaseIterable {
    /// It does not answer.
    case away
    /// It was not begun in this browser, or too long ago.
    case late
    /// By the provider, or what it says is not good.
    case refused
}

/// The cookie of a log-in that is on its way: what `PendingLogIn` keeps, and where to go afterwards.
private struct PendingCookie {
    private static let longestNext = 1500

    let isSecure: Bool

    /// A host's own where there is https: no other host of the domain can set it.
    private var name: String { isSecure ? "__Host-daifa_oidc" : "daifa_oidc" }

    func set(_ pending: PendingLogIn, next: String?) -> [(name: String, value: String)] {
        let next = next.flatMap { $0.utf8.count <= Self.longestNext ? $0 : nil } ?? ""
        guard var cookie = SetCookie(name, "\(pending.cookie).\(Base64URL.encode(Array(next.utf8)))") else { return [] }
        cookie.maxAge = PendingLogIn.lifetime
        cookie.isSecure = isSecure
        return [cookie.header]
    }

    func read(_ request: HTTPRequest) -> (PendingLogIn, next: String?)? {
        guard let text = Cookies(request)[name], let dot = text.lastIndex(of: "."),
            let pending = PendingLogIn(cookie: String(text[..<dot])),
            let next = Base64URL.decode(String(text[text.index(after: dot)...]))
        else { return nil }
        return (pending, next.isEmpty ? nil : String(decoding: next, as: UTF8.self))
    }

    var removed: [(name: String, value: String)] {
        guard var cookie = SetCookie.removed(name) else { return [] }
        cookie.isSecure = isSecure
        return [cookie.header]
    }
}
