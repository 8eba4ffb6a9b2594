import Contracts
import JSON
import Stores
import Synchronization
import Threads

/// Queries on one connection.
struct ModelReader {
    let database: SQLiteDatabase
    let lists: ListStore
    let mostMatches: Int

    func number(of name: String) throws(StoreError) -> Int? {
        try database.rows("SELECT n FROM names WHERE name = ?1", .text(name)) { $0.integer(0) }.first
    }

    // MARK: Orders

    func orders(_ query: OrderQuery) throws(ReadModelError) -> Page<OrderView> {
        let cursor = try query.page.cursor(scope: query.scope)
        return try storing { () throws(StoreError) in
            guard let shop = try number(of: query.merchantShopId), let scan = try scan(query, shop: shop, cursor) else {
                return Page(items: [])
            }
            return try page(scan, query.text, scope: query.scope) { (row) throws(StoreError) in try order(row.n)?.view() }
        }
    }

    /// nil: nothing can match.
    private func scan(_ query: OrderQuery, shop: Int, _ cursor: Cursor?) throws(StoreError) -> ListScan? {
        var scan = ListScan(isOrders: true, scope: Code.orders(of: shop), window: Self.window(query.order, query.page, cursor))
        if !query.states.isEmpty { scan.filter.states = query.states.reduce(0) { $0 | 1 << UInt8(Code.of($1)) } }
        if let from = query.from { scan.filter.from = from.milliseconds }
        if let to = query.to { scan.filter.to = to.milliseconds }
        if let before = query.shipBefore { scan.filter.dueBefore = before.milliseconds }
        scan.filter.holds = UInt8(OrderIndex.mask(query.holds))
        scan.filter.isReady = query.shippable
        if let factory = query.factory {
            guard let other = try number(of: factory) else { return nil }
            scan.filter.partner = Int32(other)
        }
        return scan
    }

    private static func window(_ order: ListOrder, _ page: PageRequest, _ cursor: Cursor?) -> ListWindow {
        // One more than the page has, so that its end is known.
        ListWindow(order: order, after: cursor.map { ListPlace(at: $0.at, key: $0.key) }, limit: page.boundedLimit + 1)
    }

    func order(_ n: Int) throws(StoreError) -> OrderRecord? {
        var record: OrderRecord?
        try database.scan("SELECT body FROM orders WHERE n = ?1", values: [.integer(n)]) { row in
            record = OrderRecord.stored(row.bytes(0))
            return false
        }
        return record
    }

    func order(_ id: String) throws(StoreError) -> OrderRecord? {
        var found: OrderRecord?
        try database.scan("SELECT body FROM orders WHERE id = ?1", values: [.text(SearchText.folded(id))]) { row in
            guard let record = OrderRecord.stored(row.bytes(0)), record.orderId == id else { return true }
            found = record
            return false
        }
        return found
    }

    func orderWithHistory(_ id: String) throws(StoreError) -> OrderRecord? { try withHistory(order(id)) }

    func withHistory(_ record: OrderRecord?) throws(StoreError) -> OrderRecord? {
        guard var record else { return nil }
        var next = record.tail
        var parts: [HistoryPart] = []
        while let row = next {
            next = nil
            try database.scan("SELECT before, body FROM history WHERE n = ?1", values: [.integer(row)]) { found in
                next = found.optionalInteger(0)
                parts += PackedHistory.parts(found.bytes(1))
                return false
            }
        }
        record.history = HistoryPart.merged(parts)
        return record
    }

    // MARK: Parcels

    func parcels(_ query: ParcelQuery) throws(ReadModelError) -> Page<ParcelView> {
        let cursor = try query.page.cursor(scope: query.scope)
        return try storing { () throws(StoreError) in
            guard let shop = try number(of: query.factoryShopId), let scan = try scan(query, shop: shop, cursor) else {
                return Page(items: [])
            }
            return try page(scan, query.text, scope: query.scope) { (row) throws(StoreError) in try parcel(row.n) }
        }
    }

    private func scan(_ query: ParcelQuery, shop: Int, _ cursor: Cursor?) throws(StoreError) -> ListScan? {
        var scan = ListScan(isOrders: false, scope: Code.parcels(of: shop), window: Self.window(query.order, query.page, cursor))
        if !query.states.isEmpty { scan.filter.states = query.states.reduce(0) { $0 | 1 << UInt8(Code.of($1)) } }
        if let from = query.from { scan.filter.from = from.milliseconds }
        if let to = query.to { scan.filter.to = to.milliseconds }
        if let merchant = query.merchant {
            guard let other = try number(of: merchant) else { return nil }
            scan.filter.partner = Int32(other)
        }
        if let carrier = query.carrier {
            guard let number = try number(of: carrier) else { return nil }
            scan.filter.carrier = Int32(number)
        }
        if let door = query.door { scan.filter.door = StableHash.of(door) }
        return scan
    }

    func parcelsToStop(_ factory: String) throws(StoreError) -> [StopMark] {
        guard let shop = try number(of: factory) else { return [] }
        return try database.rows(
            "SELECT id, at FROM stops WHERE factory = ?1 ORDER BY at DESC, id DESC LIMIT \(StopMark.most)", .integer(shop)
        ) { StopMark(allocationId: $0.text(0), at: Timestamp(milliseconds: $0.integer(1))) }
    }

    private func parcel(_ n: Int) throws(StoreError) -> ParcelView? {
        let owner = n >> ListRow.parcelBits
        guard let record = try order(owner) else { return nil }
        return record.allocations.first { ModelWriter.row(of: $0.id, order: owner) == n }?.parcelView(orderId: record.orderId)
    }

    // MARK: Pages

    /// All from one moment.
    func asking<Result>(_ body: () throws(StoreError) -> Result) throws(ReadModelError) -> Result {
        try storing { () throws(StoreError) in try database.transaction(writing: false, body) }
    }

    private func storing<Result>(_ body: () throws(StoreError) -> Result) throws(ReadModelError) -> Result {
        do throws(StoreError) { return try body() } catch { throw .store(error) }
    }

    /// Rows of the lists and their records as of one moment. Numbers that a text may be are looked up before that: meanwhile others can be told.
    private func page<Item>(
        _ scan: ListScan, _ text: String?, scope: Int, read: (ListRow) throws(StoreError) -> Item?
    ) throws(StoreError) -> Page<Item> {
        let text = text.map(SearchText.folded)
        let matches = try text.map { (text) throws(StoreError) in try scan.matches(database, text, most: mostMatches) } ?? nil
        return try database.transaction(writing: false) { () throws(StoreError) in
            let found: [ListRow]
            if let matches {
                found = try listing { $0.rows(scope: scan.scope, scan.window, scan.filter, matches) }
            } else if let text {
                var many = scan.window
                many.limit = ListScan.mostRead
                let candidates = try listing { $0.candidates(scope: scan.scope, many, scan.filter, text: text) }
                found = try scan.lookThrough(candidates, database, text)
            } else {
                found = try listing { $0.rows(scope: scan.scope, scan.window, scan.filter) }
            }
            var page = Page<Item>(items: [])
            let limit = scan.window.limit - 1
            for row in found.prefix(limit) { if let item = try read(row) { page.items.append(item) } }
            if found.count > limit {
                let last = scan.window.order == .shipBy ? found[limit - 1].dueplace : found[limit - 1].place
                page.next = Cursor(at: last.at, key: last.key).text(scope: scope)
            }
            return page
        }
    }

    /// With the lists, as they are when the transaction begins to read: nothing is committed meanwhile.
    private func listing<Result: Sendable>(_ body: (Lists) -> Result) throws(StoreError) -> Result {
        try lists.lock.withLock { (lists) throws(StoreError) in
            try database.scan("SELECT 1 FROM meta", values: []) { _ in false }
            return body(lists)
        }
    }
}

extension PageRequest {
    func cursor(scope: Int) throws(ReadModelError) -> Cursor? {
        guard let after else { return nil }
        return try Cursor(after, scope: scope)
    }
}
