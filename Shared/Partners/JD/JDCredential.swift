/// The keys and token with which calls for one merchant are signed.
public struct JDCredential: Sendable, Equatable {
    public var appKey: String
    public var appSecret: String
    public var accessToken: String

    public init(appKey: String, appSecret: String, accessToken: String) {
        self.appKey = appKey
        self.appSecret = appSecret
        self.accessToken = accessToken
    }
}

/// A printed credential shows no secrets.
extension JDCredential: CustomStringConvertible, CustomReflectable {
    public var description: String { "JDCredential(appKey: \(appKey))" }
    public var customMirror: Mirror { Mirror(self, children: ["appKey": appKey]) }
}

/// Where JD is.
public struct JDEndpoints: Sendable, Equatable {
    /// Base of `/oauth2/…`.
    public var oauth: String
    /// The JOS gateway, whole.
    public var jos: String
    /// Base of `/oauth/…`.
    public var iscOAuth: String
    /// Base of the ISC paths.
    public var isc: String

    public init(
        oauth: String = "https://open-oauth.jd.com", jos: String = "https://api.jd.com/routerjson",
        iscOAuth: String = "https://oauth.jdl.com", isc: String = "https://api.jdl.com"
    ) {
        self.oauth = Self.base(oauth)
        self.jos = jos
        self.iscOAuth = Self.base(iscOAuth)
        self.isc = Self.base(isc)
    }

    /// Without slashes at its end: paths begin with one.
    private static func base(_ url: String) -> String {
        var url = url
        while url.last == "/" { url.removeLast() }
        return url
    }
}

/// Which of JD's two gateways carries a warehouse's orders.
public enum JDAPI: String, Sendable, CaseIterable {
    /// ECLP on JOS.
    case eclp
    /// The integrated supply chain on JDL's platform.
    case isc
}
