public import Crypto
public import JSON

/// The keys that verify signatures, from a JWKS (RFC 7517). Keys of other kinds, and those for encryption, are left out.
public struct JSONWebKeySet: Sendable {
    public struct Key: Sendable {
        /// `kid`
        public let keyId: String?
        public let key: VerificationKey

        /// Whether it has signed the token, with its own algorithm and under its own name.
        public func hasSigned(_ token: JSONWebToken) -> Bool {
            key.algorithm.rawValue == token.algorithm && (keyId == nil || token.keyId == nil || keyId == token.keyId)
                && key.isValid(token.signature, of: token.signed)
        }
    }

    public let keys: [Key]

    private struct Document: DefaultInitializable, Equatable {
        var keys: [Member] = []
        static let fields = Fields<Document>(Field("keys", \.keys, count: 1...100))
    }

    private struct Member: DefaultInitializable, Equatable {
        var kty = ""
        var crv: String?
        var kid: String?
        var use: String?
        var x: String?
        var y: String?
        var n: String?
        var e: String?
        static let fields = Fields<Member>(
            Field("kty", \.kty), Field("crv", \.crv), Field("kid", \.kid), Field("use", \.use), Field("x", \.x), Field("y", \.y),
            Field("n", \.n), Field("e", \.e))

        var key: VerificationKey? {
            func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64URL.decode($0) } }
            guard use == nil || use == "sig" else { return nil }
            switch (kty, crv) {
            case ("OKP", "Ed25519"): return bytes(x).flatMap { try? VerificationKey(ed25519: $0) }
            case ("EC", "P-256"):
                guard let x = bytes(x), let y = bytes(y) else { return nil }
                return try? VerificationKey(p256: x, y)
            case ("RSA", _):
                guard let n = bytes(n), let e = bytes(e) else { return nil }
                return try? VerificationKey(rsaModulus: n, exponent: e)
            default: return nil
            }
        }
    }

    /// - Throws: what is wrong with the document.
    public init(_ document: [UInt8]) throws(JSONError) {
        keys = try Document.decode(document).keys.compactMap { member in
            member.key.map { Key(keyId: member.kid, key: $0) }
        }
    }

    /// Whether one of the keys has signed the token.
    public func verify(_ token: JSONWebToken) -> Bool { keys.contains { $0.hasSigned(token) } }
}
