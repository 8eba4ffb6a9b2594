import Crypto
import JSON
import Testing
import Texts
import Threads
import Tokens

@testable import Identity

/// A provider in memory: its keys, and tokens with any claims.
private struct Provider {
    static let settings: ProviderSettings = {
        ProviderSettings(
            issuer: "https://login.example", clientId: "daifa", clientSecret: "s:cret", redirectURL: "https://daifa.example/oidc")
    }()
    let key: Ed25519.PrivateKey

    init() throws { key = try Ed25519.PrivateKey() }

    func keys(id: String = "k") throws -> [UInt8] {
        Array(#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"\#(id)","x":"\#(Base64URL.encode(try key.publicKey().bytes))"}]}"#.utf8)
    }

    func token(_ claims: [(String, JSONValue)], algorithm: String = "EdDSA", head: [(String, JSONValue)] = []) throws -> String {
        let header = JSONValue.object([("alg", .string(algorithm)), ("kid", .string("k"))] + head).json
        let signed = "\(Base64URL.encode(header)).\(Base64URL.encode(JSONValue.object(claims).json))"
        return "\(signed).\(Base64URL.encode(try key.sign(Array(signed.utf8))))"
    }

    /// Good ones, with some replaced, added, or with nil left out.
    static func claims(_ changes: [String: JSONValue?] = [:], nonce: String = "n-1") -> [(String, JSONValue)] {
        var claims: [String: JSONValue?] = [
            "iss": .string("https://login.example"), "sub": .string("u-1"), "aud": .string("daifa"), "exp": .int(1_790_003_600),
            "nonce": .string(nonce), "preferred_username": .string("anna"), "daifa_actors": .array([.string("merchant:1")]),
        ]
        for (name, value) in changes { claims[name] = .some(value) }
        return claims.sorted { $0.key < $1.key }.compactMap { name, value in value.map { (name, $0) } }
    }
}

private let now = Timestamp(milliseconds: 1_790_000_000_000)

@Suite struct IDTokenTests {
    private func claims(_ text: String, _ keys: [UInt8], _ settings: ProviderSettings = Provider.settings) throws -> ProviderClaims {
        let token = try #require(JSONWebToken(text))
        return try IDTokenVerifier(settings: settings).claims(of: token, keys: JSONWebKeySet(keys), nonce: "n-1", now: now)
    }

    @Test func tokensOfAnotherLibraryAreVerified() throws {
        for text in [TokenVectors.rs256, TokenVectors.es256Short, TokenVectors.es256High] {
            let claims = try claims(text, Array(TokenVectors.keys.utf8))
            #expect(claims.identity == ProviderIdentity(issuer: "https://login.example", subject: "u-1") && claims.name == "anna")
            #expect(claims.memberships.map { "\($0.actor) \($0.role)" } == ["factory:9 clerk", "merchant:1 owner"])
        }
    }

    @Test func aTokenThatWasTouchedIsNone() throws {
        for text in [TokenVectors.rs256, TokenVectors.es256Short] {
            let parts = text.split(separator: ".").map(String.init)
            let keys = try JSONWebKeySet(Array(TokenVectors.keys.utf8))
            func isGood(_ head: String, _ body: String, _ signature: String) -> Bool {
                JSONWebToken("\(head).\(body).\(signature)").map { keys.verify($0) } ?? false
            }
            #expect(isGood(parts[0], parts[1], parts[2]))
            var signature = try #require(Base64URL.decode(parts[2]))
            signature[signature.count - 1] ^= 1
            #expect(!isGood(parts[0], parts[1], Base64URL.encode(signature)))
            #expect(!isGood(parts[0], Base64URL.encode(Array("{}".utf8)), parts[2]))
            for algorithm in ["none", "HS256", "RS384", "EdDSA"] {
                #expect(!isGood(Base64URL.encode(Array(#"{"alg":"\#(algorithm)"}"#.utf8)), parts[1], parts[2]))
            }
            #expect(!isGood(parts[0], parts[1], ""))
        }
        #expect(JSONWebToken("a.b") == nil && JSONWebToken("") == nil && JSONWebToken("..") == nil)
    }

    @Test func aTokenWithExtensionsThatMustBeUnderstoodIsNone() throws {
        let text = try Provider().token(Provider.claims(), head: [("crit", .array([.string("b64")]))])
        #expect(JSONWebToken(text) == nil)
    }

    static let wrong: [(String, [String: JSONValue?])] = [
        ("another issuer", ["iss": .string("https://login.example/")]), ("no issuer", ["iss": nil]),
        ("another audience", ["aud": .string("other")]), ("no audience", ["aud": nil]),
        ("several audiences without azp", ["aud": .array([.string("daifa"), .string("other")])]),
        ("another azp", ["azp": .string("other")]), ("expired", ["exp": .int(1_789_999_940)]), ("without an end", ["exp": nil]),
        ("not valid yet", ["nbf": .int(1_790_000_060)]), ("another nonce", ["nonce": .string("n-2")]), ("no nonce", ["nonce": nil]),
        ("no subject", ["sub": .string("")]), ("a subject that is too long", ["sub": .string(String(repeating: "s", count: 256))]),
        ("a number as issuer", ["iss": .int(1)]),
    ]

    @Test(arguments: wrong) func aTokenThatIsNotForUsIsRefused(name: String, changes: [String: JSONValue?]) throws {
        let provider = try Provider()
        let text = try provider.token(Provider.claims(changes))
        guard case .provider? = refusal({ _ = try claims(text, provider.keys()) }) else {
            Issue.record("\(name) is taken")
            return
        }
    }

    static let good: [[String: JSONValue?]] = [
        [:], ["exp": .int(1_789_999_941)], ["nbf": .int(1_790_000_059)], ["azp": .string("daifa")],
        ["aud": .array([.string("daifa"), .string("other")]), "azp": .string("daifa")], ["aud": .array([.string("daifa")])],
    ]

    @Test(arguments: good) func aTokenThatIsForUsIsTaken(changes: [String: JSONValue?]) throws {
        let provider = try Provider()
        #expect(try claims(provider.token(Provider.claims(changes)), provider.keys()).identity.subject == "u-1")
    }

    @Test func keysThatAreTooSmallOrNotOnTheCurveAreLeftOut() throws {
        let small = Base64URL.encode([UInt8](repeating: 0xFF, count: 128))
        let point = Base64URL.encode([UInt8](repeating: 1, count: 32))
        let document = """
            {"keys":[{"kty":"RSA","n":"\(small)","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"\(point)","y":"\(point)"},
            {"kty":"OKP","crv":"Ed25519","x":"AAAA"},{"kty":"OKP","crv":"Ed25519","use":"enc","x":"\(point)"}]}
            """
        #expect(try JSONWebKeySet(Array(document.utf8)).keys.isEmpty)
    }

    @Test func membershipsAreReadFromTheClaim() {
        func read(_ texts: String...) -> [String] {
            ProviderClaims.memberships(.array(texts.map { .string($0) })).map { "\($0.actor) \($0.role)" }
        }
        #expect(read("merchant:1#clerk", "merchant:1", "factory:9#clerk") == ["factory:9 clerk", "merchant:1 owner"])
        #expect(read("merchant:1", "merchant:1#clerk", "operator:7") == ["merchant:1 owner", "operator:7 owner"])
        #expect(read("service:binding", "merchant:", "admin", "") == [])
        #expect(ProviderClaims.memberships(.string("merchant:1")).count == 1)
        #expect(ProviderClaims.memberships(nil).isEmpty && ProviderClaims.memberships(.int(1)).isEmpty)
    }
}

@Suite struct ProviderLogInTests {
    /// Scripted answers, and what was asked.
    private final class Script: Sendable {
        let calls = Monitor<[ProviderCall]>([])
        let replies: Monitor<[String: ProviderReply]>

        init(_ replies: [String: ProviderReply]) { self.replies = Monitor(replies) }

        var send: ProviderLogIn.Sender {
            { [self] (call) async throws(PeopleError) in
                calls.withLock { $0.append(call) }
                guard let reply = replies.withLock({ $0[call.url] }) else { throw PeopleError.unavailable("no answer") }
                return reply
            }
        }
    }

    private static let discovery = "https://login.example/.well-known/openid-configuration"

    private func scripted(_ provider: Provider, _ more: String = #","code_challenge_methods_supported":["S256"]"#) throws -> Script {
        let document = """
            {"issuer":"https://login.example","authorization_endpoint":"https://login.example/auth?x=1",
            "token_endpoint":"https://login.example/token","jwks_uri":"https://login.example/keys"\(more)}
            """
        return Script([
            Self.discovery: ProviderReply(status: 200, body: Array(document.utf8)),
            "https://login.example/keys": ProviderReply(status: 200, body: try provider.keys()),
        ])
    }

    private func answer(_ script: Script, _ provider: Provider, nonce: String) throws {
        let body = Array(#"{"access_token":"a","id_token":"\#(try provider.token(Provider.claims(nonce: nonce)))"}"#.utf8)
        script.replies.withLock { $0["https://login.example/token"] = ProviderReply(status: 200, body: body) }
    }

    @Test func aLogInGoesThroughTheProviderAndBack() async throws {
        let provider = try Provider()
        let script = try scripted(provider)
        let logIn = ProviderLogIn(Provider.settings, send: script.send)
        let (url, pending) = try await logIn.begin(now: now)
        #expect(url.hasPrefix("https://login.example/auth?x=1&response_type=code&client_id=daifa&"))
        #expect(url.contains("redirect_uri=https%3A%2F%2Fdaifa.example%2Foidc&scope=openid%20profile%20email&state=\(pending.state)&"))
        // RFC 7636, section 4.2
        #expect(
            url.hasSuffix("&code_challenge=\(Base64URL.encode(Digest.sha256(Array(pending.verifier.utf8))))&code_challenge_method=S256"))
        #expect(url.contains("nonce=\(pending.nonce)") && !url.contains(pending.verifier))
        try answer(script, provider, nonce: pending.nonce)
        let claims = try await logIn.finish(pending, code: "c&d", now: now)
        #expect(claims.identity.subject == "u-1" && claims.memberships == [Membership(actor: "merchant:1", role: .owner)])
        let calls = script.calls.withLock { $0 }
        #expect(calls.map(\.url) == [Self.discovery, "https://login.example/token", "https://login.example/keys"])
        #expect(
            String(decoding: calls[1].body, as: UTF8.self)
                == "grant_type=authorization_code&code=c%26d&redirect_uri=https%3A%2F%2Fdaifa.example%2Foidc&code_verifier=\(pending.verifier)"
        )
        #expect(calls[1].headers["Authorization"] == "Basic \(Base64.encode(Array("daifa:s%3Acret".utf8)))")
    }

    @Test func keysAreAskedForAgainForATokenThatNoneHasSigned() async throws {
        let (old, new) = (try Provider(), try Provider())
        let script = try scripted(old)
        let logIn = ProviderLogIn(Provider.settings, send: script.send)
        let (_, pending) = try await logIn.begin(now: now)
        try answer(script, old, nonce: pending.nonce)
        _ = try await logIn.finish(pending, code: "c", now: now)
        _ = try await logIn.finish(pending, code: "c", now: now)
        #expect(script.calls.withLock { $0.count { $0.url.hasSuffix("/keys") } } == 1)
        try answer(script, new, nonce: pending.nonce)
        await #expect(throws: PeopleError.self) { try await logIn.finish(pending, code: "c", now: now) }
        let keys = try new.keys()
        script.replies.withLock { $0["https://login.example/keys"]?.body = keys }
        _ = try await logIn.finish(pending, code: "c", now: now)
    }

    @Test func pkceIsLeftOutWhereTheProviderKnowsNone() async throws {
        let provider = try Provider()
        let none = ProviderLogIn(Provider.settings, send: try scripted(provider, #","code_challenge_methods_supported":["plain"]"#).send)
        #expect(try await !none.begin(now: now).url.contains("code_challenge"))
        let silent = ProviderLogIn(Provider.settings, send: try scripted(provider, "").send)
        #expect(try await silent.begin(now: now).url.contains("code_challenge_method=S256"))
        var settings = Provider.settings
        settings.usesPKCE = false
        let off = ProviderLogIn(settings, send: try scripted(provider, "").send)
        #expect(try await !off.begin(now: now).url.contains("code_challenge"))
    }

    @Test func theProvidersRefusalIsTold() async throws {
        let provider = try Provider()
        let script = try scripted(provider)
        let logIn = ProviderLogIn(Provider.settings, send: script.send)
        let (_, pending) = try await logIn.begin(now: now)
        let body = Array(#"{"error":"invalid_code","error_description":"used"}"#.utf8)
        script.replies.withLock { $0["https://login.example/token"] = ProviderReply(status: 403, body: body) }
        await #expect(throws: PeopleError.provider("the provider refuses the code: HTTP status 403, invalid_code: used")) {
            try await logIn.finish(pending, code: "c", now: now)
        }
        script.replies.withLock { $0["https://login.example/token"] = ProviderReply(status: 502, body: []) }
        await #expect(throws: PeopleError.unavailable("https://login.example/token answers with HTTP status 502")) {
            try await logIn.finish(pending, code: "c", now: now)
        }
    }

    @Test func aProviderThatSaysItIsAnotherIsRefused() async throws {
        var settings = Provider.settings
        settings.issuer = "https://login.example/"
        let logIn = ProviderLogIn(settings, send: try scripted(try Provider()).send)
        await #expect(throws: PeopleError.self) { try await logIn.begin(now: now) }
    }

    @Test func aLogInIsKeptInACookieAndKnowsItsState() async throws {
        let logIn = ProviderLogIn(Provider.settings, send: try scripted(try Provider()).send)
        let (_, pending) = try await logIn.begin(now: now)
        let (_, other) = try await logIn.begin(now: now)
        #expect(PendingLogIn(cookie: pending.cookie) == pending)
        #expect(pending.isOf(state: pending.state) && !pending.isOf(state: other.state) && !pending.isOf(state: ""))
        let parts = pending.cookie.split(separator: ".").map(String.init)
        for text in ["", "..", parts[0], parts.dropLast().joined(separator: "."), pending.cookie + ".x", "a.b.c", pending.cookie + "="] {
            #expect(PendingLogIn(cookie: text) == nil, "\(text)")
        }
    }

    @Test func aProvidersUserHasTheMembershipsOfEachLogInAndNoPassword() throws {
        let scene = try Scene()
        _ = try scene.signUp("anna")
        var claims = ProviderClaims(
            identity: ProviderIdentity(issuer: "i", subject: "s"), name: "Anna",
            memberships: [Membership(actor: "merchant:1", role: .owner)])
        func signIn() throws -> NewSession { try scene.people.signIn(claims, language: .zh, client: scene.client, now: scene.now) }
        let first = try signIn()
        #expect(first.open.user.name == "Anna-2" && first.open.memberships == claims.memberships)
        claims.memberships = [Membership(actor: "merchant:2", role: .clerk)]
        let second = try signIn()
        #expect(second.open.user.userId == first.open.user.userId && second.open.memberships == claims.memberships)
        #expect(try scene.look(first).caller(for: "merchant:1") == nil)
        #expect(refusal { _ = try scene.signIn("Anna-2") } == .wrongCredentials)
        #expect(refusal { _ = try scene.people.reset(user: "Anna-2", now: scene.now) } == .forbidden(.ofProvider))
        #expect(refusal { _ = try scene.people.chooseRole(.merchant, of: second.open) } == .forbidden(.ofProvider))
        let change = People.ProfileChange(password: "a new password", oldPassword: "x")
        #expect(
            refusal { _ = try scene.people.change(change, of: second.open, client: scene.client, now: scene.now) }
                == .forbidden(.ofProvider))
        for _ in 0..<13 {
            scene.pass(seconds: 3300)
            _ = try scene.look(second)
        }
        scene.pass(seconds: 12 * 3600 - 13 * 3300)
        #expect(!scene.isOpen(second))
        claims.identity.subject = "other"
        claims.name = "\u{200B} "
        #expect(try signIn().open.user.name == "user")
    }
}
