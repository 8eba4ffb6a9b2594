public import Contracts
import Crypto
public import Machines
public import Partners
public import Runtime

/// Where partners are and how the platform's own applications are known to them: design, section 10.
public struct PartnerSettings: Sendable {
    /// The platform's application at a partner.
    public struct Application: Sendable {
        public var appKey: String
        public var appSecret: String

        public init(appKey: String, appSecret: String) {
            self.appKey = appKey
            self.appSecret = appSecret
        }
    }

    public var jdOAuthURL = "https://open-oauth.jd.com"
    public var jdJOSURL = "https://api.jd.com/routerjson"
    public var jdISCOAuthURL = "https://oauth.jdl.com"
    public var jdISCURL = "https://api.jdl.com"
    public var pinduoduoAuthorizeURL = "https://fuwu.pinduoduo.com/service-market/auth"
    public var pinduoduoGatewayURL = "https://gw-api.pinduoduo.com/api/router"
    public var pinduoduoMessageURL = "wss://message-api.pinduoduo.com/message"
    public var jackyunGatewayURL = "https://open.jackyun.com/open/openapi/do"
    /// nil: `begin` is refused `app-credentials-required`.
    public var jd: Application?
    public var pinduoduo: Application?
    /// `isvSource`, given by JD's sales.
    public var jdISVSource: String?
    /// Pinduoduo's names of its messages about factory-dropship orders; it has published none.
    public var pinduoduoFactoryTopics: [String] = []
    /// Seconds for one call.
    public var jdTimeout = 10.0
    public var pinduoduoTimeout = 10.0
    public var jackyunTimeout = 10.0
    /// Rates that are set beside, or in place of, the published rates of a partner.
    public var jdRates = CallRates()
    public var pinduoduoRates = CallRates()
    public var jackyunRates = CallRates()
    /// Codes, or sub-codes, with which a partner says that a day's quota is used up; none of them publishes any.
    public var jdQuotaCodes: Set<String> = []
    public var pinduoduoQuotaCodes: Set<String> = []
    public var jackyunQuotaCodes: Set<String> = []
    /// Seconds before each question whether an attempt without an answer has done it: the partner may need a while to know.
    public var askPauses = [1.0, 3.0, 9.0]

    public init() {}
    public init(defaultsOf service: ServiceName) {}

    var jdAppKey: String?
    var jdAppSecretFile: String?
    var pinduoduoAppKey: String?
    var pinduoduoAppSecretFile: String?

    /// Reads the secrets of the platform's own applications from their files.
    public mutating func complete() throws(ConfigurationError) {
        if let application = try Self.application("JD", jdAppKey, file: jdAppSecretFile) { jd = application }
        if let application = try Self.application("PINDUODUO", pinduoduoAppKey, file: pinduoduoAppSecretFile) { pinduoduo = application }
    }

    /// The part that state machines may know: no secret.
    public var consents: ConsentSettings {
        var consents = ConsentSettings()
        consents.jos = ConsentPage(AuthorizePage.jos(jdOAuthURL).url)
        consents.isc = ConsentPage(AuthorizePage.isc(jdISCOAuthURL).url)
        consents.pinduoduo = ConsentPage(AuthorizePage.pinduoduo(pinduoduoAuthorizeURL).url)
        consents.jdAppKey = jd?.appKey
        consents.pinduoduoAppKey = pinduoduo?.appKey
        consents.jdISVSource = jdISVSource
        return consents
    }

    private static func application(_ name: String, _ key: String?, file: String?) throws(ConfigurationError) -> Application? {
        switch (key, file) {
        case (nil, nil): return nil
        case (let key?, let file?):
            do throws(CryptoError) {
                let secret = try KeyMaterial.text(path: file)
                return Application(appKey: key, appSecret: secret)
            } catch { throw ConfigurationError("DAIFA_PARTNER_\(name)_APP_SECRET_FILE: \(error)") }
        default:
            throw ConfigurationError(
                "DAIFA_PARTNER_\(name)_APP_KEY and DAIFA_PARTNER_\(name)_APP_SECRET_FILE go together: set both or none")
        }
    }
}
