import Stores
public import Threads

extension SQLitePeopleStore: RequestLedger {
    public func claim(_ key: IdempotencyKey, for id: String, now: Timestamp) throws(PeopleError) -> KeyClaim {
        try transaction(writing: true) { (database) throws(PeopleError) in
            let found = try database.first(
                "SELECT path, digest, id, at FROM idempotency_keys WHERE caller = ?1 AND actor = ?2 AND key = ?3", .text(key.user),
                .text(key.actor), .text(key.key)
            ) { (path: $0.text(0), digest: $0.blob(1), id: $0.text(2), at: $0.time(3)) }
            if let found, now < found.at.after(seconds: LedgerRetention.seconds) {
                guard found.path.utf8.elementsEqual(key.path.utf8), found.digest == key.digest else { throw .keyReused }
                return .known(found.id)
            }
            try database.write(
                "INSERT OR REPLACE INTO idempotency_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", .text(key.user), .text(key.actor),
                .text(key.key), .text(key.path), .blob(key.digest), .text(id), .time(now))
            return .new
        }
    }

    // MARK: Commands

    public func record(_ command: SentCommand) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            try database.write(
                """
                INSERT INTO commands (command_id, actor, user, service, command, key, at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                ON CONFLICT (command_id) DO NOTHING
                """, .text(command.commandId), .text(command.actor), .text(command.user), .text(command.service), .text(command.command),
                .text(command.key), .time(command.at), .text(command.state.rawValue))
        }
    }

    @discardableResult
    public func settle(_ answers: [CommandAnswer]) throws(PeopleError) -> SettledIds {
        guard !answers.isEmpty else { return SettledIds() }
        return try transaction(writing: true) { (database) throws(PeopleError) in
            var settled = SettledIds()
            for answer in answers {
                if try settleCommand(answer, database) { settled.commands.insert(answer.commandId) }
                if let batchId = try settleItem(answer, database) { settled.batches.insert(batchId) }
            }
            return settled
        }
    }

    private func settleCommand(_ answer: CommandAnswer, _ database: SQLiteDatabase) throws(PeopleError) -> Bool {
        let state: CommandState = answer.refusal == nil ? .accepted : .refused
        var changes = try database.write(
            """
            UPDATE commands SET state = ?2, code = ?3, field = ?4, detail = ?5, details = ?6, topic = ?7, part = ?8, place = ?9
            WHERE command_id = ?1 AND state = 'pending'
            """, .text(answer.commandId), .text(state.rawValue), .optional(answer.refusal?.code), .optional(answer.refusal?.field),
            .optional(answer.refusal?.detail), answer.refusal?.details.map { .blob($0) } ?? .null, .optional(answer.place?.topic),
            answer.place.map { .integer(Int($0.partition)) } ?? .null, answer.place.map { .integer(Int($0.offset)) } ?? .null)
        if let event = answer.event {
            changes += try database.write(
                """
                INSERT INTO command_events (command, event_id, event) SELECT number, ?2, ?3 FROM commands WHERE command_id = ?1
                ON CONFLICT DO NOTHING
                """, .text(answer.commandId), .text(answer.eventId), .blob(event))
        }
        return changes > 0
    }

    private func settleItem(_ answer: CommandAnswer, _ database: SQLiteDatabase) throws(PeopleError) -> String? {
        let state: CommandState = answer.refusal == nil ? .accepted : .refused
        let changes = try database.write(
            "UPDATE batch_items SET state = ?2, code = ?3, field = ?4, detail = ?5 WHERE command_id = ?1 AND state = 'pending'",
            .text(answer.commandId), .text(state.rawValue), .optional(answer.refusal?.code), .optional(answer.refusal?.field),
            .optional(answer.refusal?.detail))
        guard changes > 0 else { return nil }
        let found = try database.first(
            "SELECT number, batch_id FROM batches WHERE number = (SELECT batch FROM batch_items WHERE command_id = ?1)",
            .text(answer.commandId)
        ) { (number: $0.integer(0), batchId: $0.text(1)) }
        guard let found else { return nil }
        try database.write(
            "UPDATE batches SET accepted = accepted + ?2, refused = refused + ?3 WHERE number = ?1", .integer(found.number),
            .integer(state == .accepted ? 1 : 0), .integer(state == .refused ? 1 : 0))
        return found.batchId
    }

    private static let commandColumns =
        "number, command_id, actor, user, service, command, key, at, state, code, field, detail, details, topic, part, place"

    private static func command(_ row: SQLiteDatabase.Row) -> (number: Int, command: SentCommand)? {
        guard let state = CommandState(rawValue: row.text(8)) else { return nil }
        var command = SentCommand(
            commandId: row.text(1), actor: row.text(2), user: row.text(3), service: row.text(4), command: row.text(5), key: row.text(6),
            at: row.time(7), state: state)
        if let code = row.optionalText(9) {
            command.refusal = LedgerRefusal(
                code: code, detail: row.text(11), field: row.optionalText(10), details: row.optionalText(12) == nil ? nil : row.blob(12))
        }
        if let topic = row.optionalText(13) {
            command.answeredAt = AnswerPlace(
                topic: topic, partition: Int32(truncatingIfNeeded: row.integer(14)), offset: Int64(row.integer(15)))
        }
        return (row.integer(0), command)
    }

    private func complete(
        _ row: (number: Int, command: SentCommand), _ database: SQLiteDatabase
    ) throws(PeopleError) -> SentCommand {
        var command = row.command
        command.events = try database.all(
            "SELECT event FROM command_events WHERE command = ?1 ORDER BY number", .integer(row.number)
        ) { $0.blob(0) }
        return command
    }

    public func command(_ commandId: String, of actor: String) throws(PeopleError) -> SentCommand? {
        try transaction(writing: false) { (database) throws(PeopleError) in
            let row = try database.first(
                "SELECT \(Self.commandColumns) FROM commands WHERE command_id = ?1 AND actor = ?2", .text(commandId), .text(actor),
                read: Self.command)
            guard let row else { return nil }
            return try complete(row, database)
        }
    }

    public func commands(of actor: String, in state: CommandState?, _ range: PageRange) throws(PeopleError) -> Page<SentCommand> {
        try transaction(writing: false) { (database) throws(PeopleError) in
            let isOfState = state == nil ? "" : "AND state = ?4"
            var values: [SQLiteDatabase.Value] = [.text(actor), .integer(range.after ?? .max), .integer(range.asked)]
            if let state { values.append(.text(state.rawValue)) }
            let rows = try database.all(
                "SELECT \(Self.commandColumns) FROM commands WHERE actor = ?1 AND number < ?2 \(isOfState) ORDER BY number DESC LIMIT ?3",
                list: values, read: Self.command)
            var items: [SentCommand] = []
            for row in rows.prefix(max(0, range.limit)) { items.append(try complete(row, database)) }
            return Page(items: items, next: range.next(of: rows.map(\.number)))
        }
    }

    public func pendingCommands() throws(PeopleError) -> [String: String] {
        try transaction(writing: false) { (database) throws(PeopleError) in
            let alone = try database.all("SELECT command_id, actor FROM commands WHERE state = 'pending'") { ($0.text(0), $0.text(1)) }
            let inBatches = try database.all(
                """
                SELECT item.command_id, batches.actor FROM batch_items AS item JOIN batches ON batches.number = item.batch
                WHERE item.state = 'pending'
                """
            ) { ($0.text(0), $0.text(1)) }
            return Dictionary(alone + inBatches) { first, _ in first }
        }
    }

    // MARK: Time

    public func pruneRequests(now: Timestamp) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            let end = SQLiteDatabase.Value.time(now.after(seconds: -LedgerRetention.seconds))
            try database.write("DELETE FROM idempotency_keys WHERE at <= ?1", end)
            try database.write("DELETE FROM command_events WHERE command IN (SELECT number FROM commands WHERE at <= ?1)", end)
            try database.write("DELETE FROM commands WHERE at <= ?1", end)
            try database.write(
                "DELETE FROM batch_items WHERE state = 'accepted' AND batch IN (SELECT number FROM batches WHERE at <= ?1)", end)
        }
    }
}

extension PageRange {
    /// One more than the page holds tells whether there is a next one.
    var asked: Int { max(0, min(limit, 1_000_000)) + 1 }

    /// Where the next page begins, from the numbers of the rows that were asked for.
    func next(of numbers: [Int]) -> Int? {
        guard limit > 0, numbers.count > limit else { return nil }
        return numbers[limit - 1]
    }
}
