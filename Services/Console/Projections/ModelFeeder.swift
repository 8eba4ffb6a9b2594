import Contracts
import Identity
import Kafka
import Observability
import ReadModel
import Runtime
import Stores
import Synchronization
import Threads

/// Keeps the read model up to date with the topics, and tells those who wait for what it says. Its calls are made on the reader's thread.
final class ModelFeeder: Sendable {
    private static let retryInterval = 0.25

    private let model: SQLiteReadModel
    private let ledger: any RequestLedger
    private let pending: PendingCommands
    private let status: ServiceStatus
    private let lag: Gauge
    private let clock: @Sendable () -> Timestamp
    private let lastProblem = Mutex<String?>(nil)
    /// Shown the records before anybody keeps them.
    private let seen: @Sendable ([LogRecord]) -> Void
    /// Told after the model holds the records.
    private let told: @Sendable (SettledIds, [FeedEvent]) -> Void

    init(
        model: SQLiteReadModel, ledger: any RequestLedger, pending: PendingCommands, context: ProcessContext,
        clock: @escaping @Sendable () -> Timestamp, seen: @escaping @Sendable ([LogRecord]) -> Void,
        told: @escaping @Sendable (SettledIds, [FeedEvent]) -> Void
    ) {
        (self.model, self.ledger, self.pending, self.clock, self.seen, self.told) = (model, ledger, pending, clock, seen, told)
        status = context.status
        lag = context.metrics.gauge(.modelLag)
    }

    /// Why what is read cannot be kept at the moment; nil: it is kept.
    var problem: String? { lastProblem.withLock { $0 } }

    /// Takes records; again and again until the stores take them, or the process is to stop.
    ///
    /// Answers are recorded first: a process that dies in between reads the records once more, and an answer counts once.
    func apply(_ messages: [Kafka.Message]) {
        let records = messages.map { LogRecord($0) }
        seen(records)
        let answers = pending.answers(in: records)
        while !status.isStopping {
            do {
                let settled = try ledger.settle(answers)
                let applied = try model.apply(records)
                lastProblem.withLock { $0 = nil }
                pending.settled(answers.map(\.commandId))
                if let last = records.last { lag.set(max(0, clock().milliseconds - last.time.milliseconds) / 1000) }
                told(settled, applied.events)
                return
            } catch {
                lastProblem.withLock { $0 = "\(error)" }
                status.set(waitingFor: "the store", because: "\(error)")
            }
            status.wait(Self.retryInterval)
        }
    }
}

extension LogRecord {
    init(_ message: Kafka.Message) {
        self.init(
            topic: message.topic, partition: message.partition, offset: message.offset,
            time: Timestamp(milliseconds: Int(max(0, message.timestamp))), key: message.key,
            headers: message.headers.compactMap { header in header.value.map { LogRecord.Header(header.name, $0) } }, value: message.value)
    }
}
