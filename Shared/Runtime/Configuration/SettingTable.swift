import Contracts
import Machines
import Observability

extension Configuration {
    /// The settings of every process but for Kafka's, in the order in which people read them.
    public static let table: [Setting<Configuration>] = general + keys + decisions + traces

    private static let general: [Setting<Configuration>] = [
        Setting(
            "DAIFA_STORE", \.store, .store, standard: "sqlite:./data/<service>",
            "the store: sqlite:<folder>, on a local disk, or postgres://<role>@<host>:<port>/<database>?sslmode=verify-full&sslrootcert=<file>"
        ),
        Setting(
            "DAIFA_STORE_PASSWORD_FILE", optional: \.storePasswordFile, .secretFile, of: SettingReaders.services,
            "the password of the database's role, alone in its file; read again at each connection"),
        Setting(
            "DAIFA_STORE_CONNECT_TIMEOUT", \.storeConnectTimeout, .number(1...60), of: SettingReaders.services,
            "seconds until a database server that does not answer is given up, and the next host tried"),
        Setting(
            "DAIFA_STORE_TIMEOUT", \.storeTimeout, .number(1...300), of: SettingReaders.services,
            "seconds that a statement of the database may take"),
        Setting("DAIFA_PARTITIONS", \.partitions, .number(1...1000), "partitions of every topic"),
        Setting("DAIFA_REPLICATION", \.replication, .number(1...15), "replication of topics that are created"),
        Setting(
            "DAIFA_CREATE_TOPICS", \.createTopics, .choice([("true", true), ("false", false)]),
            "true: missing topics are created; false: they must exist"),
        Setting(
            "DAIFA_INSTANCE", \.instance, .instance, standard: "<service>-<host name>",
            "name of this replica, unique among the live ones of its service"),
        Setting("DAIFA_HTTP_PORT", \.httpPort, .number(0...65_535), of: SettingReaders.services, "port of health and metrics; 0: off"),
        Setting("DAIFA_HTTP_PORT", \.httpPort, .number(1...65_535), of: [.console], "port where it listens"),
        Setting("DAIFA_HTTP_HOST", \.httpHost, .text, "address that HTTP binds to; 0.0.0.0 for all of the machine"),
        Setting(
            "DAIFA_TRUSTED_PROXIES", \.trustedProxies, .networks,
            "addresses and networks of proxies, by commas: they may have any number of connections"),
        Setting(
            "DAIFA_LOG_LEVEL", \.logLevel, .choice(LogLevel.allCases.map { ($0.rawValue, $0) }),
            LogLevel.allCases.map(\.rawValue).joined(separator: ", ")),
    ]

    private static let keys: [Setting<Configuration>] = [
        Setting(
            "DAIFA_AUTH", \.requiresTokens, .choice([("off", false), ("required", true)]),
            "off, or required: commands and facts need tokens or daifa-mac"),
        Setting("DAIFA_AUTH_KEYS", optional: \.authKeys, .file, "a JWKS file with Ed25519 keys, or its URL"),
        Setting("DAIFA_AUTH_AUDIENCE", \.authAudience, .text, "what a token's aud must be or hold"),
        Setting(
            "DAIFA_AUTH_ISSUER", optional: \.authIssuer, .text, standard: "any", "what a token's iss must be"),
        Setting(
            "DAIFA_SERVICE_KEY_FILE", optional: \.serviceKeyFile, .secretFile,
            "keys of daifa-mac, one a line; required with DAIFA_AUTH=required"),
    ]

    private static let decisions: [Setting<Configuration>] = [
        Setting(
            "DAIFA_DEDUP_RETENTION", \.dedupRetention, .duration(), of: SettingReaders.services,
            "how long ids of answered messages are remembered"
        ),
        Setting(
            "DAIFA_RECIPIENT_RETENTION", \.recipientRetention, .duration(), of: [.allocation, .waybill],
            "how long recipients are kept after shipping, or after the order was cancelled"),
        Setting(
            "DAIFA_PATIENCE", \.patience, .duration(), of: [.authorization, .waybill, .shipping],
            "how long a partner may give no answer until a person is told"),
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
}
