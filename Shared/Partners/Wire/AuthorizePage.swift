import Contracts

/// A partner's page on which a person logs in and agrees.
public struct AuthorizePage: Sendable, Equatable {
    /// The value of a field of the page's query.
    public enum Value: Sendable, Equatable {
        case appKey, redirectURI, state
        case fixed(String)
    }

    public struct Parameter: Sendable, Equatable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The page's address, without a query.
    public var url: String
    public var query: [Parameter]

    /// JOS: `{base}/oauth2/to_login` (github.com/lostinfo/jos-open-api).
    public static func jos(_ base: String) -> AuthorizePage {
        AuthorizePage(
            url: "\(base)/oauth2/to_login",
            query: [
                Parameter("app_key", .appKey), Parameter("response_type", .fixed("code")), Parameter("redirect_uri", .redirectURI),
                Parameter("state", .state), Parameter("scope", .fixed("snsapi_base")),
            ])
    }

    /// JDL's open platform: `{base}/oauth/authorize`.
    public static func isc(_ base: String) -> AuthorizePage {
        AuthorizePage(
            url: "\(base)/oauth/authorize",
            query: [
                Parameter("client_id", .appKey), Parameter("redirect_uri", .redirectURI), Parameter("response_type", .fixed("code")),
                Parameter("state", .state),
            ])
    }

    /// Pinduoduo's page for shops on the web (pdd-node-sdk `constant/index.ts`).
    public static func pinduoduo(_ url: String) -> AuthorizePage {
        AuthorizePage(
            url: url,
            query: [
                Parameter("response_type", .fixed("code")), Parameter("client_id", .appKey), Parameter("redirect_uri", .redirectURI),
                Parameter("state", .state), Parameter("view", .fixed("web")),
            ])
    }

    /// Where to send the person's browser.
    public func url(appKey: String, state: String, redirectURI: String) -> String {
        let fields = query.map { parameter in
            let value =
                switch parameter.value {
                case .appKey: appKey
                case .redirectURI: redirectURI
                case .state: state
                case .fixed(let text): text
                }
            return "\(parameter.name)=\(PercentEncoding.escape(value))"
        }
        return url + "?" + fields.joined(separator: "&")
    }
}
