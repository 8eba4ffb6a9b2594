import CSQLite

/// One connection to one database file, for one thread at a time.
final class SQLiteConnection {
    let path: String
    private var handle: OpaquePointer?
    private let settings: Settings

    /// Sizes and times of a connection; measured with batches of 500 rows.
    struct Settings: Sendable {
        /// How long a call waits for a lock. Short: the owner is waiting, and a claim is retried by its caller.
        var busyTimeoutMilliseconds: Int32 = 200
        /// Page cache between batches. The working set lives in the service's own cache.
        var cacheKibibytes = 1024
        /// Page cache while a batch is read and written. Its changed pages stay in memory until it commits; were they to fill the cache,
        /// every other page would be read anew for each row.
        var batchCacheKibibytes = 65_536
        /// Bytes of a page, when the file is made. A batch's records are one row of some hundred kilobytes: larger pages are fewer to
        /// write, and fewer to free again, than SQLite's 4096.
        var pageBytes = 16_384
        /// The log is copied into the database after so many pages: more of them share a copied page than with a small log, and the log
        /// stays within 16 MiB.
        var checkpointPages = 1000
        /// What is committed survives the end of the machine (`synchronous=FULL`); else it survives the end of the process (`NORMAL`).
        var isDurable = true
        /// Deleted bytes are overwritten with zeros.
        var erasesDeleted = true
        /// The connection refuses to write.
        var isReadOnly = false
    }

    /// SQLite's process-wide settings, made once before the first connection.
    private static let configured: Bool = daifa_sqlite_configure() == SQLITE_OK

    init(path: String, settings: Settings = Settings()) throws(StoreError) {
        _ = Self.configured
        self.path = path
        self.settings = settings
        SQLiteFile.prepare(path)
        // One thread at a time is the caller's promise, so SQLite takes no mutex of its own.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let opened = sqlite3_open_v2(path, &handle, flags, nil)
        do throws(StoreError) {
            guard opened == SQLITE_OK else { throw error(opened, "opening it") }
            sqlite3_busy_timeout(handle, settings.busyTimeoutMilliseconds)
            try execute("PRAGMA page_size=\(settings.pageBytes)", "setting its page size")
            try execute("PRAGMA cache_size=-\(settings.cacheKibibytes)", "setting its cache")
            // A batch that is larger than the cache stays in memory until it commits: spilled pages would be written twice.
            try execute("PRAGMA cache_spill=OFF", "setting its cache")
            guard try value("PRAGMA journal_mode=WAL", "setting its journal mode") == "wal" else {
                throw StoreError(
                    kind: .unavailable,
                    message: "\(path): this file system does not carry SQLite's write-ahead log; use a local folder")
            }
            let level = settings.isDurable ? (name: "FULL", number: "2") : (name: "NORMAL", number: "1")
            try execute("PRAGMA synchronous=\(level.name)", "setting synchronous=\(level.name)")
            guard try value("PRAGMA synchronous", "checking synchronous=\(level.name)") == level.number else {
                throw StoreError(kind: .unavailable, message: "\(path): SQLite did not accept synchronous=\(level.name)")
            }
            // Deleted content is overwritten with zeros, freed pages too, which FAST leaves as they are: a recipient must be gone when it
            // was shredded. The log keeps older pages until later ones overwrite them, or the last connection closes.
            let erased = settings.erasesDeleted ? try value("PRAGMA secure_delete=ON", "having deleted bytes overwritten") : "1"
            guard erased == "1" else {
                throw StoreError(kind: .unavailable, message: "\(path): SQLite did not accept secure_delete=ON")
            }
            try execute("PRAGMA wal_autocheckpoint=\(settings.checkpointPages)", "setting its checkpoints")
            if settings.isReadOnly { try execute("PRAGMA query_only=ON", "having it refuse to write") }
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    var isOpen: Bool { handle != nil }
    /// Rows that the last statement changed.
    var changes: Int32 { sqlite3_changes(handle) }

    func execute(_ sql: String, _ doing: String) throws(StoreError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result, doing) }
    }

    /// The first column of the first row as text; nil without a row.
    func value(_ sql: String, _ doing: String) throws(StoreError) -> String? {
        let statement = try prepare(sql)
        defer { statement.finalize() }
        guard try statement.step(doing), let text = sqlite3_column_text(statement.handle, 0) else { return nil }
        return String(cString: text)
    }

    func prepare(_ sql: String) throws(StoreError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else { throw error(result, "preparing a statement") }
        return SQLiteStatement(statement, self)
    }

    /// Lets the page cache hold a whole batch, or shrinks it again.
    func holdsBatch(_ isBatch: Bool) {
        // No input and no output: there is nothing that can fail.
        sqlite3_exec(handle, "PRAGMA cache_size=-\(isBatch ? settings.batchCacheKibibytes : settings.cacheKibibytes)", nil, nil, nil)
    }

    /// Begins a read transaction; `end` ends it.
    func begin(_ doing: String) throws(StoreError) {
        guard isOpen else { throw StoreError(kind: .unavailable, message: "\(path): \(doing): the shard was closed") }
        try execute("BEGIN", doing)
    }

    /// Ends a read transaction: there is nothing to lose, so it cannot fail in a way that matters.
    func end() { if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) } }

    /// Runs the body in one transaction; without success nothing of it remains.
    func transaction<Result>(
        writing: Bool, _ doing: String, _ body: () throws(StoreError) -> Result,
        committing: (() throws(StoreError) -> Void) throws(StoreError) -> Void = { (commit) throws(StoreError) in try commit() }
    ) throws(StoreError) -> Result {
        guard isOpen else { throw StoreError(kind: .unavailable, message: "\(path): \(doing): the shard was closed") }
        try execute(writing ? "BEGIN IMMEDIATE" : "BEGIN", doing)
        do throws(StoreError) {
            let result = try body()
            try committing { () throws(StoreError) in try execute("COMMIT", doing) }
            return result
        } catch {
            // Some errors have rolled back already; the first error is the one to tell.
            if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    /// SQLite's result code in our words. Source of the codes: sqlite.org/rescode.html.
    func error(_ result: Int32, _ doing: String) -> StoreError {
        let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(result))
        let system = handle.map { sqlite3_system_errno($0) } ?? 0
        let kind: StoreError.Kind
        let advice: String
        switch result & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED:
            (kind, advice) = (.busy, "another process is writing; try again")
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_MISMATCH, SQLITE_CONSTRAINT, SQLITE_ERROR:
            (kind, advice) = (.corrupt, "restore the file from a backup, or move it away and adopt the state on purpose")
        case SQLITE_FULL:
            (kind, advice) = (.unavailable, "free some disk space")
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            (kind, advice) = (.unavailable, "check that the folder exists and that this process may write in it")
        default:
            (kind, advice) = (.unavailable, "check the disk and the folder")
        }
        let errno = system == 0 || kind != .unavailable ? "" : ", errno \(system)"
        return StoreError(kind: kind, message: "\(path): \(doing): \(reason) (SQLite \(result)\(errno)): \(advice)")
    }
}

/// A statement that is prepared once. It must be reset after use: its bindings point into the caller's memory.
final class SQLiteStatement {
    private(set) var handle: OpaquePointer?
    private unowned let connection: SQLiteConnection

    init(_ handle: OpaquePointer, _ connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { finalize() }

    func finalize() {
        sqlite3_finalize(handle)
        handle = nil
    }

    /// True when there is a row. Resets the statement on an error.
    func step(_ doing: String) throws(StoreError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result:
            let error = connection.error(result, doing)
            reset()
            throw error
        }
    }

    /// For a statement without rows: steps and resets.
    func run(_ doing: String) throws(StoreError) {
        _ = try step(doing)
        reset()
    }

    func reset() { sqlite3_reset(handle) }

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

    func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

    func bind(_ index: Int32, text: UnsafeBufferPointer<UInt8>) {
        daifa_sqlite_bind_text(handle, index, text.baseAddress, text.count)
    }

    func bind(_ index: Int32, blob: UnsafeBufferPointer<UInt8>) {
        daifa_sqlite_bind_blob(handle, index, blob.baseAddress, blob.count)
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The column's bytes, valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
}
