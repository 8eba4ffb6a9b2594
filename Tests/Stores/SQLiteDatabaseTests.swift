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

    @Test func aReadOnlyConnectionSeesWhatIsCommittedAndWritesNothing() throws {
        let folder = try Folder()
        let writer = try database(folder)
        var options = SQLiteDatabase.Options()
        options.isReadOnly = true
        let reader = try SQLiteDatabase(path: "\(folder.path)/own.db", options: options)
        try writer.run("INSERT INTO things VALUES ('a', 1, NULL)")
        let seen = try reader.transaction(writing: false) { () throws(StoreError) in
            let before = try reader.rows("SELECT name FROM things") { $0.text(0) }
            try writer.run("INSERT INTO things VALUES ('b', 2, NULL)")
            return [before, try reader.rows("SELECT name FROM things") { $0.text(0) }]
        }
        #expect(seen == [["a"], ["a"]])
        #expect(try reader.rows("SELECT name FROM things") { $0.text(0) } == ["a", "b"])
        #expect(throws: StoreError.self) { try reader.run("DELETE FROM things") }
    }

    @Test func aScanEndsWhenItsReaderHasEnough() throws {
        let database = try database(try Folder())
        for n in 1...5 { try database.run("INSERT INTO things VALUES (?1, ?2, NULL)", values: [.text("t\(n)"), .integer(n)]) }
        var names: [String] = []
        try database.scan("SELECT name FROM things WHERE number > ?1 ORDER BY number", values: [.integer(1)]) { row in
            names.append(row.text(0))
            return names.count < 2
        }
        #expect(names == ["t2", "t3"])
    }

    @Test func whatCanBeMadeAgainIsNotWrittenThroughToTheDisk() throws {
        let folder = try Folder()
        var options = SQLiteDatabase.Options()
        #expect(try synchronous(options, folder) == 2)
        options.isDurable = false
        #expect(try synchronous(options, folder) == 1)
    }

    private func synchronous(_ options: SQLiteDatabase.Options, _ folder: Folder) throws -> Int? {
        let database = try SQLiteDatabase(path: "\(folder.path)/own.db", options: options)
        return try database.rows("PRAGMA synchronous") { $0.integer(0) }.first
    }
}
