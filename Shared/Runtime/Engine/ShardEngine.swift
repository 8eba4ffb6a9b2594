import Kafka
import Stores

/// The rules of exactly once, as a value: which shards are ours, when and how they are claimed, what a failure leads to, when a revoke may
/// return, when the next batch may be taken. It reads no clock, asks nobody and starts nothing.
///
/// The service tells it what has happened and carries out what it answers, one action after the other:
/// - `next` before each batch, until nothing is left;
/// - `nextOfClaim` within the group's assignment, `nextOfLeaving` within a revoke: a revoke returns when that is nil.
///
/// What waits to be published, and in which transactions, is ``PublishQueue``'s.
struct ShardEngine {
    /// What the service does next. Where an input is named, it is told before the next action is asked for.
    enum Action: Equatable {
        case wait(seconds: Double)
        /// `consumerFailed` when it cannot be made.
        case makeConsumer
        /// Its end may revoke what it has.
        case closeConsumer(leave: Bool)
        /// Replaces what is read: the positions of all owned shards.
        case read
        case readNothing
        /// Waits until nothing waits to be published or is in flight, within seconds: `settled`.
        case settle(within: Double)
        /// Drops what waits to be published, and waits for what is in flight, however long that takes.
        case discard
        /// Leaves in the store how far its outbox is published: should Kafka forget the group's offsets, that tells a store whose outbox is
        /// out from one that never came to publish it. What cannot be recorded now is read from Kafka by the next claim.
        case recordPublished
        /// Lets these go, to claim them anew.
        case letGo([Int32])
        /// All shards are somebody else's.
        case giveUp
        /// Raises the epochs of these in the store: `storesClaimed`.
        case claimStores([Int32])
        /// Makes a producer that may publish, which ends what an earlier one left open: `producerReady` or `claimFailed`.
        case prepareProducer
        /// Reads the group's committed offsets, never what was before a transaction that is about to change them: `committed` or
        /// `claimFailed`.
        case readCommitted([TopicPartition])
        /// Reads what lies in the logs where these marks are: `marksRead` or `claimFailed`.
        case readMarks([TopicPartition: LogMark])
        /// Reads where these logs begin and end: `boundsRead` or `claimFailed`.
        case readBounds([TopicPartition])
        /// Looks whether the store is still claimed by us: `confirmed` or `claimFailed`.
        case confirm(Int32)
        /// Takes a shard over, and publishes what its outbox holds beyond `published`: `taken` or `claimFailed`.
        case take(Taking)
        /// The claims of these have come to nothing.
        case closeStores([Int32])
        case end(ExitError)
    }

    /// How a shard is taken over.
    struct Taking: Equatable {
        var shard: Int32
        var claim: StoreClaim
        /// The outbox is published up to here.
        var published: Int64
        /// Where inputs are read from of which the group has no position yet, by their index.
        var first: [Int: Int64]
        /// See `StoreLogCheck`.
        var hasForgottenOffsets: Bool
    }

    /// Records per poll at most: enough that a sync to disk and a Kafka transaction are shared by many, few enough to stay responsive.
    static let batchLimit = 2000
    /// From so many records in a batch on, throughput counts more than the last milliseconds of latency.
    private static let busyBatch = 100
    /// Seconds from one try to the next.
    static let retryInterval = 0.25
    /// Seconds to wait for what is being published before a shard is claimed beside others.
    private static let settleTimeout = 1.0
    /// Seconds that a revoke waits for what is stored to be published.
    private static let leaveTimeout = 5.0
    /// Seconds after which positions are stored and committed although nothing came of the records.
    static let idleInterval = 5.0

    let inputs: [String]
    let partitions: Int32
    let identity: StoreIdentity

    private(set) var hasConsumer = false
    /// The group has given shards, maybe none.
    private(set) var isAssigned = false
    /// How far the outbox is published of each shard that is ours.
    private(set) var owned: [Int32: Int64] = [:]
    /// Shards that the group has given, and that have to be claimed.
    var pending: Set<Int32> = []
    /// Shards that were assigned with some of their inputs only: they are left alone.
    private(set) var incomplete: Set<Int32> = []
    var attempt: ClaimAttempt?

    private var due: [Action] = []
    private var leaving: [Action] = []
    /// What is read is not what is owned.
    private var readsAnew = false
    private var consumerAt = 0.0
    var claimAt = 0.0
    private var batchAt = 0.0
    private var idleAt = 0.0

    init(inputs: [String], partitions: Int32, identity: StoreIdentity) {
        self.inputs = inputs
        self.partitions = partitions
        self.identity = identity
    }

    /// All shards that the group has given are ours.
    var isComplete: Bool { isAssigned && pending.isEmpty && incomplete.isEmpty }

    /// What is to be done before the next batch; nil: nothing.
    mutating func next(at now: Double) -> Action? {
        if let action = nextDue() { return action }
        guard hasConsumer else {
            if now < consumerAt { return .wait(seconds: consumerAt - now) }
            hasConsumer = true
            return .makeConsumer
        }
        if let action = nextOfClaim(at: now) { return action }
        guard readsAnew, isAssigned else { return nil }
        readsAnew = false
        return .read
    }

    /// What a claim does next; nil: it is over, or not due yet.
    mutating func nextOfClaim(at now: Double) -> Action? {
        if attempt == nil {
            guard hasConsumer, isAssigned, !pending.isEmpty, now >= claimAt else { return nil }
            claimAt = now + Self.retryInterval
            // What waits belongs to shards that go on, and nobody would submit it again; what a shard that is claimed anew has left waiting
            // must be out before it is read how far its outbox is. A failure is met by the next step, which claims everything anew.
            let numbers = pending.sorted()
            attempt = ClaimAttempt(owned.isEmpty ? .claimStores(numbers) : .settle(within: Self.settleTimeout))
        }
        guard let action = attempt?.takeAction() else { return nil }
        if attempt?.isOver == true { attempt = nil }
        return action
    }

    /// What a revoke does next; nil: it may return.
    mutating func nextOfLeaving() -> Action? { leaving.isEmpty ? nil : given(leaving.removeFirst()) }

    /// What is left to do at once, after `stop` to the end of the process; nil: nothing.
    mutating func nextDue() -> Action? { due.isEmpty ? nil : given(due.removeFirst()) }

    private mutating func given(_ action: Action) -> Action {
        switch action {
        // An assignment that its end may bring is not taken any more.
        case .closeConsumer: hasConsumer = false
        // Until then it counts what Kafka has of them.
        case .giveUp: forgetAssignment()
        default: break
        }
        return action
    }

    // MARK: The group

    /// The group has given these partitions. Claims follow at once.
    mutating func assigned(_ partitions: [TopicPartition], at now: Double) {
        var topics: [Int32: Int] = [:]
        for partition in partitions { topics[partition.partition, default: 0] += 1 }
        isAssigned = true
        pending = []
        incomplete = []
        attempt = nil
        claimAt = now
        for (number, count) in topics {
            if number >= self.partitions {
                attempt = ClaimAttempt(
                    endingWith: .end(.configuration("DAIFA_PARTITIONS is \(self.partitions), but the inputs have more partitions by now")))
            }
            if count == inputs.count {
                pending.insert(number)
            } else {
                incomplete.insert(number)
            }
        }
    }

    /// The positions of all owned shards were handed out as the answer to the assignment.
    mutating func readingBegan() { readsAnew = false }

    /// The group takes everything back. Nothing may be in flight when this is answered: the next owner reads how far the outbox is then.
    /// - Parameter lost: it has given it away already.
    mutating func revoked(lost: Bool) {
        leaving = lost ? [.discard, .giveUp] : [.settle(within: Self.leaveTimeout), .discard, .recordPublished, .giveUp]
        attempt = nil
    }

    private mutating func forgetAssignment() {
        isAssigned = false
        owned = [:]
        pending = []
        attempt = nil
        readsAnew = false
    }

    /// The consumer is of no more use, or could not be made.
    mutating func consumerFailed(at now: Double) {
        attempt = nil
        hasConsumer = false
        consumerAt = now + Self.retryInterval
        due = [.closeConsumer(leave: false), .discard, .giveUp]
    }

    /// The service is to end: what is stored is published, and the group is told.
    mutating func stop() {
        due = [.settle(within: Self.leaveTimeout), .discard, .closeConsumer(leave: true), .discard, .giveUp]
    }

    // MARK: Publishing

    /// What Kafka has now, by shard. That of an earlier claim may be told after this one has begun: it never moves backwards.
    mutating func published(_ sequences: [Int32: Int64]) {
        for (number, sequence) in sequences {
            if let known = owned[number], sequence > known { owned[number] = sequence }
        }
    }

    /// A publish failed: nothing is known of what was in flight, and nothing that waited is sent. Every shard is claimed again, which reads
    /// how far Kafka has the outbox. A claim that the group has ended needs a new consumer as well.
    mutating func publishFailed(_ failure: KafkaError) {
        if failure.code == .messageTooLarge || failure.code == .malformedRecord {
            due = [
                .end(
                    .configuration(
                        "a stored record cannot be published, ask for more by max.message.bytes of the topics: \(failure)"))
            ]
            return
        }
        let numbers = owned.keys.sorted()
        due = endOfAttempt() + (numbers.isEmpty ? [] : [.letGo(numbers)])
        owned = [:]
        if failure.isFenced {
            forgetAssignment()
            hasConsumer = false
            consumerAt = 0
            due += [.closeConsumer(leave: false), .discard, .giveUp]
        } else {
            pending.formUnion(numbers)
            claimAt = 0
            if isAssigned { due.append(.readNothing) }
        }
    }

    // MARK: Batches

    /// Seconds to wait before the next batch.
    func pause(at now: Double) -> Double { max(0, batchAt - now) }

    /// A batch of so many records was taken. The next one waits for a while: under load a few large batches cost far less than many small
    /// ones (each is a sync to disk a shard, and a Kafka transaction). A lone message never waits, a full batch is followed at once.
    mutating func batchTaken(_ count: Int, at now: Double) {
        switch count {
        case ..<Self.busyBatch: batchAt = now + 0.015
        case ..<Self.batchLimit: batchAt = now + 0.1
        default: batchAt = now
        }
    }

    /// A batch of a shard was not stored, or something could not be read: it is claimed anew. Whoever tells it has let the shard go already:
    /// what it holds in memory is beyond what is stored, and nothing may store or publish that. A corrupt store will not heal: the process
    /// ends instead of retrying silently for ever.
    mutating func storeFailed(_ number: Int32, _ error: StoreError, at now: Double) {
        switch error.kind {
        case .corrupt: due.append(.end(.configuration("\(error)")))
        case .mistake: due.append(.end(.bug("\(error)")))
        case .busy, .fenced, .unavailable, .misconfigured, .instanceInUse:
            guard owned.removeValue(forKey: number) != nil else { return }
            pending.insert(number)
            claimAt = now + Self.retryInterval
            readsAnew = true
        }
    }

    /// Whether positions that moved over records without effect are to be stored and told to the group now, so that lag is seen as it is
    /// and a restart skips little.
    mutating func takesIdleTurn(at now: Double) -> Bool {
        guard now >= idleAt else { return false }
        idleAt = now + Self.idleInterval
        return true
    }

    // MARK: Taking over

    /// A shard is ours.
    mutating func own(_ taking: Taking) {
        owned[taking.shard] = taking.published
        pending.remove(taking.shard)
        readsAnew = true
        // Stored and told to the group by the next step.
        if !taking.first.isEmpty { idleAt = 0 }
    }
}
