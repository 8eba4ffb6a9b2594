import Contracts
import Foundation
public import Kafka
import Threads

/// A steady flow of orders to allocation: each must be registered exactly once, whatever happens meanwhile.
public final class OrderFlow: Sendable {
    private struct State {
        var ids: [String] = []
        var isStopping = false
        var failure: KafkaError?
        var isDone = false
    }

    private let state = Monitor(State())
    private let configuration: KafkaConfiguration

    /// Starts to send.
    /// - Parameter rate: orders a second.
    public init(_ configuration: KafkaConfiguration, rate: Double, cast: Cast = Cast()) throws {
        self.configuration = configuration
        try NamedThread("orders") { [state] in
            do throws(KafkaError) { try Self.run(configuration, cast, state, rate) } catch { state.update { $0.failure = error } }
            state.update { $0.isDone = true }
        }.detach()
    }

    private static func run(_ configuration: KafkaConfiguration, _ cast: Cast, _ state: Monitor<State>, _ rate: Double) throws(KafkaError) {
        let producer = try Producer(configuration, overrides: ["message.timeout.ms": "120000"])
        defer { producer.close() }
        let prefix = uniqueName("flow")
        var number = 0
        // A few at a time where one at a time would be more than a clock can tell.
        let together = max(1, Int(rate / 100))
        while !state.wait(until: .after(Double(together) / rate), { $0.isStopping }) {
            for _ in 0..<together {
                number += 1
                let record = Outgoing.fact(cast.placed("\(prefix)-\(number)"))
                try producer.send(topic: record.topic, key: record.key, value: record.value, headers: record.headers)
                state.update { $0.ids.append(record.id) }
            }
        }
        try producer.flush(timeout: 120)
    }

    public var sent: Int { state.withLock { $0.ids.count } }

    /// Waits until so many more orders were sent. Blocking.
    public func awaitMore(_ count: Int, timeout seconds: Double = 60) throws {
        let goal = sent + count
        guard state.wait(until: .after(seconds), { $0.ids.count >= goal || $0.isDone }), sent >= goal else {
            throw Client.Failure(
                description: "the flow of orders stands still: \(state.withLock { $0.failure.map { "\($0)" } ?? "no reason given" })")
        }
    }

    /// Ends the flow, and gives the ids of all facts that Kafka has. Blocking.
    public func stop() throws -> [String] {
        state.update { $0.isStopping = true }
        guard state.wait(until: .after(180), { $0.isDone }) else { throw Client.Failure(description: "the flow of orders does not end") }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { $0.ids }
    }

    /// Reads allocation's events until each of these facts has its answer, and then to the end. Blocking.
    public func log(answering ids: [String], within seconds: Double = 60) throws -> EventLog {
        let deadline = Deadline.after(seconds)
        while true {
            let log = try EventLog(configuration, topics: EventLog.topics(of: [.allocation]))
            if log.unanswered(ids, by: .allocation, name: "order-registered").missing.isEmpty || deadline.hasPassed { return log }
        }
    }
}
