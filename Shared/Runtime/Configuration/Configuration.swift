public import Contracts
public import Kafka
public import Machines
public import Observability

/// A setting that is wrong: one clear line, exit 78 (`EX_CONFIG`).
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// The settings of a service: design, section 10.
public struct Configuration: Sendable {
    public enum StoreLocation: Sendable, Equatable { case sqlite(folder: String) }

    public var service: ServiceName
    public var kafka: KafkaConfiguration
    /// `KAFKA_…` variables that librdkafka does not know, and `DAIFA_…` variables that we do not.
    public var ignored: [String] = []
    public var store: StoreLocation
    public var partitions: Int32 = 6
    public var replication: Int16 = 1
    public var createTopics = true
    /// Name of this replica: static membership and transactional id.
    public var instance: String
    /// 0: no HTTP.
    public var httpPort: UInt16 = 0
    /// Where the console listens when nothing is said.
    static let consolePort = 8080
    public var requiresTokens = false
    public var authKeys: String?
    /// Of a process that sends commands for others: a file with its token.
    public var tokenFile: String?
    public var sealKeyFile: String?
    public var masterKeyFile: String?
    public var settings = Settings.standard
    public var partners = PartnerSettings()
    /// Seconds for which the ids of answered commands and facts are remembered.
    public var dedupRetention = 7 * 86_400
    public var logLevel = LogLevel.info

    /// Variables that belong to parts which are not built yet, or to other executables: known, and not read here.
    static let others: Set<String> = [
        "DAIFA_BROKER_DIR", "DAIFA_VENV", "DAIFA_HOME", "DAIFA_BIN", "DAIFA_BROKER",
    ]

    public init(service: ServiceName, environment: [String: String], hostName: String) throws(ConfigurationError) {
        self.service = service
        do throws(KafkaError) {
            (kafka, ignored) = try KafkaConfiguration.fromEnvironment(environment)
        } catch { throw ConfigurationError("\(error)") }
        if let text = kafka.properties["message.max.bytes"], Int(text).map({ $0 < Self.smallestMessage }) ?? true {
            throw ConfigurationError("KAFKA_MESSAGE_MAX_BYTES: expected at least \(Self.smallestMessage), not \"\(text)\"")
        }
        instance = environment["DAIFA_INSTANCE"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(service.rawValue)-\(hostName)"
        guard instance.utf8.allSatisfy({ Self.isPlain($0) }), instance.utf8.count <= 200 else {
            throw ConfigurationError("DAIFA_INSTANCE: use letters, digits, '.', '_' and '-' only, at most 200")
        }
        store = try Self.store(environment["DAIFA_STORE"] ?? "sqlite:./data/\(service.rawValue)")
        partitions = Int32(try Self.number("DAIFA_PARTITIONS", environment, 1...1000) ?? 6)
        replication = Int16(try Self.number("DAIFA_REPLICATION", environment, 1...15) ?? 1)
        createTopics = try Self.choice("DAIFA_CREATE_TOPICS", environment, ["true": true, "false": false]) ?? true
        let isConsole = service == .console
        httpPort = UInt16(
            try Self.number("DAIFA_HTTP_PORT", environment, (isConsole ? 1 : 0)...65_535) ?? (isConsole ? Self.consolePort : 0))
        requiresTokens = try Self.choice("DAIFA_AUTH", environment, ["off": false, "required": true]) ?? false
        authKeys = environment["DAIFA_AUTH_KEYS"]
        tokenFile = environment["DAIFA_TOKEN_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        _ = try OwnToken(path: tokenFile).header()
        if requiresTokens, isConsole, tokenFile == nil {
            throw ConfigurationError("DAIFA_TOKEN_FILE: name a file with a token of service:console, or set DAIFA_AUTH=off")
        }
        if requiresTokens, !isConsole, authKeys == nil {
            throw ConfigurationError("DAIFA_AUTH_KEYS: name a JWKS file or its URL, or set DAIFA_AUTH=off")
        }
        sealKeyFile = environment["DAIFA_SEAL_KEY_FILE"]
        masterKeyFile = environment["DAIFA_MASTER_KEY_FILE"]
        partners = try PartnerSettings(environment: environment)
        settings = try Self.settings(environment, partners.consents)
        dedupRetention = try Self.duration("DAIFA_DEDUP_RETENTION", environment) ?? dedupRetention
        let levels = Dictionary(uniqueKeysWithValues: LogLevel.allCases.map { ($0.rawValue, $0) })
        logLevel = try Self.choice("DAIFA_LOG_LEVEL", environment, levels) ?? .info
        ignored += Self.unknown(environment)
    }

    /// Room for a refusal that repeats the longest key, ids and trace context that are accepted, several times over.
    private static let smallestMessage = 262_144

    /// The largest record that is written: librdkafka's `message.max.bytes`, less what the protocol adds.
    var maximumMessageBytes: Int { (kafka.properties["message.max.bytes"].flatMap { Int($0) } ?? 1_000_000) - 1024 }

    /// The private key of what is sealed for this service.
    var sealKeyPath: String {
        if let sealKeyFile { return sealKeyFile }
        switch store {
        case .sqlite(let folder): return "\(folder)/seal.key"
        }
    }

    /// The key ring of what is encrypted at rest.
    var masterKeyPath: String {
        if let masterKeyFile { return masterKeyFile }
        switch store {
        case .sqlite(let folder): return "\(folder)/master.key"
        }
    }

    private static func settings(_ environment: [String: String], _ consents: ConsentSettings) throws(ConfigurationError) -> Settings {
        let standard = Settings.standard
        let publicURL = environment["DAIFA_PUBLIC_URL"].flatMap { $0.isEmpty ? nil : $0 } ?? standard.publicURL
        guard publicURL.hasPrefix("http://") || publicURL.hasPrefix("https://"), !publicURL.contains("?"), !publicURL.contains("#") else {
            throw ConfigurationError("DAIFA_PUBLIC_URL: expected https://… or http://… without a query, not \"\(publicURL)\"")
        }
        return Settings(
            consentTTL: try duration("DAIFA_CONSENT_TTL", environment) ?? standard.consentTTL,
            publicURL: publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL,
            orderDownloadInterval: try duration("DAIFA_ORDER_DOWNLOAD_INTERVAL", environment) ?? standard.orderDownloadInterval,
            orderDownloadLag: try duration("DAIFA_ORDER_DOWNLOAD_LAG", environment, zero: true) ?? standard.orderDownloadLag,
            orderDownloadHistory: try duration("DAIFA_ORDER_DOWNLOAD_HISTORY", environment, zero: true) ?? standard.orderDownloadHistory,
            statusPollInterval: try duration("DAIFA_STATUS_POLL_INTERVAL", environment) ?? standard.statusPollInterval,
            stockInterval: try duration("DAIFA_STOCK_INTERVAL", environment) ?? standard.stockInterval,
            patience: try duration("DAIFA_PATIENCE", environment) ?? standard.patience,
            numberFetchInterval: try duration("DAIFA_NUMBER_FETCH_INTERVAL", environment) ?? standard.numberFetchInterval,
            recipientRetention: try duration("DAIFA_RECIPIENT_RETENTION", environment) ?? standard.recipientRetention,
            outboundPatience: try duration("DAIFA_OUTBOUND_PATIENCE", environment) ?? standard.outboundPatience, consents: consents)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func store(_ text: String) throws(ConfigurationError) -> StoreLocation {
        if text.hasPrefix("sqlite:"), text.utf8.count > 7 { return .sqlite(folder: String(text.dropFirst(7))) }
        if text.hasPrefix("postgres:") { throw ConfigurationError("DAIFA_STORE: PostgreSQL is not supported yet; use sqlite:<folder>") }
        throw ConfigurationError("DAIFA_STORE: expected sqlite:<folder>")
    }

    private static func number(_ name: String, _ environment: [String: String], _ range: ClosedRange<Int>) throws(ConfigurationError)
        -> Int?
    {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError("\(name): expected a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return value
    }

    private static func choice<Value>(_ name: String, _ environment: [String: String], _ values: [String: Value]) throws(ConfigurationError)
        -> Value?
    {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = values[text] else {
            throw ConfigurationError("\(name): expected one of \(values.keys.sorted().joined(separator: ", ")), not \"\(text)\"")
        }
        return value
    }

    /// Seconds, or a number with `s`, `m`, `h` or `d`; "7 days" as the contract writes it is read too.
    /// - Parameter zero: whether 0 is a length too.
    private static func duration(_ name: String, _ environment: [String: String], zero: Bool = false) throws(ConfigurationError) -> Int? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "days": 86_400]
        guard let value = Int(digits), value > (zero ? -1 : 0), let unit = units[String(text.dropFirst(digits.count).drop { $0 == " " })],
            value <= 3650 * 86_400 / unit
        else { throw ConfigurationError("\(name): expected seconds, or a number with s, m, h or d (for example 7d), not \"\(text)\"") }
        return value * unit
    }

    static let known: Set<String> = [
        "DAIFA_STORE", "DAIFA_PARTITIONS", "DAIFA_REPLICATION", "DAIFA_CREATE_TOPICS", "DAIFA_INSTANCE", "DAIFA_HTTP_PORT", "DAIFA_AUTH",
        "DAIFA_AUTH_KEYS", "DAIFA_TOKEN_FILE", "DAIFA_MASTER_KEY_FILE", "DAIFA_SEAL_KEY_FILE", "DAIFA_DEDUP_RETENTION", "DAIFA_LOG_LEVEL",
        "DAIFA_CONSENT_TTL",
        "DAIFA_PUBLIC_URL", "DAIFA_ORDER_DOWNLOAD_INTERVAL", "DAIFA_STATUS_POLL_INTERVAL", "DAIFA_STOCK_INTERVAL",
        "DAIFA_ORDER_DOWNLOAD_LAG", "DAIFA_ORDER_DOWNLOAD_HISTORY", "DAIFA_PATIENCE",
        "DAIFA_NUMBER_FETCH_INTERVAL", "DAIFA_ASK_PAUSES", "DAIFA_RECIPIENT_RETENTION", "DAIFA_OUTBOUND_PATIENCE",
    ]

    /// A misspelt variable is a setting that does nothing: said in the log. No error, because Kubernetes adds `DAIFA_…` names of its own.
    private static func unknown(_ environment: [String: String]) -> [String] {
        environment.keys.filter { name in
            guard name.hasPrefix("DAIFA_") else { return false }
            if name.hasPrefix("DAIFA_PARTNER_") { return !PartnerSettings.names.contains(String(name.dropFirst(14))) }
            return !known.contains(name) && !others.contains(name)
        }.sorted()
    }
}
