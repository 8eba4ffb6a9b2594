import Kafka
import Testing

@Suite struct ConfigurationTests {
    @Test func propertiesComeFromTheEnvironment() throws {
        let (configuration, ignored) = try KafkaConfiguration.fromEnvironment([
            "KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SSL_CA_LOCATION": "/ca.pem",
            "KAFKA_LOG_LEVEL": "3", "KAFKA_HOME": "/kafka", "KAFKA_OPTS": "-X", "KAFKA_PORT": "tcp://1.2.3.4:9092", "PATH": "/bin",
            "KAFKA_COMPRESSION_TYPE": "lz4",
        ])
        #expect(configuration.bootstrapServers == "a:1,b:2")
        #expect(
            configuration.properties == [
                "security.protocol": "SASL_SSL", "ssl.ca.location": "/ca.pem", "log_level": "3", "compression.type": "lz4",
            ])
        #expect(ignored == ["KAFKA_HOME", "KAFKA_OPTS", "KAFKA_PORT"])
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
