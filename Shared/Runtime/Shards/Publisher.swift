import Kafka
import Observability
import Synchronization
import Threads

/// Publishes stored batches on a thread of its own, so that the next batch is decided and stored meanwhile (a commit takes 11 ms even
/// when the broker needs 1). What is published when, ``PublishQueue`` says.
final class Publisher: Sendable {
    typealias Job = PublishJob<GroupMetadata>

    private struct State {
        var queue = PublishQueue<GroupMetadata>()
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
        state.update { $0.queue.prepare(control: control) }
        switch state.wait(until: .after(timeout), { $0.queue.preparation }) {
        case .ready: return
        case .failed(let error): throw error
        case nil: throw KafkaError(code: .timedOut, operation: "prepare to publish", reason: "no answer in \(timeout) s", isRetriable: true)
        }
    }

    /// Jobs that are submitted together go out in one transaction.
    func submit(_ jobs: [Job]) {
        guard !jobs.isEmpty else { return }
        state.update { $0.queue.submit(jobs) }
    }

    /// Waits until a further batch may be taken; false on time-out.
    func waitForRoom(timeout: Double) -> Bool {
        state.wait(until: .after(timeout)) { $0.queue.hasRoom }
    }

    /// Waits until nothing waits or is in flight, and drops nothing; false on time-out or after a failure that was not taken yet.
    func isSettled(within timeout: Double) -> Bool {
        state.wait(until: .after(timeout)) { state -> Bool? in
            if state.queue.hasFailed { return false }
            return state.queue.isSettled ? true : nil
        } ?? false
    }

    /// The failure since the last call, if there was one. Nothing is published until `prepare` is called again.
    func takeFailure() -> KafkaError? { state.withLock { $0.queue.takeFailure() } }

    /// Drops what waits, and waits for what is in flight.
    /// - Parameter stillBusy: called each second of that.
    func discard(_ stillBusy: () -> Void) {
        state.update { $0.queue.dropWaiting() }
        while !state.wait(until: .after(1), { $0.queue.isSettled }) { stillBusy() }
        _ = takeFailure()
    }

    /// Highest published sequences by shard since the last call.
    func takePublished() -> [Int32: Int64] { state.withLock { $0.queue.takePublished() } }

    func stop() {
        state.update { $0.isStopping = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    // MARK: On the publisher's thread

    /// nil: it ends.
    fileprivate func next() -> PublishQueue<GroupMetadata>.Work? {
        state.wait { state -> PublishQueue<GroupMetadata>.Work?? in
            if state.isStopping { return .some(nil) }
            return state.queue.next().map { .some($0) }
        } ?? nil
    }

    fileprivate func prepared(_ error: KafkaError?) { state.update { $0.queue.prepared(error) } }

    fileprivate func controlDone(_ error: KafkaError?) { state.update { $0.queue.controlDone(error) } }

    fileprivate func done(_ jobs: [Job], seconds: Double) {
        metrics.publishSeconds.observe(seconds)
        metrics.published.increment(by: jobs.reduce(0) { $0 + $1.count })
        metrics.published(jobs, seconds: seconds)
        state.update { $0.queue.done(jobs) }
    }

    fileprivate func failed(_ error: KafkaError) {
        metrics.publishFailures.increment()
        state.update { $0.queue.failed(error) }
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
        while let work = owner.next() {
            switch work {
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
                        try producer.sendOffsets(PublishQueue.offsets(of: jobs), group: jobs[0].claim, timeout: 10)
                    }
                    owner.done(jobs, seconds: Clock.seconds - start)
                } catch { owner.failed(error) }
            }
        }
        producer?.close()
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
}
