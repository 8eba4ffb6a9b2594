import Foundation
import Kafka
import Testing

@Suite struct ConfigurationTests {
    @Test func propertiesComeFromTheEnvironment() throws {
        let read = try KafkaConfiguration.fromEnvironment([
            "KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SSL_CA_LOCATION": "/ca.pem",
            "KAFKA_LOG_LEVEL": "3", "KAFKA_HOME": "/kafka", "KAFKA_OPTS": "-X", "KAFKA_PORT": "tcp://1.2.3.4:9092", "PATH": "/bin",
            "KAFKA_COMPRESSION_TYPE": "lz4",
        ])
        #expect(read.configuration.bootstrapServers == "a:1,b:2")
        #expect(
            read.configuration.properties == [
                "security.protocol": "SASL_SSL", "ssl.ca.location": "/ca.pem", "log_level": "3", "compression.type": "lz4",
            ])
        #expect(read.ignored == ["KAFKA_HOME", "KAFKA_OPTS", "KAFKA_PORT"])
    }

    @Test func aValueMayComeFromAFile() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-password-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "p a=ss\n".write(toFile: file, atomically: true, encoding: .utf8)
        let read = try KafkaConfiguration.fromEnvironment([
            "KAFKA_SASL_PASSWORD_FILE": file, "KAFKA_LOG4J_FILE": "/nowhere", "KAFKA_SASL_USERNAME_FILE": "",
        ])
        #expect(read.configuration.properties == ["sasl.password": "p a=ss"])
        #expect(read.ignored == ["KAFKA_LOG4J_FILE"])
        #expect(read.files.map(\.variable) == ["KAFKA_SASL_PASSWORD_FILE"] && read.files.map(\.path) == [file])
        // Properties of topics too.
        try "all\r\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try KafkaConfiguration.fromEnvironment(["KAFKA_ACKS_FILE": file]).configuration.properties == ["acks": "all"])
    }

    @Test func aFileOfAPropertyThatIsWrongIsToldWithoutWhatIsInIt() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-password-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "sesame".write(toFile: file, atomically: true, encoding: .utf8)
        for environment in [
            ["KAFKA_SASL_PASSWORD_FILE": "/nowhere/password"], ["KAFKA_SASL_PASSWORD_FILE": file, "KAFKA_SASL_PASSWORD": "x"],
            ["KAFKA_SESSION_TIMEOUT_MS_FILE": file], ["KAFKA_SASL_PASSWORD_FILE": "/"],
        ] {
            let error = #expect(throws: KafkaError.self) { try KafkaConfiguration.fromEnvironment(environment) }
            let name = environment.keys.first { $0.hasSuffix("_FILE") } ?? ""
            #expect(error?.description.contains(name) == true, "\(environment)")
            #expect(error?.description.contains("sesame") == false)
        }
    }

    @Test func aWrongValueNamesItsVariable() throws {
        let error = #expect(throws: KafkaError.self) {
            try KafkaConfiguration.fromEnvironment(["KAFKA_SESSION_TIMEOUT_MS": "soon"])
        }
        let refusal = try #require(error)
        #expect(refusal.code == .invalidArgument)
        #expect(refusal.description.contains("KAFKA_SESSION_TIMEOUT_MS"))
        #expect(refusal.reason.contains("session.timeout.ms"))
    }

    @Test func aHandleRefusesAnUnknownProperty() {
        let error = #expect(throws: KafkaError.self) { try Producer(.init(), overrides: ["no.such.thing": "1"]) }
        #expect(error?.operation == "set no.such.thing")
    }

    @Test func withoutTheVariableItIsLoopback() throws {
        #expect(try KafkaConfiguration.fromEnvironment([:]).configuration.bootstrapServers == "127.0.0.1:9092")
    }
}
