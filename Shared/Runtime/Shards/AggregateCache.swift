/// Aggregates of a shard in memory as they are stored: the newest, and residents that stay for long.
///
/// An order waits for minutes or days between two messages, and orders come back in the sequence in which they came. A cache that drops the
/// oldest finds none of them once they are more than it holds; one whose residents rarely give way finds those that stayed.
///
/// Coherent because the owner of a shard is fenced by its epoch, and because a shard whose batch was not stored is claimed anew.
struct AggregateCache {
    /// What the cache notes on an aggregate that it holds: storing one again that it has given out hashes no key.
    struct Slot {
        fileprivate var bytes = 0
        /// The generation in which it was stored last.
        fileprivate var generation = 0
        /// Its index among the residents; -1: it is none.
        fileprivate var place = -1
    }

    /// One in so many of those that are no longer new takes the place of a resident; the others are forgotten.
    private static let admission = 8

    private var entries: [String: Aggregate] = [:]
    private var young: [Aggregate] = []
    /// The generation before; those of it that were stored again since are among the young as well.
    private var old: [Aggregate] = []
    /// The number of the young. It never falls, so that what an aggregate has noted of an earlier one holds for no later one.
    private var generation = 2
    private var youngBytes = 0
    private var residents: [Aggregate] = []
    private var residentBytes = 0
    private let limit: Int

    /// - Parameter limit: bytes of memory to take at most, about: a quarter of it for the newest, in two generations.
    init(limit: Int) { self.limit = limit }

    subscript(key: String) -> Aggregate? { entries[key] }

    mutating func removeAll() {
        entries = [:]
        young = []
        old = []
        residents = []
        youngBytes = 0
        residentBytes = 0
        generation += 2
    }

    /// - Parameter bytes: of its row.
    mutating func insert(_ aggregate: Aggregate, bytes: Int) {
        // Decoded, a state takes about twice the bytes of its row; 200 bytes are what the tables and the object take beside it.
        let taken = 2 * bytes + 200
        let before = aggregate.slot.bytes
        if isResident(aggregate) {
            aggregate.slot.bytes = taken
            residentBytes += taken - before
            return
        }
        if aggregate.slot.generation < generation - 1, let other = entries.updateValue(aggregate, forKey: aggregate.key) { forget(other) }
        aggregate.slot.bytes = taken
        if aggregate.slot.generation == generation {
            youngBytes += taken - before
        } else {
            aggregate.slot.generation = generation
            young.append(aggregate)
            youngBytes += taken
        }
        if youngBytes > limit / 8 { turn() }
    }

    private func isResident(_ aggregate: Aggregate) -> Bool {
        let place = aggregate.slot.place
        return place >= 0 && place < residents.count && residents[place] === aggregate
    }

    /// The young become old, and the old residents or nothing.
    private mutating func turn() {
        for aggregate in old where aggregate.slot.generation == generation - 1 {
            if !admit(aggregate) { entries[aggregate.key] = nil }
        }
        old = young
        young = []
        youngBytes = 0
        generation += 1
    }

    private mutating func admit(_ aggregate: Aggregate) -> Bool {
        let most = limit / 4 * 3
        let bytes = aggregate.slot.bytes
        guard bytes <= most else { return false }
        guard residentBytes + bytes <= most || Int.random(in: 0..<Self.admission) == 0 else { return false }
        while residentBytes + bytes > most {
            let place = Int.random(in: residents.indices)
            entries[residents[place].key] = nil
            leave(place)
        }
        aggregate.slot.place = residents.count
        residents.append(aggregate)
        residentBytes += bytes
        return true
    }

    private mutating func leave(_ place: Int) {
        residentBytes -= residents[place].slot.bytes
        residents[place].slot = Slot()
        let last = residents.removeLast()
        guard place < residents.count else { return }
        last.slot.place = place
        residents[place] = last
    }

    /// Another object stands for the key of this one.
    private mutating func forget(_ aggregate: Aggregate) {
        if isResident(aggregate) { return leave(aggregate.slot.place) }
        if aggregate.slot.generation == generation { youngBytes -= aggregate.slot.bytes }
        aggregate.slot = Slot()
    }
}
