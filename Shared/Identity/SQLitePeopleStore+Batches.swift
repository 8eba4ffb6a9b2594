import Stores

extension SQLitePeopleStore {
    public func record(_ batch: Batch, items: [BatchItem]) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            let isKnown = try database.first("SELECT 1 FROM batches WHERE batch_id = ?1", .text(batch.batchId)) { _ in true } ?? false
            if isKnown { return }
            try database.write(
                """
                INSERT INTO batches (batch_id, actor, user, service, command, at, retry_of, total, accepted, refused)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                """, .text(batch.batchId), .text(batch.actor), .text(batch.user), .text(batch.service), .text(batch.command),
                .time(batch.at), .optional(batch.retryOf), .integer(items.count), .integer(items.count { $0.state == .accepted }),
                .integer(items.count { $0.state == .refused }))
            let number = try database.first("SELECT number FROM batches WHERE batch_id = ?1", .text(batch.batchId)) { $0.integer(0) } ?? 0
            for item in items {
                try database.write(
                    "INSERT INTO batch_items VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", .integer(number), .integer(item.index),
                    .text(item.commandId), .optional(item.orderId), .optional(item.allocationId), .text(item.state.rawValue),
                    .optional(item.code), .optional(item.field), .optional(item.detail))
            }
        }
    }

    private static let batchColumns = "number, batch_id, actor, user, service, command, at, retry_of, total, accepted, refused"

    private static func batch(_ row: SQLiteDatabase.Row) -> (number: Int, batch: Batch)? {
        var batch = Batch(
            batchId: row.text(1), actor: row.text(2), user: row.text(3), service: row.text(4), command: row.text(5), at: row.time(6),
            retryOf: row.optionalText(7))
        (batch.total, batch.accepted, batch.refused) = (row.integer(8), row.integer(9), row.integer(10))
        return (row.integer(0), batch)
    }

    public func batch(_ batchId: String, of actor: String) throws(PeopleError) -> Batch? {
        try transaction(writing: false) { (database) throws(PeopleError) in
            try database.first(
                "SELECT \(Self.batchColumns) FROM batches WHERE batch_id = ?1 AND actor = ?2", .text(batchId), .text(actor),
                read: Self.batch)?.batch
        }
    }

    public func batches(of actor: String, _ range: PageRange) throws(PeopleError) -> Page<Batch> {
        try transaction(writing: false) { (database) throws(PeopleError) in
            let rows = try database.all(
                "SELECT \(Self.batchColumns) FROM batches WHERE actor = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3", .text(actor),
                .integer(range.after ?? .max), .integer(range.asked), read: Self.batch)
            return Page(items: rows.prefix(max(0, range.limit)).map(\.batch), next: range.next(of: rows.map(\.number)))
        }
    }

    public func items(of batchId: String, in state: CommandState?) throws(PeopleError) -> [BatchItem] {
        try transaction(writing: false) { (database) throws(PeopleError) in
            var values: [SQLiteDatabase.Value] = [.text(batchId)]
            if let state { values.append(.text(state.rawValue)) }
            return try database.all(
                """
                SELECT position, command_id, order_id, allocation_id, state, code, field, detail FROM batch_items
                WHERE batch = (SELECT number FROM batches WHERE batch_id = ?1) \(state == nil ? "" : "AND state = ?2") ORDER BY position
                """, list: values
            ) { row in
                CommandState(rawValue: row.text(4)).map {
                    BatchItem(
                        index: row.integer(0), commandId: row.text(1), orderId: row.optionalText(2), allocationId: row.optionalText(3),
                        state: $0, code: row.optionalText(5), field: row.optionalText(6), detail: row.optionalText(7))
                }
            }
        }
    }
}
