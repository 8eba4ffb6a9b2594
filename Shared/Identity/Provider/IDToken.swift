import JSON
import Threads
import Tokens

/// What a provider says of who has logged in.
public struct ProviderClaims: Sendable, Equatable {
    public var identity: ProviderIdentity
    /// `preferred_username`, `email` or `name`: for the user's name here.
    public var name: String?
    public var memberships: [Membership]

    /// Memberships from a claim: a list of `<actor>` for owners and `<actor>#clerk`, or one such text. What is neither is left out.
    static func memberships(_ claim: JSONValue?) -> [Membership] {
        let texts = claim?.string.map { [$0] } ?? claim?.array?.compactMap(\.string) ?? []
        var roles: [String: Role] = [:]
        for text in texts.prefix(1000) {
            let isClerk = text.hasSuffix("#clerk")
            let actor = isClerk ? String(text.dropLast("#clerk".count)) : text
            guard ActorText.isKnown(actor) else { continue }
            roles[actor] = isClerk && roles[actor] != .owner ? .clerk : .owner
        }
        return roles.map { Membership(actor: $0.key, role: $0.value) }.sorted { $0.actor < $1.actor }
    }
}

/// Checks ID tokens (OpenID Connect Core, section 3.1.3.7): signed RS256, ES256 or EdDSA.
struct IDTokenVerifier {
    /// Seconds that the provider's clock may be off.
    static let skew = 60

    let settings: ProviderSettings

    private struct Claims: DefaultInitializable, Equatable {
        var iss = ""
        var sub = ""
        var aud = TokenAudience(names: [])
        var exp = 0
        var nbf: Int?
        var azp: String?
        var nonce: String?
        static let fields = Fields<Claims>(
            Field("iss", \.iss), Field("sub", \.sub), Field("aud", \.aud), Field("exp", \.exp), Field("nbf", \.nbf), Field("azp", \.azp),
            Field("nonce", \.nonce))
    }

    /// - Throws: `provider` with the reason.
    func claims(of token: JSONWebToken, keys: JSONWebKeySet, nonce: String, now: Timestamp) throws(PeopleError) -> ProviderClaims {
        guard keys.verify(token) else {
            throw .provider("the ID token (alg \(token.algorithm)) is not signed by one of the provider's keys")
        }
        let claims: Claims
        let all: JSONValue
        do throws(JSONError) {
            claims = try Claims.decode(token.claims)
            all = try JSONValue.decode(token.claims)
        } catch { throw .provider("the ID token's claims cannot be read: \(error)") }
        guard claims.iss.utf8.elementsEqual(settings.issuer.utf8) else { throw .provider("the ID token is of another issuer") }
        guard claims.aud.contains(settings.clientId) else { throw .provider("the ID token is for another client") }
        if claims.azp != nil || claims.aud.names.count > 1 {
            guard claims.azp?.utf8.elementsEqual(settings.clientId.utf8) == true else {
                throw .provider("the ID token was made for another client")
            }
        }
        let seconds = now.milliseconds / 1000
        guard claims.exp > seconds - Self.skew, claims.nbf.map({ $0 < seconds + Self.skew }) ?? true else {
            throw .provider("the ID token is expired, or not valid yet: compare the clocks of console and provider")
        }
        guard claims.nonce?.utf8.elementsEqual(nonce.utf8) == true else { throw .provider("the ID token is not of this log-in") }
        guard (1...255).contains(claims.sub.utf8.count) else { throw .provider("the ID token's sub has not 1 to 255 bytes") }
        return ProviderClaims(
            identity: ProviderIdentity(issuer: claims.iss, subject: claims.sub),
            name: all["preferred_username"]?.string ?? all["email"]?.string ?? all["name"]?.string,
            memberships: ProviderClaims.memberships(all[settings.actorsClaim]))
    }
}
