import HTTP
import Identity
import ReadModel
import Synchronization
import Threads
import Web

/// Lets a caller see what he did: his GET waits until the read model holds the last command that was accepted of him, whichever console has
/// heard the answer. What is not there within 2 s may come later (contract, section 9).
final class OwnCommands: Sendable {
    private static let patience = 2.0
    /// Seconds after which what was sent is there, or waited for in vain: on topics that were made anew for example.
    private static let recent = 60
    /// Requests that wait at a time, each with a thread: more are answered as the model is.
    private static let mostWaiting = 2

    private let ledger: any RequestLedger
    private let model: any ReadModel
    private let clock: @Sendable () -> Timestamp
    private let waiting = Mutex(0)

    init(ledger: any RequestLedger, model: any ReadModel, clock: @escaping @Sendable () -> Timestamp) {
        (self.ledger, self.model, self.clock) = (ledger, model, clock)
    }

    /// Requests that wait now.
    var count: Int { waiting.withLock { $0 } }

    /// Middleware behind whoever finds out who asks.
    func awaited(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        if call.route.method.isSafe, let actor = call.context.asker?.caller?.actor { awaitModel(of: actor) }
        return try next(&call)
    }

    private func awaitModel(of actor: String) {
        let last = try? ledger.commands(of: actor, in: .accepted, PageRange(limit: 1)).items.first
        guard let last, let place = last.answeredAt, clock().milliseconds - last.at.milliseconds < Self.recent * 1000 else { return }
        let position = LogPosition(topic: place.topic, partition: place.partition, offset: place.offset + 1)
        guard !model.wait(until: position, timeout: 0), begin() else { return }
        _ = model.wait(until: position, timeout: Self.patience)
        waiting.withLock { $0 -= 1 }
    }

    private func begin() -> Bool {
        waiting.withLock { count in
            guard count < Self.mostWaiting else { return false }
            count += 1
            return true
        }
    }
}
