import Contracts
import Crypto
import JSON
import Kafka
import Observability
import Synchronization
import Threads

/// Tells `daifa.health` how this process is: every 10 s, and at once when it becomes ready or unready; a tombstone when it stops in order.
///
/// On a thread of its own, by a plain producer: what it writes has no part in the transactions of the service, and waits for none.
/// While Kafka is away it tries again; what could not be written is out of date and is not written later.
public final class HealthReport: Sendable {
    /// Seconds from one row to the next at most.
    private static let interval = 10.0
    /// Seconds after a row that Kafka did not take.
    private static let retryInterval = 1.0
    /// Seconds that Kafka is given to take a row, and the tombstone, for which the end of the process waits.
    private static let timeout = 3.0
    private static let lastTimeout = 1.0

    private let context: ProcessContext
    private let thread: Mutex<NamedThread?>

    init(_ context: ProcessContext) throws(ExitError) {
        self.context = context
        thread = Mutex(nil)
        let writer = HealthWriter(context)
        do throws(ThreadError) {
            let started = try NamedThread("health") { writer.run() }
            thread.withLock { $0 = started }
        } catch { throw .bug("\(error)") }
    }

    /// Ends it, with a tombstone if the process was told to stop.
    public func stop() {
        context.status.endHealth()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// Owns the producer: all its calls come from one thread.
    private final class HealthWriter: @unchecked Sendable {
        private let context: ProcessContext
        private var producer: Producer?
        private var version = 0
        private var status: ServiceStatus { context.status }

        init(_ context: ProcessContext) { self.context = context }

        func run() {
            var told: Bool?
            var next = 0.0
            while status.waitToTell(after: told, for: max(0, next - Clock.seconds)) {
                let row = row()
                if write(row, row.json, timeout: HealthReport.timeout) {
                    told = row.ready
                    next = Clock.seconds + HealthReport.interval
                } else {
                    // The same readiness is news again, but not at once.
                    _ = status.waitToTell(after: row.ready, for: HealthReport.retryInterval)
                    told = nil
                }
            }
            if status.isStopping { _ = write(row(), nil, timeout: HealthReport.lastTimeout) }
            producer?.close()
        }

        private func row() -> HealthRow {
            let now = Clock.now
            // Ascending over restarts too.
            version = max(version + 1, now.milliseconds)
            let obstacle = status.obstacle
            let load = context.measures.load
            return HealthRow(
                service: context.configuration.service, instance: context.configuration.instance, ready: obstacle == nil, reason: obstacle,
                shards: load.shards, effects: load.effects, at: now, version: version)
        }

        private static let failure = "its health is not told"

        /// - Parameter body: nil: a tombstone.
        private func write(_ row: HealthRow, _ body: [UInt8]?, timeout: Double) -> Bool {
            let envelope = OutgoingEnvelope(
                id: NamedId.make(HealthRow.type, row.key, "\(row.version)"), type: HealthRow.type, source: "/daifa/\(row.service.rawValue)",
                subject: row.key, time: row.at, actor: Actor(.service, row.service.rawValue))
            do throws(KafkaError) {
                // A row that waits longer than it is looked for is worth nothing.
                let current: Producer
                if let producer {
                    current = producer
                } else {
                    current = try Producer(
                        context.configuration.kafka, overrides: ["message.timeout.ms": "\(Int(HealthReport.timeout * 1000))"])
                    producer = current
                }
                let headers = body == nil ? envelope.bodilessHeaders : envelope.headers
                try current.send(topic: HealthRow.table.topic, key: Array(row.key.utf8), value: body, headers: headers)
                try current.flush(timeout: timeout)
                status.waits.over(Self.failure)
                return true
            } catch {
                // A new producer holds none of what this one had still queued.
                producer?.close()
                producer = nil
                status.waits.say(Self.failure, because: "\(error)", level: .notice)
                return false
            }
        }
    }
}
