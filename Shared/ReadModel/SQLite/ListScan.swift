import Contracts
import Stores

/// How a page of orders or parcels is found: in the lists in memory; with a text, by the numbers in the file and the goods in memory.
struct ListScan {
    /// Whether it is a merchant's orders, or a factory's parcels.
    var isOrders: Bool
    /// The list, as `Code` numbers them.
    var scope: Int
    var filter = ListFilter()
    var window: ListWindow

    /// Where too many numbers begin with a text, so many rows are looked at for a page.
    static let mostRead = 2_000

    /// Rows that have a number which begins with the text, without case; nil: they are more than `most`.
    func matches(_ database: SQLiteDatabase, _ text: String, most: Int) throws(StoreError) -> TextMatches? {
        var matches = TextMatches(text, isOrders: isOrders)
        let range: [SQLiteDatabase.Value] = [.text(text), .text(text + "\u{10FFFF}")]
        let ids = "SELECT n FROM orders INDEXED BY orders_id WHERE id >= ?1 AND id < ?2 LIMIT \(most + 1)"
        try database.scan(ids, values: range) { row in
            matches.insert(order: row.integer(0))
            return true
        }
        let numbers = "SELECT n FROM texts WHERE scope = ?3 AND text >= ?1 AND text < ?2 LIMIT \(most + 1)"
        try database.scan(numbers, values: range + [.integer(scope)]) { row in
            if isOrders { matches.insert(order: row.integer(0)) } else { matches.insert(parcel: row.integer(0)) }
            return matches.count <= most
        }
        if matches.count > most { return nil }
        // `<orderId>/<n>`
        guard let slash = text.lastIndex(of: "/"), text[text.index(after: slash)...].allSatisfy(\.isNumber) else { return matches }
        let named: [SQLiteDatabase.Value] = [.text(String(text[..<slash]))]
        try database.scan("SELECT n, body FROM orders WHERE id = ?1", values: named) { row in
            let n = row.integer(0)
            for allocation in OrderRecord.stored(row.bytes(1))?.allocations ?? []
            where SearchText.folded(allocation.id).hasPrefix(text) {
                if isOrders { matches.insert(order: n) } else { matches.insert(parcel: ModelWriter.row(of: allocation.id, order: n)) }
            }
            return true
        }
        return matches
    }

    /// The first rows of the page, found one by one: those whose goods have the text, or whose record says that a number begins with it.
    func lookThrough(
        _ candidates: [(row: ListRow, hasGoods: Bool)], _ database: SQLiteDatabase, _ text: String
    ) throws(StoreError) -> [ListRow] {
        var found: [ListRow] = []
        for (row, hasGoods) in candidates where found.count < window.limit {
            let isMatch = if hasGoods { true } else { try isNamed(database, row.n, text) }
            if isMatch { found.append(row) }
        }
        return found
    }

    private func isNamed(_ database: SQLiteDatabase, _ n: Int, _ text: String) throws(StoreError) -> Bool {
        let order = isOrders ? n : n >> ListRow.parcelBits
        let record = try database.rows("SELECT body FROM orders WHERE n = ?1", .integer(order)) { OrderRecord.stored($0.bytes(0)) }.first
        guard let record = record ?? nil else { return false }
        if SearchText.folded(record.orderId).hasPrefix(text) { return true }
        let index = OrderIndex(record)
        if isOrders { return index.texts.contains { $0.hasPrefix(text) } }
        return index.parcels.contains { parcel in
            ModelWriter.row(of: parcel.allocationId, order: order) == n && parcel.texts.contains { $0.hasPrefix(text) }
        }
    }
}
