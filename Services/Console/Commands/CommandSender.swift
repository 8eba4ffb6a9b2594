import Contracts
import Kafka
import Runtime

/// Writes commands to Kafka and waits until it has them. For one thread.
struct CommandSender {
    private let kafka: KafkaConfiguration
    private let timeout: Double
    private var producer: Producer?

    /// - Parameter timeout: seconds that Kafka has to take what is sent together.
    init(_ kafka: KafkaConfiguration, timeout: Double) {
        self.kafka = kafka
        self.timeout = timeout
    }

    /// Returns when Kafka has all of them.
    /// - Parameter token: the header `authorization`, where services require one.
    /// - Throws: when it has not, or not in time; some may arrive all the same.
    mutating func send(_ commands: [OutgoingCommand], token: String? = nil) throws(KafkaError) {
        let own = token.map { [Header(name: EnvelopeHeader.authorization, value: Array($0.utf8))] } ?? []
        do throws(KafkaError) {
            let producer = try current()
            for command in commands {
                try producer.send(
                    topic: command.topic, key: Array(command.key.utf8), value: command.body, headers: command.envelope.headers + own)
            }
            try producer.flush(timeout: timeout)
        } catch {
            // What is still on its way is dropped: its sender is told to send it again. A producer that lost brokers may be of no use any more.
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
