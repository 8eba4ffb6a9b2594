public import Contracts
import Crypto
import HTTP
import Machines

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
    /// What Pinduoduo calls its messages about factory-dropship orders: it has published no names.
    public var pinduoduoFactoryTopics: [String] = []
    /// Seconds for one call.
    public var jdTimeout = 10.0
    public var pinduoduoTimeout = 10.0
    public var jackyunTimeout = 10.0
    /// What is set beside, or in place of, the rates that are known of a partner.
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

    init(environment: [String: String]) throws(ConfigurationError) {
        func text(_ name: String) -> String? { environment["DAIFA_PARTNER_\(name)"].flatMap { $0.isEmpty ? nil : $0 } }
        func url(_ name: String, _ value: inout String, socket: Bool = false) throws(ConfigurationError) {
            guard let given = text(name) else { return }
            value = try Self.checked("DAIFA_PARTNER_\(name)", given, socket: socket)
        }
        try url("JD_OAUTH_URL", &jdOAuthURL)
        try url("JD_JOS_URL", &jdJOSURL)
        try url("JD_ISC_OAUTH_URL", &jdISCOAuthURL)
        try url("JD_ISC_URL", &jdISCURL)
        try url("PINDUODUO_AUTHORIZE_URL", &pinduoduoAuthorizeURL)
        try url("PINDUODUO_GATEWAY_URL", &pinduoduoGatewayURL)
        try url("PINDUODUO_MESSAGE_URL", &pinduoduoMessageURL, socket: true)
        try url("JACKYUN_GATEWAY_URL", &jackyunGatewayURL)
        jd = try Self.application("JD", text("JD_APP_KEY"), file: text("JD_APP_SECRET_FILE"))
        pinduoduo = try Self.application("PINDUODUO", text("PINDUODUO_APP_KEY"), file: text("PINDUODUO_APP_SECRET_FILE"))
        jdISVSource = text("JD_ISV_SOURCE")
        pinduoduoFactoryTopics = text("PINDUODUO_FACTORY_TOPICS")?.split { $0 == "," || $0.isWhitespace }.map(String.init) ?? []
        jdTimeout = try Self.seconds("JD", text("JD_TIMEOUT")) ?? jdTimeout
        pinduoduoTimeout = try Self.seconds("PINDUODUO", text("PINDUODUO_TIMEOUT")) ?? pinduoduoTimeout
        jackyunTimeout = try Self.seconds("JACKYUN", text("JACKYUN_TIMEOUT")) ?? jackyunTimeout
        jdRates = try Self.rates("JD", text("JD_RATES"))
        pinduoduoRates = try Self.rates("PINDUODUO", text("PINDUODUO_RATES"))
        jackyunRates = try Self.rates("JACKYUN", text("JACKYUN_RATES"))
        jdQuotaCodes = try Self.codes("JD", text("JD_QUOTA_CODES"))
        pinduoduoQuotaCodes = try Self.codes("PINDUODUO", text("PINDUODUO_QUOTA_CODES"))
        jackyunQuotaCodes = try Self.codes("JACKYUN", text("JACKYUN_QUOTA_CODES"))
        askPauses = try Self.pauses(environment[Self.askPausesName]) ?? askPauses
    }

    private static let askPausesName = "DAIFA_ASK_PAUSES"
    /// A partner that is not asked at all, or for ever, is a mistake.
    private static let askCounts = 1...10
    private static let askSeconds = 0.0...600.0

    private static func pauses(_ text: String?) throws(ConfigurationError) -> [Double]? {
        guard let text, !text.isEmpty else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.filter { $0 != " " }) }
        func wrong(_ part: String) -> ConfigurationError {
            ConfigurationError("\(askPausesName): expected 1 to 10 numbers of seconds up to 600, by commas (1,3,9), not \"\(part)\"")
        }
        guard askCounts.contains(parts.count) else { throw wrong(text) }
        var pauses: [Double] = []
        for part in parts {
            guard let seconds = Double(part), askSeconds.contains(seconds) else { throw wrong(part) }
            pauses.append(seconds)
        }
        return pauses
    }

    static let names: Set<String> = [
        "JD_OAUTH_URL", "JD_JOS_URL", "JD_ISC_OAUTH_URL", "JD_ISC_URL", "JD_APP_KEY", "JD_APP_SECRET_FILE", "JD_ISV_SOURCE", "JD_TIMEOUT",
        "JD_RATES", "JD_QUOTA_CODES", "PINDUODUO_AUTHORIZE_URL", "PINDUODUO_GATEWAY_URL", "PINDUODUO_MESSAGE_URL", "PINDUODUO_APP_KEY",
        "PINDUODUO_APP_SECRET_FILE", "PINDUODUO_FACTORY_TOPICS", "PINDUODUO_TIMEOUT", "PINDUODUO_RATES", "PINDUODUO_QUOTA_CODES",
        "JACKYUN_GATEWAY_URL", "JACKYUN_TIMEOUT", "JACKYUN_RATES", "JACKYUN_QUOTA_CODES",
    ]

    /// What deciding needs to know of them: no secret.
    var consents: ConsentSettings {
        var consents = ConsentSettings()
        consents.jos = .jos(jdOAuthURL)
        consents.isc = .isc(jdISCOAuthURL)
        consents.pinduoduo = .pinduoduo(pinduoduoAuthorizeURL)
        consents.jdAppKey = jd?.appKey
        consents.pinduoduoAppKey = pinduoduo?.appKey
        consents.jdISVSource = jdISVSource
        return consents
    }

    /// TLS, or plain on loopback only (the sandbox). A slash at the end is dropped.
    private static func checked(_ name: String, _ url: String, socket: Bool) throws(ConfigurationError) -> String {
        let (secure, plain) = socket ? ("wss", "ws") : ("https", "http")
        do throws(HTTPClientError) { try CallableURL.check(url, secure: secure, plain: plain) } catch {
            throw ConfigurationError("\(name): \(error.message)")
        }
        guard !url.contains("?"), !url.contains("#") else {
            throw ConfigurationError("\(name): expected \(secure)://… without a query or fragment")
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    private static func rates(_ name: String, _ text: String?) throws(ConfigurationError) -> CallRates {
        guard let text else { return CallRates() }
        do throws(CallRates.Failure) { return try CallRates(text) } catch {
            throw ConfigurationError(
                "DAIFA_PARTNER_\(name)_RATES: expected <operation>=<calls a second>, or …/shop, by commas, * for all others, not \"\(error.part)\""
            )
        }
    }

    /// Codes are numbers, words like `ISV_TRACK_ERROR`, or both (`50001/ISV_TRACK_ERROR`).
    private static func codes(_ name: String, _ text: String?) throws(ConfigurationError) -> Set<String> {
        let parts = text?.split { $0 == "," || $0.isWhitespace } ?? []
        for part in parts where !part.utf8.allSatisfy({ Self.codeBytes.contains($0) }) {
            throw ConfigurationError(
                "DAIFA_PARTNER_\(name)_QUOTA_CODES: expected codes of letters, digits, '_', '-', '.' and '/', by commas, not \"\(part)\"")
        }
        return Set(parts.map(String.init))
    }

    private static let codeBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./".utf8)

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

    private static func seconds(_ name: String, _ text: String?) throws(ConfigurationError) -> Double? {
        guard let text else { return nil }
        guard let value = Double(text), value >= 0.1, value <= 300 else {
            throw ConfigurationError("DAIFA_PARTNER_\(name)_TIMEOUT: expected seconds from 0.1 to 300, not \"\(text)\"")
        }
        return value
    }
}
