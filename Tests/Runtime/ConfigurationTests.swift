import Contracts
import Foundation
import HTTP
import Kafka
import Machines
import Observability
import Stores
import TestSupport
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
        #expect(configuration.httpHost == "127.0.0.1")
        #expect(configuration.ignored == [] && configuration.unknown == [])
    }

    @Test func eachVariableIsRead() throws {
        let keys = try TemporaryFile(ServiceKey().line)
        defer { withExtendedLifetime(keys) {} }
        let configuration = try Self.read([
            "KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "DAIFA_STORE": "sqlite:/x/y",
            "DAIFA_PARTITIONS": "12",
            "DAIFA_REPLICATION": "3", "DAIFA_CREATE_TOPICS": "false", "DAIFA_INSTANCE": "w-2", "DAIFA_HTTP_PORT": "9000",
            "DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": "/k.json", "DAIFA_SERVICE_KEY_FILE": keys.path,
            "DAIFA_DEDUP_RETENTION": "36h", "DAIFA_LOG_LEVEL": "debug", "DAIFA_RECIPIENT_RETENTION": "90d", "DAIFA_HTTP_HOST": "0.0.0.0",
            "DAIFA_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
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
        #expect(configuration.httpHost == "0.0.0.0")
        #expect(configuration.dedupRetention == 36 * 3600)
        #expect(configuration.settings.recipientRetention == 90 * 86_400)
        #expect(configuration.ignored == [] && configuration.unknown == [])
        #expect(configuration.logLevel == .debug)
    }

    @Test(arguments: [
        ("DAIFA_STORE", "mysql:x"), ("DAIFA_STORE", "sqlite:"), ("DAIFA_STORE", "postgres://host"),
        ("DAIFA_STORE_TIMEOUT", "0"), ("DAIFA_STORE_CONNECT_TIMEOUT", "soon"), ("DAIFA_PARTITIONS", "0"), ("DAIFA_PARTITIONS", "1001"),
        ("DAIFA_PARTITIONS", "six"), ("DAIFA_PARTITIONS", "6.5"), ("DAIFA_REPLICATION", "0"), ("DAIFA_REPLICATION", "99999999999999999999"),
        ("DAIFA_CREATE_TOPICS", "yes"), ("DAIFA_INSTANCE", "a b"), ("DAIFA_INSTANCE", "ä"), ("DAIFA_HTTP_PORT", "65536"),
        ("DAIFA_HTTP_PORT", "-1"), ("DAIFA_AUTH", "on"), ("DAIFA_DEDUP_RETENTION", "0"), ("DAIFA_DEDUP_RETENTION", "7w"),
        ("DAIFA_RECIPIENT_RETENTION", "0"),
        ("DAIFA_DEDUP_RETENTION", "-7d"), ("DAIFA_DEDUP_RETENTION", "9999999999d"), ("DAIFA_DEDUP_RETENTION", "99999999999999999999"),
        ("DAIFA_TRUSTED_PROXIES", "10.0.0.0/33"), ("DAIFA_TRUSTED_PROXIES", "proxy"), ("DAIFA_LOG_LEVEL", "loud"),
        ("KAFKA_SECURITY_PROTOCOL", "magic"), ("KAFKA_SESSION_TIMEOUT_MS", "soon"),
    ])
    func aWrongValueIsToldWithItsVariable(name: String, value: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.read([name: value]) }
        #expect(error.description.contains(name), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test func aDatabaseAndItsPasswordsFile() throws {
        let url = "postgres://daifa_waybill@db:5433/daifa_waybill?sslmode=verify-full"
        let environment = ["DAIFA_STORE": url, "DAIFA_STORE_PASSWORD_FILE": "/run/secrets/p", "DAIFA_STORE_TIMEOUT": "20"]
        guard case .postgres(let location) = try Self.read(environment).store else { throw ConfigurationError("no database") }
        #expect(location.description == "postgres://daifa_waybill@db:5433/daifa_waybill")
        #expect(location.passwordFile == "/run/secrets/p" && location.statementTimeout == 20 && location.connectTimeout == 5)
        let both = ["DAIFA_STORE": "postgres://a:s3cret@db/a", "DAIFA_STORE_PASSWORD_FILE": "/run/secrets/p"]
        let error = try #require(throws: ConfigurationError.self) { try Self.read(both) }
        #expect(error.description.hasPrefix("DAIFA_STORE_PASSWORD_FILE: ") && !error.description.contains("s3cret"))
    }

    @Test func aLongInstanceIsRefused() throws {
        #expect(throws: ConfigurationError.self) { try Self.read(["DAIFA_INSTANCE": String(repeating: "a", count: 201)]) }
        #expect(try Self.read(["DAIFA_INSTANCE": String(repeating: "a", count: 200)]).instance.count == 200)
    }

    @Test func tokensNeedKeys() throws {
        let keys = try TemporaryFile(ServiceKey().line)
        let environment = ["DAIFA_AUTH": "required", "DAIFA_SERVICE_KEY_FILE": keys.path]
        let error = try #require(throws: ConfigurationError.self) { try Self.read(environment) }
        #expect(error.description.contains("DAIFA_AUTH_KEYS"))
        withExtendedLifetime(keys) {}
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

    @Test(arguments: [ServiceName.console, .waybill]) func whoRequiresProofNeedsTheDeploymentsKeys(_ service: ServiceName) throws {
        func read(_ environment: [String: String]) throws(ConfigurationError) -> Configuration {
            var environment = environment
            environment["DAIFA_AUTH_KEYS"] = "/keys.json"
            return try Configuration(service: service, environment: environment, hostName: "h")
        }
        func problem(_ environment: [String: String]) -> String {
            do throws(ConfigurationError) {
                _ = try read(environment)
                return "none"
            } catch { return "\(error)" }
        }
        let needed = problem(["DAIFA_AUTH": "required"])
        #expect(needed.contains("DAIFA_SERVICE_KEY_FILE") && needed.contains("daifa keys service"))
        #expect(!needed.contains("\n"), "one line")
        #expect(problem(["DAIFA_AUTH": "required", "DAIFA_SERVICE_KEY_FILE": ""]) == needed)
        let missing = problem(["DAIFA_SERVICE_KEY_FILE": "/nowhere/service.key"])
        #expect(missing.contains("DAIFA_SERVICE_KEY_FILE") && missing.contains("/nowhere/service.key"))
        let nonsense = try TemporaryFile("a.b.c\n")
        #expect(problem(["DAIFA_SERVICE_KEY_FILE": nonsense.path]).contains("line 1"))
        let file = try TemporaryFile(ServiceKey().line)
        let configuration = try read(["DAIFA_AUTH": "required", "DAIFA_SERVICE_KEY_FILE": file.path])
        #expect(configuration.requiresTokens && configuration.serviceKeyFile == file.path)
        #expect(try !read(["DAIFA_SERVICE_KEY_FILE": file.path]).requiresTokens, "it signs without requiring")
        withExtendedLifetime((nonsense, file)) {}
    }

    @Test func whatTokensMustNameIsSet() throws {
        let configuration = try Self.read([:])
        #expect(configuration.authAudience == "daifa" && configuration.authIssuer == nil)
        let named = try Self.read(["DAIFA_AUTH_AUDIENCE": "shop", "DAIFA_AUTH_ISSUER": "https://issuer.example"])
        #expect(named.authAudience == "shop" && named.authIssuer == "https://issuer.example")
        #expect(try Self.read(["DAIFA_AUTH_AUDIENCE": "", "DAIFA_AUTH_ISSUER": ""]).authAudience == "daifa")
    }

    @Test func whatHasNoMeaningIsTold() throws {
        let configuration = try Self.read([
            "DAIFA_PARTITION": "6", "KAFKA_HOME": "/k", "DAIFA_CONSENT_TTL": "60", "PATH": "/bin",
        ])
        #expect(configuration.ignored == ["KAFKA_HOME"])
        #expect(configuration.unknown == ["DAIFA_PARTITION"])
    }

    @Test func aSettingOfAnotherProcessIsNotRead() throws {
        // Waybill has no use for it; authorization has.
        #expect(try Self.read(["DAIFA_CONSENT_TTL": "soon"]).unknown == [])
        #expect(throws: ConfigurationError.self) {
            try Configuration(service: .authorization, environment: ["DAIFA_CONSENT_TTL": "soon"], hostName: "h")
        }
    }

    @Test func filesWithSecretsThatAreOpenToOthersAreTold() throws {
        let file = try TemporaryFile(ServiceKey().line)
        defer { withExtendedLifetime(file) {} }
        for (mode, isTold) in [(0o600, false), (0o644, true)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
            for name in ["DAIFA_SERVICE_KEY_FILE", "KAFKA_SASL_PASSWORD_FILE"] {
                #expect(try Self.read([name: file.path]).wideFiles == (isTold ? ["\(name)=\(file.path) (0644)"] : []))
            }
        }
    }
}

@Suite struct SettingTableTests {
    @Test func aProcessHasASettingOnce() {
        for service in ServiceName.allCases {
            let names = Configuration.table.filter { $0.processes.contains(service) }.map(\.name)
            #expect(Set(names).count == names.count, "\(service)")
        }
    }

    /// The default that people read is the default, where it is a text that the setting takes.
    @Test func whatIsSaidToBeTheDefaultIs() throws {
        for setting in Configuration.table {
            let service = try #require(ServiceName.allCases.first { setting.processes.contains($0) })
            let text = setting.standard(service)
            #expect(!text.isEmpty && !setting.help.isEmpty, "\(setting.name)")
            #expect(!text.contains("\n") && !setting.help.contains("\n"), "\(setting.name)")
        }
        let said = Dictionary(grouping: Configuration.table, by: \.name)
        for (name, text) in [
            ("DAIFA_DEDUP_RETENTION", "7d"), ("DAIFA_RECIPIENT_RETENTION", "30d"), ("DAIFA_PATIENCE", "1h"), ("DAIFA_CONSENT_TTL", "10m"),
            ("DAIFA_ORDER_DOWNLOAD_INTERVAL", "1m"),
            ("DAIFA_HTTP_HOST", "127.0.0.1"), ("DAIFA_AUTH", "off"), ("DAIFA_LOG_LEVEL", "info"), ("DAIFA_PARTITIONS", "6"),
        ] { #expect(said[name]?.first?.standard(.shipping) == text, "\(name)") }
    }
}
