import Contracts
import Partners
public import Runtime

extension PartnerSettings: SettingGroup {
    public static let table: [Setting<PartnerSettings>] = addresses + applications + limits + questions

    private static let questions: [Setting<PartnerSettings>] = [
        Setting(
            "DAIFA_ASK_PAUSES", \.askPauses, .pauses, of: [.waybill, .shipping],
            "seconds before each question what came of a call without an answer, by commas")
    ]

    /// Processes that call the partner.
    private static let jd: Set<ServiceName> = [.authorization, .shipping]
    private static let pinduoduo: Set<ServiceName> = [.authorization, .waybill, .shipping]
    private static let jackyun: Set<ServiceName> = [.authorization, .waybill, .shipping]

    private static let addresses: [Setting<PartnerSettings>] = [
        Setting("DAIFA_PARTNER_JD_OAUTH_URL", \.jdOAuthURL, .calledURL(), of: jd, "JD: base of /oauth2/…"),
        Setting("DAIFA_PARTNER_JD_JOS_URL", \.jdJOSURL, .calledURL(), of: jd, "JD: the JOS gateway"),
        Setting("DAIFA_PARTNER_JD_ISC_OAUTH_URL", \.jdISCOAuthURL, .calledURL(), of: jd, "JD: base of /oauth/…"),
        Setting("DAIFA_PARTNER_JD_ISC_URL", \.jdISCURL, .calledURL(), of: jd, "JD: base of the ISC paths"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_AUTHORIZE_URL", \.pinduoduoAuthorizeURL, .calledURL(), of: pinduoduo,
            "Pinduoduo: the login page"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_GATEWAY_URL", \.pinduoduoGatewayURL, .calledURL(), of: pinduoduo, "Pinduoduo: the gateway"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_MESSAGE_URL", \.pinduoduoMessageURL, .calledURL(socket: true), of: pinduoduo,
            "Pinduoduo: the message socket"),
        Setting("DAIFA_PARTNER_JACKYUN_GATEWAY_URL", \.jackyunGatewayURL, .calledURL(), of: jackyun, "Jackyun: the gateway"),
    ]

    private static let applications: [Setting<PartnerSettings>] = [
        Setting(
            "DAIFA_PARTNER_JD_APP_KEY", optional: \.jdAppKey, .text, of: [.authorization],
            "JD: key of the platform's own application"),
        Setting(
            "DAIFA_PARTNER_JD_APP_SECRET_FILE", optional: \.jdAppSecretFile, .secretFile, of: [.authorization],
            "JD: a file with its secret"),
        Setting(
            "DAIFA_PARTNER_JD_ISV_SOURCE", optional: \.jdISVSource, .text, of: jd, "JD: isvSource, given by JD's sales"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_APP_KEY", optional: \.pinduoduoAppKey, .text, of: [.authorization],
            "Pinduoduo: key of the platform's own application"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_APP_SECRET_FILE", optional: \.pinduoduoAppSecretFile, .secretFile, of: [.authorization],
            "Pinduoduo: a file with its secret"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_FACTORY_TOPICS", \.pinduoduoFactoryTopics, .words, of: [.authorization],
            "Pinduoduo: its names of messages about factory-dropship orders, by commas"),
    ]

    private static let limits: [Setting<PartnerSettings>] =
        calls("JD", "JD", jd, \.jdTimeout, \.jdRates, \.jdQuotaCodes)
        + calls(
            "PINDUODUO", "Pinduoduo", pinduoduo, \.pinduoduoTimeout, \.pinduoduoRates, \.pinduoduoQuotaCodes)
        + calls("JACKYUN", "Jackyun", jackyun, \.jackyunTimeout, \.jackyunRates, \.jackyunQuotaCodes)

    private static func calls(
        _ name: String, _ title: String, _ processes: Set<ServiceName>, _ timeout: any WritableKeyPath<PartnerSettings, Double> & Sendable,
        _ rates: any WritableKeyPath<PartnerSettings, CallRates> & Sendable,
        _ codes: any WritableKeyPath<PartnerSettings, Set<String>> & Sendable
    ) -> [Setting<PartnerSettings>] {
        [
            Setting("DAIFA_PARTNER_\(name)_TIMEOUT", timeout, .seconds(0.1...300), of: processes, "\(title): seconds for one call"),
            Setting(
                "DAIFA_PARTNER_\(name)_RATES", rates, .rates, of: processes,
                "\(title): calls a second: <operation>=<rate>[/shop], by commas, * for all others"),
            Setting(
                "DAIFA_PARTNER_\(name)_QUOTA_CODES", codes, .codes, of: processes,
                "\(title): error codes that say that a day's quota is used up, by commas"),
        ]
    }
}
