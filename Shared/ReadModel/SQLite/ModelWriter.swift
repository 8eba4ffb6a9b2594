import Contracts
import JSON
import Stores
import Synchronization
import Threads

/// The lists of a model's queries.
final class ListStore: Sendable {
    let lock = Mutex(Lists())
}

/// The one connection that writes, with what it remembers of the file. For one thread at a time; after an error it has to be made anew.
final class ModelWriter {
    /// An order in memory.
    final class Entry {
        /// Row number; nil: not stored yet.
        var n: Int?
        /// What the columns say at the moment.
        var index: OrderIndex
        var record: OrderRecord
        /// Whether the batch has changed it.
        var isTouched = false

        init(n: Int? = nil, index: OrderIndex = OrderIndex(), record: OrderRecord) {
            (self.n, self.index, self.record) = (n, index, record)
        }
    }

    private struct Batch {
        var touched: [Entry] = []
        var rows = Rows()
        /// Rows of lists as they were before it.
        var loaded: [ItemKey: Item?] = [:]
    }

    let database: SQLiteDatabase
    let sql: WriterStatements
    private let cacheLimit: Int
    /// Orders that were changed lately: the next event of an order mostly comes soon. Those of `older` are forgotten when `recent` is full,
    /// if nobody has asked for them again.
    private var recent: [String: Entry] = [:]
    private var older: [String: Entry] = [:]
    private var names: [String: Int] = [:]
    var nextOrder = 0
    var nextHistory = 0
    /// What the batch changes of the lists; they get it when it is committed.
    var changes: [ListChange] = []
    private let lists: ListStore
    private var sinceCheckpoint = 0
    /// Of the batch: hash of a command's id and an order's row, both as eight bytes.
    var causes: [UInt8] = []
    /// For orders' rows, one after the other.
    var packer = Packer()
    private(set) var positions: [String: [Int32: Int64]] = [:]

    /// Fills the lists from the file.
    init(_ database: SQLiteDatabase, _ lists: ListStore, cacheLimit: Int) throws(StoreError) {
        self.database = database
        self.lists = lists
        self.cacheLimit = cacheLimit
        sql = try WriterStatements(database)
        nextOrder = try Self.next("orders", database)
        nextHistory = try Self.next("history", database)
        try database.scan("SELECT topic, part, next FROM positions", values: []) { row in
            self.positions[row.text(0), default: [:]][Int32(truncatingIfNeeded: row.integer(1))] = Int64(row.integer(2))
            return true
        }
        try fillLists()
    }

    private static func next(_ table: String, _ database: SQLiteDatabase) throws(StoreError) -> Int {
        (try database.rows("SELECT MAX(n) FROM \(table)") { $0.optionalInteger(0) ?? 0 }.first ?? 0) + 1
    }

    private static let ordersAtOnce = 2000
    /// About 20 MiB of changed pages.
    private static let recordsToCheckpoint = 20_000

    /// Queries see the lists as they were until all are filled.
    private func fillLists() throws(StoreError) {
        var filled = Lists()
        var last = 0
        while true {
            var records: [(n: Int, record: OrderRecord?)] = []
            let sql = "SELECT n, body FROM orders WHERE n > ?1 ORDER BY n LIMIT \(Self.ordersAtOnce)"
            try database.scan(sql, values: [.integer(last)]) { row in
                records.append((row.integer(0), OrderRecord.stored(row.bytes(1))))
                return true
            }
            guard let end = records.last else { break }
            last = end.n
            for (n, record) in records { if let record { try list(n, record) } }
            filled.apply(changes)
            changes.removeAll(keepingCapacity: true)
        }
        lists.lock.withLock { [filled] in $0 = filled }
    }

    // MARK: A batch

    /// In one transaction; the lists change with the file, so that queries see both as of one moment.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        changes.removeAll(keepingCapacity: true)
        return try database.transaction(body) { (commit) throws(StoreError) in
            try lists.lock.withLock { (lists) throws(StoreError) in
                try commit()
                lists.apply(changes)
            }
        }
    }

    /// Where a batch stands in one partition.
    private struct Place {
        let topic: String
        let partition: Int32
        let kind: Reading.Topic?
        /// nil: nothing of it was read before the batch.
        let before: Int64?
        var next: Int64
        /// The first record of a partition that was not known.
        var first: (offset: Int64, time: Timestamp)?
    }

    /// Reads what is new of the records, and writes what follows from it, in one transaction: each row once.
    func apply(_ records: [LogRecord], wantsEvents: Bool) throws(StoreError) -> SQLiteReadModel.Applied {
        try records.withUnsafeBufferPointer { (records) throws(StoreError) in
            guard let first = records.baseAddress else { return SQLiteReadModel.Applied() }
            return try apply(first, records.count, wantsEvents: wantsEvents)
        }
    }

    private func apply(
        _ first: UnsafePointer<LogRecord>, _ count: Int, wantsEvents: Bool
    ) throws(StoreError) -> SQLiteReadModel.Applied {
        var places: [Place] = []
        var fresh: [(record: UnsafePointer<LogRecord>, kind: Reading.Topic?)] = []
        fresh.reserveCapacity(count)
        for number in 0..<count {
            let record = first + number
            let place = find(record, &places)
            guard record.pointee.offset >= places[place].next else { continue }
            places[place].next = record.pointee.offset + 1
            fresh.append((record, places[place].kind))
        }
        var applied = SQLiteReadModel.Applied()
        applied.records = fresh.count
        if wantsEvents { applied.events.reserveCapacity(fresh.count) }
        guard let newest = fresh.last?.record.pointee.time.milliseconds else { return applied }
        try transaction { () throws(StoreError) in
            var batch = Batch()
            for (record, kind) in fresh { try project(record, kind, &batch, &applied, wantsEvents: wantsEvents) }
            try write(batch, newest: newest)
            for place in places where place.next != place.before { try write(place) }
        }
        for place in places where place.next != place.before { positions[place.topic, default: [:]][place.partition] = place.next }
        if recent.count > cacheLimit / 2 { (older, recent) = (recent, [:]) }
        sinceCheckpoint += fresh.count
        if sinceCheckpoint >= Self.recordsToCheckpoint {
            sinceCheckpoint = 0
            // Here, where no query waits for it. Should it fail, the log grows, until a batch cannot be committed and says so.
            try? database.checkpoint()
        }
        return applied
    }

    private func find(_ record: UnsafePointer<LogRecord>, _ places: inout [Place]) -> Int {
        // A batch has few partitions.
        for place in places.indices.reversed()
        where places[place].partition == record.pointee.partition && places[place].topic == record.pointee.topic { return place }
        let topic = record.pointee.topic
        let before = positions[topic]?[record.pointee.partition]
        places.append(
            Place(
                topic: topic, partition: record.pointee.partition, kind: Reading.topics[topic], before: before,
                next: before ?? record.pointee.offset,
                first: before == nil ? (record.pointee.offset, record.pointee.time) : nil))
        return places.count - 1
    }

    private func project(
        _ record: UnsafePointer<LogRecord>, _ kind: Reading.Topic?, _ batch: inout Batch, _ applied: inout SQLiteReadModel.Applied,
        wantsEvents: Bool
    ) throws(StoreError) {
        let reading = Reading(record, kind)
        if reading.isUnreadable { applied.unreadable += 1 }
        for key in reading.items where batch.loaded[key] == nil {
            let item = try item(key.list, key.id)
            batch.loaded[key] = .some(item)
            batch.rows.items[key] = item
        }
        var order: OrderRecord?
        if let id = reading.orderId {
            let entry = try entry(id)
            if !entry.isTouched {
                entry.isTouched = true
                batch.touched.append(entry)
            }
            Projection.project(reading, on: &entry.record, &batch.rows)
            if wantsEvents { order = entry.record }
        }
        Projection.project(reading, &batch.rows)
        if let message = reading.message { try write(message) }
        if wantsEvents, let event = FeedEvent(record, reading, order: order) { applied.events.append(event) }
    }

    private func write(_ batch: Batch, newest: Int) throws(StoreError) {
        for entry in batch.touched { try write(entry) }
        for (key, before) in batch.loaded { try write(batch.rows.items[key], before: before, key.list, key.id) }
        for (id, letter) in batch.rows.deadLetters { try write(letter, id) }
        if !causes.isEmpty {
            try database.run("INSERT INTO causes (last, body) VALUES (?1, ?2)", .integer(newest), .blob(causes))
            causes.removeAll(keepingCapacity: true)
        }
    }

    private func write(_ place: Place) throws(StoreError) {
        if let first = place.first {
            try database.run(
                "INSERT OR IGNORE INTO positions VALUES (?1, ?2, ?3, ?3, ?4)", .text(place.topic), .integer(Int(place.partition)),
                .integer(Int(first.offset)), .integer(first.time.milliseconds))
        }
        try database.run(
            "UPDATE positions SET next = ?3 WHERE topic = ?1 AND part = ?2", .text(place.topic), .integer(Int(place.partition)),
            .integer(Int(place.next)))
    }

    // MARK: The cache

    private func entry(_ id: String) throws(StoreError) -> Entry {
        if let known = recent[id] { return known }
        let entry: Entry
        if let known = older[id] { entry = known } else { entry = try stored(id) ?? Entry(record: OrderRecord(orderId: id)) }
        recent[id] = entry
        return entry
    }

    private func stored(_ id: String) throws(StoreError) -> Entry? {
        var found: Entry?
        sql.findOrder.bind(1, text: SearchText.folded(id))
        try sql.findOrder.scan { row in
            guard let record = OrderRecord.stored(row.bytes(1)), record.orderId == id else { return true }
            found = Entry(n: row.integer(0), index: OrderIndex(record), record: record)
            return false
        }
        return found
    }

    func forget(_ orderId: String) {
        recent[orderId] = nil
        older[orderId] = nil
    }

    // MARK: Names

    /// The number that stands for a shop or a carrier in columns.
    func number(of name: String) throws(StoreError) -> Int {
        if let known = names[name] { return known }
        let read: (SQLiteDatabase.Row) -> Int = { $0.integer(0) }
        var found = try database.rows("SELECT n FROM names WHERE name = ?1", .text(name), read: read).first
        if found == nil {
            try database.run("INSERT INTO names (name) VALUES (?1)", .text(name))
            found = try database.rows("SELECT n FROM names WHERE name = ?1", .text(name), read: read).first
        }
        let number = found ?? 0
        names[name] = number
        return number
    }
}
