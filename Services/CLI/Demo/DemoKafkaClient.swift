import CommandLine
import Contracts
import Crypto
import JSON
import Kafka
import Runtime
import Threads

/// Sends commands one by one, and remembers what the events of authorization, allocation and shipping say: the last of each type and key, and
/// the first answer to each command.
final class DemoKafkaClient {
    /// Seconds that a stage may take.
    private static let patience = 90.0

    private let reader: TopicReader
    private let producer: Producer
    private let proof: SenderProof
    private var events: [String: JSONValue] = [:]
    private var answers: [String: (isRefusal: Bool, data: JSONValue)] = [:]
    private var keys: [String: KeyRow] = [:]

    init(_ kafka: KafkaConfiguration, proof: SenderProof) throws {
        self.proof = proof
        let topics = [ServiceName.authorization.events, ServiceName.allocation.events, ServiceName.shipping.events, Table.keys.topic]
        reader = try TopicReader(kafka, topics: topics, timeout: Self.patience)
        producer = try Producer(kafka)
        while !reader.atEnd { try read(timeout: 1) }
    }

    deinit { producer.close() }

    func found(_ type: String, key: String) -> JSONValue? { events["\(type)|\(key)"] }
    func answer(to id: String) -> JSONValue? { answers[id]?.data }

    private func read(timeout: Double) throws {
        for message in try reader.next(maximum: 5000, timeout: timeout) {
            guard let value = message.value, let data = try? JSONValue.decode(value) else { continue }
            let type = message.header(EnvelopeHeader.type) ?? ""
            if message.topic == Table.keys.topic {
                if let row = try? KeyRow.decode(value) { keys[row.key] = row }
                continue
            }
            if let cause = message.header(EnvelopeHeader.causationId), answers[cause] == nil {
                answers[cause] = (type.hasSuffix(".refused.v1"), data)
            }
            events["\(type)|\(message.key.map { String(decoding: $0, as: UTF8.self) } ?? "")"] = data
        }
    }

    func send(_ step: DemoStep) throws {
        try producer.send(step, proof)
        try producer.flush(timeout: 30)
    }

    /// Sends a command, unless it was answered before, and waits for its answer, which must not be a refusal.
    func perform(_ step: DemoStep) throws {
        if answers[step.id] == nil { try send(step) }
        try wait(step.type) { $0.answers[step.id] != nil }
        guard let answer = answers[step.id], answer.isRefusal else { return }
        throw CommandFailure(.bug, "\(step.type) of \(step.key) was refused: \(String(decoding: answer.data.json, as: UTF8.self))")
    }

    /// Waits until it holds.
    /// - Parameter every: seconds between two looks, also when nothing comes.
    func wait(_ stage: String, every pause: Double = 0.2, until holds: (DemoKafkaClient) throws -> Bool) throws {
        let end = Clock.seconds + Self.patience
        while try !holds(self) {
            guard Clock.seconds < end else {
                throw CommandFailure(.temporary, "\(stage): nothing came for \(Int(Self.patience)) s: see the services' logs")
            }
            if StopSignal.wait(seconds: 0) { throw CommandFailure(.temporary, "interrupted; the same command again goes on from here") }
            let next = Clock.seconds + pause
            repeat { try read(timeout: max(0.01, next - Clock.seconds)) } while Clock.seconds < next
        }
    }

    /// Seals with the newest key that a service has announced.
    func seal(_ plaintext: [UInt8], for service: ServiceName, _ purpose: KeyPurpose, info: String, aad: String) throws -> Contracts.Sealed {
        func newest() -> KeyRow? {
            keys.values.filter { $0.service == service && $0.purpose == purpose }
                .max { ($0.version, $0.keyId) < ($1.version, $1.keyId) }
        }
        try wait("Key of \(service.rawValue)") { _ in newest() != nil }
        guard let row = newest(), let publicKey = Base64.decode(Array(row.publicKey.utf8)) else {
            throw CommandFailure(.bug, "the key that \(service.rawValue) announced is not base64")
        }
        let sealed = try HPKE.seal(plaintext, to: publicKey, info: Array(info.utf8), aad: Array(aad.utf8))
        return Contracts.Sealed(keyId: row.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))
    }
}
