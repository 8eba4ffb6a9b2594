import Contracts
import Machines

/// `--help` of a process.
enum ServiceHelp {
    static func text(_ description: ServiceDescription) -> String {
        let standard = Settings.standard
        return text(
            description.name, "The \(description.name.rawValue) service of Daifa: reads \(description.inputs.joined(separator: ", ")).",
            port: "health and metrics; 0: off (0)",
            settings: [
                ("DAIFA_AUTH", "off, or required: commands need tokens (off)"),
                ("DAIFA_AUTH_KEYS", "a JWKS file with Ed25519 keys, or its URL"),
                ("DAIFA_MASTER_KEY_FILE", "keys of what is encrypted at rest (made in the store folder)"),
                ("DAIFA_DEDUP_RETENTION", "how long ids of answered messages are remembered (7d)"),
                ("DAIFA_RECIPIENT_RETENTION", "how long waybill keeps a recipient after shipping (30d)"),
                ("DAIFA_PATIENCE", "seconds until a person is told that a partner gives no answer (\(standard.patience))"),
                ("DAIFA_ASK_PAUSES", "seconds before each question what came of a call without an answer, by commas (1,3,9)"),
                ("DAIFA_NUMBER_FETCH_INTERVAL", "seconds between questions for numbers to an ERP (\(standard.numberFetchInterval))"),
                ("DAIFA_ORDER_DOWNLOAD_INTERVAL", "seconds between downloads of orders (\(standard.orderDownloadInterval))"),
                ("DAIFA_ORDER_DOWNLOAD_LAG", "seconds a window's end stays behind the clock (\(standard.orderDownloadLag))"),
                ("DAIFA_ORDER_DOWNLOAD_HISTORY", "seconds the first download reaches back (\(standard.orderDownloadHistory))"),
                ("DAIFA_STATUS_POLL_INTERVAL", "seconds between questions for outbound orders' states (\(standard.statusPollInterval))"),
                ("DAIFA_OUTBOUND_PATIENCE", "how long an order at a partner is polled until it is told to be overdue (30d)"),
                ("DAIFA_STOCK_INTERVAL", "seconds between pulls of stock (\(standard.stockInterval))"),
                ("DAIFA_CONSENT_TTL", "seconds that a consent may take (\(standard.consentTTL))"),
                ("DAIFA_PUBLIC_URL", "the address that partners send people back to (\(standard.publicURL))"),
            ] + partners)
    }

    /// `<NAME>`: `JD`, `PINDUODUO`, `JACKYUN`, where the partner has such a setting.
    private static var partners: [(String, String)] {
        let known = PartnerSettings()
        return [
            ("DAIFA_PARTNER_JD_OAUTH_URL", "base of /oauth2/… (\(known.jdOAuthURL))"),
            ("DAIFA_PARTNER_JD_JOS_URL", "the JOS gateway (\(known.jdJOSURL))"),
            ("DAIFA_PARTNER_JD_ISC_OAUTH_URL", "base of /oauth/… (\(known.jdISCOAuthURL))"),
            ("DAIFA_PARTNER_JD_ISC_URL", "base of the ISC paths (\(known.jdISCURL))"),
            ("DAIFA_PARTNER_JD_ISV_SOURCE", "isvSource, given by JD's sales (none)"),
            ("DAIFA_PARTNER_PINDUODUO_AUTHORIZE_URL", "the login page (\(known.pinduoduoAuthorizeURL))"),
            ("DAIFA_PARTNER_PINDUODUO_GATEWAY_URL", "the gateway (\(known.pinduoduoGatewayURL))"),
            ("DAIFA_PARTNER_PINDUODUO_MESSAGE_URL", "the message socket (\(known.pinduoduoMessageURL))"),
            ("DAIFA_PARTNER_PINDUODUO_FACTORY_TOPICS", "its names of messages about factory-dropship orders, by commas (none)"),
            ("DAIFA_PARTNER_JACKYUN_GATEWAY_URL", "the gateway (\(known.jackyunGatewayURL))"),
            ("DAIFA_PARTNER_<NAME>_APP_KEY", "the platform's own application at JD, PINDUODUO (none)"),
            ("DAIFA_PARTNER_<NAME>_APP_SECRET_FILE", "a file with its secret (none)"),
            ("DAIFA_PARTNER_<NAME>_TIMEOUT", "seconds for one call to JD, PINDUODUO, JACKYUN (\(Int(known.jdTimeout)))"),
            ("DAIFA_PARTNER_<NAME>_RATES", "calls a second: <operation>=<rate>[/shop], by commas, * for all others (as published)"),
            ("DAIFA_PARTNER_<NAME>_QUOTA_CODES", "error codes that say that a day's quota is used up, by commas (none)"),
        ]
    }

    static func text(_ description: EdgeDescription) -> String {
        let settings = Settings.standard
        return text(
            description.name, "The \(description.name.rawValue) of Daifa: \(description.summary)",
            port: "where it listens (\(Configuration.consolePort))",
            settings: [
                ("DAIFA_PUBLIC_URL", "the address that partners call back (\(settings.publicURL))"),
                ("DAIFA_AUTH", "required where the services require tokens (off)"),
                ("DAIFA_TOKEN_FILE", "then: a file with a token of service:\(description.name.rawValue), read anew each time"),
            ])
    }

    private static func text(_ service: ServiceName, _ summary: String, port: String, settings: [(String, String)]) -> String {
        let name = service.rawValue
        let common = [
            ("KAFKA_BOOTSTRAP_SERVERS", "brokers (127.0.0.1:9092)"), ("KAFKA_<PROPERTY>", "any librdkafka property, dots as underscores"),
            ("DAIFA_STORE", "sqlite:<folder> (sqlite:./data/\(name))"), ("DAIFA_PARTITIONS", "partitions of every topic (6)"),
            ("DAIFA_REPLICATION", "replication of topics that are created (1)"),
            ("DAIFA_CREATE_TOPICS", "true: missing topics are created; false: they must exist (true)"),
            ("DAIFA_INSTANCE", "name of this replica (\(name)-<host name>)"), ("DAIFA_HTTP_PORT", port),
            ("DAIFA_SEAL_KEY_FILE", "private key of what is sealed for it (made in the store folder)"),
        ]
        let level = ("DAIFA_LOG_LEVEL", "trace, debug, info, notice, warning, error or critical (info)")
        let lines = (common + settings + [level]).map { variable, meaning in
            "  " + variable + String(repeating: " ", count: max(1, 25 - variable.utf8.count)) + meaning
        }
        return """
            daifa-\(name) \(ServiceProcess.version)
            \(summary)

            Usage: daifa-\(name) [--check | --version | --help]

              --check     checks the configuration and the connections, then ends
              --version   prints the version
              --help      prints this

            Settings (environment):
            \(lines.joined(separator: "\n"))

            Exit: 0 after SIGTERM or SIGINT, 64 wrong arguments, 70 a mistake of ours, 78 wrong configuration.

            Example:
              KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 DAIFA_STORE=sqlite:/var/lib/daifa/\(name) daifa-\(name)
            """
    }
}
