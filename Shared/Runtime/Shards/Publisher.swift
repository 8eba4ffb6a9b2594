import Kafka
import Observability
import Synchronization
import Threads

/// One assignment's claim to its shards: Kafka accepts offsets with this group metadata only as long as the assignment stands.
final class GroupGeneration: Sendable {
    let group: GroupMetadata
    let epoch: Int

    init(group: GroupMetadata, epoch: Int) {
        self.group = group
        self.epoch = epoch
    }
}

/// A stored batch on its way to Kafka: its records, and how far the shard's inputs are read with it.
struct PublishJob: Sendable {
    var claim: GroupGeneration
    var shard: Int32
    /// Outbox sequence that stands for everything up to and with this batch.
    var sequence: Int64
    /// Packed records; empty when only offsets move on.
    var records: [UInt8]
    var count: Int
    var offsets: [(topic: String, next: Int64)]
}

/// Publishes stored batches on a thread of its own, so that the next batch is decided and stored meanwhile (a commit takes 11 ms even
/// when the broker needs 1).
///
/// One Kafka transaction takes what is waiting, never for two claims. After any failure the outcome is open: everything waiting is dropped
/// (the outbox still holds it), and nothing is published before `prepare` has ended the old transaction by a new producer.
final class Publisher: Sendable {
    private struct State {
        var queue: [PublishJob] = []
        var isBusy = false
        var isPrepared = false
        var wantsPreparing = false
        var control: [UInt8]?
        var failure: KafkaError?
        var preparingFailed: KafkaError?
        var published: [Int32: Int64] = [:]
        var isStopping = false
    }

    private let state = Monitor(State())
    private let configuration: KafkaConfiguration
    private let transactionalId: String
    private let outputs: [String?]
    private let metrics: ServiceMetrics
    private let thread: Mutex<NamedThread?>

    /// - Parameter outputs: topic names by the number that packed records use; nil: never written by this service.
    init(
        _ configuration: KafkaConfiguration, transactionalId: String, outputs: [String?], metrics: ServiceMetrics
    ) throws(ThreadError) {
        self.configuration = configuration
        self.transactionalId = transactionalId
        self.outputs = outputs
        self.metrics = metrics
        thread = Mutex(nil)
        let worker = PublisherThread(owner: self)
        let started = try NamedThread("publisher") { worker.run() }
        thread.withLock { $0 = started }
    }

    // MARK: From the service's thread

    /// Makes a producer that may publish: ends what an earlier one left open. Blocks up to about `timeout` seconds.
    /// - Parameter control: packed records to publish at once, without offsets.
    func prepare(timeout: Double, control: [UInt8]? = nil) throws(KafkaError) {
        state.update { state in
            state.wantsPreparing = !state.isPrepared
            state.control = control
            state.preparingFailed = nil
        }
        let error = state.wait(until: .after(timeout)) { state -> KafkaError?? in
            if let error = state.preparingFailed { return .some(error) }
            return state.isPrepared && !state.wantsPreparing && state.control == nil ? .some(nil) : nil
        }
        switch error {
        case .some(nil): return
        case .some(let error?): throw error
        case nil: throw KafkaError(code: .timedOut, operation: "prepare to publish", reason: "no answer in \(timeout) s", isRetriable: true)
        }
    }

    /// Jobs that are submitted together go out in one transaction.
    func submit(_ jobs: [PublishJob]) {
        guard !jobs.isEmpty else { return }
        state.update { $0.queue.append(contentsOf: jobs) }
    }

    /// Waits until fewer than `limit` jobs wait; false on time-out.
    func waitForRoom(below limit: Int, timeout: Double) -> Bool {
        state.wait(until: .after(timeout)) { $0.queue.count < limit || $0.failure != nil }
    }

    /// Waits until nothing waits or is in flight, and drops nothing; false on time-out or after a failure that was not taken yet.
    func isSettled(within timeout: Double) -> Bool {
        state.wait(until: .after(timeout)) { state -> Bool? in
            if state.failure != nil { return false }
            return state.queue.isEmpty && !state.isBusy ? true : nil
        } ?? false
    }

    /// Waits until nothing waits or is in flight. On time-out what waits is dropped and only what is in flight is waited for.
    /// - Parameter stillBusy: called each second of that.
    func drain(timeout: Double, _ stillBusy: () -> Void) {
        if state.wait(until: .after(timeout), { $0.failure != nil || ($0.queue.isEmpty && !$0.isBusy) }) { return }
        state.update { $0.queue.removeAll() }
        while !state.wait(until: .after(1), { !$0.isBusy }) { stillBusy() }
    }

    /// The failure since the last call, if there was one. Nothing is published until `prepare` is called again.
    func takeFailure() -> KafkaError? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    /// Drops what waits, and waits for what is in flight.
    /// - Parameter stillBusy: called each second of that.
    func discard(_ stillBusy: () -> Void) {
        state.update { $0.queue.removeAll() }
        while !state.wait(until: .after(1), { !$0.isBusy }) { stillBusy() }
        state.withLock { $0.failure = nil }
    }

    /// Highest published sequences by shard since the last call.
    func takePublished() -> [Int32: Int64] {
        state.withLock { state in
            defer { state.published.removeAll(keepingCapacity: true) }
            return state.published
        }
    }

    func stop() {
        state.update { $0.isStopping = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    // MARK: On the publisher's thread

    fileprivate enum Work {
        case prepare
        case control([UInt8])
        case publish([PublishJob])
        case stop
    }

    fileprivate func next() -> Work {
        let work = state.wait { state -> Work? in
            if state.isStopping { return .stop }
            if state.wantsPreparing { return .prepare }
            guard state.isPrepared, state.failure == nil else { return nil }
            if let control = state.control { return .control(control) }
            guard let first = state.queue.first else { return nil }
            let count = state.queue.prefix { $0.claim === first.claim }.count
            let jobs = Array(state.queue.prefix(count))
            state.queue.removeFirst(count)
            state.isBusy = true
            return .publish(jobs)
        }
        return work ?? .stop
    }

    fileprivate func prepared(_ error: KafkaError?) {
        state.update { state in
            state.wantsPreparing = false
            state.isPrepared = error == nil
            state.preparingFailed = error
        }
    }

    fileprivate func controlDone(_ error: KafkaError?) {
        state.update { state in
            state.control = nil
            state.preparingFailed = error
            if error != nil { state.isPrepared = false }
        }
    }

    fileprivate func done(_ jobs: [PublishJob], seconds: Double) {
        metrics.publishSeconds.observe(seconds)
        metrics.published.increment(by: jobs.reduce(0) { $0 + $1.count })
        state.update { state in
            state.isBusy = false
            for job in jobs { state.published[job.shard] = job.sequence }
        }
    }

    fileprivate func failed(_ error: KafkaError) {
        metrics.publishFailures.increment()
        state.update { state in
            state.isBusy = false
            state.isPrepared = false
            state.failure = error
            state.queue.removeAll()
        }
    }

    fileprivate func makeProducer() throws(KafkaError) -> (TransactionalProducer, [Int32]) {
        let producer = try TransactionalProducer(configuration, transactionalId: transactionalId)
        do throws(KafkaError) {
            try producer.initTransactions(timeout: 20)
            var handles: [Int32] = []
            for output in outputs {
                guard let output else {
                    handles.append(-1)
                    continue
                }
                handles.append(try producer.topic(output))
            }
            return (producer, handles)
        } catch {
            producer.close()
            throw error
        }
    }
}

/// Owns the producer: all its calls come from the publisher's thread.
private final class PublisherThread: @unchecked Sendable {
    private let owner: Publisher
    private var producer: TransactionalProducer?
    private var handles: [Int32] = []

    init(owner: Publisher) { self.owner = owner }

    func run() {
        while true {
            switch owner.next() {
            case .stop:
                producer?.close()
                return
            case .prepare:
                producer?.close()
                producer = nil
                do throws(KafkaError) {
                    (producer, handles) = try owner.makeProducer()
                    owner.prepared(nil)
                } catch { owner.prepared(error) }
            case .control(let records):
                do throws(KafkaError) {
                    try transaction { (producer) throws(KafkaError) in try self.produce(records, producer) }
                    owner.controlDone(nil)
                } catch { owner.controlDone(error) }
            case .publish(let jobs):
                let start = Clock.seconds
                do throws(KafkaError) {
                    try transaction { (producer) throws(KafkaError) in
                        for job in jobs { try self.produce(job.records, producer) }
                        try producer.sendOffsets(Self.offsets(of: jobs), group: jobs[0].claim.group, timeout: 10)
                    }
                    owner.done(jobs, seconds: Clock.seconds - start)
                } catch { owner.failed(error) }
            }
        }
    }

    /// A transaction that did not commit is aborted at once where that is possible, so that readers are not held up; a commit whose outcome
    /// is open is left to the next producer's `initTransactions`.
    private func transaction(_ body: (TransactionalProducer) throws(KafkaError) -> Void) throws(KafkaError) {
        guard let producer else { throw KafkaError(code: .state, operation: "publish", reason: "there is no producer", isRetriable: true) }
        try producer.begin()
        do throws(KafkaError) { try body(producer) } catch {
            try? producer.abort(timeout: 10)
            throw error
        }
        try producer.commit()
    }

    private func produce(_ records: [UInt8], _ producer: TransactionalProducer) throws(KafkaError) {
        guard !records.isEmpty else { return }
        let handles = handles
        let result: Result<Void, KafkaError> = records.withUnsafeBytes { bytes in
            do throws(KafkaError) { return .success(try producer.produceBatch(bytes, topics: handles)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// The last position of each input, with the outbox sequence that it stands for as metadata.
    private static func offsets(of jobs: [PublishJob]) -> [PartitionOffset] {
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
