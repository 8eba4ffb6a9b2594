import Contracts
import Foundation
import HTTP
import Identity
import JSON
import Runtime
import TestSupport
import Testing
import Texts
import Threads
import Web

@testable import Console

/// Whoever asks in a test.
struct Guest: Sendable {
    var headers: [HTTPRequest.Field] = []
    /// What unsafe requests send; nil: nothing.
    var csrf: String?

    static let nobody = Guest()

    /// A session's, from its log-in.
    init(_ session: NewSession) {
        headers = [HTTPRequest.Field("Cookie", "daifa_session=\(session.token)")]
        csrf = session.open.session.csrfToken
    }

    /// A token's.
    init(bearer: String) { headers = [HTTPRequest.Field("Authorization", bearer)] }

    private init() {}

    func setting(_ name: String, _ value: String) -> Guest {
        var guest = self
        guest.headers.removeAll { $0.name == name }
        guest.headers.append(HTTPRequest.Field(name, value))
        return guest
    }

    func csrf(_ token: String?) -> Guest {
        var guest = self
        guest.csrf = token
        return guest
    }
}

/// What was answered.
struct SceneAnswer: Sendable {
    var response: HTTPResponse

    var status: Int { response.status }
    var text: String { String(decoding: response.body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue.decode(response.body)) ?? .null }
    var code: String? { json["code"]?.string }
    var field: String? { json["field"]?.string }

    func header(_ name: String) -> String? { response.headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    /// The session's cookie that it sets.
    var cookie: String? { header("set-cookie")?.split(separator: ";").first?.split(separator: "=").last.map(String.init) }
}

extension ConsoleScene {
    /// Asks, and waits for the answer. Blocking.
    func ask(_ method: String, _ target: String, as guest: Guest = .nobody, body: String? = nil, type: String = "application/json")
        -> SceneAnswer
    {
        var request = HTTPRequest(method: method, target: RequestTarget(target), headers: guest.headers, body: Array((body ?? "").utf8))
        request.remoteAddress = NetworkAddress("192.0.2.7")
        if body != nil { request.headers.append(HTTPRequest.Field("Content-Type", type)) }
        if let csrf = guest.csrf, method != "GET" { request.headers.append(HTTPRequest.Field("X-CSRF-Token", csrf)) }
        return ask(request)
    }

    func ask(_ request: HTTPRequest) -> SceneAnswer {
        let box = Monitor<HTTPResponse?>(nil)
        router.respond(to: request) { response in box.update { $0 = response } }
        guard let response = box.wait(until: .after(40), { $0 }) else {
            Issue.record("\(request.method) \(request.target.raw) was not answered")
            return SceneAnswer(response: HTTPResponse(status: 599))
        }
        return SceneAnswer(response: response)
    }

    // MARK: People

    /// A user of these actors, logged in.
    func user(_ name: String = "anna", _ memberships: [(actor: String, role: Role)] = [("merchant:m1", .owner)]) throws -> Guest {
        Guest(try session(name, memberships))
    }

    func session(_ name: String, _ memberships: [(actor: String, role: Role)] = []) throws -> NewSession {
        let now = clock.now
        _ = try people.add(user: name, password: Self.password, language: .en, actor: nil, role: .owner, now: now)
        let client = Client(address: "192.0.2.9", browser: "test")
        var session = try people.signIn(user: name, password: Self.password, client: client, now: now)
        for (actor, role) in memberships {
            let code = try people.invite(to: actor, as: role, now: now)
            session = try people.join(code: code.code, session: session.open, client: client, now: now)
        }
        return session
    }

    func token(_ actor: String) throws -> Guest { Guest(bearer: try issuer.bearer(of: actor)) }
}

/// Data of commands that can be read.
enum Sample {
    static let approve = #"{"orderId":"o1","merchantShopId":"m1"}"#
    static let removeRule = #"{"merchantShopId":"m1","ruleId":"r1"}"#
}
