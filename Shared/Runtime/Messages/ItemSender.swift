public import Contracts
import Crypto
import JSON
import Kafka
import Threads

/// Sends items to the aggregates of this service from outside of its batches: what a singleton has heard. Nothing else comes with them, so
/// no transaction is needed: an idempotent producer writes each once, unless the sender asks again.
public final class ItemSender: Sendable {
    private struct Job {
        var partition: Int32
        var type: String
        var body: [UInt8]
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Queue {
        var jobs: [Job] = []
        var hasThread = false
    }

    /// Seconds that Kafka is given to take what was sent.
    private static let timeout = 10.0

    private let kafka: KafkaConfiguration
    private let service: ServiceName
    private let partitions: Int32
    /// `DAIFA_SERVICE_KEY_FILE`; nil: items are not signed.
    private let keyFile: String?
    private let queue = Monitor(Queue())

    init(_ kafka: KafkaConfiguration, service: ServiceName, partitions: Int32, keyFile: String? = nil) {
        self.keyFile = keyFile
        self.kafka = kafka
        self.service = service
        self.partitions = partitions
    }

    /// Returns when all in-sync replicas have the item.
    /// - Parameter key: the shard of this key gets it.
    /// - Throws: when Kafka does not take it in time; it may have it all the same.
    public func send(_ item: some InternalItem, shardOf key: String, origin: Origin) async throws {
        var body = JSONWriter()
        body.raw("{\"items\":[{\"origin\":")
        origin.writeJSON(&body)
        body.raw(",\"item\":")
        item.writeJSON(&body)
        body.raw("}]}")
        let partition = Partitioner.partition(forKey: key, count: partitions)
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(partition: partition, type: Swift.type(of: item).type, body: body.bytes, continuation: continuation)
            let isFirst = queue.update { queue in
                queue.jobs.append(job)
                defer { queue.hasThread = true }
                return !queue.hasThread
            }
            if isFirst { start() }
        }
    }

    /// The producer's own thread, which it keeps from the first item on.
    private func start() {
        do throws(ThreadError) { try NamedThread("items") { self.serve() }.detach() } catch {
            let jobs = queue.withLock { queue in
                defer { queue = Queue() }
                return queue.jobs
            }
            for job in jobs { job.continuation.resume(throwing: error) }
        }
    }

    private func serve() {
        var producer: Producer?
        var keys: ServiceKeys?
        while true {
            // Together: one wait for the acknowledgements of all that came meanwhile.
            let jobs = queue.wait { (queue: inout Queue) -> [Job]? in
                defer { queue.jobs = [] }
                return queue.jobs.isEmpty ? nil : queue.jobs
            }
            guard let jobs else { continue }
            do throws(ConfigurationError) { if keys == nil, let keyFile { keys = try ServiceKeys(path: keyFile) } } catch {
                for job in jobs { job.continuation.resume(throwing: error) }
                continue
            }
            do throws(KafkaError) {
                let current: Producer
                if let producer { current = producer } else { current = try Producer(kafka) }
                producer = current
                for job in jobs { try send(job, keys, by: current) }
                try current.flush(timeout: Self.timeout)
                for job in jobs { job.continuation.resume() }
            } catch {
                // Which of them have arrived is not known. A new producer holds none of the records that this one had still queued.
                producer?.close()
                producer = nil
                for job in jobs { job.continuation.resume(throwing: error) }
            }
        }
    }

    private func send(_ job: Job, _ keys: ServiceKeys?, by producer: Producer) throws(KafkaError) {
        let key = "shard:\(job.partition)"
        var headers = [
            (EnvelopeHeader.specversion, "1.0"), (EnvelopeHeader.id, RandomUUID.v4()),
            (EnvelopeHeader.source, "/daifa/\(service.rawValue)"), (EnvelopeHeader.type, job.type), (EnvelopeHeader.subject, key),
            (EnvelopeHeader.time, Clock.now.description), (EnvelopeHeader.actor, "\(Actor(.service, service.rawValue))"),
            (EnvelopeHeader.contentType, "application/json"),
        ].map { Header(name: $0.0, value: Array($0.1.utf8)) }
        if let keys { headers.append(keys.header(topic: service.commands, key: Array(key.utf8), headers: headers, body: job.body)) }
        try producer.send(topic: service.commands, partition: job.partition, key: Array(key.utf8), value: job.body, headers: headers)
    }
}
