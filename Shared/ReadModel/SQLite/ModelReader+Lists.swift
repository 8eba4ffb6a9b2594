import Contracts
import JSON
import Stores
import Threads

extension ModelReader {
    // MARK: Items

    func item(_ list: ItemList, _ id: String) throws(StoreError) -> [UInt8]? {
        try database.rows(
            "SELECT body FROM items WHERE list = ?1 AND id = ?2 AND shown = 1", .integer(list.rawValue), .text(id)
        ) { $0.blob(0) }.first
    }

    /// - Parameter read: nil: the row cannot be read; it is left out.
    func items<Shown>(
        _ list: ItemList, owner: String, _ page: PageRequest, read: ([UInt8]) -> Shown?
    ) throws(ReadModelError) -> Page<Shown> {
        let scope = StableHash.of("\(list.rawValue)\u{1F}\(owner)")
        let cursor = try page.cursor(scope: scope)
        return try asking { () throws(StoreError) in
            try items(list, owner: owner, after: cursor, limit: page.boundedLimit, scope: scope, read: read)
        }
    }

    private func items<Shown>(
        _ list: ItemList, owner: String, after cursor: Cursor?, limit: Int, scope: Int, read: ([UInt8]) -> Shown?
    ) throws(StoreError) -> Page<Shown> {
        var page = Page<Shown>(items: [])
        var last: Cursor?
        var number = 0
        let beyond = cursor == nil ? "" : " AND (o.rank, o.id) > (?3, ?4)"
        let sql =
            "SELECT o.rank, o.id, i.body FROM owners o JOIN items i ON i.list = o.list AND i.id = o.id"
            + " WHERE o.list = ?1 AND o.owner = ?2\(beyond) ORDER BY o.rank, o.id LIMIT \(limit + 1)"
        let place: [SQLiteDatabase.Value] = cursor.map { [.integer($0.at), .text($0.id)] } ?? []
        try database.scan(sql, values: [.integer(list.rawValue), .text(owner)] + place) { row in
            number += 1
            guard number <= limit else { return false }
            last = Cursor(at: row.integer(0), key: 0, id: row.text(1))
            if let shown = read(row.blob(2)) { page.items.append(shown) }
            return true
        }
        if number > limit { page.next = last?.text(scope: scope) }
        return page
    }

    /// A merchant's stock: of his warehouses, one after the other, each by sku.
    func stock(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<StockRow> {
        let scope = StableHash.of("stock\u{1F}\(merchant)")
        let cursor = try page.cursor(scope: scope)
        return try asking { () throws(StoreError) in
            let warehouses = try database.rows(
                "SELECT id FROM owners WHERE list = ?1 AND owner = ?2 ORDER BY id", .integer(ItemList.warehouses.rawValue), .text(merchant)
            ) { $0.text(0) }
            var stock: [StockRow] = []
            // One more than the page has, so that its end is known.
            let wanted = page.boundedLimit + 1
            var beyond = cursor
            for warehouse in warehouses where stock.count < wanted {
                // Rows are `<warehouseId>~<sku>`; the cursor names the warehouse by its place and the row by its id.
                if let cursor, warehouse.utf8.lexicographicallyPrecedes(cursor.warehouse.utf8) { continue }
                let start = beyond.flatMap { $0.warehouse == warehouse ? Cursor(at: 0, key: 0, id: $0.row) : nil }
                beyond = nil
                let rows = try items(.stock, owner: warehouse, after: start, limit: wanted - stock.count, scope: scope) {
                    try? StockRow.decodeStored($0)
                }
                stock += rows.items
            }
            var answer = Page(items: Array(stock.prefix(page.boundedLimit)))
            if stock.count > page.boundedLimit, let last = answer.items.last {
                answer.next = Cursor(at: 0, key: 0, id: "\(last.warehouseId)\u{1F}\(last.key)").text(scope: scope)
            }
            return answer
        }
    }

    // MARK: Dead letters

    func deadLetters(service: ServiceName?, _ page: PageRequest) throws(ReadModelError) -> Page<DeadLetterView> {
        let scope = StableHash.of("letters\u{1F}\(service?.rawValue ?? "-")")
        let cursor = try page.cursor(scope: scope)
        return try asking { () throws(StoreError) in
            var found: [(Cursor, DeadRecord)] = []
            let beyond = cursor == nil ? "" : " AND (at, key) < (?2, ?3)"
            let place: [SQLiteDatabase.Value] = cursor.map { [.integer($0.at), .integer($0.key)] } ?? []
            let sql =
                "SELECT at, key, body FROM letters WHERE service = ?1\(beyond) ORDER BY at DESC, key DESC LIMIT \(page.boundedLimit + 1)"
            for service in service.map({ [$0] }) ?? ServiceName.domainServices {
                try database.scan(sql, values: [.integer(Projection.topicNumber(of: service))] + place) { row in
                    if let letter = try? DeadRecord.decodeStored(row.blob(2)) {
                        found.append((Cursor(at: row.integer(0), key: row.integer(1)), letter))
                    }
                    return true
                }
            }
            found.sort { ($0.0.at, $0.0.key) > ($1.0.at, $1.0.key) }
            var answer = Page<DeadLetterView>(items: [])
            for (_, letter) in found.prefix(page.boundedLimit) { answer.items.append(try shown(letter)) }
            if found.count > page.boundedLimit { answer.next = found[page.boundedLimit - 1].0.text(scope: scope) }
            return answer
        }
    }

    func deadLetter(_ id: String) throws(StoreError) -> DeadLetterView? {
        var found: DeadRecord?
        try database.scan("SELECT body FROM letters WHERE key = ?1", values: [.integer(StableHash.of(id))]) { row in
            guard let letter = try? DeadRecord.decodeStored(row.blob(0)), letter.view.id == id else { return true }
            found = letter
            return false
        }
        return try found.map { (letter) throws(StoreError) in try shown(letter) }
    }

    /// A message that was sent again under its id, after it had become a dead letter, was replayed.
    private func shown(_ letter: DeadRecord) throws(StoreError) -> DeadLetterView {
        var view = letter.view
        guard let id = letter.messageId else { return view }
        var sent = try messages(of: id).filter { $0.id == id }.compactMap(\.sentAt).max()
        if let key = view.key, let order = try orderWithHistory(key) {
            sent = max(sent ?? 0, order.history.lazy.filter { $0.id == id }.compactMap(\.sentAt).max() ?? 0)
        }
        if let sent, sent > view.time.milliseconds { view.replayedAt = Timestamp(milliseconds: sent) }
        return view
    }

    // MARK: Traces

    func trace(_ id: String) throws(StoreError) -> [TraceView] {
        if let order = try orderWithHistory(id) { return order.trace }
        let messages = try messages(of: id).map(\.trace)
        if !messages.isEmpty { return messages }
        for n in try orders(ofCommand: id) {
            if let trace = try withHistory(order(n))?.trace(ofCommand: id), !trace.isEmpty { return trace }
        }
        return []
    }

    private func messages(of commandId: String) throws(StoreError) -> [HistoryPart] {
        var parts: [HistoryPart] = []
        try database.scan("SELECT body FROM messages WHERE key = ?1", values: [.integer(StableHash.of(commandId))]) { row in
            if let record = try? MessageRecord.decodeStored(row.blob(0)), record.commandId == commandId { parts.append(record.part) }
            return true
        }
        return HistoryPart.merged(parts)
    }

    /// Rows of orders that a command with this id was about, perhaps: hashes may be alike. All batches are looked through; it is asked rarely.
    private func orders(ofCommand id: String) throws(StoreError) -> Set<Int> {
        let wanted = StableHash.of(id)
        var found: Set<Int> = []
        try database.scan("SELECT body FROM causes", values: []) { row in
            let body = row.bytes(0)
            for place in stride(from: 0, to: body.count - 15, by: 16)
            where Int(littleEndian: body.loadUnaligned(fromByteOffset: place, as: Int.self)) == wanted {
                found.insert(Int(littleEndian: body.loadUnaligned(fromByteOffset: place + 8, as: Int.self)))
            }
            return true
        }
        return found
    }
}

extension Cursor {
    /// Of a list of stock: `<warehouseId>\u{1F}<row>`.
    fileprivate var warehouse: String { String(id.prefix { $0 != "\u{1F}" }) }
    fileprivate var row: String { String(id.drop { $0 != "\u{1F}" }.dropFirst()) }
}
