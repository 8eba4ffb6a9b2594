import Contracts
import Machines
import Observability

extension Configuration {
    /// All settings but for Kafka's, in the order in which people read them.
    static let table: [Setting] = general + keys + decisions + partnerAddresses + partnerApplications + partnerCalls

    private static let general: [Setting] = [
        Setting("DAIFA_STORE", \.store, .store, standard: "sqlite:./data/<service>", "sqlite:<folder>: the store, on a local disk"),
        Setting("DAIFA_PARTITIONS", \.partitions, .number(1...1000), "partitions of every topic"),
        Setting("DAIFA_REPLICATION", \.replication, .number(1...15), "replication of topics that are created"),
        Setting(
            "DAIFA_CREATE_TOPICS", \.createTopics, .choice([("true", true), ("false", false)]),
            "true: missing topics are created; false: they must exist"),
        Setting(
            "DAIFA_INSTANCE", \.instance, .instance, standard: "<service>-<host name>",
            "name of this replica, unique among the live ones of its service"),
        Setting("DAIFA_HTTP_PORT", \.httpPort, .number(0...65_535), of: Setting.services, "port of health and metrics; 0: off"),
        Setting("DAIFA_HTTP_PORT", \.httpPort, .number(1...65_535), of: [.console], "port where it listens"),
        Setting("DAIFA_HTTP_HOST", \.httpHost, .text, "address that HTTP binds to; 0.0.0.0 for all of the machine"),
        Setting(
            "DAIFA_TRUSTED_PROXIES", \.trustedProxies, .networks,
            "addresses and networks of proxies, by commas: they may have any number of connections"),
        Setting(
            "DAIFA_LOG_LEVEL", \.logLevel, .choice(LogLevel.allCases.map { ($0.rawValue, $0) }),
            LogLevel.allCases.map(\.rawValue).joined(separator: ", ")),
    ]

    private static let keys: [Setting] = [
        Setting(
            "DAIFA_AUTH", \.requiresTokens, .choice([("off", false), ("required", true)]),
            "off, or required: commands and facts need tokens or daifa-mac"),
        Setting("DAIFA_AUTH_KEYS", optional: \.authKeys, .file, of: Setting.services, "a JWKS file with Ed25519 keys, or its URL"),
        Setting("DAIFA_AUTH_AUDIENCE", \.authAudience, .text, of: Setting.services, "what a token's aud must be or hold"),
        Setting("DAIFA_AUTH_ISSUER", optional: \.authIssuer, .text, of: Setting.services, standard: "any", "what a token's iss must be"),
        Setting(
            "DAIFA_SERVICE_KEY_FILE", optional: \.serviceKeyFile, .secretFile,
            "keys of daifa-mac, one a line; required with DAIFA_AUTH=required"),
        Setting(
            "DAIFA_SEAL_KEY_FILE", optional: \.sealKeyFile, .secretFile, of: Set(ServiceName.allCases.filter { !$0.keyPurposes.isEmpty }),
            standard: "seal.key in the store folder, made with it", "private keys of what is sealed for it"),
        Setting(
            "DAIFA_MASTER_KEY_FILE", optional: \.masterKeyFile, .secretFile, standard: "master.key in the store folder, made with it",
            "keys of what is encrypted at rest"),
    ]

    private static let decisions: [Setting] = [
        Setting(
            "DAIFA_DEDUP_RETENTION", \.dedupRetention, .duration(), of: Setting.services, "how long ids of answered messages are remembered"
        ),
        Setting(
            "DAIFA_RECIPIENT_RETENTION", \.recipientRetention, .duration(), of: [.allocation, .waybill],
            "how long recipients are kept after shipping, or after the order was cancelled"),
        Setting(
            "DAIFA_PATIENCE", \.patience, .duration(), of: [.authorization, .waybill, .shipping],
            "how long a partner may give no answer until a person is told"),
        Setting(
            "DAIFA_ASK_PAUSES", \.partners.askPauses, .pauses, of: [.waybill, .shipping],
            "seconds before each question what came of a call without an answer, by commas"),
        Setting(
            "DAIFA_NUMBER_FETCH_INTERVAL", \.numberFetchInterval, .duration(), of: [.waybill], "between questions for numbers to an ERP"),
        Setting("DAIFA_ORDER_DOWNLOAD_INTERVAL", \.orderDownloadInterval, .duration(), of: [.authorization], "between downloads of orders"),
        Setting(
            "DAIFA_ORDER_DOWNLOAD_LAG", \.orderDownloadLag, .duration(zero: true), of: [.authorization],
            "how far a window's end stays behind the partner's clock"),
        Setting(
            "DAIFA_ORDER_DOWNLOAD_HISTORY", \.orderDownloadHistory, .duration(zero: true), of: [.authorization],
            "how far the first download reaches back"),
        Setting(
            "DAIFA_STATUS_POLL_INTERVAL", \.statusPollInterval, .duration(), of: [.shipping],
            "between questions for orders' states at partners"),
        Setting(
            "DAIFA_OUTBOUND_PATIENCE", \.outboundPatience, .duration(), of: [.allocation, .shipping],
            "how long an order at a partner is polled until it is told to be overdue"),
        Setting("DAIFA_STOCK_INTERVAL", \.stockInterval, .duration(), of: [.shipping], "between pulls of stock"),
        Setting("DAIFA_CONSENT_TTL", \.consentTTL, .duration(), of: [.authorization], "how long a consent may take"),
        Setting(
            "DAIFA_PUBLIC_URL", \.publicURL, .publicURL, of: [.authorization, .console],
            "the console's address as partners and people see it"),
    ]

    /// Processes that call the partner.
    private static let jd: Set<ServiceName> = [.authorization, .shipping]
    private static let pinduoduo: Set<ServiceName> = [.authorization, .waybill, .shipping]
    private static let jackyun: Set<ServiceName> = [.authorization, .waybill, .shipping]

    private static let partnerAddresses: [Setting] = [
        Setting("DAIFA_PARTNER_JD_OAUTH_URL", \.partners.jdOAuthURL, .calledURL(), of: jd, "JD: base of /oauth2/…"),
        Setting("DAIFA_PARTNER_JD_JOS_URL", \.partners.jdJOSURL, .calledURL(), of: jd, "JD: the JOS gateway"),
        Setting("DAIFA_PARTNER_JD_ISC_OAUTH_URL", \.partners.jdISCOAuthURL, .calledURL(), of: jd, "JD: base of /oauth/…"),
        Setting("DAIFA_PARTNER_JD_ISC_URL", \.partners.jdISCURL, .calledURL(), of: jd, "JD: base of the ISC paths"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_AUTHORIZE_URL", \.partners.pinduoduoAuthorizeURL, .calledURL(), of: pinduoduo,
            "Pinduoduo: the login page"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_GATEWAY_URL", \.partners.pinduoduoGatewayURL, .calledURL(), of: pinduoduo, "Pinduoduo: the gateway"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_MESSAGE_URL", \.partners.pinduoduoMessageURL, .calledURL(socket: true), of: pinduoduo,
            "Pinduoduo: the message socket"),
        Setting("DAIFA_PARTNER_JACKYUN_GATEWAY_URL", \.partners.jackyunGatewayURL, .calledURL(), of: jackyun, "Jackyun: the gateway"),
    ]

    private static let partnerApplications: [Setting] = [
        Setting(
            "DAIFA_PARTNER_JD_APP_KEY", optional: \.partners.jdAppKey, .text, of: [.authorization],
            "JD: key of the platform's own application"),
        Setting(
            "DAIFA_PARTNER_JD_APP_SECRET_FILE", optional: \.partners.jdAppSecretFile, .secretFile, of: [.authorization],
            "JD: a file with its secret"),
        Setting(
            "DAIFA_PARTNER_JD_ISV_SOURCE", optional: \.partners.jdISVSource, .text, of: jd, "JD: isvSource, given by JD's sales"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_APP_KEY", optional: \.partners.pinduoduoAppKey, .text, of: [.authorization],
            "Pinduoduo: key of the platform's own application"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_APP_SECRET_FILE", optional: \.partners.pinduoduoAppSecretFile, .secretFile, of: [.authorization],
            "Pinduoduo: a file with its secret"),
        Setting(
            "DAIFA_PARTNER_PINDUODUO_FACTORY_TOPICS", \.partners.pinduoduoFactoryTopics, .words, of: [.authorization],
            "Pinduoduo: its names of messages about factory-dropship orders, by commas"),
    ]

    private static let partnerCalls: [Setting] =
        calls("JD", "JD", jd, \.partners.jdTimeout, \.partners.jdRates, \.partners.jdQuotaCodes)
        + calls(
            "PINDUODUO", "Pinduoduo", pinduoduo, \.partners.pinduoduoTimeout, \.partners.pinduoduoRates, \.partners.pinduoduoQuotaCodes)
        + calls("JACKYUN", "Jackyun", jackyun, \.partners.jackyunTimeout, \.partners.jackyunRates, \.partners.jackyunQuotaCodes)

    private static func calls(
        _ name: String, _ title: String, _ processes: Set<ServiceName>, _ timeout: any WritableKeyPath<Configuration, Double> & Sendable,
        _ rates: any WritableKeyPath<Configuration, CallRates> & Sendable,
        _ codes: any WritableKeyPath<Configuration, Set<String>> & Sendable
    ) -> [Setting] {
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
