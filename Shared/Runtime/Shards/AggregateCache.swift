import Stores

/// A shard's aggregates in memory, as they are stored: the latest ready for use, many more as the bytes of their rows, which take half the
/// memory and save the store's search and its pages.
///
/// Coherent because the owner of a shard is fenced by its epoch, and because a shard whose batch was not stored is claimed anew.
struct AggregateCache {
    /// In two generations: when the young one is full, it becomes the old one and the old one is dropped.
    private var young: [String: Aggregate] = [:]
    private var old: [String: Aggregate] = [:]
    private var youngBytes = 0
    private var rows: PackedRows
    private let limit: Int

    /// - Parameter limit: bytes to keep at most, of which a fifth is for aggregates that are ready for use.
    init(limit: Int) {
        self.limit = limit
        rows = PackedRows(limit: limit / 5 * 4)
    }

    /// The aggregate itself, if it is one of the latest.
    subscript(key: String) -> Aggregate? { young[key] ?? old[key] }

    /// The row as it is stored.
    func row(_ key: String) -> AggregateRow? { rows[key] }

    mutating func removeAll() { self = AggregateCache(limit: limit) }

    /// - Parameter row: as it was stored just now.
    mutating func insert(_ aggregate: Aggregate, _ row: AggregateRow) {
        // Read, it takes about as much again as its bytes.
        youngBytes += PackedRows.bytes(of: row) + row.state.count
        young[aggregate.key] = aggregate
        rows.insert(row)
        guard youngBytes > limit / 10 else { return }
        old = young
        young = [:]
        youngBytes = 0
    }
}

/// Rows by key, up to a number of bytes. One of them at random gives way to a new one: were it the oldest, a wave over a few more orders than
/// there is room for would find none of them again.
private struct PackedRows {
    private struct Slot {
        var key: String
        var version: Int64
        var state: [UInt8]
        var answered: [UInt8]

        var row: AggregateRow { AggregateRow(key: key, version: version, state: state, answered: answered) }
    }

    private var places: [String: Int32] = [:]
    private var slots: [Slot] = []
    private var bytes = 0
    private var seed: UInt64 = 1
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    subscript(key: String) -> AggregateRow? { places[key].map { slots[Int($0)].row } }

    /// 250 bytes: what the dictionary, the slot and the headers of its parts take beside them.
    static func bytes(of row: AggregateRow) -> Int { row.state.count + row.answered.count + row.key.utf8.count + 250 }

    mutating func insert(_ row: AggregateRow) {
        bytes += Self.bytes(of: row)
        if let place = places[row.key] {
            let slot = slots[Int(place)]
            bytes -= Self.bytes(of: slot.row)
            slots[Int(place)] = Slot(key: slot.key, version: row.version, state: row.state, answered: row.answered)
        } else {
            places[row.key] = Int32(slots.count)
            slots.append(Slot(key: row.key, version: row.version, state: row.state, answered: row.answered))
        }
        while bytes > limit, slots.count > 1 { removeOne() }
    }

    private mutating func removeOne() {
        // Knuth's MMIX generator: its high bits are even enough to choose by.
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = Int((seed >> 33) % UInt64(slots.count))
        let removed = slots[place]
        bytes -= Self.bytes(of: removed.row)
        places[removed.key] = nil
        let last = slots.removeLast()
        guard place < slots.count else { return }
        slots[place] = last
        places[last.key] = Int32(place)
    }
}
