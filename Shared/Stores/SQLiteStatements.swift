/// The statements of a shard, prepared once (four times faster than preparing them for each batch: measured).
final class Statements {
    let raiseEpoch, readShard, readPositions, identify, readAggregate, deleteAggregate, readOutbox, scanAggregates, readEffects,
        deleteEffect: SQLiteStatement
    private let readEpoch, writeAggregate, writeEffect, writePosition, movePosition, writeOutbox, recordProgress, setPublished,
        forgetOutbox: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        raiseEpoch = try connection.prepare("UPDATE shard SET epoch = epoch + 1")
        readShard = try connection.prepare(
            "SELECT epoch, cluster, consumer_group, highest_sequence, published FROM shard")
        readEpoch = try connection.prepare("SELECT epoch FROM shard")
        readPositions = try connection.prepare("SELECT topic, next, marked, fingerprint FROM positions")
        identify = try connection.prepare("UPDATE shard SET cluster = ?1, consumer_group = ?2")
        readAggregate = try connection.prepare("SELECT version, state, answered FROM aggregates WHERE key = ?1")
        scanAggregates = try connection.prepare(
            "SELECT key, version, state, answered FROM aggregates WHERE key >= ?1 ORDER BY key")
        // Not REPLACE, which deletes and inserts: changing the row in place cost 16 µs instead of 26 in random order.
        writeAggregate = try connection.prepare(
            "INSERT INTO aggregates VALUES (?1, ?2, ?3, ?4) "
                + "ON CONFLICT (key) DO UPDATE SET version = ?2, state = ?3, answered = ?4")
        deleteAggregate = try connection.prepare("DELETE FROM aggregates WHERE key = ?1")
        readEffects = try connection.prepare("SELECT id, due, body, origin FROM effects WHERE due >= ?1 AND due < ?2")
        writeEffect = try connection.prepare(
            "INSERT INTO effects VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET due = ?2, body = ?3, origin = ?4")
        deleteEffect = try connection.prepare("DELETE FROM effects WHERE id = ?1")
        writePosition = try connection.prepare(
            "INSERT INTO positions VALUES (?1, ?2, ?3, ?4) ON CONFLICT (topic) DO UPDATE SET next = ?2, marked = ?3, fingerprint = ?4")
        movePosition = try connection.prepare(
            "INSERT INTO positions VALUES (?1, ?2, NULL, NULL) ON CONFLICT (topic) DO UPDATE SET next = ?2")
        readOutbox = try connection.prepare("SELECT sequence, records FROM outbox WHERE sequence > ?1 ORDER BY sequence")
        writeOutbox = try connection.prepare("INSERT INTO outbox VALUES (?1, ?2)")
        recordProgress = try connection.prepare(
            "UPDATE shard SET highest_sequence = max(highest_sequence, ?1), published = max(published, ?2)")
        setPublished = try connection.prepare(
            "UPDATE shard SET highest_sequence = max(highest_sequence, ?1), published = ?1")
        forgetOutbox = try connection.prepare("DELETE FROM outbox WHERE sequence <= ?1")
    }

    func finalize() {
        for statement in [
            raiseEpoch, readShard, readEpoch, readPositions, identify, readAggregate, scanAggregates, writeAggregate,
            deleteAggregate, readEffects, writeEffect, deleteEffect, writePosition, movePosition, readOutbox, writeOutbox, recordProgress,
            setPublished,
            forgetOutbox,
        ] {
            statement.finalize()
        }
    }

    func currentEpoch(_ doing: String) throws(StoreError) -> Int64 {
        defer { readEpoch.reset() }
        return try readEpoch.step(doing) ? readEpoch.integer(0) : 0
    }

    func write(_ row: AggregateRow, _ doing: String) throws(StoreError) {
        let statement = writeAggregate
        statement.bind(2, row.version)
        try row.state.withUnsafeBufferPointer { (state) throws(StoreError) in
            try row.answered.withUnsafeBufferPointer { (answered) throws(StoreError) in
                statement.bind(3, blob: state)
                statement.bind(4, blob: answered)
                try statement.run(doing, text: row.key)
            }
        }
    }

    func write(_ effect: EffectRow, _ doing: String) throws(StoreError) {
        let statement = writeEffect
        statement.bind(2, effect.due)
        try effect.body.withUnsafeBufferPointer { (body) throws(StoreError) in
            try effect.origin.withUnsafeBufferPointer { (origin) throws(StoreError) in
                statement.bind(3, blob: body)
                statement.bind(4, blob: origin)
                try statement.run(doing, text: effect.id)
            }
        }
    }

    /// - Parameter clearsMark: whether a position without a mark takes away the one that is stored.
    func write(_ position: StorePosition, clearsMark: Bool, _ doing: String) throws(StoreError) {
        guard clearsMark || position.mark != nil else {
            movePosition.bind(2, position.next)
            return try movePosition.run(doing, text: position.topic)
        }
        writePosition.bind(2, position.next)
        if let mark = position.mark {
            writePosition.bind(3, mark.offset)
            writePosition.bind(4, mark.fingerprint)
        } else {
            writePosition.bindNull(3)
            writePosition.bindNull(4)
        }
        try writePosition.run(doing, text: position.topic)
    }

    func write(_ outbox: (sequence: Int64, records: [UInt8]), _ doing: String) throws(StoreError) {
        let statement = writeOutbox
        statement.bind(1, outbox.sequence)
        try outbox.records.withUnsafeBufferPointer { (records) throws(StoreError) in
            statement.bind(2, blob: records)
            try statement.run(doing)
        }
    }

    func record(highest: Int64, published: Int64, _ doing: String) throws(StoreError) {
        recordProgress.bind(1, highest)
        recordProgress.bind(2, published)
        try recordProgress.run(doing)
    }

    func setPublished(_ sequence: Int64, _ doing: String) throws(StoreError) {
        setPublished.bind(1, sequence)
        try setPublished.run(doing)
    }

    func forget(through sequence: Int64, _ doing: String) throws(StoreError) {
        forgetOutbox.bind(1, sequence)
        try forgetOutbox.run(doing)
    }
}

extension SQLiteStatement {
    /// Binds ?1 (and ?2) to text without a copy, steps, and resets.
    func run(_ doing: String, text: String, _ second: String? = nil) throws(StoreError) {
        try text.utf8.withContiguousBytes { (first) throws(StoreError) in
            bind(1, text: first)
            guard let second else { return try run(doing) }
            try second.utf8.withContiguousBytes { (second) throws(StoreError) in
                bind(2, text: second)
                try run(doing)
            }
        }
    }

    /// Binds ?1 to text without a copy and calls the body for each row until it returns false.
    func query(_ doing: String, text: String, _ body: () -> Bool) throws(StoreError) {
        try text.utf8.withContiguousBytes { (text) throws(StoreError) in
            bind(1, text: text)
            defer { reset() }
            while try step(doing), body() {}
        }
    }
}

extension String.UTF8View {
    /// The bytes in place; a string that is not contiguous (none of Swift's own is otherwise) is copied.
    fileprivate func withContiguousBytes(_ body: (UnsafeBufferPointer<UInt8>) throws(StoreError) -> Void) throws(StoreError) {
        var result: Result<Void, StoreError> = .success(())
        func call(_ bytes: UnsafeBufferPointer<UInt8>) {
            do throws(StoreError) { try body(bytes) } catch { result = .failure(error) }
        }
        if withContiguousStorageIfAvailable(call) == nil { Array(self).withUnsafeBufferPointer(call) }
        try result.get()
    }
}
