/// The tables of a service's database, in a schema of their own, and how they came to be.
enum PostgreSQLSchema {
    static let name = "daifa"
    /// The constraint that a write of an owner breaks who has been replaced.
    static let fence = "shards_fence"

    /// Each brings the schema from the version before to its own; the first makes it. Once released, none is changed.
    static let migrations = [first]

    /// Keys are bytes: a Kafka key may hold U+0000, which no text may. Of a key that an index cannot hold, `name` has a short form (see
    /// `PostgreSQLStatement.short`), and `whole` all of it.
    /// What is written once and read back whole (a batch's records) is not compressed: that cost more of the server's time than writing it.
    private static let first = """
        CREATE TABLE daifa.shards(
            number bigint PRIMARY KEY, epoch bigint NOT NULL, writer bigint NOT NULL, cluster text, consumer_group text,
            highest_sequence bigint NOT NULL, published bigint NOT NULL, CONSTRAINT \(fence) CHECK (writer = epoch));
        CREATE TABLE daifa.aggregates(
            shard bigint NOT NULL, name bytea NOT NULL, whole bytea, version bigint NOT NULL, state bytea NOT NULL,
            answered bytea NOT NULL, PRIMARY KEY (shard, name));
        CREATE TABLE daifa.positions(
            shard bigint NOT NULL, topic text NOT NULL, next bigint NOT NULL, marked bigint, fingerprint bigint,
            PRIMARY KEY (shard, topic));
        CREATE TABLE daifa.outbox(shard bigint NOT NULL, sequence bigint NOT NULL, records bytea NOT NULL, PRIMARY KEY (shard, sequence));
        CREATE TABLE daifa.effects(
            shard bigint NOT NULL, name bytea NOT NULL, whole bytea, due bigint NOT NULL, body bytea NOT NULL, origin bytea NOT NULL,
            PRIMARY KEY (shard, name));
        CREATE INDEX effects_due ON daifa.effects(shard, due);
        ALTER TABLE daifa.outbox ALTER COLUMN records SET STORAGE EXTERNAL;
        ALTER TABLE daifa.shards SET (fillfactor = 20);
        ALTER TABLE daifa.positions SET (fillfactor = 20);
        """

    /// Sessions that change the schema take turns by it; the number is the project's name in ASCII.
    private static let lock = 0x6461_6966_61

    /// Makes the tables, or brings them up to date.
    /// - Parameter owner: the service; another's database is refused.
    static func prepare(_ connection: PostgreSQLConnection, owner: String) throws(StoreError) {
        let doing = "preparing its tables"
        if try version(connection, owner) == migrations.count { return }
        // In a transaction block: taken in an implicit one the lock would be gone after its statement.
        try connection.execute("BEGIN; SET LOCAL lock_timeout = '30s'; SET LOCAL statement_timeout = '60s'", doing)
        do throws(StoreError) {
            try connection.execute("SELECT pg_advisory_xact_lock(\(lock))", doing)
            if try connection.row("SELECT 1 FROM pg_namespace WHERE nspname = '\(name)'", doing) == nil {
                try connection.execute("CREATE SCHEMA \(name)", doing)
            }
            // Another replica may have made them since.
            let found = try version(connection, owner)
            if found == nil {
                try connection.execute(
                    "CREATE TABLE daifa.store(version int NOT NULL, service text NOT NULL); "
                        + "INSERT INTO daifa.store VALUES (0, '\(owner.replacing("'", with: "''"))')", doing)
            }
            for next in (found ?? 0)..<migrations.count { try connection.execute(migrations[next], doing) }
            try connection.execute("UPDATE daifa.store SET version = \(migrations.count); COMMIT", doing)
        } catch {
            try? connection.execute("ROLLBACK", doing)
            throw error
        }
    }

    /// The version of what is there; nil: nothing is.
    /// - Throws: `misconfigured` for a newer one, and for another service's.
    static func version(_ connection: PostgreSQLConnection, _ owner: String) throws(StoreError) -> Int? {
        let doing = "reading its schema version"
        guard try connection.row("SELECT to_regclass('daifa.store')", doing)?.first.flatMap({ $0 }) != nil,
            let row = try connection.row("SELECT version, service FROM daifa.store", doing), let text = row[0], let found = Int(text)
        else { return nil }
        guard row[1] == owner else {
            throw StoreError(
                kind: .misconfigured,
                message:
                    "\(connection.place): it is the database of the service \(row[1] ?? ""): "
                    + "give \(owner) a database and a role of its own")
        }
        guard found <= migrations.count else {
            throw StoreError(
                kind: .misconfigured,
                message: "\(connection.place): schema version \(found), this program knows \(migrations.count): "
                    + "run the version that wrote it, or a newer one")
        }
        return found
    }
}
