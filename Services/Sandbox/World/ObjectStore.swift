import JSON
import Stores

/// Something that the sandbox holds: a row of its database, as JSON.
protocol StoredObject: DefaultInitializable {
    static var kind: String { get }
    var id: String { get }
    /// A second key to find it by; need not be unique.
    var alias: String? { get }
}

extension StoredObject {
    var alias: String? { nil }
}

/// All that the sandbox holds, in one SQLite file. A call's changes are committed before the call is answered.
final class ObjectStore {
    /// An accepted create: one row for each thing that was made, so that doubles can be counted.
    struct Create {
        var partner: String
        var operation: String
        var key: String
        var number: String
        var at: Int
    }

    /// A call as it ended.
    struct CallRecord {
        var partner: String
        var operation: String
        var key: String
        /// `ok`, a refusal's kind, or the kind of a fault.
        var outcome: String
        var at: Int
    }

    /// Older calls are forgotten: a sandbox that runs for weeks must not fill its disk.
    private static let callsKept = 100_000

    private let database: SQLiteDatabase

    init(path: String) throws(StoreError) {
        database = try SQLiteDatabase(path: path)
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS objects (
                position INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, alias TEXT, body TEXT NOT NULL,
                UNIQUE (kind, id));
            CREATE INDEX IF NOT EXISTS objects_by_alias ON objects (kind, alias);
            CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS creates (
                position INTEGER PRIMARY KEY AUTOINCREMENT, partner TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
                number TEXT NOT NULL, at INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS calls (
                position INTEGER PRIMARY KEY AUTOINCREMENT, partner TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
                outcome TEXT NOT NULL, at INTEGER NOT NULL);
            """)
    }

    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result { try database.transaction(body) }

    // MARK: Objects

    func get<Object: StoredObject>(_ type: Object.Type, _ id: String) throws(StoreError) -> Object? {
        try decode(
            type, database.rows("SELECT body FROM objects WHERE kind = ?1 AND id = ?2", .text(Object.kind), .text(id)) { $0.text(0) }
        ).first
    }

    /// In the order in which they were made.
    func find<Object: StoredObject>(_ type: Object.Type, alias: String) throws(StoreError) -> [Object] {
        try decode(
            type,
            database.rows("SELECT body FROM objects WHERE kind = ?1 AND alias = ?2 ORDER BY position", .text(Object.kind), .text(alias)) {
                $0.text(0)
            })
    }

    /// The first so many whose alias lies in the range, in its order.
    func find<Object: StoredObject>(_ type: Object.Type, aliases: ClosedRange<String>, limit: Int) throws(StoreError) -> [Object] {
        try decode(
            type,
            database.rows(
                "SELECT body FROM objects WHERE kind = ?1 AND alias BETWEEN ?2 AND ?3 ORDER BY alias, position LIMIT ?4",
                .text(Object.kind), .text(aliases.lowerBound), .text(aliases.upperBound), .integer(limit)
            ) { $0.text(0) })
    }

    /// In the order in which they were made.
    func all<Object: StoredObject>(_ type: Object.Type) throws(StoreError) -> [Object] {
        try decode(type, database.rows("SELECT body FROM objects WHERE kind = ?1 ORDER BY position", .text(Object.kind)) { $0.text(0) })
    }

    func count<Object: StoredObject>(_ type: Object.Type) throws(StoreError) -> Int {
        try database.rows("SELECT count(*) FROM objects WHERE kind = ?1", .text(Object.kind)) { $0.integer(0) }.first ?? 0
    }

    func put<Object: StoredObject>(_ object: Object) throws(StoreError) {
        try database.run(
            """
            INSERT INTO objects (kind, id, alias, body) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (kind, id) DO UPDATE SET alias = ?3, body = ?4
            """, .text(Object.kind), .text(object.id), object.alias.map { .text($0) } ?? .null,
            .text(String(decoding: object.json, as: UTF8.self)))
    }

    func remove<Object: StoredObject>(_ type: Object.Type, _ id: String) throws(StoreError) {
        try database.run("DELETE FROM objects WHERE kind = ?1 AND id = ?2", .text(Object.kind), .text(id))
    }

    /// Forgets everything, logs and counters too.
    func clear() throws(StoreError) {
        try database.execute("DELETE FROM objects; DELETE FROM counters; DELETE FROM creates; DELETE FROM calls")
    }

    /// The next number of a row of numbers: 1, 2, 3 …
    func next(_ counter: String) throws(StoreError) -> Int {
        try database.run(
            "INSERT INTO counters VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", .text(counter))
        return try database.rows("SELECT value FROM counters WHERE name = ?1", .text(counter)) { $0.integer(0) }.first ?? 0
    }

    private func decode<Object: StoredObject>(_ type: Object.Type, _ bodies: [String]) throws(StoreError) -> [Object] {
        do throws(JSONError) { return try bodies.map { (body) throws(JSONError) in try Object.decode(body) } } catch {
            throw StoreError(
                kind: .corrupt, message: "the sandbox's \(Object.kind) cannot be read: \(error): name another --data folder, or empty it")
        }
    }

    // MARK: Logs

    func record(_ create: Create) throws(StoreError) {
        try database.run(
            "INSERT INTO creates (partner, operation, key, number, at) VALUES (?1, ?2, ?3, ?4, ?5)", .text(create.partner),
            .text(create.operation), .text(create.key), .text(create.number), .integer(create.at))
    }

    func record(_ call: CallRecord) throws(StoreError) {
        try database.run(
            "INSERT INTO calls (partner, operation, key, outcome, at) VALUES (?1, ?2, ?3, ?4, ?5)", .text(call.partner),
            .text(call.operation), .text(call.key), .text(call.outcome), .integer(call.at))
        try database.run("DELETE FROM calls WHERE position <= (SELECT max(position) FROM calls) - ?1", .integer(Self.callsKept))
    }

    /// Oldest first; of one key, or all.
    func creates(key: String?) throws(StoreError) -> [Create] {
        try database.rows(
            "SELECT partner, operation, key, number, at FROM creates WHERE ?1 IS NULL OR key = ?1 ORDER BY position",
            key.map { .text($0) } ?? .null
        ) { Create(partner: $0.text(0), operation: $0.text(1), key: $0.text(2), number: $0.text(3), at: $0.integer(4)) }
    }

    /// The last so many, oldest first; of one operation, or all.
    func calls(operation: String?, limit: Int) throws(StoreError) -> [CallRecord] {
        try database.rows(
            """
            SELECT partner, operation, key, outcome, at FROM calls WHERE ?1 IS NULL OR operation = ?1 ORDER BY position DESC LIMIT ?2
            """, operation.map { .text($0) } ?? .null, .integer(limit)
        ) { CallRecord(partner: $0.text(0), operation: $0.text(1), key: $0.text(2), outcome: $0.text(3), at: $0.integer(4)) }.reversed()
    }
}
