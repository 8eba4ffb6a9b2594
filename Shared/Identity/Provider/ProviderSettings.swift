import JSON

/// A provider of OpenID Connect, as a deployment names it.
public struct ProviderSettings: Sendable, Equatable {
    /// `DAIFA_OIDC_ISSUER`: `https://login.example`.
    public var issuer: String
    /// `DAIFA_OIDC_CLIENT_ID`
    public var clientId: String
    /// The content of `DAIFA_OIDC_CLIENT_SECRET_FILE`; nil for a public client.
    public var clientSecret: String?
    /// Where the provider sends the browser back to: an address of the console, which the provider must know.
    public var redirectURL: String
    /// `DAIFA_OIDC_ACTORS_CLAIM`
    public var actorsClaim = ProviderSettings.actorsClaim
    /// Whether PKCE is used where the provider does not say that it knows it.
    public var usesPKCE = true

    public static let actorsClaim = "daifa_actors"
    /// The console's path of ``redirectURL``.
    public static let callback = "/oidc/callback"

    public init(issuer: String, clientId: String, clientSecret: String?, redirectURL: String) {
        self.issuer = issuer
        self.clientId = clientId
        self.clientSecret = clientSecret
        self.redirectURL = redirectURL
    }
}

/// What a provider says of itself (OpenID Connect Discovery, section 3).
struct ProviderDocument: DefaultInitializable, Equatable {
    var issuer = ""
    var authorizationEndpoint = ""
    var tokenEndpoint = ""
    var keys = ""
    var challengeMethods: [String]?
    var authenticationMethods: [String]?

    static let fields = Fields<ProviderDocument>(
        Field("issuer", \.issuer), Field("authorization_endpoint", \.authorizationEndpoint), Field("token_endpoint", \.tokenEndpoint),
        Field("jwks_uri", \.keys), Field("code_challenge_methods_supported", \.challengeMethods),
        Field("token_endpoint_auth_methods_supported", \.authenticationMethods))

    func usesPKCE(_ settings: ProviderSettings) -> Bool { challengeMethods.map { $0.contains("S256") } ?? settings.usesPKCE }

    /// Whether the secret goes into the form: only where a provider takes it nowhere else.
    var postsSecret: Bool {
        guard let methods = authenticationMethods else { return false }
        return methods.contains("client_secret_post") && !methods.contains("client_secret_basic")
    }
}

/// A provider's endpoint is called with this, and gives that; the caller brings the HTTP client (TLS, no redirects, limits of size and time).
public struct ProviderCall: Sendable, Equatable {
    public var method: String
    public var url: String
    public var headers: [String: String]
    public var body: [UInt8]
}

public struct ProviderReply: Sendable, Equatable {
    public var status: Int
    public var body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Names and values as a query or a form writes them.
enum FormText {
    static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func fields(_ fields: [(String, String)]) -> String {
        fields.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }
}
