public import Contracts
import Crypto
public import HTTP
public import Kafka
public import Machines
public import Observability
public import Stores

/// A setting that is wrong: one clear line, exit 78 (`EX_CONFIG`).
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// The settings of a process: design, section 10. Their names, forms, defaults and meanings are in ``table``.
public struct Configuration: SettingGroup {
    public enum StoreLocation: Sendable, Equatable {
        case sqlite(folder: String)
        case postgres(PostgreSQLLocation)
    }

    public let service: ServiceName
    public var kafka = KafkaConfiguration()
    public var store: StoreLocation
    /// The password of a database's role.
    var storePasswordFile: String?
    var storeConnectTimeout = 5
    var storeTimeout = 10
    public var partitions: Int32 = 6
    public var replication: Int16 = 1
    public var createTopics = true
    /// Name of this replica: static membership and transactional id.
    public var instance = ""
    /// 0: no HTTP.
    public var httpPort: UInt16 = 0
    public var httpHost = "127.0.0.1"
    /// They limit their own clients.
    public var trustedProxies = NetworkList()
    public var requiresTokens = false
    public var authKeys: String?
    /// The audience that `aud` of a token must be or hold.
    public var authAudience = "daifa"
    /// The issuer that `iss` of a token must be; nil: any issuer whose keys are known.
    public var authIssuer: String?
    /// Keys of `daifa-mac`; nil: what is written carries none.
    public var serviceKeyFile: String?
    /// Seconds for which the ids of answered commands and facts are remembered.
    public var dedupRetention = 7 * 86_400
    public var logLevel = LogLevel.info
    public var traces = TraceSettings()

    // Read by decisions, through ``settings``.
    var consentTTL = Settings.standard.consentTTL
    var publicURL = Settings.standard.publicURL
    var orderDownloadInterval = Settings.standard.orderDownloadInterval
    var orderDownloadLag = Settings.standard.orderDownloadLag
    var orderDownloadHistory = Settings.standard.orderDownloadHistory
    var statusPollInterval = Settings.standard.statusPollInterval
    var outboundPatience = Settings.standard.outboundPatience
    var stockInterval = Settings.standard.stockInterval
    var patience = Settings.standard.patience
    var numberFetchInterval = Settings.standard.numberFetchInterval
    var recipientRetention = Settings.standard.recipientRetention

    /// The part of the configuration that state machines may know.
    public private(set) var settings = Settings.standard

    /// `KAFKA_…` variables that librdkafka does not know: others use the prefix too.
    public private(set) var ignored: [String] = []
    /// `DAIFA_…` variables that nothing of Daifa knows: misspelt ones do nothing. No error, because Kubernetes adds names of its own.
    public private(set) var unknown: [String] = []
    /// Variables that name files with secrets, and those files.
    private(set) var secretFiles: [(variable: String, path: String)] = []

    /// Groups of settings that the process reads beside these.
    private var groups: [any SettingGroup] = []

    /// Variables of other executables and of scripts.
    static let others: Set<String> = ["DAIFA_BROKER_DIR", "DAIFA_VENV", "DAIFA_HOME", "DAIFA_BIN", "DAIFA_BROKER", "DAIFA_ASK_PAUSES"]
    /// Beginning of the variables that processes which call partners read, and judge: the others know none of them.
    static let ofCallers = "DAIFA_PARTNER_"

    /// The configuration of a service for which nothing is set.
    public init(defaultsOf service: ServiceName) {
        self.service = service
        store = .sqlite(folder: "./data/\(service.rawValue)")
        if service == .console { httpPort = 8080 }
    }

    /// - Parameter groups: settings that the process reads beside these; ``group(_:)`` gives their values.
    /// - Throws: the first setting that is wrong, by name.
    public init(
        service: ServiceName, environment: [String: String], hostName: String, groups: [any SettingGroup.Type] = []
    ) throws(ConfigurationError) {
        self.init(defaultsOf: service)
        instance = "\(service.rawValue)-\(hostName)"
        do throws(SettingFault) { _ = try SettingKind<String>.instance.read(instance) } catch {
            // The host's name is of no use as a default.
            if (environment["DAIFA_INSTANCE"] ?? "").isEmpty { throw ConfigurationError("DAIFA_INSTANCE: \(error.reason)") }
        }
        try readKafka(environment)
        secretFiles += try read(environment, of: service)
        var known = Set(Self.table.map(\.name)).union(Self.others)
        for group in groups { known.formUnion(try add(group, environment)) }
        let judgesCallers = known.contains { $0.hasPrefix(Self.ofCallers) }
        unknown = environment.keys.filter { name in
            name.hasPrefix("DAIFA_") && !known.contains(name) && (judgesCallers || !name.hasPrefix(Self.ofCallers))
        }.sorted()
    }

    /// Reads a group; its variables' names.
    private mutating func add<Group: SettingGroup>(
        _: Group.Type, _ environment: [String: String]
    ) throws(ConfigurationError) -> [String] {
        var group = Group(defaultsOf: service)
        secretFiles += try group.read(environment, of: service)
        groups.append(group)
        return Group.table.map(\.name)
    }

    /// The values of a group that the process reads; the defaults of one that it does not.
    public func group<Group: SettingGroup>(_: Group.Type) -> Group {
        groups.lazy.compactMap { $0 as? Group }.first ?? Group(defaultsOf: service)
    }

    public mutating func complete() throws(ConfigurationError) {
        try completeStore()
        try checkProof()
        settings = Settings(
            consentTTL: consentTTL, publicURL: publicURL, orderDownloadInterval: orderDownloadInterval, orderDownloadLag: orderDownloadLag,
            orderDownloadHistory: orderDownloadHistory, statusPollInterval: statusPollInterval, stockInterval: stockInterval,
            patience: patience, numberFetchInterval: numberFetchInterval, recipientRetention: recipientRetention,
            outboundPatience: outboundPatience)
    }

    private mutating func completeStore() throws(ConfigurationError) {
        guard case .postgres(var location) = store else { return }
        if location.hasPassword, storePasswordFile != nil {
            throw ConfigurationError("DAIFA_STORE_PASSWORD_FILE: DAIFA_STORE has a password in it too: take it out there")
        }
        location.passwordFile = storePasswordFile
        location.connectTimeout = storeConnectTimeout
        location.statementTimeout = storeTimeout
        store = .postgres(location)
    }

    private mutating func readKafka(_ environment: [String: String]) throws(ConfigurationError) {
        do throws(KafkaError) {
            let read = try KafkaConfiguration.fromEnvironment(environment)
            (kafka, ignored) = (read.configuration, read.ignored)
            secretFiles = read.files
        } catch { throw ConfigurationError("\(error)") }
        if let text = kafka.properties["message.max.bytes"], Int(text).map({ $0 < Self.smallestMessage }) ?? true {
            throw ConfigurationError("KAFKA_MESSAGE_MAX_BYTES: expected at least \(Self.smallestMessage), not \"\(text)\"")
        }
    }

    private func checkProof() throws(ConfigurationError) {
        if let serviceKeyFile { _ = try ServiceKeys(path: serviceKeyFile) }
        guard requiresTokens else { return }
        if serviceKeyFile == nil {
            throw ConfigurationError(
                "\(ServiceKeys.variable): name the file with the deployment's keys ('daifa keys service --out <file>' makes one), or set "
                    + "DAIFA_AUTH=off")
        }
        if service != .console, authKeys == nil {
            throw ConfigurationError("DAIFA_AUTH_KEYS: name a JWKS file or its URL, or set DAIFA_AUTH=off")
        }
    }

    /// Files with secrets that others than their owner may read or change, as `variable=path (mode)`.
    var wideFiles: [String] {
        secretFiles.compactMap { file in KeyMaterial.wideMode(path: file.path).map { "\(file.variable)=\(file.path) (\($0))" } }
    }

    /// Room for a refusal that repeats the longest key, ids and trace context that are accepted, several times over.
    private static let smallestMessage = 262_144

    /// The largest record that is written: librdkafka's `message.max.bytes`, less what the protocol adds.
    var maximumMessageBytes: Int { (kafka.properties["message.max.bytes"].flatMap { Int($0) } ?? 1_000_000) - 1024 }
}
