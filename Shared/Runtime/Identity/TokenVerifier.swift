import Contracts
import Crypto
import JSON
import Threads

/// Checks tokens: JWT (RFC 7519) signed with Ed25519 (`EdDSA`, RFC 8037); `sub` is the actor.
struct TokenVerifier {
    private struct Header: DefaultInitializable, Equatable {
        var alg = ""
        var kid: String?
        static let fields = Fields<Header>(Field("alg", \.alg), Field("kid", \.kid))
    }

    private struct Claims: DefaultInitializable, Equatable {
        var sub: String?
        var exp: Int?
        var nbf: Int?
        var aud: Audience?
        var iss: String?
        static let fields = Fields<Claims>(
            Field("sub", \.sub), Field("exp", \.exp), Field("nbf", \.nbf), Field("aud", \.aud), Field("iss", \.iss))
    }

    /// `aud`: one text, or several (RFC 7519, section 4.1.3).
    private struct Audience: JSONCodable, Equatable {
        var names: [String]

        static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Audience {
            switch try JSONValue.readJSON(&reader) {
            case .string(let name): Audience(names: [name])
            case .array(let values): Audience(names: values.compactMap(\.string))
            default: throw .invalid("expected a text, or an array of texts")
            }
        }

        func writeJSON(_ writer: inout JSONWriter) { names.writeJSON(&writer) }
        static var schema: Schema { Schema() }
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
        let token = header.dropFirst(7)
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(String(parts[0])), let body = Base64URL.decode(String(parts[1])),
            let signature = Base64URL.decode(String(parts[2])), let parsed = try? Header.decode(head), parsed.alg == "EdDSA"
        else { throw Refusal(.unauthorized, "the token is no JWT signed with EdDSA") }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let isKnown = keys.contains { ($0.id == nil || parsed.kid == nil || $0.id == parsed.kid) && $0.key.isValid(signature, of: signed) }
        guard isKnown else { throw Refusal(.unauthorized, "the token's signature is not of a known key") }
        let claims: Claims
        do throws(JSONError) { claims = try Claims.decode(body) } catch {
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
        guard claims.aud?.names.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) == true else {
            throw Refusal(.unauthorized, "the token is not for this system: its aud must be, or hold, \"\(audience)\"")
        }
        guard let issuer else { return }
        guard claims.iss?.utf8.elementsEqual(issuer.utf8) == true else {
            throw Refusal(.unauthorized, "the token is of another issuer: its iss must be \"\(issuer)\"")
        }
    }
}
