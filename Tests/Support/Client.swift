public import Contracts
import Foundation
public import JSON
public import Kafka
import Threads

/// A record that was read, with its CloudEvents attributes.
public struct Received: Sendable {
    public let message: Kafka.Message

    public init(message: Kafka.Message) { self.message = message }

    public var topic: String { message.topic }
    public var key: String? { message.key.map { String(decoding: $0, as: UTF8.self) } }
    public var id: String? { header(EnvelopeHeader.id) }
    public var type: String? { header(EnvelopeHeader.type) }
    public var subject: String? { header(EnvelopeHeader.subject) }
    public var time: String? { header(EnvelopeHeader.time) }
    public var correlationId: String? { header(EnvelopeHeader.correlationId) }
    public var causationId: String? { header(EnvelopeHeader.causationId) }
    public var actor: String? { header(EnvelopeHeader.actor) }
    /// `allocated` of `daifa.allocation.allocated.v1`.
    public var name: String? { type.map { String($0.split(separator: ".").dropLast().last ?? "") } }
    public var isRefusal: Bool { type?.hasSuffix(".refused.v1") == true }
    public var text: String? { message.value.map { String(decoding: $0, as: UTF8.self) } }

    /// The last header with this name.
    public func header(_ name: String) -> String? {
        message.headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The data as a tree; null for a tombstone or what is no JSON.
    public var data: JSONValue { message.value.flatMap { try? JSONValue.decode($0) } ?? .null }

    public func body<Body: JSONCodable>(_: Body.Type) throws -> Body {
        guard let value = message.value else { throw Client.Failure(description: "a tombstone in \(topic) has no data") }
        return try Body.decode(value)
    }

    public var refused: Refused? { isRefusal ? try? body(Refused.self) : nil }
}

/// A record to be sent.
public struct Outgoing: Sendable {
    public var topic: String
    /// nil: by key.
    public var partition: Int32?
    public var key: [UInt8]?
    public var value: [UInt8]?
    public var headers: [Header]

    public init(topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
    }

    public var id: String { header(EnvelopeHeader.id) ?? "" }

    public func header(_ name: String) -> String? {
        headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Replaces a header, or removes it.
    public func setting(_ name: String, _ value: String?) -> Outgoing {
        var copy = self
        copy.headers.removeAll { $0.name == name }
        if let value { copy.headers.append(Header(name: name, value: Array(value.utf8))) }
        return copy
    }
}

/// Speaks with the services as a stranger does: one producer, and one reader that sees everything that was committed to Kafka since the client
/// was made, each on a thread of its own. Waiting for an answer blocks no thread.
public final class Client: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private struct Delivery {
        var record: Outgoing
        var done: CheckedContinuation<Void, any Error>
    }

    private struct Waiter {
        var deadline: Deadline
        var what: String
        /// nil: not yet.
        var find: @Sendable ([Received]) -> Received?
        var done: CheckedContinuation<Received, any Error>
    }

    private struct State {
        var seen: [Received] = []
        var waiters: [Waiter] = []
        var failure: KafkaError?
    }

    private let deliveries = Monitor([Delivery]())
    private let state = Monitor(State())
    private let isOpen = Monitor(true)
    private let issuer: TokenIssuer?

    /// Seconds that an answer may take.
    public static let patience = 60.0
    private static let pollInterval = 0.1

    /// Reads some topics, or every topic of the contract that exists. Blocking.
    /// - Parameter issuer: gives the commands whose answer is awaited a token of their actor; nil: they have none.
    public init(_ configuration: KafkaConfiguration, topics: [String] = Topics.all, issuer: TokenIssuer? = nil) throws {
        self.issuer = issuer
        let existing = try Admin(configuration).metadata(timeout: 30).topics
        let topics = topics.filter { existing[$0] != nil }
        let ready = Monitor<KafkaError??>(nil)
        try NamedThread("test-producer") { [deliveries, isOpen] in Self.produce(configuration, deliveries, isOpen) }.detach()
        try NamedThread("test-reader") { [state, isOpen] in
            do throws(KafkaError) {
                let reader = try TopicReader(configuration, topics: topics, from: .end)
                ready.update { $0 = .some(nil) }
                while isOpen.withLock({ $0 }) { Self.take(try reader.next(timeout: Self.pollInterval), state) }
            } catch {
                ready.update { $0 = .some(error) }
                state.withLock { $0.failure = error }
                Self.take([], state)
            }
        }.detach()
        if let failure = ready.wait({ $0 }) ?? nil { throw failure }
    }

    deinit {
        isOpen.update { $0 = false }
        deliveries.notify()
    }

    // MARK: Sending

    /// Sends a record; returns when Kafka has it. A fact gets a token of its actor, where there is an issuer and it shows nothing itself.
    public func send(_ record: Outgoing) async throws {
        let isBare = record.header(EnvelopeHeader.authorization) == nil && record.header(EnvelopeHeader.mac) == nil
        let record = record.topic == Topics.orders && isBare ? try issuer?.signed(record) ?? record : record
        try await withCheckedThrowingContinuation { done in
            deliveries.update { $0.append(Delivery(record: record, done: done)) }
        }
    }

    /// Sends a command and waits for its answer: the first record with its id as cause on its service's events topic.
    public func answer(to record: Outgoing, within seconds: Double = Client.patience) async throws -> Received {
        try await send(issuer?.signed(record) ?? record)
        return try await answer(to: record.id, on: record.topic.replacingOccurrences(of: ".commands", with: ".events"), within: seconds)
    }

    public func answer(to id: String, on topic: String, within seconds: Double = Client.patience) async throws -> Received {
        try await first("an answer to \(id) on \(topic)", within: seconds) { $0.topic == topic && $0.causationId == id }
    }

    // MARK: What was seen

    /// The first record that fits, of all that came since the client was made.
    public func first(
        _ what: String, within seconds: Double = Client.patience, where fits: @escaping @Sendable (Received) -> Bool
    ) async throws -> Received {
        try await withCheckedThrowingContinuation { done in
            let waiter = Waiter(deadline: .after(seconds), what: what, find: { $0.first(where: fits) }, done: done)
            let known = state.withLock { state -> Result<Received, any Error>? in
                if let found = waiter.find(state.seen) { return .success(found) }
                if let failure = state.failure { return .failure(failure) }
                state.waiters.append(waiter)
                return nil
            }
            if let known { done.resume(with: known) }
        }
    }

    /// The first event of this type with this key.
    public func event<Body: Contracts.Message>(
        _: Body.Type, key: String, within seconds: Double = Client.patience,
        where fits: @escaping @Sendable (Received) -> Bool = { _ in true }
    ) async throws -> Received {
        let type = Body.type
        return try await first("\(type) with key \(key)", within: seconds) { $0.type == type && $0.key == key && fits($0) }
    }

    /// Everything that has come so far and fits, in the order of reading: per partition the order of the log.
    public func seen(where fits: (Received) -> Bool) -> [Received] { state.withLock { $0.seen.filter(fits) } }

    /// What has come with this cause on a service's events topic so far.
    public func answers(to id: String) -> [Received] { seen { $0.causationId == id && $0.topic.hasSuffix(".events") } }

    // MARK: Threads

    private static func produce(_ configuration: KafkaConfiguration, _ deliveries: Monitor<[Delivery]>, _ isOpen: Monitor<Bool>) {
        // A message may be as large as the broker takes it (1,048,588 bytes with its framing), larger than a service may write.
        let producer = Result { () throws(KafkaError) in try Producer(configuration, overrides: ["message.max.bytes": "2000000"]) }
        while isOpen.withLock({ $0 }) {
            let batch = deliveries.wait(until: .after(1)) { queue -> [Delivery]? in
                if queue.isEmpty { return nil }
                defer { queue = [] }
                return queue
            }
            deliver(batch ?? [], producer)
        }
        if case .success(let producer) = producer { producer.close() }
    }

    private static func deliver(_ batch: [Delivery], _ producer: Result<Producer, KafkaError>) {
        var sent: [Delivery] = []
        for delivery in batch {
            let record = delivery.record
            do {
                try producer.get().send(
                    topic: record.topic, partition: record.partition, key: record.key, value: record.value, headers: record.headers)
                sent.append(delivery)
            } catch { delivery.done.resume(throwing: error) }
        }
        // One flush for all that wait: what the broker then refuses of one is told to each.
        let result = Result { if !sent.isEmpty { try producer.get().flush(timeout: 30) } }
        for delivery in sent { delivery.done.resume(with: result) }
    }

    private static func take(_ messages: [Kafka.Message], _ state: Monitor<State>) {
        var answered: [(CheckedContinuation<Received, any Error>, Result<Received, any Error>)] = []
        state.withLock { state in
            let news = messages.map { Received(message: $0) }
            state.seen += news
            state.waiters.removeAll { waiter in
                if let found = waiter.find(news) {
                    answered.append((waiter.done, .success(found)))
                } else if let failure = state.failure {
                    answered.append((waiter.done, .failure(failure)))
                } else if waiter.deadline.hasPassed {
                    answered.append((waiter.done, .failure(Failure(description: "no \(waiter.what) in time"))))
                } else {
                    return false
                }
                return true
            }
        }
        for (done, result) in answered { done.resume(with: result) }
    }
}
