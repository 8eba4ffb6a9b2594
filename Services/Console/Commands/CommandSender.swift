import Contracts
import Kafka
import Runtime

/// Writes commands to Kafka and waits until it has them. For one thread.
struct CommandSender {
    private let kafka: KafkaConfiguration
    private let timeout: Double
    /// `DAIFA_SERVICE_KEY_FILE`; nil: nothing is signed.
    private let keyFile: String?
    private var producer: Producer?
    private var keys: ServiceKeys?

    /// - Parameter timeout: seconds that Kafka has to take what is sent together.
    init(_ kafka: KafkaConfiguration, timeout: Double, keyFile: String? = nil) {
        self.kafka = kafka
        self.keyFile = keyFile
        self.timeout = timeout
    }

    /// Returns when Kafka has all of them.
    /// - Throws: when it has not, or not in time; some may arrive all the same. `ConfigurationError` when the keys cannot be read.
    mutating func send(_ commands: [OutgoingCommand]) throws {
        if keys == nil, let keyFile { keys = try ServiceKeys(path: keyFile) }
        do throws(KafkaError) {
            let producer = try current()
            for command in commands {
                var headers = command.envelope.headers
                let key = Array(command.key.utf8)
                if let keys { headers.append(keys.header(topic: command.topic, key: key, headers: headers, body: command.body)) }
                try producer.send(topic: command.topic, key: key, value: command.body, headers: headers)
            }
            try producer.flush(timeout: timeout)
        } catch {
            // Commands that are still on their way are dropped: their senders are told to send them again. A producer that lost brokers
            // may be of no use any more.
            close()
            throw error
        }
    }

    mutating func close() {
        producer?.close()
        producer = nil
    }

    private mutating func current() throws(KafkaError) -> Producer {
        if let producer { return producer }
        let made = try Producer(kafka, overrides: ["message.timeout.ms": "\(Int(timeout * 1000))"])
        producer = made
        return made
    }
}
