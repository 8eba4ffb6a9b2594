import Contracts
import Crypto
import JSON
import Threads
import Tokens

/// Checks tokens: JWT (RFC 7519) signed with Ed25519 (`EdDSA`, RFC 8037); `sub` is the actor.
struct TokenVerifier: Sendable {
    private struct Claims: DefaultInitializable, Equatable {
        var sub: String?
        var exp: Int?
        var nbf: Int?
        var aud: TokenAudience?
        var iss: String?
        static let fields = Fields<Claims>(
            Field("sub", \.sub), Field("exp", \.exp), Field("nbf", \.nbf), Field("aud", \.aud), Field("iss", \.iss))
    }

    /// Seconds that a token may be good for, from now on.
    private static let longestLife = 86_400

    private let keys: TokenKeys
    private let audience: String
    private let issuer: String?

    /// - Parameters:
    ///   - audience: `DAIFA_AUTH_AUDIENCE`, which `aud` must be or hold.
    ///   - issuer: `DAIFA_AUTH_ISSUER`, which `iss` must be; nil: any issuer whose keys are known.
    init(_ keys: TokenKeys, audience: String, issuer: String?) {
        self.keys = keys
        self.audience = audience
        self.issuer = issuer
    }

    /// The actor of a good token; a refusal `unauthorized` for a missing, malformed, foreign or expired one.
    func actor(of header: String?, now: Timestamp) throws(Refusal) -> Actor {
        guard let header, header.count > 7, header.prefix(7).lowercased() == "bearer " else {
            throw Refusal(.unauthorized, "a token is required: send the header authorization: Bearer <JWT>")
        }
        guard let token = JSONWebToken(header.dropFirst(7)), token.algorithm == VerificationKey.Algorithm.edDSA.rawValue else {
            throw Refusal(.unauthorized, "the token is no JWT signed with EdDSA")
        }
        guard keys.contains({ $0.hasSigned(token) }) else {
            throw Refusal(.unauthorized, "the token's signature is not of a known key")
        }
        let claims: Claims
        do throws(JSONError) { claims = try Claims.decode(token.claims) } catch {
            throw Refusal(.unauthorized, "the token's claims cannot be read: \(error)")
        }
        try check(claims, seconds: now.milliseconds / 1000)
        guard let actor = claims.sub.flatMap({ Actor($0) }) else {
            throw Refusal(.unauthorized, "the token's sub is no actor, for example merchant:<shopId>")
        }
        return actor
    }

    private func check(_ claims: Claims, seconds: Int) throws(Refusal) {
        guard let end = claims.exp else { throw Refusal(.unauthorized, "the token has no exp: give it an end, at most 24 hours ahead") }
        guard seconds < end, claims.nbf.map({ seconds >= $0 }) ?? true else {
            throw Refusal(.unauthorized, "the token is expired or not valid yet: get a new one")
        }
        guard end - seconds <= Self.longestLife else {
            throw Refusal(.unauthorized, "the token's exp is more than 24 hours ahead: get one that is good for less")
        }
        guard claims.aud?.contains(audience) == true else {
            throw Refusal(.unauthorized, "the token is not for this system: its aud must be, or hold, \"\(audience)\"")
        }
        guard let issuer else { return }
        guard claims.iss?.utf8.elementsEqual(issuer.utf8) == true else {
            throw Refusal(.unauthorized, "the token is of another issuer: its iss must be \"\(issuer)\"")
        }
    }
}
