import Contracts
import JSON
import Stores
import Threads

/// Rows of lists, messages about no order and dead letters.
extension ModelWriter {
    // MARK: Items

    func item(_ list: ItemList, _ id: String) throws(StoreError) -> Item? {
        try database.rows(
            "SELECT at, shown, owners, body FROM items WHERE list = ?1 AND id = ?2", .integer(list.rawValue), .text(id)
        ) { row in
            Item(
                owners: (try? [String].decode(row.text(2))) ?? [], at: row.integer(0), body: row.blob(3), isShown: row.integer(1) == 1)
        }.first
    }

    func write(_ item: Item?, before: Item?, _ list: ItemList, _ id: String) throws(StoreError) {
        guard item != before else { return }
        let known = before.map { $0.isShown ? $0.owners : [] } ?? []
        let owners = item.map { $0.isShown ? $0.owners : [] } ?? []
        if known != owners || item?.at != before?.at {
            for owner in Set(known) {
                try database.run(
                    "DELETE FROM owners WHERE list = ?1 AND owner = ?2 AND rank = ?3 AND id = ?4", .integer(list.rawValue), .text(owner),
                    .integer(-(before?.at ?? 0)), .text(id))
            }
            for owner in Set(owners) {
                try database.run(
                    "INSERT OR IGNORE INTO owners VALUES (?1, ?2, ?3, ?4)", .integer(list.rawValue), .text(owner),
                    .integer(-(item?.at ?? 0)), .text(id))
            }
        }
        guard let item else {
            try database.run("DELETE FROM items WHERE list = ?1 AND id = ?2", .integer(list.rawValue), .text(id))
            return
        }
        try database.run(
            "INSERT INTO items (list, id, at, shown, owners, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                + " ON CONFLICT (list, id) DO UPDATE SET at = ?3, shown = ?4, owners = ?5, body = ?6", .integer(list.rawValue), .text(id),
            .integer(item.at), .integer(item.isShown ? 1 : 0), .text(String(decoding: item.owners.json, as: UTF8.self)), .blob(item.body))
    }

    // MARK: Messages about no order

    func write(_ message: MessageRecord) throws(StoreError) {
        try database.run(
            "INSERT INTO messages (key, last, body) VALUES (?1, ?2, ?3)", .integer(StableHash.of(message.commandId)),
            .integer(max(message.part.at, message.part.sentAt ?? 0)), .blob(message.json))
    }

    // MARK: Dead letters

    func write(_ letter: DeadRecord, _ id: String) throws(StoreError) {
        try database.run(
            "INSERT INTO letters (key, service, at, body) VALUES (?1, ?2, ?3, ?4)", .integer(StableHash.of(id)),
            .integer(Projection.topicNumber(of: letter.view.service)), .integer(letter.view.time.milliseconds), .blob(letter.json))
    }
}
