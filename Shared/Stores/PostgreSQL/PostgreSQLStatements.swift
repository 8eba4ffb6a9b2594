/// The statements of a shard: `$1` is its number, where there is one.
extension PostgreSQLStatement {
    private typealias T = PostgreSQLType

    static let all = [
        claim, readShard, readPositions, own, identify, load, scan, writeAggregates, removeAggregates, writeEffects, removeEffects,
        writePositions, adoptPositions, writeOutbox, forgetOutbox, readOutbox, readEffects, setPublished, listShards,
    ]

    /// A key as an index can hold it: a B-tree takes some 2700 bytes, a Kafka key may have more. A short form is longer than any key that is
    /// its own, so that none is taken for another.
    private static func short(_ key: String) -> String {
        "CASE WHEN length(\(key)) <= 1000 THEN \(key) ELSE substr(\(key), 1, 992) || sha256(\(key)) END"
    }

    /// The whole key, where its short form is not it.
    private static func whole(_ key: String) -> String { "CASE WHEN length(\(key)) <= 1000 THEN NULL ELSE \(key) END" }

    /// The bytes up to which keys are sorted.
    static let sortedBytes = 992

    static let claim = PostgreSQLStatement(
        name: "claim",
        sql: """
            INSERT INTO daifa.shards AS s VALUES ($1, 1, 1, NULL, NULL, 0, 0)
            ON CONFLICT (number) DO UPDATE SET epoch = s.epoch + 1, writer = s.epoch + 1
            RETURNING epoch, cluster, consumer_group, highest_sequence, published
            """, types: [T.bigint])

    static let readShard = PostgreSQLStatement(
        name: "read_shard", sql: "SELECT epoch FROM daifa.shards WHERE number = $1", types: [T.bigint])

    static let readPositions = PostgreSQLStatement(
        name: "read_positions", sql: "SELECT topic, next, marked, fingerprint FROM daifa.positions WHERE shard = $1", types: [T.bigint])

    /// The first of each transaction that writes: holds the shard's row to its end, and fails by the fence when `$2` is not its epoch.
    static let own = PostgreSQLStatement(
        name: "own",
        sql: """
            UPDATE daifa.shards SET writer = $2, highest_sequence = greatest(highest_sequence, $3), published = greatest(published, $4)
            WHERE number = $1
            """, types: [T.bigint, T.bigint, T.bigint, T.bigint])

    static let identify = PostgreSQLStatement(
        name: "identify", sql: "UPDATE daifa.shards SET cluster = $2, consumer_group = $3 WHERE number = $1",
        types: [T.bigint, T.text, T.text])

    /// One look into the index for each key: as a plain join, planned while the table was empty, it would read all of the shard.
    static let load = PostgreSQLStatement(
        name: "load",
        sql: """
            SELECT k.place, a.version, a.state, a.answered
            FROM unnest($2) WITH ORDINALITY AS k(key, place) CROSS JOIN LATERAL (
                SELECT version, state, answered FROM daifa.aggregates WHERE shard = $1 AND name = \(short("k.key")) LIMIT 1) AS a
            """, types: [T.bigint, T.byteaArray])

    /// From a name on, in order: the caller tells where what it wants ends.
    static let scan = PostgreSQLStatement(
        name: "scan",
        sql: """
            SELECT name, whole, version, state, answered FROM daifa.aggregates
            WHERE shard = $1 AND name >= $2 ORDER BY name LIMIT $3
            """, types: [T.bigint, T.bytea, T.bigint])

    static let writeAggregates = PostgreSQLStatement(
        name: "write_aggregates",
        sql: """
            INSERT INTO daifa.aggregates
            SELECT $1, \(short("r.key")), \(whole("r.key")), r.version, r.state, r.answered
            FROM unnest($2, $3, $4, $5) AS r(key, version, state, answered)
            ON CONFLICT (shard, name) DO UPDATE SET version = excluded.version, state = excluded.state, answered = excluded.answered
            """, types: [T.bigint, T.byteaArray, T.bigintArray, T.byteaArray, T.byteaArray])

    static let removeAggregates = PostgreSQLStatement(
        name: "remove_aggregates",
        sql: "DELETE FROM daifa.aggregates WHERE shard = $1 AND name = ANY(ARRAY(SELECT \(short("r.key")) FROM unnest($2) AS r(key)))",
        types: [T.bigint, T.byteaArray])

    static let writeEffects = PostgreSQLStatement(
        name: "write_effects",
        sql: """
            INSERT INTO daifa.effects
            SELECT $1, \(short("r.key")), \(whole("r.key")), r.due, r.body, r.origin
            FROM unnest($2, $3, $4, $5) AS r(key, due, body, origin)
            ON CONFLICT (shard, name) DO UPDATE SET due = excluded.due, body = excluded.body, origin = excluded.origin
            """, types: [T.bigint, T.byteaArray, T.bigintArray, T.byteaArray, T.byteaArray])

    static let removeEffects = PostgreSQLStatement(
        name: "remove_effects",
        sql: "DELETE FROM daifa.effects WHERE shard = $1 AND name = ANY(ARRAY(SELECT \(short("r.key")) FROM unnest($2) AS r(key)))",
        types: [T.bigint, T.byteaArray])

    /// A position without a mark leaves the one that is stored.
    static let writePositions = positions(
        "write_positions", "marked = coalesce(excluded.marked, p.marked), fingerprint = coalesce(excluded.fingerprint, p.fingerprint)")

    /// A position without a mark takes the one that is stored away.
    static let adoptPositions = positions("adopt_positions", "marked = excluded.marked, fingerprint = excluded.fingerprint")

    private static func positions(_ name: String, _ marks: String) -> PostgreSQLStatement {
        PostgreSQLStatement(
            name: name,
            sql: """
                INSERT INTO daifa.positions AS p SELECT $1, r.* FROM unnest($2, $3, $4, $5) AS r
                ON CONFLICT (shard, topic) DO UPDATE SET next = excluded.next, \(marks)
                """, types: [T.bigint, T.textArray, T.bigintArray, T.bigintArray, T.bigintArray])
    }

    static let writeOutbox = PostgreSQLStatement(
        name: "write_outbox", sql: "INSERT INTO daifa.outbox VALUES ($1, $2, $3)", types: [T.bigint, T.bigint, T.bytea])

    static let forgetOutbox = PostgreSQLStatement(
        name: "forget_outbox", sql: "DELETE FROM daifa.outbox WHERE shard = $1 AND sequence <= $2", types: [T.bigint, T.bigint])

    static let readOutbox = PostgreSQLStatement(
        name: "read_outbox", sql: "SELECT sequence, records FROM daifa.outbox WHERE shard = $1 AND sequence > $2 ORDER BY sequence",
        types: [T.bigint, T.bigint])

    static let readEffects = PostgreSQLStatement(
        name: "read_effects",
        sql: "SELECT coalesce(whole, name), due, body, origin FROM daifa.effects WHERE shard = $1 AND due >= $2 AND due < $3",
        types: [T.bigint, T.bigint, T.bigint])

    static let setPublished = PostgreSQLStatement(
        name: "set_published", sql: "UPDATE daifa.shards SET published = $2 WHERE number = $1", types: [T.bigint, T.bigint])

    static let listShards = PostgreSQLStatement(name: "list_shards", sql: "SELECT number FROM daifa.shards ORDER BY number", types: [])
}
