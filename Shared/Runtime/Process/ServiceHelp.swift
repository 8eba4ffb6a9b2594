import Contracts

/// `--help` of a process.
enum ServiceHelp {
    static func text(_ description: ServiceDescription) -> String {
        let standard = Settings.standard
        return text(
            description.name, "The \(description.name.rawValue) service of Daifa: reads \(description.inputs.joined(separator: ", ")).",
            port: "health and metrics; 0: off (0)",
            settings: [
                ("DAIFA_AUTH", "off, or required: commands need tokens (off)"), ("DAIFA_AUTH_KEYS", "a JWKS file with Ed25519 keys"),
                ("DAIFA_DEDUP_RETENTION", "how long ids of answered messages are remembered (7d)"),
                ("DAIFA_RECIPIENT_RETENTION", "how long waybill keeps a recipient after shipping (30d)"),
                ("DAIFA_PATIENCE", "seconds until a person is told that a partner gives no answer (\(standard.patience))"),
                (
                    "DAIFA_NUMBER_FETCH_INTERVAL",
                    "seconds between questions for numbers to a factory's ERP (\(standard.numberFetchInterval))"
                ),
                (
                    "DAIFA_PARTNER_<NAME>_RATES",
                    "calls a second to JD, PINDUODUO, JACKYUN: <operation>=<rate>[/shop], by commas, * for all others (as published)"
                ),
                ("DAIFA_PARTNER_PINDUODUO_QUOTA_CODES", "error codes that say that a day's quota is used up, by commas (none)"),
            ])
    }

    static func text(_ description: EdgeDescription) -> String {
        let settings = Settings.standard
        return text(
            description.name, "The \(description.name.rawValue) of Daifa: \(description.summary)",
            port: "where it listens (\(Configuration.consolePort))",
            settings: [("DAIFA_PUBLIC_URL", "the address that partners call back (\(settings.publicURL))")])
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
