import Kafka
import Contracts
import Kafka
import Machines
import Observability
import Testing

@testable import Runtime

@Suite struct ConfigurationTests {
    private static func read(_ environment: [String: String], host: String = "h1") throws -> Configuration {
        try Configuration(service: .waybill, environment: environment, hostName: host)
    }

    @Test func theDefaultsAreThoseOfTheDesign() throws {
        let configuration = try Self.read([:])
        #expect(configuration.kafka.bootstrapServers == "127.0.0.1:9092")
        #expect(configuration.store == .sqlite(folder: "./data/waybill"))
        #expect(configuration.partitions == 6)
        #expect(configuration.replication == 1)
        #expect(configuration.createTopics)
        #expect(configuration.instance == "waybill-h1")
        #expect(configuration.httpPort == 0)
        #expect(!configuration.requiresTokens)
        #expect(configuration.dedupRetention == 7 * 86_400)
        #expect(configuration.settings.recipientRetention == 30 * 86_400)
        #expect(configuration.logLevel == .info)
        #expect(configuration.sealKeyPath == "./data/waybill/seal.key")
        #expect(configuration.ignored == [])
    }

    @Test func eachVariableIsRead() throws {
        let configuration = try Self.read([
            "KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "DAIFA_STORE": "sqlite:/x/y",
            "DAIFA_PARTITIONS": "12",
            "DAIFA_REPLICATION": "3", "DAIFA_CREATE_TOPICS": "false", "DAIFA_INSTANCE": "w-2", "DAIFA_HTTP_PORT": "9000",
            "DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": "/k.json", "DAIFA_SEAL_KEY_FILE": "/s", "DAIFA_MASTER_KEY_FILE": "/m",
            "DAIFA_DEDUP_RETENTION": "36h", "DAIFA_LOG_LEVEL": "debug", "DAIFA_RECIPIENT_RETENTION": "90d",
        ])
        #expect(configuration.kafka.bootstrapServers == "a:1,b:2")
        #expect(configuration.kafka.properties == ["security.protocol": "SASL_SSL"])
        #expect(configuration.store == .sqlite(folder: "/x/y"))
        #expect(configuration.partitions == 12)
        #expect(configuration.replication == 3)
        #expect(!configuration.createTopics)
        #expect(configuration.instance == "w-2")
        #expect(configuration.httpPort == 9000)
        #expect(configuration.requiresTokens)
        #expect(configuration.authKeys == "/k.json")
        #expect(configuration.sealKeyPath == "/s")
        #expect(configuration.dedupRetention == 36 * 3600)
        #expect(configuration.settings.recipientRetention == 90 * 86_400)
        #expect(configuration.ignored == [])
        #expect(configuration.logLevel == .debug)
    }

    @Test(arguments: [
        ("DAIFA_STORE", "mysql:x"), ("DAIFA_STORE", "sqlite:"), ("DAIFA_PARTITIONS", "0"), ("DAIFA_PARTITIONS", "1001"),
        ("DAIFA_PARTITIONS", "six"), ("DAIFA_PARTITIONS", "6.5"), ("DAIFA_REPLICATION", "0"), ("DAIFA_REPLICATION", "99999999999999999999"),
        ("DAIFA_CREATE_TOPICS", "yes"), ("DAIFA_INSTANCE", "a b"), ("DAIFA_INSTANCE", "ä"), ("DAIFA_HTTP_PORT", "65536"),
        ("DAIFA_HTTP_PORT", "-1"), ("DAIFA_AUTH", "on"), ("DAIFA_DEDUP_RETENTION", "0"), ("DAIFA_DEDUP_RETENTION", "7w"),
        ("DAIFA_RECIPIENT_RETENTION", "0"),
        ("DAIFA_DEDUP_RETENTION", "-7d"), ("DAIFA_DEDUP_RETENTION", "9999999999d"), ("DAIFA_DEDUP_RETENTION", "99999999999999999999"),
        ("DAIFA_LOG_LEVEL", "loud"), ("KAFKA_SECURITY_PROTOCOL", "magic"), ("KAFKA_SESSION_TIMEOUT_MS", "soon"),
    ])
    func aWrongValueIsToldWithItsVariable(name: String, value: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.read([name: value]) }
        #expect(error.description.contains(name), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test func aLongInstanceIsRefused() throws {
        #expect(throws: ConfigurationError.self) { try Self.read(["DAIFA_INSTANCE": String(repeating: "a", count: 201)]) }
        #expect(try Self.read(["DAIFA_INSTANCE": String(repeating: "a", count: 200)]).instance.count == 200)
    }

    @Test func tokensNeedKeys() throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.read(["DAIFA_AUTH": "required"]) }
        #expect(error.description.contains("DAIFA_AUTH_KEYS"))
    }

    @Test(arguments: [("", 7 * 86_400), ("90", 90), ("90s", 90), ("5m", 300), ("2h", 7200), ("7d", 604_800), ("7 days", 604_800)])
    func durations(text: String, seconds: Int) throws {
        #expect(try Self.read(["DAIFA_DEDUP_RETENTION": text]).dedupRetention == seconds)
    }

    @Test func anEmptyVariableIsNone() throws {
        let names = [
            "DAIFA_PARTITIONS", "DAIFA_REPLICATION", "DAIFA_CREATE_TOPICS", "DAIFA_INSTANCE", "DAIFA_HTTP_PORT", "DAIFA_AUTH",
            "DAIFA_LOG_LEVEL",
        ]
        let configuration = try Self.read(Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
        #expect(configuration.partitions == 6)
        #expect(configuration.instance == "waybill-h1")
    }

    @Test func aConsoleNeedsATokenWhereTheServicesRequireOne() throws {
        func read(_ environment: [String: String]) throws(ConfigurationError) -> Configuration {
            try Configuration(service: .console, environment: environment, hostName: "h")
        }
        let none = #expect(throws: ConfigurationError.self) { try read(["DAIFA_AUTH": "required"]) }
        #expect(none.map { "\($0)".contains("DAIFA_TOKEN_FILE") } == true)
        let missing = #expect(throws: ConfigurationError.self) { try read(["DAIFA_TOKEN_FILE": "/nowhere/token"]) }
        #expect(missing.map { "\($0)".contains("DAIFA_TOKEN_FILE") && "\($0)".contains("/nowhere/token") } == true)
        let file = try TemporaryFile("a.b.c\n")
        defer { withExtendedLifetime(file) {} }
        let configuration = try read(["DAIFA_AUTH": "required", "DAIFA_TOKEN_FILE": file.path])
        #expect(try OwnToken(path: configuration.tokenFile).header() == "Bearer a.b.c")
        #expect(try OwnToken(path: nil).header() == nil)
    }

    @Test func whatHasNoMeaningIsTold() throws {
        let configuration = try Self.read([
            "DAIFA_PARTITION": "6", "KAFKA_HOME": "/k", "DAIFA_PARTNER_JD_TIMEOUT": "3", "DAIFA_PARTNER_JD_RATE": "3",
            "DAIFA_CONSENT_TTL": "60", "PATH": "/bin",
        ])
        #expect(configuration.ignored == ["KAFKA_HOME", "DAIFA_PARTITION", "DAIFA_PARTNER_JD_RATE"])
    }
}
