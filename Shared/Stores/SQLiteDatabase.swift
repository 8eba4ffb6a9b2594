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
        fileprivate let statement: SQLiteStatement

        public func integer(_ column: Int) -> Int { Int(statement.integer(Int32(column))) }
        public func text(_ column: Int) -> String { statement.text(Int32(column)) }
        public func optionalText(_ column: Int) -> String? { statement.isNull(Int32(column)) ? nil : text(column) }
        public func blob(_ column: Int) -> [UInt8] { Array(statement.bytes(Int32(column))) }
    }

    private let connection: SQLiteConnection
    /// By their text: preparing costs more than running most of them.
    private var statements: [String: SQLiteStatement] = [:]

    /// Opens the file, or makes it; in WAL mode with `synchronous=FULL`: what is committed survives the end of the machine.
    /// - Throws: `unavailable`, `busy`, `corrupt`.
    public init(path: String) throws(StoreError) {
        connection = try SQLiteConnection(path: path)
    }

    deinit { close() }

    /// A second call does nothing.
    public func close() {
        for statement in statements.values { statement.finalize() }
        statements = [:]
        connection.close()
    }

    /// Statements without parameters and rows, separated by `;`: for tables and indexes.
    public func execute(_ sql: String) throws(StoreError) { try connection.execute(sql, "running statements") }

    /// Runs one statement; `?1`, `?2` … are the values. Returns how many rows it changed.
    @discardableResult
    public func run(_ sql: String, _ values: Value...) throws(StoreError) -> Int {
        let statement = try prepared(sql, values)
        try statement.run("running a statement")
        return Int(connection.changes)
    }

    /// The rows of a query; `?1`, `?2` … are the values.
    public func rows<Result>(_ sql: String, _ values: Value..., read: (Row) -> Result) throws(StoreError) -> [Result] {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        var results: [Result] = []
        while try statement.step("reading rows") { results.append(read(Row(statement: statement))) }
        return results
    }

    /// Runs the body in one transaction; when it throws nothing of it remains. Transactions do not nest.
    public func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try connection.transaction(writing: true, "a transaction", body)
    }

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

    fileprivate func bind(copying value: SQLiteDatabase.Value, at index: Int32) {
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
