import CSQLite

/// A database file of one's own: for programs that are no service and have tables of their own. One thread at a time.
public final class SQLiteDatabase {
    /// A value of a statement's parameter.
    public enum Value: Sendable, Equatable {
        case null
        case integer(Int)
        case text(String)
        case blob([UInt8])
    }

    /// A row while it is being read.
    public struct Row {
        let statement: SQLiteStatement

        public func integer(_ column: Int) -> Int { Int(statement.integer(Int32(column))) }
        public func text(_ column: Int) -> String { statement.text(Int32(column)) }
        public func optionalText(_ column: Int) -> String? { statement.isNull(Int32(column)) ? nil : text(column) }
        public func optionalInteger(_ column: Int) -> Int? { statement.isNull(Int32(column)) ? nil : integer(column) }
        public func blob(_ column: Int) -> [UInt8] { Array(statement.bytes(Int32(column))) }
        /// The column's bytes, valid within the body that is given the row.
        public func bytes(_ column: Int) -> UnsafeRawBufferPointer { statement.bytes(Int32(column)) }
    }

    /// How a file is opened.
    public struct Options: Sendable {
        /// What is committed survives the end of the machine; else only the end of the process, for what can be made again.
        public var isDurable = true
        /// Deleted bytes are overwritten with zeros: for files that hold people's data.
        public var erasesDeleted = true
        /// The connection refuses to write; there may be many beside the one that writes.
        public var isReadOnly = false
        /// Page cache.
        public var cacheKibibytes = 1024
        /// Bytes of a page, when the file is made.
        public var pageBytes = 16_384
        /// The log is copied into the database after so many pages.
        public var checkpointPages = 1000
        /// Milliseconds to wait for a lock.
        public var busyTimeout = 200
        public init() {}
    }

    let connection: SQLiteConnection
    /// By their text: preparing costs more than running most of them.
    private var statements: [String: SQLiteStatement] = [:]
    /// Those that their users keep.
    var kept: [SQLitePrepared] = []

    /// Opens the file, or makes it; in WAL mode with `synchronous=FULL`: what is committed survives the end of the machine.
    /// - Throws: `unavailable`, `busy`, `corrupt`.
    public convenience init(path: String) throws(StoreError) { try self.init(path: path, options: Options()) }

    /// Opens the file, or makes it; in WAL mode.
    /// - Throws: `unavailable`, `busy`, `corrupt`.
    public init(path: String, options: Options) throws(StoreError) {
        var settings = SQLiteConnection.Settings()
        settings.isDurable = options.isDurable
        settings.erasesDeleted = options.erasesDeleted
        settings.isReadOnly = options.isReadOnly
        settings.cacheKibibytes = options.cacheKibibytes
        settings.pageBytes = options.pageBytes
        settings.checkpointPages = options.checkpointPages
        settings.busyTimeoutMilliseconds = Int32(clamping: options.busyTimeout)
        connection = try SQLiteConnection(path: path, settings: settings)
    }

    deinit { close() }

    /// A second call does nothing.
    public func close() {
        for statement in statements.values { statement.finalize() }
        for prepared in kept { prepared.finalize() }
        (statements, kept) = ([:], [])
        connection.close()
    }

    /// Statements without parameters and rows, separated by `;`: for tables and indexes.
    public func execute(_ sql: String) throws(StoreError) { try connection.execute(sql, "running statements") }

    /// Runs one statement; `?1`, `?2` … are the values. Returns how many rows it changed.
    @discardableResult
    public func run(_ sql: String, _ values: Value...) throws(StoreError) -> Int { try run(sql, values) }

    /// The same with the values in a list.
    @discardableResult
    public func run(_ sql: String, _ values: [Value]) throws(StoreError) -> Int {
        let statement = try prepared(sql, values)
        try statement.run("running a statement")
        return Int(connection.changes)
    }

    /// The rows of a query; `?1`, `?2` … are the values.
    public func rows<Result>(_ sql: String, _ values: Value..., read: (Row) -> Result) throws(StoreError) -> [Result] {
        try rows(sql, values, read: read)
    }

    /// The same with the values in a list.
    public func rows<Result>(_ sql: String, _ values: [Value], read: (Row) -> Result) throws(StoreError) -> [Result] {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        var results: [Result] = []
        while try statement.step("reading rows") { results.append(read(Row(statement: statement))) }
        return results
    }

    /// Runs one statement with as many values as it has parameters.
    @discardableResult
    public func run(_ sql: String, values: [Value]) throws(StoreError) -> Int {
        let statement = try prepared(sql, values)
        try statement.run("running a statement")
        return Int(connection.changes)
    }

    /// Hands over the rows of a query, until the body says false; `?1`, `?2` … are the values.
    public func scan(_ sql: String, values: [Value], _ body: (Row) -> Bool) throws(StoreError) {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        while try statement.step("reading rows") { if !body(Row(statement: statement)) { return } }
    }

    /// Runs the body in one transaction; when it throws nothing of it remains. Transactions do not nest.
    /// - Parameter writing: false for one that only reads: it waits for no other process, and none waits for it.
    public func transaction<Result>(writing: Bool = true, _ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try connection.transaction(writing: writing, "a transaction", body)
    }

    /// Runs the body in one transaction that writes, and then has it committed by what is given the committing to do, exactly once.
    public func transaction<Result>(
        _ body: () throws(StoreError) -> Result, committing: (() throws(StoreError) -> Void) throws(StoreError) -> Void
    ) throws(StoreError) -> Result {
        try connection.transaction(writing: true, "a transaction", body, committing: committing)
    }

    /// Copies the log into the database, as far as no reader needs it where it is; waits for nobody.
    public func checkpoint() throws(StoreError) { try connection.execute("PRAGMA wal_checkpoint(PASSIVE)", "a checkpoint") }

    private func prepared(_ sql: String, _ values: [Value]) throws(StoreError) -> SQLiteStatement {
        let statement: SQLiteStatement
        if let known = statements[sql] {
            statement = known
        } else {
            statement = try connection.prepare(sql)
            statements[sql] = statement
        }
        for (index, value) in values.enumerated() { statement.bind(copying: value, at: Int32(index + 1)) }
        return statement
    }
}

extension SQLiteStatement {
    /// SQLite's SQLITE_TRANSIENT, a cast constant that Swift cannot see: SQLite makes a copy of its own.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(copying value: SQLiteDatabase.Value, at index: Int32) {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let number): bind(index, Int64(number))
        case .text(var text):
            text.withUTF8 { bytes in
                let start = bytes.baseAddress ?? Self.empty
                _ = sqlite3_bind_text64(handle, index, start, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
            }
        case .blob(let bytes):
            bytes.withUnsafeBytes { bytes in
                let start = bytes.baseAddress ?? UnsafeRawPointer(Self.empty)
                _ = sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), Self.transient)
            }
        }
    }

    /// A null pointer would bind NULL.
    private static var empty: UnsafePointer<UInt8> { ("" as StaticString).utf8Start }
}
