/// Aggregates of a shard in memory as they are stored: the newest, and residents that stay for long.
///
/// An order waits for minutes or days between two messages, and orders come back in the sequence in which they came. A cache that drops the
/// oldest finds none of them once they are more than it holds; one whose residents rarely give way finds those that stayed.
///
/// Coherent because the owner of a shard is fenced by its epoch, and because a shard whose batch was not stored is claimed anew.
struct AggregateCache {
    private struct Entry {
        var aggregate: Aggregate
        var bytes: Int
    }

    /// One in so many of those that are no longer new takes the place of a resident; the others are forgotten.
    private static let admission = 8

    private var young: [String: Entry] = [:]
    private var old: [String: Entry] = [:]
    private var youngBytes = 0
    private var residents: [Entry] = []
    /// By key, the index in `residents`.
    private var places: [String: Int] = [:]
    private var residentBytes = 0
    private let limit: Int

    /// - Parameter limit: bytes of memory to take at most, about: a quarter of it for the newest, in two generations.
    init(limit: Int) { self.limit = limit }

    subscript(key: String) -> Aggregate? {
        if let place = places[key] { return residents[place].aggregate }
        return (young[key] ?? old[key])?.aggregate
    }

    mutating func removeAll() { self = AggregateCache(limit: limit) }

    /// - Parameter bytes: of its row.
    mutating func insert(_ aggregate: Aggregate, bytes: Int) {
        // Decoded, a state takes about twice the bytes of its row; 250 bytes are what the tables and the object take beside it.
        let entry = Entry(aggregate: aggregate, bytes: 2 * bytes + 250)
        if let place = places[aggregate.key] {
            residentBytes += entry.bytes - residents[place].bytes
            residents[place] = entry
            return
        }
        youngBytes += entry.bytes - (young.updateValue(entry, forKey: aggregate.key)?.bytes ?? 0)
        guard youngBytes > limit / 8 else { return }
        for (key, entry) in old where young[key] == nil { admit(entry) }
        old = young
        young = [:]
        youngBytes = 0
    }

    private mutating func admit(_ entry: Entry) {
        let most = limit / 4 * 3
        guard entry.bytes <= most else { return }
        guard residentBytes + entry.bytes <= most || Int.random(in: 0..<Self.admission) == 0 else { return }
        while residentBytes + entry.bytes > most { removeResident(Int.random(in: residents.indices)) }
        places[entry.aggregate.key] = residents.count
        residents.append(entry)
        residentBytes += entry.bytes
    }

    private mutating func removeResident(_ place: Int) {
        residentBytes -= residents[place].bytes
        places[residents[place].aggregate.key] = nil
        let last = residents.removeLast()
        guard place < residents.count else { return }
        residents[place] = last
        places[last.aggregate.key] = place
    }
}
