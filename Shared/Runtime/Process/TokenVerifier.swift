import Contracts
import Crypto
import Glibc
import JSON

/// Checks the tokens on commands: JWT (RFC 7519) signed with Ed25519 (`EdDSA`, RFC 8037); `sub` is the actor.
struct TokenVerifier {
    private struct KeySet: Declared, Equatable {
        var keys: [Key] = []
        static let fields = Fields<KeySet>(Field("keys", \.keys, count: 1...100))
    }

    private struct Key: Declared, Equatable {
        var kty = ""
        var crv: String?
        var kid: String?
        var x: String?
        static let fields = Fields<Key>(Field("kty", \.kty), Field("crv", \.crv), Field("kid", \.kid), Field("x", \.x))
    }

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

    private var keys: [(id: String?, key: Ed25519.PublicKey)] = []

    /// - Parameter keysAt: a JWKS file (RFC 7517).
    init(keysAt path: String) throws(ConfigurationError) {
        guard !path.hasPrefix("http:"), !path.hasPrefix("https:") else {
            throw ConfigurationError("DAIFA_AUTH_KEYS: a URL is not supported yet; name a JWKS file")
        }
        guard let bytes = Self.read(path) else { throw ConfigurationError("DAIFA_AUTH_KEYS: cannot read \(path)") }
        do throws(JSONError) {
            for key in try KeySet.decode(bytes).keys where key.kty == "OKP" && key.crv == "Ed25519" {
                guard let x = key.x, let raw = Base64URL.decode(x), let publicKey = try? Ed25519.PublicKey(raw) else { continue }
                keys.append((key.kid, publicKey))
            }
        } catch { throw ConfigurationError("DAIFA_AUTH_KEYS: \(path) is no JWKS file: \(error)") }
        if keys.isEmpty { throw ConfigurationError("DAIFA_AUTH_KEYS: \(path) holds no Ed25519 key (kty OKP, crv Ed25519)") }
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return ferror(file) == 0 ? Array(bytes[..<count]) : nil
    }

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
