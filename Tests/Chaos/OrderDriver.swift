import Contracts
import Foundation
import Kafka
import TestSupport
import Threads

/// An order of a kill test. It has one allocation.
struct NumberedOrder: Sendable {
    let id: String
    let number: Int
    var allocationId: String { "\(id)/1" }
    /// A number that looks random and is always the same.
    var sum: Int { id.utf8.reduce(0) { $0 + Int($1) } }
}

/// What is done with orders: what is seen of one leads to the next step.
protocol Course: Sendable {
    func placed(_ order: NumberedOrder) throws -> Outgoing
    /// - Parameter name: `allocated` of `daifa.allocation.allocated.v1`.
    func steps(after name: String, of service: ServiceName, _ event: Received, _ order: NumberedOrder) -> [Step]
    /// Whether every message about it is sent twice.
    func isCopied(_ order: NumberedOrder) -> Bool
}

enum Step {
    case send(Outgoing, after: Duration = .zero)
    /// Nothing more happens to the order.
    case end
    /// An answer that is not foreseen.
    case surprise
}

/// Drives orders from their placing to their end. Blocking, on a thread of its own.
final class OrderDriver: Sendable {
    struct Progress {
        var placed = 0
        var ended: Set<String> = []
        var sent: [String: Set<String>] = [:]
        /// Events that answered in a way that is not foreseen.
        var surprises: [String] = []
        var lastEvent = ContinuousClock.now
        /// Seconds without any event while orders were under way.
        var longestStall = 0.0
        var failure: String?
        var isStopped = false
        var isOver = false
        /// What is to be sent later.
        var scheduled: [(due: ContinuousClock.Instant, orderId: String, record: Outgoing)] = []
    }

    let prefix = uniqueName("chaos")
    let orders: Int
    let progress = Monitor(Progress())
    private let course: any Course
    private let configuration: KafkaConfiguration
    private let rate: Double

    /// - Parameter rate: orders placed a second.
    init(_ course: any Course, _ configuration: KafkaConfiguration, orders: Int, rate: Double) {
        self.course = course
        self.configuration = configuration
        self.orders = orders
        self.rate = rate
    }

    var all: [NumberedOrder] { (1...orders).map { NumberedOrder(id: "\(prefix)-\($0)", number: $0) } }
    private func order(_ id: String) -> NumberedOrder { NumberedOrder(id: id, number: Int(id.dropFirst(prefix.count + 1)) ?? 0) }

    /// Starts placing and answering.
    func start() throws {
        let end = Monitor<(any Error)??>(nil)
        try NamedThread("driver") { [self] in
            defer { progress.update { $0.isOver = true } }
            do {
                let reader = try TopicReader(configuration, topics: ServiceName.domainServices.map(\.events), from: .end)
                let producer = try Producer(configuration, overrides: ["message.timeout.ms": "120000"])
                defer { producer.close() }
                end.update { $0 = .some(nil) }
                try run(reader, producer)
            } catch {
                end.update { $0 = .some(error) }
                progress.update { $0.failure = "\(error)" }
            }
        }.detach()
        if let failure = end.wait({ $0 }) ?? nil { throw failure }
    }

    private func run(_ reader: TopicReader, _ producer: Producer) throws {
        let start = ContinuousClock.now
        while !progress.withLock({ $0.isStopped }) {
            let due = min(orders, Int(start.elapsed * rate) + 1)
            while progress.withLock({ $0.placed }) < due {
                let number = progress.update { progress -> Int in
                    progress.placed += 1
                    return progress.placed
                }
                let order = order("\(prefix)-\(number)")
                try send(course.placed(order), order, producer)
            }
            for (orderId, record) in progress.update({ $0.takeDue() }) { try send(record, order(orderId), producer) }
            let events = try reader.next(timeout: 0.02).map { Received($0) }.filter { $0.key?.hasPrefix(prefix) == true }
            note(events)
            for event in events { try answer(event, producer) }
        }
        // Closing drops what is still on its way.
        try producer.flush(timeout: 120)
    }

    private func note(_ events: [Received]) {
        progress.update { progress in
            let stall = progress.lastEvent.elapsed
            if progress.ended.count < progress.placed { progress.longestStall = max(progress.longestStall, stall) }
            if !events.isEmpty { progress.lastEvent = .now }
        }
    }

    private func send(_ record: Outgoing, _ order: NumberedOrder, _ producer: Producer) throws(KafkaError) {
        for _ in 0..<(course.isCopied(order) ? 2 : 1) {
            try producer.send(topic: record.topic, key: record.key, value: record.value, headers: record.headers)
        }
        progress.withLock { _ = $0.sent[order.id, default: []].insert(record.id) }
    }

    private func answer(_ event: Received, _ producer: Producer) throws(KafkaError) {
        guard let orderId = event.key, let name = event.name,
            let service = ServiceName.domainServices.first(where: { $0.events == event.topic })
        else { return }
        let order = order(orderId)
        for step in course.steps(after: name, of: service, event, order) {
            switch step {
            case .send(let record, .zero): try send(record, order, producer)
            case .send(let record, let pause): schedule(record, orderId, after: pause)
            case .end: progress.update { _ = $0.ended.insert(orderId) }
            case .surprise:
                progress.update { $0.surprises.append("\(event.topic) \(orderId) \(name): \(event.text ?? "")") }
            }
        }
    }

    /// Has something sent later.
    func schedule(_ record: Outgoing, _ orderId: String, after pause: Duration = .zero) {
        progress.withLock { $0.scheduled.append((.now + pause, orderId, record)) }
    }

    /// Those that have not come to their end.
    var unended: [String] {
        progress.withLock { progress in all.map(\.id).filter { !progress.ended.contains($0) } }
    }

    /// Waits until every order has its end, and what was to be sent later is sent. Blocking.
    /// - Returns: whether they have.
    func awaitEnds(within seconds: Double) -> Bool {
        progress.wait(until: .after(seconds)) { [orders] in ($0.ended.count >= orders && $0.scheduled.isEmpty) || $0.failure != nil }
    }

    /// Returns when all that was sent has arrived. Blocking.
    func stop() {
        progress.update { $0.isStopped = true }
        _ = progress.wait { $0.isOver }
    }
}

extension OrderDriver.Progress {
    fileprivate mutating func takeDue() -> [(orderId: String, record: Outgoing)] {
        let now = ContinuousClock.now
        defer { scheduled.removeAll { $0.due <= now } }
        return scheduled.filter { $0.due <= now }.map { ($0.orderId, $0.record) }
    }
}

extension ContinuousClock.Instant {
    /// Seconds since this moment.
    var elapsed: Double { duration(to: .now) / .seconds(1) }
}
