import Contracts
import JSON
import Stores

/// An aggregate that the current batch has touched.
class Aggregate {
    let key: String
    let version: Int64
    var answered: AnsweredIds
    /// Whether state or answered ids differ from what is stored.
    var isDirty = false

    init(key: String, version: Int64, answered: AnsweredIds) {
        self.key = key
        self.version = version
        self.answered = answered
    }

    func encodedState() -> [UInt8] { [] }

    final func row() -> AggregateRow {
        AggregateRow(key: key, version: version + 1, state: encodedState(), answered: answered.bytes)
    }
}

final class TypedAggregate<State: Declared>: Aggregate {
    var state: State
    /// The bytes that were loaded, as long as the state is what they say.
    private var loaded: [UInt8]?

    init(key: String, row: AggregateRow?) throws(JSONError) {
        state = if let row { try State.decode(row.state) } else { State() }
        loaded = row?.state
        super.init(key: key, version: row?.version ?? 0, answered: AnsweredIds(row?.answered ?? []))
    }

    func change(to state: State) {
        self.state = state
        loaded = nil
        isDirty = true
    }

    override func encodedState() -> [UInt8] { loaded ?? state.json }
}

/// What is remembered for messages that never reach a machine: only their ids.
struct NoState: Declared, Equatable {
    static let fields = Fields<NoState>()
}

/// Stored rows of a shard in memory, in two generations: when the young one is full, it becomes the old one and the old one is dropped.
///
/// Coherent because the owner of a shard is fenced by its epoch.
struct AggregateCache {
    private var young: [String: AggregateRow] = [:]
    private var old: [String: AggregateRow] = [:]
    private var youngBytes = 0
    private let limit: Int

    /// - Parameter limit: bytes of state to keep at most, in both generations together.
    init(limit: Int) { self.limit = limit }

    subscript(key: String) -> AggregateRow? { young[key] ?? old[key] }

    mutating func insert(_ row: AggregateRow) {
        // 150 bytes: what the dictionary and the arrays' headers take beside the state.
        youngBytes += row.state.count + row.answered.count + row.key.utf8.count + 150
        young[row.key] = row
        guard youngBytes > limit / 2 else { return }
        old = young
        young = [:]
        youngBytes = 0
    }
}
