import Crypto
import JSON
public import Threads
import Tokens

/// Logging in with a provider of OpenID Connect: authorization code and PKCE.
///
/// `begin` gives the address to send the browser to; when it comes back with state and code, `finish` gives who it is. What the provider says
/// of itself is asked for again after an hour, its keys when a token is signed by none of them.
public final class ProviderLogIn: Sendable {
    /// Throws `unavailable` when there was no answer.
    public typealias Sender = @Sendable (ProviderCall) async throws(PeopleError) -> ProviderReply

    private struct Known: Sendable {
        var document: ProviderDocument?
        var documentUntil = Timestamp(milliseconds: 0)
        var keys: JSONWebKeySet?
    }

    public let settings: ProviderSettings
    private let send: Sender
    private let known = Monitor(Known())

    public init(_ settings: ProviderSettings, send: @escaping Sender) {
        self.settings = settings
        self.send = send
    }

    /// Asks the provider for what it says of itself, so that a mistake in the settings is told when the process starts.
    /// - Throws: `unavailable`, `provider`.
    public func discover(now: Timestamp) async throws(PeopleError) { _ = try await document(now) }

    /// - Parameter again: whoever is logged in there shows anew who he is.
    /// - Returns: where to send the browser, and what to keep until it comes back.
    /// - Throws: `unavailable`, `provider`.
    public func begin(again: Bool = false, now: Timestamp) async throws(PeopleError) -> (url: String, pending: PendingLogIn) {
        let document = try await document(now)
        let pending = try PendingLogIn()
        var fields = [
            ("response_type", "code"), ("client_id", settings.clientId), ("redirect_uri", settings.redirectURL),
            ("scope", "openid profile email"), ("state", pending.state), ("nonce", pending.nonce),
        ]
        if again { fields.append(("prompt", "login")) }
        if document.usesPKCE(settings) { fields += [("code_challenge", pending.challenge), ("code_challenge_method", "S256")] }
        let mark = document.authorizationEndpoint.contains("?") ? "&" : "?"
        return (document.authorizationEndpoint + mark + FormText.fields(fields), pending)
    }

    /// - Parameter code: of the query that the browser came back with.
    /// - Throws: `provider` when the provider refuses the code, or its token is not good; `unavailable`.
    public func finish(_ pending: PendingLogIn, code: String, now: Timestamp) async throws(PeopleError) -> ProviderClaims {
        let document = try await document(now)
        let token = try await token(pending, code, document)
        let verifier = IDTokenVerifier(settings: settings)
        if let keys = known.withLock({ $0.keys }), keys.verify(token) {
            return try verifier.claims(of: token, keys: keys, nonce: pending.nonce, now: now)
        }
        let reply = try await send(ProviderCall(method: "GET", url: document.keys, headers: ["Accept": "application/json"], body: []))
        guard reply.status == 200 else { throw .unavailable("\(document.keys) answers with HTTP status \(reply.status)") }
        let keys: JSONWebKeySet
        do throws(JSONError) { keys = try JSONWebKeySet(reply.body) } catch { throw .provider("\(document.keys) is no JWKS: \(error)") }
        known.withLock { $0.keys = keys }
        return try verifier.claims(of: token, keys: keys, nonce: pending.nonce, now: now)
    }

    private func document(_ now: Timestamp) async throws(PeopleError) -> ProviderDocument {
        let fresh = known.withLock { now < $0.documentUntil ? $0.document : nil }
        if let fresh { return fresh }
        var base = settings.issuer[...]
        while base.last == "/" { base.removeLast() }
        let url = "\(base)/.well-known/openid-configuration"
        let reply = try await send(ProviderCall(method: "GET", url: url, headers: ["Accept": "application/json"], body: []))
        guard reply.status == 200 else { throw .unavailable("\(url) answers with HTTP status \(reply.status)") }
        let document: ProviderDocument
        do throws(JSONError) { document = try ProviderDocument.decode(reply.body) } catch {
            throw .provider("\(url) is no document of OpenID Connect: \(error)")
        }
        guard document.issuer.utf8.elementsEqual(settings.issuer.utf8) else {
            throw .provider("\(url) is of the issuer \(document.issuer), DAIFA_OIDC_ISSUER says \(settings.issuer): they must be the same")
        }
        known.withLock { known in
            known.document = document
            known.documentUntil = now.after(seconds: 3600)
        }
        return document
    }

    // MARK: The token

    private struct Tokens: DefaultInitializable, Equatable {
        var idToken = ""
        static let fields = Fields<Tokens>(Field("id_token", \.idToken))
    }

    private struct Failure: DefaultInitializable, Equatable {
        var error = ""
        var text: String?
        static let fields = Fields<Failure>(Field("error", \.error), Field("error_description", \.text))
    }

    private func token(_ pending: PendingLogIn, _ code: String, _ document: ProviderDocument) async throws(PeopleError) -> JSONWebToken {
        var fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURL)]
        var headers = ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"]
        if document.usesPKCE(settings) { fields.append(("code_verifier", pending.verifier)) }
        if let secret = settings.clientSecret, !document.postsSecret {
            // Both are form-encoded before (RFC 6749, section 2.3.1).
            let pair = "\(FormText.encode(settings.clientId)):\(FormText.encode(secret))"
            headers["Authorization"] = "Basic \(Base64.encode(Array(pair.utf8)))"
        } else {
            fields.append(("client_id", settings.clientId))
            if let secret = settings.clientSecret { fields.append(("client_secret", secret)) }
        }
        let reply = try await send(
            ProviderCall(method: "POST", url: document.tokenEndpoint, headers: headers, body: Array(FormText.fields(fields).utf8)))
        guard reply.status == 200 else {
            guard reply.status < 500 else { throw .unavailable("\(document.tokenEndpoint) answers with HTTP status \(reply.status)") }
            let failure = try? Failure.decode(reply.body)
            throw .provider(
                "the provider refuses the code: HTTP status \(reply.status), \(failure?.error ?? "no reason")\(failure?.text.map { ": \($0)" } ?? "")"
            )
        }
        guard let tokens = try? Tokens.decode(reply.body), let token = JSONWebToken(tokens.idToken) else {
            throw .provider("\(document.tokenEndpoint) gives no ID token")
        }
        return token
    }
}
