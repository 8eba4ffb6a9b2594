import Glibc
import Stores
import Threads

/// People in a file of SQLite, `people.db`: WAL, `synchronous=FULL`, one connection behind one lock. Other processes may use the same file
/// at the same time (`daifa user` does): they wait for each other up to five seconds.
public final class SQLitePeopleStore: PeopleStore {
    /// The folder `people` of the console's store folder: `DAIFA_STORE=sqlite:<folder>` has the read model in `<folder>`, which may be
    /// deleted, and people in `<folder>/people`, which may not.
    public static func folder(inStoreFolder folder: String) -> String { "\(folder)/people" }

    /// Where the first operator's link is written, in the folder of people.
    public static func linkFile(inFolder folder: String) -> String { "\(folder)/first-operator.link" }

    public let folder: String
    public var path: String { "\(folder)/people.db" }

    private static let patience: Int32 = 5000
    private let database: Monitor<Connection>

    private struct Connection {
        var database: SQLiteDatabase
    }

    /// Opens the file, makes it and its folder (0700) where they are missing, and brings its tables to this version.
    /// - Throws: `unavailable`, also for a file of a newer version.
    public init(folder: String) throws(PeopleError) {
        self.folder = folder
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw .unavailable("\(folder): making the folder of people: \(String(cString: strerror(errno)))")
        }
        do throws(StoreError) {
            let opened = try Self.opened("\(folder)/people.db")
            database = Monitor(Connection(database: opened))
        } catch { throw .unavailable(error.message) }
    }

    /// Two processes that make the file at once: one of them finds it locked, without having waited.
    private static func opened(_ path: String) throws(StoreError) -> sending SQLiteDatabase {
        let end = Deadline.after(Double(patience) / 1000)
        while true {
            do throws(StoreError) {
                var options = SQLiteDatabase.Options()
                options.busyTimeout = Int(patience)
                let database = try SQLiteDatabase(path: path, options: options)
                try migrate(database, path)
                return database
            } catch {
                guard error.kind == .busy, !end.hasPassed else { throw error }
                usleep(10_000)
            }
        }
    }

    private static func migrate(_ database: SQLiteDatabase, _ path: String) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            let version = try database.rows("PRAGMA user_version") { $0.integer(0) }.first ?? 0
            guard (0...PeopleSchema.steps.count).contains(version) else {
                throw StoreError(
                    kind: .unavailable,
                    message: "\(path): has tables of version \(version), this program knows \(PeopleSchema.steps.count): run a newer one")
            }
            guard version < PeopleSchema.steps.count else { return }
            for step in PeopleSchema.steps[version...] { try database.execute(step) }
            try database.execute("PRAGMA user_version=\(PeopleSchema.steps.count)")
        }
    }

    /// A second call does nothing; other calls throw `unavailable` from now on.
    public func close() { database.withLock { $0.database.close() } }

    public func change<Result>(_ body: (any PeopleRows) throws(PeopleError) -> Result) throws(PeopleError) -> Result {
        try transaction(writing: true) { (database) throws(PeopleError) in try body(SQLitePeopleRows(database: database)) }
    }

    public func read<Result>(_ body: (any PeopleRows) throws(PeopleError) -> Result) throws(PeopleError) -> Result {
        try transaction(writing: false) { (database) throws(PeopleError) in try body(SQLitePeopleRows(database: database)) }
    }

    /// Runs the body in one transaction; what it throws is thrown, and nothing of it remains.
    @discardableResult
    func transaction<Result>(
        writing: Bool, _ body: (SQLiteDatabase) throws(PeopleError) -> Result
    ) throws(PeopleError) -> Result {
        try database.withLock { (connection) throws(PeopleError) in
            let database = connection.database
            var refusal: PeopleError?
            do throws(StoreError) {
                return try database.transaction(writing: writing) { () throws(StoreError) in
                    do throws(PeopleError) { return try body(database) } catch {
                        refusal = error
                        throw StoreError(kind: .mistake, message: "rolled back")
                    }
                }
            } catch { throw refusal ?? .unavailable(error.message) }
        }
    }
}

/// Statements, with errors as this module has them.
extension SQLiteDatabase {
    @discardableResult
    func write(_ sql: String, _ values: Value...) throws(PeopleError) -> Int {
        do throws(StoreError) { return try run(sql, values) } catch { throw .unavailable(error.message) }
    }

    func all<Result>(_ sql: String, _ values: Value..., read: (Row) -> Result?) throws(PeopleError) -> [Result] {
        try all(sql, list: values, read: read)
    }

    func all<Result>(_ sql: String, list values: [Value], read: (Row) -> Result?) throws(PeopleError) -> [Result] {
        do throws(StoreError) {
            return try rows(sql, values, read: read).map { (row) throws(StoreError) in
                guard let row else { throw StoreError(kind: .corrupt, message: "a row of people.db cannot be read: \(sql)") }
                return row
            }
        } catch { throw .unavailable(error.message) }
    }

    func first<Result>(_ sql: String, _ values: Value..., read: (Row) -> Result?) throws(PeopleError) -> Result? {
        do throws(StoreError) {
            guard let row = try rows(sql, values, read: read).first else { return nil }
            guard let row else { throw StoreError(kind: .corrupt, message: "a row of people.db cannot be read: \(sql)") }
            return row
        } catch { throw .unavailable(error.message) }
    }
}

extension SQLiteDatabase.Value {
    static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .null }
    static func time(_ time: Timestamp) -> Self { .integer(time.milliseconds) }
    static func bool(_ value: Bool) -> Self { .integer(value ? 1 : 0) }
}

extension SQLiteDatabase.Row {
    func time(_ column: Int) -> Timestamp { Timestamp(milliseconds: integer(column)) }
    func bool(_ column: Int) -> Bool { integer(column) != 0 }
}
