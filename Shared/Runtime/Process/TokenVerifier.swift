import Contracts
import Crypto
import JSON

/// Checks the tokens on commands: JWT (RFC 7519) signed with Ed25519 (`EdDSA`, RFC 8037); `sub` is the actor.
struct TokenVerifier {
    private struct Header: Declared, Equatable {
        var alg = ""
        var kid: String?
        static let fields = Fields<Header>(Field("alg", \.alg), Field("kid", \.kid))
    }

    private struct Claims: Declared, Equatable {
        var sub = ""
        var exp: Int?
        var nbf: Int?
        static let fields = Fields<Claims>(Field("sub", \.sub, .filled(300)), Field("exp", \.exp), Field("nbf", \.nbf))
    }

    private let keys: TokenKeys

    init(_ keys: TokenKeys) { self.keys = keys }

    /// Who acts, by the token alone, with two exceptions.
    ///
    /// Messages between services carry no token: whoever may write a commands topic can pose as a service, which is for Kafka's ACLs to
    /// prevent. And the console speaks for partners: with a token of `service:console` the actor is the `partner:` that `ce_actor` names.
    func actor(of attributes: Attributes, now: Timestamp) throws(Refusal) -> Actor {
        if attributes.token == nil, let actor = attributes.actor, actor.kind == .service { return actor }
        let actor = try self.actor(of: attributes.token, now: now)
        if actor == Actor(.service, ServiceName.console.rawValue), let named = attributes.actor, named.kind == .partner { return named }
        return actor
    }

    /// The actor of a good token; a refusal `unauthorized` for a missing, malformed, foreign or expired one.
    func actor(of header: String?, now: Timestamp) throws(Refusal) -> Actor {
        guard let header, header.count > 7, header.prefix(7).lowercased() == "bearer " else {
            throw Refusal(.unauthorized, "a token is required: send the header authorization: Bearer <JWT>")
        }
        let token = header.dropFirst(7)
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(String(parts[0])), let body = Base64URL.decode(String(parts[1])),
            let signature = Base64URL.decode(String(parts[2])), let parsed = try? Header.decode(head), parsed.alg == "EdDSA"
        else { throw Refusal(.unauthorized, "the token is no JWT signed with EdDSA") }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let isKnown = keys.contains { ($0.id == nil || parsed.kid == nil || $0.id == parsed.kid) && $0.key.isValid(signature, of: signed) }
        guard isKnown, let claims = try? Claims.decode(body) else {
            throw Refusal(.unauthorized, "the token's signature is not of a known key")
        }
        let seconds = now.milliseconds / 1000
        guard claims.exp.map({ seconds < $0 }) ?? true, claims.nbf.map({ seconds >= $0 }) ?? true else {
            throw Refusal(.unauthorized, "the token is expired or not valid yet: get a new one")
        }
        guard let actor = Actor(claims.sub) else {
            throw Refusal(.unauthorized, "the token's sub is no actor, for example merchant:<shopId>")
        }
        return actor
    }
}
