/// The rows of one list in the order of their places, in blocks. A block knows what its rows have in common: filters pass over most blocks
/// without looking at rows.
struct OrderedRows {
    private static let blockRows = 512

    /// Up to `blockRows` rows, and what is known of them: of states and partners no less than there are.
    private final class Block {
        var rows: ContiguousArray<ListRow>
        private(set) var states: UInt8 = 0
        private(set) var holds: UInt8 = 0
        private(set) var hasReady = false
        /// A bit for each partner or carrier, by its number modulo 64.
        private(set) var partners: UInt64 = 0
        private(set) var carriers: UInt64 = 0
        private(set) var due: ClosedRange<Int> = 0...0
        /// Whether rows have changed since.
        private var isStale = true

        init(_ rows: ContiguousArray<ListRow>) {
            self.rows = rows
            self.rows.reserveCapacity(blockRows)
        }

        func touch() { isStale = true }

        func summarise() {
            guard isStale else { return }
            (states, holds, hasReady, partners, carriers) = (0, 0, false, 0, 0)
            var (least, most) = (Int.max, Int.min)
            for row in rows {
                states |= 1 << row.state
                holds |= row.holds
                if row.isReady { hasReady = true }
                // Of several partners any may be asked for.
                partners |= row.partner < 0 ? ~0 : 1 << (UInt64(row.partner) & 63)
                carriers |= 1 << (UInt64(row.carrier) & 63)
                least = min(least, row.due)
                most = max(most, row.due)
            }
            due = min(least, most)...most
            isStale = false
        }

        func mayHave(_ filter: ListFilter) -> Bool {
            summarise()
            guard states & filter.states != 0, filter.holds == 0 || holds & filter.holds != 0, due.lowerBound < filter.dueBefore,
                let first = rows.first, let last = rows.last, first.place.at < filter.to, last.place.at >= filter.from
            else { return false }
            if filter.isReady == true, !hasReady { return false }
            if let partner = filter.partner, partners & 1 << (UInt64(partner) & 63) == 0 { return false }
            if let carrier = filter.carrier, carriers & 1 << (UInt64(carrier) & 63) == 0 { return false }
            return true
        }
    }

    private var blocks: [Block] = []
    /// The first place of each block.
    private var starts: ContiguousArray<ListPlace> = []
    private(set) var count = 0

    // MARK: Changes

    private func block(of place: ListPlace) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= place { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// The first row of a block that is not before the place.
    private static func index(_ rows: ContiguousArray<ListRow>, _ place: ListPlace) -> Int {
        if let last = rows.last, last.place < place { return rows.count }
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts a row to its place. Returns what was there.
    mutating func put(_ row: ListRow) -> ListRow? {
        guard !blocks.isEmpty else {
            append(row)
            return nil
        }
        let number = block(of: row.place)
        let block = blocks[number]
        let index = Self.index(block.rows, row.place)
        block.touch()
        if index < block.rows.count, block.rows[index].place == row.place {
            let before = block.rows[index]
            block.rows[index] = row
            return before
        }
        if block.rows.count < Self.blockRows {
            block.rows.insert(row, at: index)
            if index == 0 { starts[number] = row.place }
            count += 1
        } else if number == blocks.count - 1, index == block.rows.count {
            // Most rows come in order: their blocks stay full.
            append(row)
        } else {
            split(number)
            return put(row)
        }
        return nil
    }

    private mutating func append(_ row: ListRow) {
        starts.append(row.place)
        blocks.append(Block([row]))
        count += 1
    }

    private mutating func split(_ number: Int) {
        let block = blocks[number]
        let upper = ContiguousArray(block.rows[(Self.blockRows / 2)...])
        block.rows.removeLast(upper.count)
        blocks.insert(Block(upper), at: number + 1)
        starts.insert(upper[0].place, at: number + 1)
    }

    /// Takes away the row at the place. Returns it.
    mutating func remove(_ place: ListPlace) -> ListRow? {
        guard !blocks.isEmpty else { return nil }
        let number = block(of: place)
        let block = blocks[number]
        let index = Self.index(block.rows, place)
        guard index < block.rows.count, block.rows[index].place == place else { return nil }
        count -= 1
        block.touch()
        let row = block.rows.remove(at: index)
        if let first = block.rows.first {
            starts[number] = first.place
        } else {
            blocks.remove(at: number)
            starts.remove(at: number)
        }
        return row
    }

    // MARK: Reading

    /// The place of the row that has so many newer ones; nil: there are not so many.
    func place(newest: Int) -> ListPlace? {
        var left = newest
        for block in blocks.reversed() {
            if left < block.rows.count { return block.rows[block.rows.count - 1 - left].place }
            left -= block.rows.count
        }
        return nil
    }

    /// The first rows of the window that pass the filter, in its order.
    func first(_ window: ListWindow, _ filter: ListFilter, where passes: (ListRow) -> Bool) -> [ListRow] {
        switch window.order {
        case .newest: newest(window, filter, passes)
        case .oldest: oldest(window, filter, passes)
        case .shipBy: byDue(window, filter, passes)
        }
    }

    private func oldest(_ window: ListWindow, _ filter: ListFilter, _ passes: (ListRow) -> Bool) -> [ListRow] {
        var found: [ListRow] = []
        guard !blocks.isEmpty else { return found }
        let start = max(window.after ?? ListPlace(at: .min, key: .min), ListPlace(at: filter.from, key: .min))
        for number in block(of: start)..<blocks.count {
            let block = blocks[number]
            if starts[number].at >= filter.to { break }
            guard block.mayHave(filter) else { continue }
            for row in block.rows where row.place > start && passes(row) {
                found.append(row)
                if found.count >= window.limit { return found }
            }
        }
        return found
    }

    private func newest(_ window: ListWindow, _ filter: ListFilter, _ passes: (ListRow) -> Bool) -> [ListRow] {
        var found: [ListRow] = []
        guard !blocks.isEmpty else { return found }
        let end = min(window.after ?? ListPlace(at: .max, key: .max), ListPlace(at: filter.to, key: .min))
        for number in (0...block(of: end)).reversed() {
            let block = blocks[number]
            if let last = block.rows.last, last.place.at < filter.from { break }
            guard block.mayHave(filter) else { continue }
            for row in block.rows.reversed() where row.place < end && passes(row) {
                found.append(row)
                if found.count >= window.limit { return found }
            }
        }
        return found
    }

    /// Blocks with the earliest due times first, until no other can have an earlier one than what is found.
    private func byDue(_ window: ListWindow, _ filter: ListFilter, _ passes: (ListRow) -> Bool) -> [ListRow] {
        let start = window.after ?? ListPlace(at: .min, key: .min)
        let possible = blocks.filter { $0.mayHave(filter) && $0.due.upperBound >= start.at }
            .sorted { $0.due.lowerBound < $1.due.lowerBound }
        var best: [ListRow] = []
        let room = 4 * window.limit
        // The last of the best, once there are enough of them.
        var worst = ListPlace(at: .max, key: .max)
        func keepBest() {
            best.sort { $0.dueplace < $1.dueplace }
            guard best.count >= window.limit else { return }
            best.removeLast(best.count - window.limit)
            worst = best[window.limit - 1].dueplace
        }
        for block in possible {
            if block.due.lowerBound > worst.at { break }
            for row in block.rows where row.due <= worst.at {
                let place = row.dueplace
                if place > start, place < worst, passes(row) {
                    best.append(row)
                    if best.count >= room { keepBest() }
                }
            }
            if best.count > window.limit { keepBest() }
        }
        keepBest()
        return best
    }
}

extension ListRow {
    /// Its place in a list that is ordered by due time.
    var dueplace: ListPlace { ListPlace(at: due, key: place.key) }

    @inline(__always)
    func passes(_ filter: ListFilter) -> Bool {
        guard filter.states & 1 << state != 0, place.at >= filter.from, place.at < filter.to, due < filter.dueBefore else { return false }
        if filter.holds != 0, holds & filter.holds == 0 { return false }
        if let wanted = filter.isReady, isReady != wanted { return false }
        if let wanted = filter.carrier, carrier != wanted { return false }
        if let wanted = filter.door, door != wanted { return false }
        return true
    }
}
