import Kafka
import Observability

/// A stored batch on its way to Kafka: its records, and how far the shard's inputs are read with it.
struct PublishJob<Membership: AnyObject & Sendable>: Sendable {
    /// The assignment that it was decided under: Kafka accepts its offsets only as long as that stands.
    var claim: Membership
    var shard: Int32
    /// Outbox sequence that stands for everything up to and with this batch.
    var sequence: Int64
    /// Packed records; empty when only offsets move on.
    var records: [UInt8]
    var count: Int
    var offsets: [(topic: String, next: Int64)]
    /// Of messages whose traces are told.
    var traces: [TraceContext] = []
}

/// What is stored and waits to be published, and the rules of that, as a value: it does nothing itself.
///
/// One Kafka transaction takes what is waiting, never for two claims. After any failure the outcome is open: everything waiting is dropped
/// (the outbox still holds it), and nothing is published before a new producer has ended the old transaction.
struct PublishQueue<Membership: AnyObject & Sendable> {
    /// What whoever owns the producer does next; each is answered.
    enum Work {
        /// Make a new producer, which ends what an earlier one left open: `prepared`.
        case prepare
        /// Publish these records without offsets: `controlDone`.
        case control([UInt8])
        /// Publish these in one transaction, with their `offsets`: `done` or `failed`.
        case publish([PublishJob<Membership>])
    }

    enum Preparation {
        case ready
        case failed(KafkaError)
    }

    /// Batches that may wait behind the one being published.
    private static var limit: Int { 2 }

    private var jobs: [PublishJob<Membership>] = []
    private(set) var isBusy = false
    private var isPrepared = false
    private var wantsPreparing = false
    private var control: [UInt8]?
    private var failure: KafkaError?
    private var preparingFailed: KafkaError?
    private var published: [Int32: Int64] = [:]

    // MARK: For who decides and stores

    /// A producer is wanted that may publish.
    /// - Parameter control: packed records to publish at once, without offsets.
    mutating func prepare(control: [UInt8]? = nil) {
        wantsPreparing = !isPrepared
        self.control = control
        preparingFailed = nil
    }

    /// What came of `prepare`; nil: nothing yet.
    var preparation: Preparation? {
        if let preparingFailed { return .failed(preparingFailed) }
        return isPrepared && !wantsPreparing && control == nil ? .ready : nil
    }

    /// Jobs that are submitted together go out in one transaction.
    mutating func submit(_ new: [PublishJob<Membership>]) { jobs.append(contentsOf: new) }

    /// Whether a further batch may be taken; true after a failure, which has to be met first.
    var hasRoom: Bool { jobs.count < Self.limit || hasFailed }
    /// Nothing waits or is in flight.
    var isSettled: Bool { jobs.isEmpty && !isBusy }
    var hasFailed: Bool { failure != nil }

    /// Drops what waits. What is in flight stays so: to be waited for.
    mutating func dropWaiting() { jobs.removeAll() }

    /// The failure since the last call, if there was one. Nothing is published until `prepare` is called again.
    mutating func takeFailure() -> KafkaError? {
        defer { failure = nil }
        return failure
    }

    /// Highest published sequences by shard since the last call.
    mutating func takePublished() -> [Int32: Int64] {
        defer { published.removeAll(keepingCapacity: true) }
        return published
    }

    // MARK: For who owns the producer

    /// nil: there is nothing to do.
    mutating func next() -> Work? {
        if wantsPreparing { return .prepare }
        guard isPrepared, failure == nil else { return nil }
        if let control { return .control(control) }
        guard let first = jobs.first else { return nil }
        let count = jobs.prefix { $0.claim === first.claim }.count
        let taken = Array(jobs.prefix(count))
        jobs.removeFirst(count)
        isBusy = true
        return .publish(taken)
    }

    mutating func prepared(_ error: KafkaError?) {
        wantsPreparing = false
        isPrepared = error == nil
        preparingFailed = error
    }

    mutating func controlDone(_ error: KafkaError?) {
        control = nil
        preparingFailed = error
        if error != nil { isPrepared = false }
    }

    mutating func done(_ jobs: [PublishJob<Membership>]) {
        isBusy = false
        for job in jobs { published[job.shard] = job.sequence }
    }

    mutating func failed(_ error: KafkaError) {
        isBusy = false
        isPrepared = false
        failure = error
        jobs.removeAll()
    }

    /// The last position of each input, with the outbox sequence that it stands for as metadata: what a transaction with these jobs sends.
    static func offsets(of jobs: [PublishJob<Membership>]) -> [PartitionOffset] {
        var latest: [TopicPartition: PartitionOffset] = [:]
        for job in jobs {
            for (topic, next) in job.offsets {
                latest[TopicPartition(topic: topic, partition: job.shard)] = PartitionOffset(
                    topic: topic, partition: job.shard, offset: next, metadata: OutboxPosition.metadata(job.sequence))
            }
        }
        return Array(latest.values)
    }
}

/// How far a shard's outbox is published, as it stands in the metadata of its committed offsets: `outbox=<sequence>`.
public enum OutboxPosition {
    public static func metadata(_ sequence: Int64) -> String { "outbox=\(sequence)" }

    static func sequence(_ metadata: String?) -> Int64? {
        guard let metadata, metadata.hasPrefix("outbox=") else { return nil }
        return Int64(metadata.dropFirst(7))
    }
}
