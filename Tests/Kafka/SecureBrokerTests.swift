import Foundation
import Kafka
import TestSupport
import Testing
import Threads

extension BrokerSuite {
    /// A broker that is reached over TLS, by a name and a password.
    @Suite(.enabled(if: Broker.canBeStarted, "needs brokers of its own: set KAFKA_HOME to a folder with the start script `kafka`"))
    struct SecureBrokerTests {
        /// A certificate that signs itself, for the loopback address, with its key.
        private static func certificate(_ folder: TemporaryFolder) throws -> (certificate: String, both: String) {
            func file(_ name: String) -> String { folder.url.appendingPathComponent(name).path }
            let (certificate, key, both) = (file("certificate.pem"), file("key.pem"), file("both.pem"))
            _ = try Shell.run(
                "/usr/bin/env",
                [
                    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
                ])
            try (String(contentsOfFile: key, encoding: .utf8) + String(contentsOfFile: certificate, encoding: .utf8))
                .write(toFile: both, atomically: true, encoding: .utf8)
            return (certificate, both)
        }

        private static let shared = Result { try start() }

        /// A broker with a listener for `SASL_SSL` beside its plain one, and how to reach that.
        private static func start() throws -> (broker: Broker, secure: KafkaConfiguration, folder: TemporaryFolder) {
            let folder = try TemporaryFolder(uniqueName("secure"))
            let (certificate, keystore) = try certificate(folder)
            let port = Int(try Ports.free())
            let secure = Int(try Ports.free())
            let broker = try Broker.start(
                port: port,
                settings: [
                    "listeners=PLAINTEXT://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(port + 10),SASL_SSL://127.0.0.1:\(secure)",
                    "advertised.listeners=PLAINTEXT://127.0.0.1:\(port),SASL_SSL://127.0.0.1:\(secure)",
                    "ssl.keystore.type=PEM", "ssl.keystore.location=\(keystore)", "sasl.enabled.mechanisms=PLAIN",
                    "listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
                        + "user_allocation=\"a word\";",
                ])
            return (
                broker,
                KafkaConfiguration(
                    bootstrapServers: "127.0.0.1:\(secure)",
                    properties: [
                        "security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN", "sasl.username": "allocation",
                        "sasl.password": "a word", "ssl.ca.location": certificate,
                    ]), folder
            )
        }

        @Test func aStaticMemberThatLeavesHandsOver() async throws {
            try await onThread {
                let (broker, secure, _) = try Self.shared.get()
                let topic = uniqueName("leave")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                // far beyond the bound below: only the leave can hand over in time
                let overrides = ["session.timeout.ms": "60000"]
                let first = try Member(secure, group: group, instance: "a", topics: [topic], overrides: overrides)
                defer { first.close(leaveGroup: true) }
                let second = try Member(secure, group: group, instance: "b", topics: [topic], overrides: overrides)
                try #require(first.owns(1) && second.owns(1))
                let start = ContinuousClock.now
                second.close(leaveGroup: true)
                try #require(first.owns(2))
                #expect(ContinuousClock.now - start < .seconds(5))
            }
        }

        @Test func aWrongPasswordIsTold() async throws {
            try await onThread {
                var secure = try Self.shared.get().secure
                secure.properties["sasl.password"] = "another word"
                let member = try Member(secure, group: uniqueName("group"), instance: "a", topics: [uniqueName("topic")])
                defer { member.close(leaveGroup: true) }
                let notice = try #require(
                    member.seen.wait(until: .after(30)) { seen in seen.notices.first { $0.description.contains("uthentication") } })
                #expect(notice.description.contains("SASL"), "\(notice)")
            }
        }
    }
}
