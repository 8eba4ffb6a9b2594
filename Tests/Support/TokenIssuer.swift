import Contracts
public import Crypto
import Foundation
import Threads

/// Makes keys and tokens, good and bad.
public struct TokenIssuer: Sendable {
    public let key: Ed25519.PrivateKey
    public let id: String?

    public init(id: String? = "k1") throws {
        key = try Ed25519.PrivateKey()
        self.id = id
    }

    public static func base64URL(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes).replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// The key as an entry of a JWKS file.
    public func entry() throws -> String {
        let named = id.map { #","kid":"\#($0)""# } ?? ""
        return #"{"kty":"OKP","crv":"Ed25519","use":"sig"\#(named),"x":"\#(Self.base64URL(try key.publicKey().bytes))"}"#
    }

    public static func keySet(_ issuers: TokenIssuer...) throws -> String {
        #"{"keys":[\#(try issuers.map { try $0.entry() }.joined(separator: ","))]}"#
    }

    /// `Bearer <JWT>` with these claims (the inside of a JSON object).
    public func bearer(_ claims: String, header: String? = nil) throws -> String {
        let named = id.map { #","kid":"\#($0)""# } ?? ""
        let head = Self.base64URL(Array((header ?? #"{"alg":"EdDSA","typ":"JWT"\#(named)}"#).utf8))
        let body = Self.base64URL(Array("{\(claims)}".utf8))
        return "Bearer \(head).\(body).\(Self.base64URL(try key.sign(Array("\(head).\(body)".utf8))))"
    }

    /// The command with a token of the actor that it names.
    public func signed(_ command: Outgoing) throws -> Outgoing {
        guard let actor = command.header(EnvelopeHeader.actor) else { return command }
        return command.setting(EnvelopeHeader.authorization, try bearer(of: actor))
    }

    /// `Bearer <JWT>` that is good for Daifa, for an hour.
    public func bearer(of actor: String) throws -> String {
        try bearer(#""sub":"\#(actor)","aud":"daifa","exp":\#(Timestamp.now.milliseconds / 1000 + 3600)"#)
    }
}
