import Stores

/// The statements that run for most orders of a batch.
final class WriterStatements {
    let findOrder, insertOrder, updateOrder: SQLitePrepared
    let insertHistory, findHistory, deleteHistory: SQLitePrepared
    let insertText, deleteText: SQLitePrepared

    init(_ database: SQLiteDatabase) throws(StoreError) {
        findOrder = try database.prepare("SELECT n, body FROM orders WHERE id = ?1")
        insertOrder = try database.prepare("INSERT INTO orders (n, last, over, body, id) VALUES (?1, ?2, ?3, ?4, ?5)")
        updateOrder = try database.prepare("UPDATE orders SET last = ?2, over = ?3, body = ?4 WHERE n = ?1")
        insertHistory = try database.prepare("INSERT INTO history (n, before, body) VALUES (?1, ?2, ?3)")
        findHistory = try database.prepare("SELECT before, body FROM history WHERE n = ?1")
        deleteHistory = try database.prepare("DELETE FROM history WHERE n = ?1")
        insertText = try database.prepare("INSERT OR IGNORE INTO texts VALUES (?1, ?2, ?3)")
        deleteText = try database.prepare("DELETE FROM texts WHERE scope = ?1 AND text = ?2 AND n = ?3")
    }
}
