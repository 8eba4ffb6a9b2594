import Contracts
import Crypto
import DeadLetters
import Identity
import JSON
import Kafka
import Observability
import ReadModel
import Runtime
import Synchronization
import Threads
import Web

/// Shows dead letters' bodies and sends letters again, one request at a time on a thread of its own. For the API and the pages.
final class LetterDesk: Sendable {
    /// What it needs of the rest of the console.
    struct Surroundings: Sendable {
        var model: any ReadModel
        var ledger: any RequestLedger
        /// Reads those that the log still holds. Blocks.
        var read: @Sendable (Set<RecordPlace>) throws -> [RecordPlace: Kafka.Message]
        /// Returns when Kafka has all of them. Blocks.
        var send: @Sendable ([Kafka.Message]) throws -> Void
        /// The deployment's keys; nil: nothing is signed.
        var keys: @Sendable () throws -> ServiceKeys?
        var logger: Logger
        var clock: @Sendable () -> Timestamp
    }

    /// What came of a replay.
    struct Outcome: Sendable, Equatable {
        var replayed = 0
        /// Ids of letters with why they were not sent, in the order in which they were asked for.
        var refused: [Refusal] = []

        struct Refusal: Sendable, Equatable {
            var id: String
            var code: RefusalCode
        }

        var json: [UInt8] {
            let refusals = refused.map { JSONValue.object([("id", .string($0.id)), ("code", .string($0.code.rawValue))]) }
            return JSONValue.object([("replayed", .int(replayed)), ("refused", .array(refusals))]).json
        }
    }

    /// Letters of one replay.
    static let mostIds = 500
    private static let mostWaiting = 32
    /// Outcomes that are kept for those who ask again under their key.
    private static let mostOutcomes = 256

    private let surroundings: Surroundings
    private let pool: WorkerPool
    private let outcomes = Mutex<[(id: String, outcome: Outcome)]>([])

    init(_ surroundings: Surroundings) throws(ThreadError) {
        self.surroundings = surroundings
        pool = try WorkerPool("dead-letters", threads: 1, waiting: Self.mostWaiting)
    }

    func stop() { pool.stop() }

    // MARK: Bodies

    /// Tells a letter's body as an operator may see it; nil where the log does not hold it any more.
    /// - Throws: 503 when too many wait.
    func body(of letter: DeadLetterView, _ done: @escaping @Sendable (Result<JSONValue?, Problem>) -> Void) throws(Problem) {
        guard let place = RecordPlace(letter.id) else { return done(.success(nil)) }
        try work { [surroundings] in
            do {
                let record = try surroundings.read([place])[place]
                done(.success(record.map { RedactedBody.json($0.value, type: $0.header(EnvelopeHeader.type)) }))
            } catch { done(.failure(Self.unavailable(error, surroundings.logger))) }
        }
    }

    // MARK: Replays

    /// Sends letters again, and tells what came of it.
    /// - Parameter key: repeating it is the same replay.
    /// - Throws: 503 when too many wait.
    func replay(
        _ ids: [String], key: IdempotencyKey?, _ done: @escaping @Sendable (Result<Outcome, Problem>) -> Void
    ) throws(Problem) {
        let claimed = try claim(key)
        try work { [self] in
            if let claimed, let known = outcomes.withLock({ $0.first { $0.id == claimed }?.outcome }) { return done(.success(known)) }
            do {
                let outcome = try replayed(ids)
                if let claimed { keep(outcome, claimed) }
                done(.success(outcome))
            } catch { done(.failure(Self.unavailable(error, surroundings.logger))) }
        }
    }

    private func claim(_ key: IdempotencyKey?) throws(Problem) -> String? {
        guard let key else { return nil }
        let id = RandomUUID.v4()
        do throws(PeopleError) {
            switch try surroundings.ledger.claim(key, for: id, now: surroundings.clock()) {
            case .new: return id
            case .known(let first): return first
            }
        } catch { throw Problem(error) }
    }

    private func keep(_ outcome: Outcome, _ id: String) {
        outcomes.withLock { outcomes in
            outcomes.append((id, outcome))
            if outcomes.count > Self.mostOutcomes { outcomes.removeFirst() }
        }
    }

    private func replayed(_ ids: [String]) throws -> Outcome {
        var places: [(id: String, place: RecordPlace?)] = []
        for id in ids { places.append((id, try surroundings.model.deadLetter(id) == nil ? nil : RecordPlace(id))) }
        let wanted = Set(places.compactMap(\.place))
        let records = wanted.isEmpty ? [:] : try surroundings.read(wanted)
        let keys = try surroundings.keys()
        var (outcome, messages) = (Outcome(), [Kafka.Message]())
        for (id, place) in places {
            guard let record = place.flatMap({ records[$0] }) else {
                outcome.refused.append(.init(id: id, code: .notFound))
                continue
            }
            do throws(DeadLetter.Irreplayable) { messages.append(try DeadLetter(record).replay(keys, for: .believed)) } catch {
                outcome.refused.append(.init(id: id, code: error.cause == .sender ? .forbidden : .invalid))
            }
        }
        if !messages.isEmpty { try surroundings.send(messages) }
        outcome.replayed = messages.count
        return outcome
    }

    private func work(_ task: @escaping @Sendable () -> Void) throws(Problem) {
        guard pool.submit(task) else { throw .unavailable }
    }

    private static func unavailable(_ error: any Error, _ logger: Logger) -> Problem {
        logger.warning("dead letters cannot be read or sent", ["reason": "\(error)"])
        return .unavailable
    }
}
