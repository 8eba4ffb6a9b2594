import Foundation
import TestSupport
import Testing

@testable import Stores

/// What a person has to change: each is told in one line that says what to do, and holds no password.
@Suite(.serialized, .enabled(if: PostgresServer.isAvailable, Comment(rawValue: PostgresServer.need)))
struct PostgreSQLRefusalTests {
    @Test(arguments: [
        "postgres:x", "postgres://", "postgres://host/db", "postgres://role:s3cret@host", "postgres://role:s3cret@host:port%/db",
        "postgres://role:s3cret@host/db?nonsense=1", "postgres://role@h1,h2/db?port=1,2,3", "postgres://role:s3cret@host/db?options=-c%20x",
    ]) func aMalformedURL(_ url: String) throws {
        let error = refusal { _ = try PostgreSQLLocation(url: url) }
        #expect(error?.kind == .misconfigured)
        #expect(error?.message.hasPrefix("expected postgres://<role>@<host>") == true && error?.message.contains("s3cret") == false)
    }

    @Test func aURLIsReadAndShownWithoutItsPassword() throws {
        let location = try PostgreSQLLocation(url: "postgresql://daifa_a:p%40ss@h1:1,h2:2/db?sslmode=verify-full&sslrootcert=/ca")
        #expect(location.hosts == [.init(name: "h1", port: "1"), .init(name: "h2", port: "2")])
        #expect(location.parameters["password"] == "p@ss" && location.parameters["sslrootcert"] == "/ca")
        #expect(location.description == "postgres://daifa_a@h1:1,h2:2/db" && !location.isUnverified)
        #expect(try PostgreSQLLocation(url: "postgres://a@h/b").isUnverified)
    }

    private func refused(_ database: Database, _ url: String, password: String? = nil) throws -> StoreError? {
        var location = try database.location(url)
        location.passwordFile = password
        return refusal { try PostgreSQLStore(location, owner: "allocation").connect() }
    }

    @Test func aWrongPasswordARoleADatabaseAndAPort() async throws {
        try await onThread {
            let database = try Database()
            let server = database.server
            let good = server.passwordFile(database.name)
            #expect(try refused(database, server.networkURL(database.name), password: good) == nil)
            let wrong = "\(server.folder.path)/wrong"
            try "not-it\n".write(toFile: wrong, atomically: true, encoding: .utf8)
            let cases: [(StoreError?, StoreError.Kind, String)] = [
                (try refused(database, server.networkURL(database.name), password: wrong), .misconfigured, "DAIFA_STORE_PASSWORD_FILE"),
                (try refused(database, server.networkURL(database.name)), .misconfigured, "DAIFA_STORE_PASSWORD_FILE"),
                (try refused(database, server.networkURL(database.name), password: wrong + "er"), .misconfigured, "cannot be read"),
                (try refused(database, server.networkURL("nobody"), password: good), .misconfigured, "nobody"),
                (try refused(database, server.url("nobody")), .misconfigured, "role"),
                (try refused(database, server.url(database.name) + "x"), .misconfigured, "create the database"),
                (try refused(database, "postgres://\(database.name)@127.0.0.1:1/x"), .unavailable, "127.0.0.1:1"),
            ]
            for (error, kind, text) in cases {
                #expect(error?.kind == kind && error?.message.contains(text) == true, "\(text): \(String(describing: error))")
                #expect(error?.message.contains("not-it") == false && error?.message.contains("\n") == false)
            }
        }
    }

    @Test func aRoleWithoutRightsADatabaseOfAnotherServiceAndANewerSchema() async throws {
        try await onThread {
            let database = try Database()
            let other = try Database()
            let foreign = String(database.server.url(other.name).dropLast(other.name.count)) + database.name
            let rights = refusal { try database.store(foreign).connect() }
            #expect(rights?.kind == .misconfigured && rights?.message.contains("own its database") == true, "\(String(describing: rights))")
            try database.store(owner: "waybill").connect()
            let taken = refusal { try database.store().connect() }
            #expect(taken?.kind == .misconfigured && taken?.message.contains("of the service waybill") == true)
            try database.sql("UPDATE daifa.store SET version = 9")
            let newer = refusal { try database.store(owner: "waybill").connect() }
            #expect(newer?.kind == .misconfigured && newer?.message.contains("schema version 9") == true)
        }
    }

    @Test func anEncodingThatCannotHoldEveryText() async throws {
        try await onThread {
            let server = try PostgresServer.shared()
            try server.makeDatabase("latin")
            try server.sql("DROP DATABASE latin")
            try server.sql("CREATE DATABASE latin OWNER latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
            let error = refusal { try PostgreSQLStore(PostgreSQLLocation(url: server.url("latin")), owner: "allocation").connect() }
            #expect(error?.kind == .misconfigured && error?.message.contains("UTF8") == true)
        }
    }

    @Test func whoOnlyLooksMakesAndChangesNothing() async throws {
        try await onThread {
            let database = try Database()
            let before = try database.store(onlyLooks: true)
            try before.connect()
            #expect(before.isNew && before.shards().isEmpty)
            #expect(try database.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'daifa'") == "0")
            let shard = try database.store().shard(0)
            _ = try shard.claim()
            try shard.commit(StoreBatch(aggregates: [row("a")]))
            let looking = try database.store(onlyLooks: true)
            #expect(looking.shards() == [0])
            var keys: [String] = []
            try looking.shard(0).scan(prefix: "", limit: 9) {
                keys.append($0.key); return true
            }
            #expect(keys == ["a"])
            #expect(refusal { _ = try looking.shard(0).claim() }?.kind == .unavailable)
        }
    }

    @Test func manyThatStartAtOnceMakeTheTablesOnce() async throws {
        let database = try await onThread { try Database() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await onThread {
                        let shard = try database.store().shard(number)
                        _ = try shard.claim()
                    }
                }
            }
            try await group.waitForAll()
        }
        let shards = try await onThread { try database.store().shards() }
        #expect(shards == Array(0..<6))
    }

    /// A standby is no place to write; of several hosts the primary is found.
    @Test func ofSeveralHostsThePrimaryIsTaken() async throws {
        try await onThread {
            let primary = try PostgresServer()
            let standby = try PostgresServer(following: primary)
            let database = try Database(primary)
            let both = "postgres://\(database.name)@127.0.0.1:1,127.0.0.1:\(standby.port),127.0.0.1:\(primary.port)/\(database.name)"
            var location = try PostgreSQLLocation(url: both)
            location.passwordFile = primary.passwordFile(database.name)
            let shard = try PostgreSQLStore(location, owner: "allocation").shard(0)
            #expect(try shard.claim().epoch == 1)
            #expect(eventually(within: 20) { (try? standby.sql("SELECT epoch FROM daifa.shards", in: database.name)) == "1" })
            let alone = refusal { try PostgreSQLStore(PostgreSQLLocation(url: standby.url(database.name)), owner: "allocation").connect() }
            #expect(alone?.kind == .unavailable && alone?.message.contains("standby") == true, "\(String(describing: alone))")
            try primary.kill()
            #expect(refusal { _ = try shard.claim() }?.kind == .unavailable)
            try standby.promote()
            #expect(eventually(within: 20) { (try? shard.claim())?.epoch == 2 })
        }
    }
}
