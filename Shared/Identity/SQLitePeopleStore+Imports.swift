import Stores

extension SQLitePeopleStore {
    public func record(_ file: ImportRecord) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            try database.write(
                """
                INSERT INTO imports (import_id, merchant, user, at, state, counts, bad_rows) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
                ON CONFLICT (import_id) DO NOTHING
                """, .text(file.importId), .text(file.merchant), .text(file.user), .time(file.at), .text(file.state.rawValue),
                .blob(file.counts))
        }
    }

    public func update(importId: String, state: ImportState, counts: [UInt8], badRows: [BadRow]) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            let found = try database.first("SELECT number, bad_rows FROM imports WHERE import_id = ?1", .text(importId)) {
                (number: $0.integer(0), badRows: $0.integer(1))
            }
            guard let found else { throw .notFound }
            try database.write(
                "UPDATE imports SET state = ?2, counts = ?3, bad_rows = ?4 WHERE number = ?1", .integer(found.number),
                .text(state.rawValue), .blob(counts), .integer(found.badRows + badRows.count))
            for (offset, row) in badRows.enumerated() {
                try database.write(
                    "INSERT INTO bad_rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", .integer(found.number), .integer(found.badRows + offset),
                    .integer(row.line), .optional(row.orderNumber), .optional(row.column), .text(row.reason), .optional(row.fault))
            }
        }
    }

    public func failRunningImports() throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            try database.write("UPDATE imports SET state = 'failed' WHERE state = 'running'")
        }
    }

    private static let importColumns = "number, import_id, merchant, user, at, state, counts, bad_rows"

    private static func importRecord(_ row: SQLiteDatabase.Row) -> (number: Int, record: ImportRecord)? {
        guard let state = ImportState(rawValue: row.text(5)) else { return nil }
        var record = ImportRecord(
            importId: row.text(1), merchant: row.text(2), user: row.text(3), at: row.time(4), state: state, counts: row.blob(6))
        record.badRows = row.integer(7)
        return (row.integer(0), record)
    }

    public func importRecord(_ importId: String, of merchant: String) throws(PeopleError) -> ImportRecord? {
        try transaction(writing: false) { (database) throws(PeopleError) in
            try database.first(
                "SELECT \(Self.importColumns) FROM imports WHERE import_id = ?1 AND merchant = ?2", .text(importId), .text(merchant),
                read: Self.importRecord)?.record
        }
    }

    public func imports(of merchant: String, _ range: PageRange) throws(PeopleError) -> Page<ImportRecord> {
        try transaction(writing: false) { (database) throws(PeopleError) in
            let rows = try database.all(
                "SELECT \(Self.importColumns) FROM imports WHERE merchant = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
                .text(merchant), .integer(range.after ?? .max), .integer(range.asked), read: Self.importRecord)
            return Page(items: rows.prefix(max(0, range.limit)).map(\.record), next: range.next(of: rows.map(\.number)))
        }
    }

    public func badRows(of importId: String, from position: Int, limit: Int) throws(PeopleError) -> [BadRow] {
        try transaction(writing: false) { (database) throws(PeopleError) in
            try database.all(
                """
                SELECT line, order_number, field, reason, fault FROM bad_rows
                WHERE import = (SELECT number FROM imports WHERE import_id = ?1) AND position >= ?2 ORDER BY position LIMIT ?3
                """, .text(importId), .integer(position), .integer(max(0, limit))
            ) { row in
                BadRow(
                    line: row.integer(0), orderNumber: row.optionalText(1), column: row.optionalText(2), reason: row.text(3),
                    fault: row.optionalText(4))
            }
        }
    }
}
