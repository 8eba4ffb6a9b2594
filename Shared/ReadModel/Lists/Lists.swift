/// The lists of orders and parcels of all shops, in memory: their order, and what filters ask for. It follows from the orders' records alone, is
/// made when the file is opened, and changes with each batch. For one thread at a time: handed on whole, and kept under a lock.
struct Lists: @unchecked Sendable {
    /// Rows beyond so many newer ones are not found by their goods.
    static let newest = 100_000

    private final class List {
        var rows = OrderedRows()
        /// How many rows are in each state.
        var numbers = [Int](repeating: 0, count: 8)
        /// Partners of rows that have several, by the row.
        var partners: [Int: [Int32]] = [:]
    }

    private var lists: [Int: List] = [:]
    private var goods = GoodsTexts()

    // MARK: Changes

    mutating func apply(_ changes: [ListChange]) {
        changes.withUnsafeBufferPointer { changes in
            guard let first = changes.baseAddress else { return }
            for place in 0..<changes.count { apply(first + place) }
        }
    }

    private mutating func apply(_ change: UnsafePointer<ListChange>) {
        let list: List
        if let known = lists[change.pointee.scope] {
            list = known
        } else {
            list = List()
            lists[change.pointee.scope] = list
        }
        if let place = change.pointee.before, place != change.pointee.row?.place, let gone = list.rows.remove(place) { forget(gone, list) }
        guard var row = change.pointee.row else { return }
        row.goods = goods.keep(change.pointee.goods)
        if let before = list.rows.put(row) { forget(before, list) }
        list.numbers[Int(row.state)] += 1
        if row.partner == ListRow.several { list.partners[row.n] = change.pointee.partners }
    }

    private mutating func forget(_ row: ListRow, _ list: List) {
        goods.release(row.goods)
        list.numbers[Int(row.state)] -= 1
        if row.partner == ListRow.several { list.partners[row.n] = nil }
    }

    // MARK: Reading

    /// How many rows are in each state, by the state's number.
    func numbers(scope: Int) -> [Int] { lists[scope]?.numbers ?? [] }

    /// The first rows of a page.
    func rows(scope: Int, _ window: ListWindow, _ filter: ListFilter) -> [ListRow] {
        guard let list = lists[scope] else { return [] }
        return list.rows.first(window, filter) { $0.passes(filter) && Self.isPartner($0, filter, list) }
    }

    /// Those of a page that a text finds: by a number, or by goods.
    func rows(scope: Int, _ window: ListWindow, _ filter: ListFilter, _ matches: TextMatches) -> [ListRow] {
        guard let list = lists[scope] else { return [] }
        let oldest = list.rows.place(newest: Self.newest - 1) ?? ListPlace(at: .min, key: .min)
        var search = GoodsSearch(goods, matches.text)
        return list.rows.first(window, filter) { row in
            row.passes(filter) && Self.isPartner(row, filter, list)
                && (matches.contains(row.n) || row.place >= oldest && search.contains(row.goods))
        }
    }

    /// As many rows as are looked at one by one, and whether their goods match.
    func candidates(scope: Int, _ window: ListWindow, _ filter: ListFilter, text: String) -> [(row: ListRow, hasGoods: Bool)] {
        guard let list = lists[scope] else { return [] }
        let oldest = list.rows.place(newest: Self.newest - 1) ?? ListPlace(at: .min, key: .min)
        var search = GoodsSearch(goods, text)
        return rows(scope: scope, window, filter).map { ($0, $0.place >= oldest && search.contains($0.goods)) }
    }

    @inline(__always)
    private static func isPartner(_ row: ListRow, _ filter: ListFilter, _ list: List) -> Bool {
        guard let wanted = filter.partner, row.partner != wanted else { return true }
        return row.partner == ListRow.several && list.partners[row.n]?.contains(wanted) == true
    }
}

/// Rows that have a number which begins with a text.
struct TextMatches {
    /// Without case.
    var text: String
    /// How many rows of the index were read.
    var count = 0
    /// A bit for each order.
    private var orders: [UInt64] = []
    /// Rows of parcels.
    private var parcels: Set<Int> = []
    /// Whether rows are orders'.
    private let isOrders: Bool

    init(_ text: String, isOrders: Bool) { (self.text, self.isOrders) = (text, isOrders) }

    mutating func insert(order: Int) {
        while orders.count <= order >> 6 { orders.append(contentsOf: repeatElement(0, count: max(64, order >> 6 + 1 - orders.count))) }
        orders[order >> 6] |= 1 << (order & 63)
        count += 1
    }

    mutating func insert(parcel: Int) {
        parcels.insert(parcel)
        count += 1
    }

    @inline(__always)
    func contains(_ row: Int) -> Bool {
        let order = isOrders ? row : row >> ListRow.parcelBits
        if order >> 6 < orders.count, orders[order >> 6] & 1 << (order & 63) != 0 { return true }
        return !parcels.isEmpty && parcels.contains(row)
    }
}
