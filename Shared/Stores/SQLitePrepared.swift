import CSQLite

/// A statement of one's own database that is prepared once and run many times. For the thread that has the database; invalid once it is closed.
public final class SQLitePrepared {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) { self.statement = statement }

    public func bind(_ index: Int, _ value: Int) { statement.bind(Int32(index), Int64(value)) }

    /// nil: NULL.
    public func bind(_ index: Int, _ value: Int?) {
        if let value { bind(index, value) } else { statement.bindNull(Int32(index)) }
    }

    /// A copy of the text.
    public func bind(_ index: Int, text: String) { statement.bind(copying: .text(text), at: Int32(index)) }

    /// Runs it, and passes over rows that it gives.
    public func run() throws(StoreError) { try statement.run("running a statement") }

    /// The same with these bytes, which are not copied, as one of its values.
    public func run(_ index: Int, blob: UnsafeRawBufferPointer) throws(StoreError) {
        statement.bind(Int32(index), blob: blob.assumingMemoryBound(to: UInt8.self))
        try run()
    }

    /// Hands over the rows, until the body says false.
    public func scan(_ body: (SQLiteDatabase.Row) -> Bool) throws(StoreError) {
        defer { statement.reset() }
        while try statement.step("reading rows") { if !body(SQLiteDatabase.Row(statement: statement)) { return } }
    }

    func finalize() { statement.finalize() }
}

extension SQLiteDatabase {
    /// A statement to be kept by its user: finding one by its text costs as much as running a small one.
    public func prepare(_ sql: String) throws(StoreError) -> SQLitePrepared {
        let prepared = SQLitePrepared(try connection.prepare(sql))
        kept.append(prepared)
        return prepared
    }
}
