/// When effects are due, and which of them their partners have room for. A value: it is told the time, and starts nothing itself.
///
/// Effects that are due wait in a queue of their partner, first come, first served: a partner at its bound costs the others nothing, and
/// the effects that wait for it are not looked at before there is room. A replaced or dropped one is skipped when its turn comes; such
/// leftovers are swept out when they outnumber the effects that count, so that memory follows the effects that there are.
struct EffectSchedule {
    struct Item: Equatable {
        var due: Int64
        var shard: Int32
        var id: String
        var generation: Int
    }

    /// The effects that wait for one partner.
    private struct Queue {
        var items: [Item] = []
        /// Those before it are gone.
        var first = 0
        var underWay = 0

        var count: Int { items.count - first }

        mutating func next() -> Item? {
            guard first < items.count else { return nil }
            defer {
                first += 1
                // The front is cut off when it is the larger half: each item is moved once.
                if first > items.count / 2 {
                    items.removeFirst(first)
                    first = 0
                }
            }
            return items[first]
        }
    }

    /// Attempts at a time for one partner.
    static let concurrency = 16
    /// Items below which nothing is swept out: too few to matter.
    private static let fewItems = 1024

    private var agenda = Agenda()
    private var queues: [String: Queue] = [:]
    private var sweepsAt = fewItems

    /// Items that are held, those included that do not count any more.
    var count: Int { agenda.count + queues.values.reduce(0) { $0 + $1.count } }
    var isBusy: Bool { queues.values.contains { $0.underWay > 0 } }

    /// - Parameter isCurrent: whether an item still counts.
    mutating func add(_ item: Item, isCurrent: (Item) -> Bool) {
        agenda.add(item)
        guard agenda.count > sweepsAt else { return }
        sweep(isCurrent)
        sweepsAt = max(Self.fewItems, 2 * agenda.count)
    }

    private mutating func sweep(_ isCurrent: (Item) -> Bool) {
        agenda.keep(isCurrent)
        for partner in queues.keys {
            queues[partner]?.items.removeAll { !isCurrent($0) }
            queues[partner]?.first = 0
        }
    }

    /// Moves what is due into the queues of its partners.
    mutating func arrive(by now: Int, partner: (Item) -> String) {
        while let item = agenda.next(before: now) { queues[partner(item), default: Queue()].items.append(item) }
    }

    /// The next effect that may begin now: an item of a partner that has room. It counts as under way until `ended`; one that does not
    /// begin has to be ended at once.
    mutating func next() -> (item: Item, partner: String)? {
        for (partner, queue) in queues where queue.underWay < Self.concurrency && queue.count > 0 {
            guard let item = queues[partner]?.next() else { continue }
            queues[partner]?.underWay += 1
            return (item, partner)
        }
        return nil
    }

    mutating func ended(_ partner: String) { queues[partner]?.underWay -= 1 }

    /// Forgets all that is to come; what is under way still has to end.
    mutating func removeAll() {
        agenda = Agenda()
        for partner in queues.keys {
            queues[partner]?.items = []
            queues[partner]?.first = 0
        }
        sweepsAt = Self.fewItems
    }
}

/// Items in the order in which they are due: a binary heap.
struct Agenda {
    typealias Item = EffectSchedule.Item

    private var heap: [Item] = []

    var count: Int { heap.count }

    mutating func add(_ item: Item) {
        heap.append(item)
        var index = heap.count - 1
        while index > 0, heap[index].due < heap[(index - 1) / 2].due {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the earliest item that is due by then.
    mutating func next(before now: Int) -> Item? {
        guard let first = heap.first, first.due <= Int64(now) else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].due < heap[smallest].due {
                smallest = child
            }
            guard smallest != index else { return first }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }

    /// Drops all others.
    mutating func keep(_ isKept: (Item) -> Bool) {
        // Ascending order is a heap.
        heap = heap.filter(isKept).sorted { $0.due < $1.due }
    }
}
