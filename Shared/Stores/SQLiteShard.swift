/// One shard in one SQLite file, in write-ahead-log mode with `synchronous=FULL`.
final class SQLiteShard: ShardStore {
    /// Raised when the tables change; kept in the file as `user_version`.
    private static let schemaVersion = 4
    private static let effectsTable =
        "CREATE TABLE effects(id TEXT PRIMARY KEY NOT NULL, due INTEGER NOT NULL, body BLOB NOT NULL, origin BLOB NOT NULL);"
    /// The offset of the last record that was read of a topic, and its fingerprint; null until one was.
    private static let marks =
        "ALTER TABLE positions ADD COLUMN marked INTEGER; ALTER TABLE positions ADD COLUMN fingerprint INTEGER;"
    /// A service holds those in memory that are due soon.
    private static let effectsIndex = "CREATE INDEX effects_due ON effects(due);"
    /// Aggregates are a rowid table: with rows of 600 bytes and random keys, inserting cost 8.9 µs of CPU instead of 35 without rowid.
    private static let schema = """
        CREATE TABLE shard(
            id INTEGER PRIMARY KEY CHECK (id = 0), epoch INTEGER NOT NULL, cluster TEXT, consumer_group TEXT,
            highest_sequence INTEGER NOT NULL, published INTEGER NOT NULL);
        INSERT INTO shard VALUES (0, 0, NULL, NULL, 0, 0);
        CREATE TABLE aggregates(
            key TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, state BLOB NOT NULL, answered BLOB NOT NULL);
        CREATE TABLE positions(topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
        \(marks)
        CREATE TABLE outbox(sequence INTEGER PRIMARY KEY, records BLOB NOT NULL);
        \(effectsTable)
        \(effectsIndex)
        PRAGMA user_version = \(schemaVersion);
        """

    private let connection: SQLiteConnection
    private let statements: Statements
    /// The epoch of our claim; nil before the first.
    private var epoch: Int64?
    /// Whether a read transaction is open.
    private var isReading = false
    /// Highest outbox sequence that this claim knows to be stored.
    private var highestSequence: Int64 = 0

    init(path: String) throws(StoreError) {
        connection = try SQLiteConnection(path: path)
        do throws(StoreError) {
            try Self.migrate(connection)
            statements = try Statements(connection)
        } catch {
            connection.close()
            throw error
        }
    }

    deinit { close() }

    func close() {
        guard connection.isOpen else { return }
        endReading()
        statements.finalize()
        connection.close()
    }

    private static func migrate(_ connection: SQLiteConnection) throws(StoreError) {
        func version() throws(StoreError) -> String? {
            try connection.value("PRAGMA user_version", "reading its schema version")
        }
        if try version() == "0" {
            try connection.transaction(writing: true, "making its tables") { () throws(StoreError) in
                // Another process may have made them since.
                if try version() == "0" { try connection.execute(schema, "making its tables") }
            }
        }
        if try version() == "1" {
            try connection.transaction(writing: true, "adding its effects") { () throws(StoreError) in
                if try version() == "1" { try connection.execute("\(effectsTable) PRAGMA user_version = 2;", "adding its effects") }
            }
        }
        if try version() == "2" {
            try connection.transaction(writing: true, "sorting its effects") { () throws(StoreError) in
                if try version() == "2" { try connection.execute("\(effectsIndex) PRAGMA user_version = 3;", "sorting its effects") }
            }
        }
        if try version() == "3" {
            try connection.transaction(writing: true, "marking its positions") { () throws(StoreError) in
                if try version() == "3" { try connection.execute("\(marks) PRAGMA user_version = 4;", "marking its positions") }
            }
        }
        let found = try version() ?? "none"
        guard found == "\(schemaVersion)" else {
            throw StoreError(
                kind: .corrupt,
                message: "\(connection.path): schema version \(found), this program knows \(schemaVersion): "
                    + "run the version that wrote it, or a newer one")
        }
    }

    func claim() throws(StoreError) -> StoreClaim {
        endReading()
        let claim = try connection.transaction(writing: true, "claiming the shard") { () throws(StoreError) in
            try statements.raiseEpoch.run("raising the epoch")
            let row = statements.readShard
            defer { row.reset() }
            guard try row.step("reading the shard's state") else {
                throw StoreError(kind: .corrupt, message: "\(connection.path): its shard row is missing: restore a backup")
            }
            var claim = StoreClaim(
                epoch: row.integer(0), identity: nil, positions: [:], highestSequence: row.integer(3),
                publishedThrough: row.integer(4))
            if !row.isNull(1) { claim.identity = StoreIdentity(clusterId: row.text(1), group: row.text(2)) }
            let positions = statements.readPositions
            defer { positions.reset() }
            while try positions.step("reading the positions") {
                let topic = positions.text(0)
                claim.positions[topic] = positions.integer(1)
                if !positions.isNull(2) { claim.marks[topic] = LogMark(offset: positions.integer(2), fingerprint: positions.integer(3)) }
            }
            return claim
        }
        epoch = claim.epoch
        highestSequence = claim.highestSequence
        return claim
    }

    func identify(_ identity: StoreIdentity) throws(StoreError) {
        try owned("recording the cluster and group") { () throws(StoreError) in
            try statements.identify.run("recording the cluster and group", text: identity.clusterId, identity.group)
        }
    }

    func load(_ keys: [String], _ body: (_ index: Int, _ row: AggregateRow) -> Void) throws(StoreError) {
        // One read transaction for all loads of a batch: a transaction for each would cost four locks and two parsed statements a key.
        if !isReading { try connection.begin("loading aggregates") }
        isReading = true
        do throws(StoreError) {
            let select = statements.readAggregate
            for (index, key) in keys.enumerated() {
                try select.query("loading an aggregate", text: key) {
                    body(
                        index,
                        AggregateRow(
                            key: key, version: select.integer(0), state: Array(select.bytes(1)),
                            answered: Array(select.bytes(2))))
                    return false
                }
            }
        } catch {
            endReading()
            throw error
        }
    }

    func endReading() {
        guard isReading else { return }
        isReading = false
        connection.end()
    }

    func commit(_ batch: StoreBatch) throws(StoreError) {
        let doing = "storing a batch"
        if let outbox = batch.outbox, outbox.sequence <= highestSequence {
            throw StoreError(
                kind: .corrupt,
                message: "\(connection.path): outbox sequence \(outbox.sequence) is not above \(highestSequence), "
                    + "which is stored already: claim the shard again and number on from there")
        }
        connection.holdsBatch(true)
        defer { connection.holdsBatch(false) }
        try owned(doing) { () throws(StoreError) in
            for key in batch.removed { try statements.deleteAggregate.run(doing, text: key) }
            for row in batch.aggregates { try statements.write(row, doing) }
            for id in batch.removedEffects { try statements.deleteEffect.run(doing, text: id) }
            for effect in batch.effects { try statements.write(effect, doing) }
            for position in batch.positions { try statements.write(position, clearsMark: false, doing) }
            // First what is published gives its pages back: the new records fill them in the same transaction, so that they are written
            // once, and not once more with zeros.
            try statements.forget(through: batch.publishedThrough, doing)
            if let outbox = batch.outbox { try statements.write(outbox, doing) }
            try statements.record(highest: batch.outbox?.sequence ?? 0, published: batch.publishedThrough, doing)
        }
        if let outbox = batch.outbox { highestSequence = outbox.sequence }
    }

    func outbox(after sequence: Int64, _ body: (_ sequence: Int64, _ records: UnsafeRawBufferPointer) -> Void)
        throws(StoreError)
    {
        endReading()
        try connection.transaction(writing: false, "reading the outbox") { () throws(StoreError) in
            let select = statements.readOutbox
            select.bind(1, sequence)
            defer { select.reset() }
            while try select.step("reading the outbox") { body(select.integer(0), select.bytes(1)) }
        }
    }

    func adopt(published: Int64, positions: [String: Int64]) throws(StoreError) {
        let doing = "adopting a state"
        try owned(doing) { () throws(StoreError) in
            try statements.setPublished(published, doing)
            try statements.forget(through: published, doing)
            for (topic, next) in positions { try statements.write(StorePosition(topic, next), clearsMark: true, doing) }
        }
        highestSequence = max(highestSequence, published)
    }

    func effects(from: Int64, to: Int64, _ body: (EffectRow) -> Void) throws(StoreError) {
        endReading()
        try connection.transaction(writing: false, "reading the effects") { () throws(StoreError) in
            let select = statements.readEffects
            select.bind(1, from)
            select.bind(2, to)
            defer { select.reset() }
            while try select.step("reading the effects") {
                body(
                    EffectRow(
                        id: select.text(0), due: select.integer(1), body: Array(select.bytes(2)), origin: Array(select.bytes(3))))
            }
        }
    }

    func scan(prefix: String, limit: Int, _ body: (AggregateRow) -> Bool) throws(StoreError) {
        endReading()
        try connection.transaction(writing: false, "scanning aggregates") { () throws(StoreError) in
            let select = statements.scanAggregates
            var left = limit
            guard left > 0 else { return }
            try select.query("scanning aggregates", text: prefix) {
                guard select.bytes(0).starts(with: prefix.utf8) else { return false }
                left -= 1
                let row = AggregateRow(
                    key: select.text(0), version: select.integer(1), state: Array(select.bytes(2)),
                    answered: Array(select.bytes(3)))
                return body(row) && left > 0
            }
        }
    }

    /// A transaction that fails unless the shard is still ours.
    private func owned(_ doing: String, _ body: () throws(StoreError) -> Void) throws(StoreError) {
        guard let epoch else {
            throw StoreError(kind: .fenced, message: "\(connection.path): \(doing): the shard was not claimed")
        }
        // Not upgraded: what was read may be old by now, and the epoch tells.
        endReading()
        try connection.transaction(writing: true, doing) { () throws(StoreError) in
            let current = try statements.currentEpoch(doing)
            guard current == epoch else {
                throw StoreError(
                    kind: .fenced,
                    message: "\(connection.path): \(doing): claimed in epoch \(epoch), but the shard is in epoch \(current): "
                        + "another replica owns it now")
            }
            try body()
        }
    }
}
