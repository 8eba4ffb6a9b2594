import CommandLine
import Contracts
import Kafka
import Runtime
import Threads

/// One message that the demonstration sends, and what it expects for an answer.
struct DemoStep {
    /// nil: a fact on `daifa.orders`, answered by allocation.
    let service: ServiceName?
    let type: String
    let key: String
    let actor: Actor
    /// `ce_id`: the same in every run.
    var id: String
    let body: [UInt8]
    var batchId: String?
    var expected = DemoWorld.Answer.accepted
}

/// Sends steps and waits for what the topics say. A step that is answered already, by an earlier run, is not sent again.
final class DemoDriver {
    /// Seconds without any news after which a stage is given up.
    private static let patience = 60.0
    private static let flushTimeout = 30.0

    private(set) var world: DemoWorld
    /// Answers that were not expected.
    private(set) var surprises: [(step: DemoStep, answer: DemoWorld.Answer)] = []
    /// How many steps were sent, and how many had been answered before.
    private(set) var sent = 0
    private(set) var foundAnswered = 0
    private let reader: TopicReader
    private let producer: Producer
    private let proof: SenderProof
    private let onStage: (String, Int, Double) -> Void

    /// Reads what there is.
    /// - Parameter onStage: called at the end of each stage with its name, how many things it was about, and seconds.
    init(_ kafka: KafkaConfiguration, proof: SenderProof, keys: Set<String>, onStage: @escaping (String, Int, Double) -> Void) throws {
        self.proof = proof
        world = DemoWorld(keys: keys)
        self.onStage = onStage
        reader = try TopicReader(kafka, topics: DemoWorld.topics, timeout: Self.patience)
        producer = try Producer(kafka)
        var bar = ProgressBar("Earlier events")
        var count = 0
        var lastNews = Clock.seconds
        while !reader.atEnd {
            let messages = try reader.next(timeout: 1)
            if !messages.isEmpty { lastNews = Clock.seconds }
            guard Clock.seconds - lastNews < Self.patience else { throw Self.silence("reading earlier events") }
            count += messages.count
            for message in messages { world.take(message) }
            bar.move(to: count)
        }
        bar.finish()
    }

    deinit { producer.close() }

    /// Sends the steps and waits for the first answer of each.
    func perform(_ stage: String, _ steps: [DemoStep]) throws {
        for step in steps {
            guard world.answers[step.id] == nil else {
                foundAnswered += 1
                continue
            }
            try producer.send(step, proof)
            sent += 1
        }
        try producer.flush(timeout: Self.flushTimeout)
        try wait(stage, steps.map(\.id)) { $0.answers[$1] != nil }
        for step in steps {
            if let answer = world.answers[step.id], answer != step.expected { surprises.append((step, answer)) }
        }
    }

    /// Waits until the condition holds for each element.
    func wait<Element>(_ stage: String, _ elements: [Element], until holds: (DemoWorld, Element) -> Bool) throws {
        guard !elements.isEmpty else { return }
        let began = Clock.seconds
        var lastNews = began
        var waiting = elements
        var bar = ProgressBar(stage, total: elements.count)
        while true {
            waiting.removeAll { holds(world, $0) }
            bar.move(to: elements.count - waiting.count)
            if waiting.isEmpty { break }
            if StopSignal.wait(seconds: 0) { throw CommandFailure(.temporary, "interrupted; the same command again goes on from here") }
            let messages = try reader.next(maximum: 5000, timeout: 0.2)
            for message in messages { world.take(message) }
            if !messages.isEmpty { lastNews = Clock.seconds }
            guard Clock.seconds - lastNews < Self.patience else {
                throw Self.silence("\(stage): \(waiting.count) of \(elements.count) are open")
            }
        }
        bar.finish()
        onStage(stage, elements.count, Clock.seconds - began)
    }

    private static func silence(_ what: String) -> CommandFailure {
        CommandFailure(
            .temporary,
            "\(what), and nothing came for \(Int(patience)) s: see whether all services are ready (daifa health), their logs, "
                + "and daifa dead list; the same command again goes on from here")
    }

}

extension Producer {
    /// - Parameter proof: for services that require one.
    func send(_ step: DemoStep, _ proof: SenderProof) throws(KafkaError) {
        var headers = [
            Header(EnvelopeHeader.specversion, "1.0"), Header(EnvelopeHeader.id, step.id), Header(EnvelopeHeader.source, "/daifa/cli"),
            Header(EnvelopeHeader.type, step.type), Header(EnvelopeHeader.subject, step.key), Header(EnvelopeHeader.time, "\(Clock.now)"),
            Header(EnvelopeHeader.correlationId, step.id), Header(EnvelopeHeader.actor, "\(step.actor)"),
            Header(EnvelopeHeader.contentType, "application/json"),
        ]
        if let batchId = step.batchId { headers.append(Header(EnvelopeHeader.batchId, batchId)) }
        let topic = step.service?.commands ?? Topics.orders
        try send(
            topic: topic, key: Array(step.key.utf8), value: step.body,
            headers: proof.added(to: headers, topic: topic, key: step.key, body: step.body))
    }
}
