import CRdKafka

/// How to reach Kafka, and properties for every handle that is made from it.
public struct KafkaConfiguration: Sendable {
    /// Host and port of one or more brokers, separated by commas.
    public var bootstrapServers: String
    /// librdkafka's properties by their own names. They win over this module's defaults, not over what its promises rest on
    /// (`enable.auto.commit`, `isolation.level` and the like, see ``ClientSettings``).
    public var properties: [String: String]

    public init(bootstrapServers: String = "127.0.0.1:9092", properties: [String: String] = [:]) {
        self.bootstrapServers = bootstrapServers
        self.properties = properties
    }

    /// A configuration read from the environment, with the variables that were ignored.
    public struct FromEnvironment: Sendable {
        public var configuration = KafkaConfiguration()
        /// Variables whose names are no property of librdkafka, sorted: others use the prefix too.
        public var ignored: [String] = []
        /// Variables that name files, and those files.
        public var files: [(variable: String, path: String)] = []
    }

    /// Reads `KAFKA_BOOTSTRAP_SERVERS`, `KAFKA_<PROPERTY>` (`KAFKA_SECURITY_PROTOCOL` is `security.protocol`) and `KAFKA_<PROPERTY>_FILE`:
    /// the property's value is the file's text without the line end.
    ///
    /// - Throws: when librdkafka refuses the value of a property that it knows, a file cannot be read, or a property is given both ways; the
    ///   error names the variable.
    public static func fromEnvironment(_ environment: [String: String]) throws(KafkaError) -> FromEnvironment {
        var result = FromEnvironment()
        let scratch = ClientSettings.Draft()
        func wrong(_ variable: String, _ reason: String) -> KafkaError {
            KafkaError(
                code: .invalidArgument, operation: "read the environment variable \(variable)", reason: reason, isRetriable: false)
        }
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("KAFKA_") {
            let name = property(variable.dropFirst("KAFKA_".count))
            if variable.hasSuffix(fileEnding), !scratch.knows(name) {
                let direct = String(variable.dropLast(fileEnding.count))
                let name = property(direct.dropFirst("KAFKA_".count))
                guard scratch.knows(name), !value.isEmpty else {
                    if !scratch.knows(name) { result.ignored.append(variable) }
                    continue
                }
                guard environment[direct] == nil else { throw wrong(variable, "\(direct) is set too: set one of them") }
                guard let text = SettingFile.text(value) else {
                    throw wrong(variable, "\(value) cannot be read as text: \(SettingFile.reason)")
                }
                if case .refused(let reason) = scratch.set(name, text) {
                    // librdkafka repeats the value.
                    throw wrong(variable, reason.contains(text) ? "librdkafka refuses what is in \(value)" : reason)
                }
                result.configuration.set(name, text)
                result.files.append((variable, value))
                continue
            }
            if name == "bootstrap.servers" || name == "metadata.broker.list" {
                result.configuration.bootstrapServers = value
                continue
            }
            switch scratch.set(name, value) {
            case .accepted: result.configuration.set(name, value)
            case .unknown: result.ignored.append(variable)
            case .refused(let reason): throw wrong(variable, reason)
            }
        }
        return result
    }

    private static let fileEnding = "_FILE"

    /// All public names have dots, but for log_level.
    private static func property(_ suffix: Substring) -> String {
        let name = suffix.lowercased()
        return name == "log_level" ? name : String(name.map { $0 == "_" ? "." : $0 })
    }

    private mutating func set(_ name: String, _ value: String) {
        if name == "bootstrap.servers" || name == "metadata.broker.list" { bootstrapServers = value } else { properties[name] = value }
    }
}

/// The settings of one handle, in the order in which they win: what a handle's promises rest on, what its maker overrides, what the
/// environment says, and this module's defaults.
struct ClientSettings {
    /// For every kind of client. A broker that comes back is to be used at once (the library's own maximum is 10 s); closing idle
    /// connections is nothing to log.
    static let common = [
        "reconnect.backoff.ms": "50", "reconnect.backoff.max.ms": "1000", "log.connection.close": "false",
        "socket.keepalive.enable": "true",
    ]

    var defaults: [String: String]
    var required: [String: String]

    /// Makes the handle.
    func makeHandle(
        _ kind: rd_kafka_type_t, _ configuration: KafkaConfiguration, overrides: [String: String], context: AnyObject? = nil,
        callbacks: (OpaquePointer) -> Void = { _ in }
    ) throws(KafkaError) -> Handle {
        var properties = Self.common
        for layer in [defaults, configuration.properties, overrides, required] {
            properties.merge(layer) { _, later in later }
        }
        properties["bootstrap.servers"] = overrides["bootstrap.servers"] ?? configuration.bootstrapServers
        let draft = Draft()
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            switch draft.set(name, value) {
            case .accepted: break
            case .unknown:
                throw KafkaError(code: .invalidArgument, operation: "set \(name)", reason: "librdkafka has no such property")
            case .refused(let reason):
                throw KafkaError(code: .invalidArgument, operation: "set \(name)", reason: reason)
            }
        }
        KafkaLog.install(on: draft.pointer)
        callbacks(draft.pointer)
        if let context { rd_kafka_conf_set_opaque(draft.pointer, Unmanaged.passUnretained(context).toOpaque()) }
        var reason = [CChar](repeating: 0, count: 512)
        guard let pointer = rd_kafka_new(kind, draft.pointer, &reason, reason.count) else {
            throw KafkaError(
                code: .init(rd_kafka_last_error()), operation: "make a Kafka client",
                reason: reason.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        }
        draft.surrender()
        return Handle(pointer, context: context)
    }

    /// A configuration object that is not yet a handle's.
    final class Draft {
        enum Outcome {
            case accepted
            case unknown
            case refused(String)
        }

        let pointer: OpaquePointer = rd_kafka_conf_new()
        private var isOwned = true

        func set(_ name: String, _ value: String) -> Outcome {
            var reason = [CChar](repeating: 0, count: 512)
            switch rd_kafka_conf_set(pointer, name, value, &reason, reason.count) {
            case RD_KAFKA_CONF_OK: return .accepted
            case RD_KAFKA_CONF_UNKNOWN: return .unknown
            default: return .refused(reason.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
            }
        }

        /// Whether librdkafka has such a property. `rd_kafka_conf_get` cannot tell: to it a text without a value is unknown too.
        func knows(_ name: String) -> Bool {
            let scratch = rd_kafka_conf_new()
            defer { rd_kafka_conf_destroy(scratch) }
            return rd_kafka_conf_set(scratch, name, "", nil, 0) != RD_KAFKA_CONF_UNKNOWN
        }

        /// The new handle owns it from now on.
        func surrender() { isOwned = false }

        deinit {
            if isOwned { rd_kafka_conf_destroy(pointer) }
        }
    }
}
