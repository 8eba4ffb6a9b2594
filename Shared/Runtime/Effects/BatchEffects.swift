import Contracts
import JSON
import Machines
import Stores
import Threads

/// The effects that a batch has scheduled or ended, in order; of several entries for one effect the last counts.
struct BatchEffects {
    struct Mark {
        fileprivate var entries: Int
        fileprivate var shared: Int
    }

    /// nil: the effect is over.
    private var entries: [(id: String, row: EffectRow?)] = []
    private var shared: [SharedEffectRows.Member] = []

    var isEmpty: Bool { entries.isEmpty && shared.isEmpty }
    var mark: Mark { Mark(entries: entries.count, shared: shared.count) }

    mutating func removeAll() {
        entries.removeAll()
        shared.removeAll()
    }

    mutating func rollBack(to mark: Mark) {
        entries.removeLast(entries.count - mark.entries)
        shared.removeLast(shared.count - mark.shared)
    }

    /// - Parameter place: of what it follows from.
    mutating func schedule<Kind: Effect>(_ effect: Kind, due: Timestamp, now: Timestamp, origin: Origin, _ place: EventIds.Place) {
        // A record's place names a row; that of an effect's answer may be had twice, as its batch need not write a record.
        if Kind.sharesRow, place.topic >= 0, origin == .absent, let end = SharedEffectRows.due(due, now: now) {
            shared.append(SharedEffectRows.Member(kind: Kind.kind, due: end, body: effect.json, place: place))
        } else {
            put(effect, due: due, origin: origin)
        }
    }

    mutating func put(_ effect: some Effect, due: Timestamp, origin: Origin) {
        let id = effect.id
        entries.append((id, EffectRow(id: id, due: Int64(due.milliseconds), body: effect.json, origin: origin.json)))
    }

    mutating func cancel(_ id: String) { entries.append((id, nil)) }

    /// Rows by their id; nil: the effect is over.
    func changes(now: Int64) -> [String: EffectRow?] {
        var changes: [String: EffectRow?] = Dictionary(entries.map { ($0.id, $0.row) }, uniquingKeysWith: { $1 })
        guard !shared.isEmpty else { return changes }
        for row in SharedEffectRows.rows(shared, now: now, origin: Origin.absent.json) { changes[row.id] = row }
        return changes
    }
}
