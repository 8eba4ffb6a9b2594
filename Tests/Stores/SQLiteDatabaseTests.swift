import Foundation
import Testing

@testable import Stores

@Suite struct SQLiteDatabaseTests {
    private func database(_ folder: Folder) throws -> SQLiteDatabase {
        let database = try SQLiteDatabase(path: "\(folder.path)/own.db")
        try database.execute("CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY, number INTEGER, bytes BLOB)")
        return database
    }

    @Test func whatIsBoundComesBackEmptyAndNullApart() throws {
        let database = try database(try Folder())
        let insert = "INSERT INTO things VALUES (?1, ?2, ?3)"
        #expect(try database.run(insert, .text("代发"), .integer(.max), .blob([0, 1, 255])) == 1)
        try database.run(insert, .text(""), .integer(.min), .blob([]))
        try database.run(insert, .null, .integer(0), .blob([7]))
        let rows = try database.rows("SELECT name, number, bytes FROM things ORDER BY number DESC") {
            (name: $0.optionalText(0), number: $0.integer(1), bytes: $0.blob(2))
        }
        #expect(rows.map(\.name) == ["代发", nil, ""])
        #expect(rows.map(\.number) == [.max, 0, .min])
        #expect(rows.map(\.bytes) == [[0, 1, 255], [7], []])
    }

    @Test func aTransactionThatThrowsLeavesNothingAndTheNextOneWorks() throws {
        let folder = try Folder()
        let database = try database(folder)
        #expect(throws: StoreError.self) {
            try database.transaction { () throws(StoreError) in
                try database.run("INSERT INTO things VALUES ('a', 1, NULL)")
                try database.run("INSERT INTO things VALUES ('a', 2, NULL)")
            }
        }
        let added = try database.transaction { () throws(StoreError) in try database.run("INSERT INTO things VALUES ('b', 3, NULL)") }
        #expect(added == 1)
        database.close()
        let again = try self.database(folder)
        #expect(try again.rows("SELECT name FROM things") { $0.text(0) } == ["b"])
    }

    @Test func aStatementThatIsWrongIsAnErrorNotTheEnd() throws {
        let database = try database(try Folder())
        #expect(throws: StoreError.self) { try database.run("INSERT INTO nothing VALUES (1)") }
        #expect(try database.run("DELETE FROM things") == 0)
    }
}
