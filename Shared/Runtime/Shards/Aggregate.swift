import Contracts
import JSON
import Stores

/// An aggregate as it is stored, or as the current batch has changed it.
class Aggregate {
    let key: String
    private var version: Int64
    var answered: AnsweredIds
    /// Whether state or answered ids differ from what is stored.
    private var isDirty = false
    /// The notes of the cache that holds it.
    var slot = AggregateCache.Slot()

    init(key: String, version: Int64, answered: AnsweredIds) {
        self.key = key
        self.version = version
        self.answered = answered
    }

    func encodedState() -> [UInt8] { [] }

    final func row() -> AggregateRow {
        AggregateRow(key: key, version: version + 1, state: encodedState(), answered: answered.bytes)
    }

    /// Gives whether it was as stored until now.
    func becomesDirty() -> Bool {
        defer { isDirty = true }
        return !isDirty
    }

    /// To be called when the row that `row` gave has been stored.
    func wasStored() {
        version += 1
        isDirty = false
    }
}

final class TypedAggregate<State: DefaultInitializable>: Aggregate {
    private(set) var state: State
    /// The bytes that were loaded, as long as the state is what they say.
    private var loaded: [UInt8]?

    init(key: String, row: AggregateRow?) throws(JSONError) {
        state = if let row { try State.decodeStored(row.state) } else { State() }
        loaded = row?.state
        super.init(key: key, version: row?.version ?? 0, answered: AnsweredIds(row?.answered ?? []))
    }

    /// Hands the state out to be looked at, or to be changed. States are large; what is lent needs no copy.
    func withState<Result>(_ body: (inout State) -> Result) -> Result { body(&state) }

    /// The state is no longer what was loaded.
    func noteChange() { loaded = nil }

    override func encodedState() -> [UInt8] { loaded ?? Self.json(&state) }

    private static func json(_ state: inout State) -> [UInt8] { state.json }

    override func wasStored() {
        super.wasStored()
        loaded = nil
    }
}

/// The state behind rows for messages that never reach a machine: of them only the ids are remembered.
struct NoState: DefaultInitializable, Equatable {
    static let fields = Fields<NoState>()
}
