import Crypto
public import JSON

/// A signed token taken apart (RFC 7515, compact form); nothing of it is true before its signature was verified.
public struct JSONWebToken: Sendable {
    /// `alg`
    public let algorithm: String
    /// `kid`
    public let keyId: String?
    /// The claims, as JSON.
    public let claims: [UInt8]
    public let signature: [UInt8]
    /// What was signed.
    public let signed: [UInt8]

    private struct Header: DefaultInitializable, Equatable {
        var alg = ""
        var kid: String?
        var crit: [String]?
        static let fields = Fields<Header>(Field("alg", \.alg), Field("kid", \.kid), Field("crit", \.crit))
    }

    /// - Returns: nil for what is no such token, or says that it has extensions which must be understood.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(String(parts[0])), let claims = Base64URL.decode(String(parts[1])),
            let signature = Base64URL.decode(String(parts[2])), let header = try? Header.decode(head), header.crit == nil
        else { return nil }
        algorithm = header.alg
        keyId = header.kid
        self.claims = claims
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }
}

/// The claim `aud`: one text, or several (RFC 7519, section 4.1.3).
public struct TokenAudience: JSONCodable, Equatable, Sendable {
    public var names: [String]

    public init(names: [String]) { self.names = names }

    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> TokenAudience {
        switch try JSONValue.readJSON(&reader) {
        case .string(let name): TokenAudience(names: [name])
        case .array(let values): TokenAudience(names: values.compactMap(\.string))
        default: throw .invalid("expected a text, or an array of texts")
        }
    }

    public func writeJSON(_ writer: inout JSONWriter) { names.writeJSON(&writer) }
    public static var schema: Schema { Schema() }

    /// Byte by byte.
    public func contains(_ name: String) -> Bool { names.contains { $0.utf8.elementsEqual(name.utf8) } }
}
