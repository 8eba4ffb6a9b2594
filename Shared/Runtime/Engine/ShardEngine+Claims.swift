import Kafka
import Stores

/// One try to claim all shards that wait for it: the store's epochs first, then the producer, then how far Kafka has the outboxes, then what
/// the logs hold; all are looked at before the first is taken, so that a store that does not belong to the log leaves everything untouched.
struct ClaimAttempt {
    private var actions: [ShardEngine.Action]
    /// Nothing follows the actions.
    private var isLast = false
    fileprivate var checks: [Int32: StoreLogCheck] = [:]
    fileprivate var claims: [Int32: StoreClaim] = [:]
    fileprivate var atMarks: [TopicPartition: LogMark?] = [:]
    /// A store that seems not to belong to the log.
    fileprivate var suspicion: StoreMismatch?

    init(_ first: ShardEngine.Action) { actions = [first] }
    init(endingWith last: ShardEngine.Action) {
        actions = [last]
        isLast = true
    }

    var isOver: Bool { isLast && actions.isEmpty }

    mutating func takeAction() -> ShardEngine.Action? { actions.isEmpty ? nil : actions.removeFirst() }

    fileprivate mutating func go(on next: [ShardEngine.Action]) { actions = next }

    fileprivate mutating func end(with last: [ShardEngine.Action]) {
        actions = last
        isLast = true
    }
}

extension ShardEngine {
    /// Whether what was to be published is out.
    /// - Returns: false when shards wait for it before they can be claimed.
    mutating func settled(_ isSettled: Bool) -> Bool {
        guard attempt != nil else { return true }
        if isSettled {
            attempt?.go(on: [.claimStores(pending.sorted())])
        } else {
            attempt = nil
        }
        return isSettled
    }

    /// The shards whose epoch was raised; what could not be (store busy or away) stays pending. A corrupt store will not heal.
    mutating func storesClaimed(_ claims: [Int32: StoreClaim], failures: [StoreError] = []) {
        attempt?.claims = claims
        if let corruption = failures.first(where: { $0.kind == .corrupt }) {
            attempt = ClaimAttempt(endingWith: .end(.configuration("\(corruption)")))
        } else if claims.isEmpty {
            attempt = nil
        } else {
            attempt?.go(on: owned.isEmpty ? [.discard, .prepareProducer] : [.prepareProducer])
        }
    }

    mutating func producerReady() {
        guard let claims = attempt?.claims else { return }
        let all = claims.keys.sorted().flatMap { places(of: $0) }
        attempt?.go(on: [.readCommitted(all)])
    }

    private func places(of number: Int32) -> [TopicPartition] { inputs.map { TopicPartition(topic: $0, partition: number) } }

    mutating func committed(_ offsets: [PartitionOffset]) {
        guard let claims = attempt?.claims else { return }
        let byShard = Dictionary(grouping: offsets, by: \.partition)
        var marks: [TopicPartition: LogMark] = [:]
        for (number, claim) in claims {
            let check = StoreLogCheck(shard: Int(number), claim: claim, identity: identity, committed: byShard[number] ?? [])
            guard isFitting(check) else { return }
            attempt?.checks[number] = check
            for place in places(of: number) { marks[place] = claim.marks[place.topic] }
        }
        // Records first, then the bounds: a record that is deleted by age meanwhile lies before the log's beginning then.
        attempt?.go(on: [.readMarks(marks)])
    }

    mutating func marksRead(_ found: [TopicPartition: LogMark?]) {
        guard let checks = attempt?.checks else { return }
        attempt?.atMarks = found
        let needed = checks.keys.sorted().flatMap { number in
            places(of: number).filter { place in
                checks[number].map { $0.claim.positions[place.topic] != nil || $0.committed[place.topic] == nil } ?? false
            }
        }
        attempt?.go(on: [.readBounds(needed)])
    }

    mutating func boundsRead(_ bounds: [TopicPartition: (low: Int64, high: Int64)]) {
        guard let attempt = self.attempt else { return }
        var takings: [Action] = []
        for (number, var check) in attempt.checks.sorted(by: { $0.key < $1.key }) {
            for place in places(of: number) {
                guard let (low, high) = bounds[place] else { continue }
                check.logs[place.topic] = .init(low: low, high: high, atMark: attempt.atMarks[place].map { .record($0) } ?? .notRead)
            }
            guard isFitting(check) else { return }
            takings.append(
                .take(
                    Taking(
                        shard: number, claim: check.claim, published: check.published, first: check.firstPositions(of: inputs),
                        hasForgottenOffsets: check.hasForgottenOffsets)))
        }
        self.attempt?.end(with: takings)
    }

    /// Whether the store belongs to the log; else the process ends, once it is sure that the store was not claimed by somebody else
    /// meanwhile: a process that stood still in the middle of a claim compares what it has read of the store before with what a new owner
    /// has published since.
    private mutating func isFitting(_ check: StoreLogCheck) -> Bool {
        do throws(StoreMismatch) { try check.verify() } catch {
            attempt?.suspicion = error
            attempt?.go(on: [.confirm(Int32(check.shard))])
            return false
        }
        return true
    }

    /// The shard is still claimed by us.
    mutating func confirmed() {
        guard let suspicion = attempt?.suspicion else { return }
        attempt = ClaimAttempt(endingWith: .end(.configuration("\(suspicion)")))
    }

    /// Ends a claim that is under way: what it has learnt does not hold after a failure, and a shard that it took after that would wait for
    /// a producer that nobody makes.
    mutating func endOfAttempt() -> [Action] {
        defer { attempt = nil }
        guard let numbers = attempt?.claims.keys.sorted(), !numbers.isEmpty else { return [] }
        return [.closeStores(numbers)]
    }

    /// A step of the claim failed, by Kafka or by the store: what is not taken yet stays pending.
    mutating func claimFailed(_ error: any Error, leaving numbers: [Int32]) {
        if let error = error as? KafkaError, error.code == .invalidArgument {
            attempt = ClaimAttempt(endingWith: .end(.configuration("\(error)")))
        } else {
            attempt = ClaimAttempt(endingWith: .closeStores(numbers))
        }
    }
}
