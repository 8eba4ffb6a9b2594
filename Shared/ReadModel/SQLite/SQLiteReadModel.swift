public import Stores
import Synchronization
public import Threads

/// The read model in one SQLite file, its lists in memory. The file may be deleted: it fills itself again from the topics, as far as they reach.
///
/// One thread applies records; any number of threads ask. A query works on the state as of one moment. Nothing else writes the file.
public final class SQLiteReadModel: ReadModel {
    public struct Settings: Sendable {
        /// Connections for queries; as many are answered at the same time.
        public var readers = 4
        /// Page cache of the connection that writes, and of each that reads.
        public var writerCacheKibibytes = 32_768
        public var readerCacheKibibytes = 8_192
        /// Orders that are kept in memory between batches, because their next event mostly comes soon.
        public var cachedOrders = 8192
        /// Up to so many ids and numbers that begin with a searched text are read; of more, rows are looked at in the list's order.
        public var mostMatches = 100_000
        public var ageing = Ageing()
        public init() {}
    }

    private let path: String
    private let settings: Settings
    private let writer: Mutex<WriterBox>
    private let lists = ListStore()
    private let readers: Monitor<[ReaderBox]>
    private let told: Monitor<[String: [Int32: Int64]]>
    /// The file was of another version or cluster, or new: it is filled from the beginning of the topics.
    public let isNew: Bool

    /// Handed from thread to thread under the mutex.
    private struct WriterBox: @unchecked Sendable {
        var writer: ModelWriter?
        /// Where the last pass over old orders ended.
        var agedTo = 0
    }

    /// Used by one thread at a time: whoever has taken it from the pool.
    private struct ReaderBox: @unchecked Sendable { let reader: ModelReader }

    /// Opens the file, or makes it. One that was filled from another cluster, or by another version of Daifa, is emptied.
    /// - Throws: `unavailable`, `busy`, `corrupt`.
    public init(path: String, clusterId: String, settings: Settings = Settings()) throws(StoreError) {
        self.path = path
        self.settings = settings
        let database = try Self.open(path, settings)
        isNew = try Self.prepare(database, clusterId)
        let first = try ModelWriter(database, lists, cacheLimit: settings.cachedOrders)
        told = Monitor(first.positions)
        writer = Mutex(WriterBox(writer: first))
        var pool: [ReaderBox] = []
        for _ in 0..<max(1, settings.readers) {
            var options = SQLiteDatabase.Options()
            options.isDurable = false
            options.erasesDeleted = false
            options.isReadOnly = true
            options.cacheKibibytes = settings.readerCacheKibibytes
            options.pageBytes = Self.pageBytes
            options.busyTimeout = 1000
            let database = try SQLiteDatabase(path: path, options: options)
            pool.append(ReaderBox(reader: ModelReader(database: database, lists: lists, mostMatches: settings.mostMatches)))
        }
        readers = Monitor(pool)
    }

    /// Small pages: a record is one or two kilobytes, and each change writes its page.
    private static let pageBytes = 4096

    private static func open(_ path: String, _ settings: Settings) throws(StoreError) -> SQLiteDatabase {
        var options = SQLiteDatabase.Options()
        // It can be filled again, and holds nothing that has to be gone when it is deleted.
        options.isDurable = false
        options.erasesDeleted = false
        options.cacheKibibytes = settings.writerCacheKibibytes
        options.pageBytes = pageBytes
        // The writer does it before, between batches: while one is committed, queries wait.
        options.checkpointPages = 50_000
        options.busyTimeout = 1000
        return try SQLiteDatabase(path: path, options: options)
    }

    /// - Returns: whether it begins empty.
    private static func prepare(_ database: SQLiteDatabase, _ clusterId: String) throws(StoreError) -> Bool {
        try database.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        let identity = "\(ModelSchema.version) \(clusterId)"
        let known = try database.rows("SELECT value FROM meta WHERE name = 'identity'") { $0.text(0) }.first
        if known == identity {
            try database.execute(ModelSchema.tables)
            return false
        }
        let tables = try database.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") { $0.text(0) }
        try database.transaction { () throws(StoreError) in
            for table in tables where table != "meta" { try database.execute("DROP TABLE \"\(table)\"") }
            try database.execute(ModelSchema.tables)
            try database.run("INSERT OR REPLACE INTO meta VALUES ('identity', ?1)", .text(identity))
        }
        return true
    }

    // MARK: Filling

    /// Where each partition is to be read on; one that is not named, from its beginning.
    public var positions: [LogPosition] {
        told.withLock { told in
            told.flatMap { topic, partitions in
                partitions.map { LogPosition(topic: topic, partition: $0.key, offset: $0.value) }
            }
        }
    }

    /// What became of a batch of records.
    public struct Applied: Sendable {
        /// The events among what was new, with the shops that may see them.
        public var events: [FeedEvent] = []
        /// Records that were new.
        public var records = 0
        /// Those whose data could not be read as their type; they are passed over.
        public var unreadable = 0
    }

    /// Takes records, those of one partition in order, and keeps what follows from them, in one transaction; what it has already is skipped.
    /// - Parameter wantsEvents: false spares the work while nobody listens.
    /// - Throws: nothing of the batch is kept; give it again.
    @discardableResult
    public func apply(_ records: [LogRecord], wantsEvents: Bool = true) throws(StoreError) -> Applied {
        try writing { (writer) throws(StoreError) in try writer.apply(records, wantsEvents: wantsEvents) }
    }

    /// Deletes what is too old. Each call looks at a part of the orders; call it again and again, every minute or so.
    /// - Returns: how many rows are gone.
    @discardableResult
    public func age(now: Timestamp) throws(StoreError) -> Int {
        try writing(agedTo: true) { (writer, agedTo) throws(StoreError) in try writer.age(settings.ageing, now: now, from: &agedTo) }
    }

    private func writing<Result: Sendable>(
        _ body: (ModelWriter) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try writing(agedTo: false) { (writer, _) throws(StoreError) in try body(writer) }
    }

    private func writing<Result: Sendable>(
        agedTo: Bool, _ body: (ModelWriter, inout Int) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try writer.withLock { (box) throws(StoreError) in
            let known = box.writer
            let writer = if let known { known } else { try newWriter() }
            // What it remembers of the file may be wrong after an error.
            box.writer = nil
            let result = try body(writer, &box.agedTo)
            box.writer = writer
            let positions = writer.positions
            told.update { $0 = positions }
            return result
        }
    }

    private func newWriter() throws(StoreError) -> ModelWriter {
        try ModelWriter(try Self.open(path, settings), lists, cacheLimit: settings.cachedOrders)
    }

    // MARK: How far it is

    public func wait(until position: LogPosition, timeout: Double) -> Bool {
        told.wait(until: .after(timeout)) { $0[position.topic]?[position.partition].map { $0 >= position.offset } ?? false }
    }

    public func knownSince() throws(ReadModelError) -> [KnownSince] {
        try asking { (reader) throws(ReadModelError) in
            try reader.asking { () throws(StoreError) in
                try reader.database.rows("SELECT topic, part, first, since FROM positions WHERE first > 0 ORDER BY topic, part") { row in
                    KnownSince(
                        topic: row.text(0), partition: Int32(truncatingIfNeeded: row.integer(1)), offset: Int64(row.integer(2)),
                        time: Timestamp(milliseconds: row.integer(3)))
                }
            }
        }
    }

    // MARK: Asking

    /// With a connection of the pool; waits for one.
    func asking<Result>(_ body: (ModelReader) throws(ReadModelError) -> Result) throws(ReadModelError) -> Result {
        guard let box = readers.wait({ (pool: inout [ReaderBox]) in pool.popLast() }) else {
            throw .store(StoreError(kind: .busy, message: "\(path): all connections are in use"))
        }
        defer { readers.update { $0.append(box) } }
        return try body(box.reader)
    }
}
