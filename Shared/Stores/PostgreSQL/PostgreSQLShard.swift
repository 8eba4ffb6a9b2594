import CPostgreSQL

/// One shard: its rows in the tables that all shards of the service share.
final class PostgreSQLShard: ShardStore {
    private let number: Int64
    private let session: PostgreSQLSession
    private var isOpen = true
    /// The claim, and the session that it was made in; nil before the first.
    private var claimed: (epoch: Int64, generation: Int)?
    /// Highest outbox sequence that this claim knows to be stored.
    private var highestSequence: Int64 = 0

    /// Rows that a scan fetches at once, first and then.
    private static let (firstPage, nextPage) = (64, 512)

    init(number: Int, session: PostgreSQLSession) {
        self.number = Int64(number)
        self.session = session
    }

    var prefersLargeLoads: Bool { true }

    func close() { isOpen = false }

    private func connection(_ doing: String) throws(StoreError) -> PostgreSQLConnection {
        guard isOpen else { throw StoreError(kind: .unavailable, message: "\(session.place): \(doing): shard \(number) was closed") }
        return try session.current()
    }

    /// Parameters of a statement on this shard.
    private var parameters: PostgreSQLParameters {
        var parameters = PostgreSQLParameters()
        parameters.add(number)
        return parameters
    }

    // MARK: Claiming

    func claim() throws(StoreError) -> StoreClaim {
        let doing = "claiming shard \(number)"
        let connection = try connection(doing)
        claimed = nil
        var claim = StoreClaim.empty
        try connection.transaction(doing, [(.claim, parameters), (.readPositions, parameters)]) { place, result in
            for index in 0..<PQntuples(result) {
                let row = PostgreSQLRow(result: result, row: index)
                if place == 0 {
                    claim.epoch = row.integer(0)
                    if !row.isNull(1) { claim.identity = StoreIdentity(clusterId: row.text(1), group: row.text(2)) }
                    claim.highestSequence = row.integer(3)
                    claim.publishedThrough = row.integer(4)
                } else {
                    let topic = row.text(0)
                    claim.positions[topic] = row.integer(1)
                    if !row.isNull(2) { claim.marks[topic] = LogMark(offset: row.integer(2), fingerprint: row.integer(3)) }
                }
            }
        }
        claimed = (claim.epoch, session.generation)
        highestSequence = claim.highestSequence
        return claim
    }

    func identify(_ identity: StoreIdentity) throws(StoreError) {
        var values = parameters
        values.add(identity.clusterId)
        values.add(identity.group)
        try owned("recording the cluster and group", [(.identify, values)])
    }

    /// A transaction that fails unless the shard is still ours.
    private func owned(
        _ doing: String, highest: Int64 = 0, published: Int64 = 0, _ calls: [(PostgreSQLStatement, PostgreSQLParameters)]
    ) throws(StoreError) {
        guard isOpen else { throw StoreError(kind: .unavailable, message: "\(session.place): \(doing): shard \(number) was closed") }
        guard let claimed else {
            throw StoreError(kind: .fenced, message: "\(session.place): \(doing): shard \(number) was not claimed")
        }
        let connection = try connection(doing)
        guard claimed.generation == session.generation else {
            throw StoreError(
                kind: .unavailable,
                message: "\(session.place): \(doing): the session in which shard \(number) was claimed is over: claim it again")
        }
        var own = parameters
        own.add(claimed.epoch)
        own.add(highest)
        own.add(published)
        var isThere = true
        try connection.transaction(doing, [(.own, own)] + calls) { place, result in
            if place == 0 { isThere = String(cString: PQcmdTuples(result)) == "1" }
        }
        guard isThere else {
            throw StoreError(
                kind: .corrupt, message: "\(session.place): \(doing): the row of shard \(number) is missing: restore a backup")
        }
    }

    // MARK: Writing

    func commit(_ batch: StoreBatch) throws(StoreError) {
        let doing = "storing a batch"
        if let outbox = batch.outbox, outbox.sequence <= highestSequence, claimed != nil {
            throw StoreError(
                kind: .corrupt,
                message: "\(session.place): outbox sequence \(outbox.sequence) of shard \(number) is not above \(highestSequence), "
                    + "which is stored already: claim the shard again and number on from there")
        }
        try store(batch.folded, doing)
        if let outbox = batch.outbox { highestSequence = outbox.sequence }
    }

    private func store(_ batch: StoreBatch, _ doing: String) throws(StoreError) {
        var calls: [(PostgreSQLStatement, PostgreSQLParameters)] = []
        if !batch.removed.isEmpty { calls.append((.removeAggregates, keys(batch.removed))) }
        if !batch.aggregates.isEmpty {
            var values = parameters
            values.reserve(batch.aggregates.reduce(0) { $0 + $1.key.utf8.count + $1.state.count + $1.answered.count + 28 })
            values.add(keys: batch.aggregates) { $0.key }
            values.add(numbers: batch.aggregates) { $0.version }
            values.add(blobs: batch.aggregates) { $0.state }
            values.add(blobs: batch.aggregates) { $0.answered }
            calls.append((.writeAggregates, values))
        }
        if !batch.removedEffects.isEmpty { calls.append((.removeEffects, keys(batch.removedEffects))) }
        if !batch.effects.isEmpty {
            var values = parameters
            values.add(keys: batch.effects) { $0.id }
            values.add(numbers: batch.effects) { $0.due }
            values.add(blobs: batch.effects) { $0.body }
            values.add(blobs: batch.effects) { $0.origin }
            calls.append((.writeEffects, values))
        }
        if !batch.positions.isEmpty { calls.append((.writePositions, positions(batch.positions))) }
        if batch.publishedThrough > 0 { calls.append((.forgetOutbox, sequence(batch.publishedThrough))) }
        if let outbox = batch.outbox {
            var values = sequence(outbox.sequence)
            values.add(outbox.records)
            calls.append((.writeOutbox, values))
        }
        try owned(doing, highest: batch.outbox?.sequence ?? 0, published: batch.publishedThrough, calls)
    }

    private func keys(_ keys: [String]) -> PostgreSQLParameters {
        var values = parameters
        values.add(keys: keys) { $0 }
        return values
    }

    private func sequence(_ sequence: Int64) -> PostgreSQLParameters {
        var values = parameters
        values.add(sequence)
        return values
    }

    private func positions(_ positions: [StorePosition]) -> PostgreSQLParameters {
        var values = parameters
        values.add(texts: positions) { $0.topic }
        values.add(numbers: positions) { $0.next }
        values.add(numbers: positions) { $0.mark?.offset }
        values.add(numbers: positions) { $0.mark?.fingerprint }
        return values
    }

    func adopt(published: Int64, positions: [String: Int64]) throws(StoreError) {
        var calls = [(PostgreSQLStatement.setPublished, sequence(published)), (.forgetOutbox, sequence(published))]
        if !positions.isEmpty { calls.append((.adoptPositions, self.positions(positions.map { StorePosition($0.key, $0.value) }))) }
        try owned("adopting a state", highest: published, calls)
        highestSequence = max(highestSequence, published)
    }

    // MARK: Reading

    func load(_ keys: [String], _ body: (_ index: Int, _ row: AggregateRow) -> Void) throws(StoreError) {
        guard !keys.isEmpty else { return }
        let doing = "loading aggregates"
        try connection(doing).query(.load, self.keys(keys), doing) { row in
            // Counted from 1.
            let index = Int(row.integer(0)) - 1
            body(
                index,
                AggregateRow(key: keys[index], version: row.integer(1), state: Array(row.bytes(2)), answered: Array(row.bytes(3))))
        }
    }

    /// Each call sees what is committed; the shard's owner is the only one who commits.
    func endReading() {}

    func outbox(after sequence: Int64, _ body: (_ sequence: Int64, _ records: UnsafeRawBufferPointer) -> Void) throws(StoreError) {
        let doing = "reading the outbox"
        try connection(doing).query(.readOutbox, self.sequence(sequence), isStreamed: true, doing) { row in
            body(row.integer(0), row.bytes(1))
        }
    }

    func effects(from: Int64, to: Int64, _ body: (EffectRow) -> Void) throws(StoreError) {
        let doing = "reading the effects"
        var values = parameters
        values.add(from)
        values.add(to)
        try connection(doing).query(.readEffects, values, isStreamed: true, doing) { row in
            body(EffectRow(id: row.text(0), due: row.integer(1), body: Array(row.bytes(2)), origin: Array(row.bytes(3))))
        }
    }

    /// Sorted by the first bytes of a key, as many as an index holds of it (``PostgreSQLStatement/sortedBytes``).
    func scan(prefix: String, limit: Int, _ body: (AggregateRow) -> Bool) throws(StoreError) {
        let doing = "scanning aggregates"
        let connection = try connection(doing)
        let prefix = Array(prefix.utf8)
        var next = Array(prefix.prefix(PostgreSQLStatement.sortedBytes))
        var left = limit
        var page = Self.firstPage
        while left > 0 {
            page = min(page, left)
            var values = parameters
            values.add(next)
            values.add(Int64(page))
            var rows = 0
            var isOver = false
            try connection.query(.scan, values, doing) { row in
                rows += 1
                guard !isOver else { return }
                let name = row.bytes(0)
                // The name behind this one.
                next = Array(name) + [0]
                guard name.starts(with: prefix.prefix(PostgreSQLStatement.sortedBytes)) else { return isOver = true }
                let key = row.isNull(1) ? name : row.bytes(1)
                guard key.starts(with: prefix) else { return }
                left -= 1
                let found = AggregateRow(
                    key: String(decoding: key, as: UTF8.self), version: row.integer(2), state: Array(row.bytes(3)),
                    answered: Array(row.bytes(4)))
                if !body(found) || left == 0 { isOver = true }
            }
            if isOver || rows < page { return }
            page = Self.nextPage
        }
    }
}

extension StoreBatch {
    /// The same with each key once, as it comes last: one statement cannot write a row twice.
    fileprivate var folded: StoreBatch {
        var batch = self
        if !Self.ascends(aggregates.lazy.map(\.key)) { batch.aggregates = Self.last(aggregates) { $0.key } }
        if !Self.ascends(effects.lazy.map(\.id)) { batch.effects = Self.last(effects) { $0.id } }
        if !Self.ascends(positions.lazy.map(\.topic)) { batch.positions = Self.last(positions) { $0.topic } }
        return batch
    }

    private static func ascends(_ keys: some Collection<String>) -> Bool { zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 } }

    /// By bytes: texts that Swift takes for equal may be keys of two rows.
    private static func last<Row>(_ rows: [Row], _ key: (Row) -> String) -> [Row] {
        var seen: Set<[UInt8]> = []
        return rows.reversed().filter { seen.insert(Array(key($0).utf8)).inserted }.reversed()
    }
}
