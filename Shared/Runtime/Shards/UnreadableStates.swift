import Contracts
import JSON
import Observability
import Synchronization

/// Tells of what is stored and cannot be read, once each: a damaged row, or one that an older bug has written.
///
/// It stops nobody else. Messages for such an aggregate go to dead letters (`state-unreadable`), its effects wait, and an effect that cannot
/// be read stays in the store; `daifa store check` finds all of them.
final class UnreadableStates: Sendable {
    enum Kind: String, CaseIterable { case aggregate, effect }

    /// Names that are remembered at most; beyond that they are told again.
    private static let mostTold = 10_000

    private let logger: Logger
    private let counters: [Kind: Counter]
    private let told = Mutex<Set<String>>([])

    init(logger: Logger, metrics: Metrics) {
        self.logger = logger
        // From the first scrape on, so that an alert sees the first one.
        counters = Dictionary(
            uniqueKeysWithValues: Kind.allCases.map { kind in
                (kind, metrics.counter(.unreadableState, kind.rawValue))
            })
    }

    func aggregate(_ key: String, shard: Int32, _ error: JSONError) {
        tell(
            .aggregate, key, shard, error,
            "a stored aggregate cannot be read: what concerns it goes to dead letters (state-unreadable), everything else goes on. "
                + "See 'daifa store show', restore its row or run the version that wrote it, then 'daifa dead replay --reason state-unreadable'"
        )
    }

    func effect(_ id: String, shard: Int32, _ error: JSONError) {
        tell(
            .effect, id, shard, error,
            "a stored effect cannot be read: it stays in the store and is not carried out. See 'daifa store check', run the version that "
                + "wrote it, or a newer one")
    }

    private func tell(_ kind: Kind, _ name: String, _ shard: Int32, _ error: JSONError, _ text: String) {
        let isNew = told.withLock { told in
            if told.count >= Self.mostTold { told.removeAll() }
            return told.insert("\(kind.rawValue) \(shard) \(name)").inserted
        }
        guard isNew else { return }
        counters[kind]?.increment()
        logger.error(text, [kind.rawValue: name, "shard": "\(shard)", "error": "\(error)"])
    }
}
