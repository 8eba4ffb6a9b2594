import Foundation
import TestSupport
import Testing

@testable import Stores

/// A fresh database on the server that these tests share.
struct Database {
    let server: PostgresServer
    let name: String

    init(_ server: PostgresServer? = nil) throws {
        self.server = try server ?? .shared()
        name = try self.server.makeDatabase()
    }

    func location(_ url: String? = nil) throws -> PostgreSQLLocation { try PostgreSQLLocation(url: url ?? server.url(name)) }

    func store(_ url: String? = nil, owner: String = "allocation", onlyLooks: Bool = false) throws -> PostgreSQLStore {
        PostgreSQLStore(try location(url), owner: owner, onlyLooks: onlyLooks)
    }

    @discardableResult
    func sql(_ statements: String) throws -> String { try server.sql(statements, in: name) }
}

/// What a call was refused with.
func refusal(_ body: () throws -> Void) -> StoreError? {
    do { try body() } catch { return error as? StoreError }
    return nil
}

func row(_ key: String, _ version: Int64 = 1) -> AggregateRow { AggregateRow(key: key, version: version, state: [1], answered: [2]) }

@Suite(.serialized, .enabled(if: PostgresServer.isAvailable, Comment(rawValue: PostgresServer.need)))
struct PostgreSQLStoreTests {
    @Test(arguments: StoreConformance.behaviours.map(\.name))
    func conforms(_ behaviour: String) async throws {
        try await onThread {
            let database = try Database()
            let check = try #require(StoreConformance.behaviours.first { $0.name == behaviour }).check
            try check(StoreConformance { try database.store() })
        }
    }

    @Test func aClaimFencesAnOwnerInTheMiddleOfItsWork() async throws {
        try await onThread {
            let database = try Database()
            let (first, second) = (try database.store().shard(0), try database.store().shard(0))
            _ = try first.claim()
            // Two live owners: each writes as often as it is let, and what one was answered the other finds.
            for round in 1...20 {
                let claim = try second.claim()
                #expect(claim.positions["orders"] == (round == 1 ? nil : Int64(round - 1)))
                #expect(
                    refusal { try first.commit(StoreBatch(aggregates: [row("late")], positions: [.init("orders", 99)])) }?.kind == .fenced)
                try second.commit(StoreBatch(positions: [.init("orders", Int64(round))]))
                _ = try first.claim()
                #expect(refusal { try second.commit(StoreBatch(positions: [.init("orders", 98)])) }?.kind == .fenced)
            }
            #expect(try first.claim().positions == ["orders": 20])
            try first.load(["late"]) { _, _ in Issue.record("a row of an owner who was fenced") }
        }
    }

    @Test func aBatchThatHoldsAShardMakesAClaimWaitAndThenBusy() async throws {
        try await onThread {
            let database = try Database()
            let shard = try database.store().shard(0)
            _ = try shard.claim()
            let holder = try Child(
                "psql", "-X", "-q", "-At", "-h", database.server.folder.path, "-p", "\(database.server.port)", "-U", database.name)
            holder.send("BEGIN; UPDATE daifa.shards SET published = 0; SELECT 'held';")
            #expect(holder.line() == "held")
            #expect(refusal { _ = try database.store().shard(0).claim() }?.kind == .busy)
            #expect(refusal { try shard.commit(StoreBatch(aggregates: [row("a")])) }?.kind == .busy)
            holder.finish()
            try shard.commit(StoreBatch(aggregates: [row("a")]))
        }
    }

    @Test func aSessionThatEndedIsReplacedAndItsClaimsAreOver() async throws {
        try await onThread {
            let database = try Database()
            let store = try database.store()
            try store.lockInstance("one")
            let (one, two) = (try store.shard(0), try store.shard(1))
            for shard in [one, two] { _ = try shard.claim() }
            try one.commit(StoreBatch(aggregates: [row("a")], outbox: (1, [1])))
            try database.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'daifa-%' AND datname = '\(database.name)'"
            )
            #expect(refusal { try one.commit(StoreBatch(aggregates: [row("b")], outbox: (2, [2]))) }?.kind == .unavailable)
            #expect(try one.claim().highestSequence == 1)
            try one.commit(StoreBatch(aggregates: [row("b")], outbox: (2, [2])))
            // The server may be another one by now: what was claimed in the session before is claimed again.
            #expect(refusal { try two.commit(StoreBatch(aggregates: [row("c")])) }?.message.contains("claim it again") == true)
            // The lock came back with the session.
            #expect(refusal { try database.store().lockInstance("one") }?.kind == .instanceInUse)
        }
    }

    @Test func anAdoptionKeepsInstancesOutAndTheyKeepItOut() async throws {
        try await onThread {
            let database = try Database()
            let adopting = try database.store()
            try adopting.holdAlone()
            let kept = refusal { try database.store().lockInstance("a") }
            #expect(kept?.message.contains("daifa adopt") == true)
            let other = try Database()
            let running = PostgreSQLStore(try other.location(), owner: "allocation", instance: "a")
            try running.lockInstance("a")
            let refused = refusal { try other.store().holdAlone() }
            #expect(
                refused?.kind == .instanceInUse && refused?.message.contains("daifa-allocation a is") == true,
                "\(String(describing: refused))")
        }
    }

    @Test func aServerThatHangsIsGivenUpAndAStatementThatLasts() async throws {
        try await onThread {
            let database = try Database(PostgresServer())
            var location = try database.location()
            location.statementTimeout = 1
            let shard = try PostgreSQLStore(location, owner: "allocation").shard(0)
            _ = try shard.claim()
            try database.server.pause()
            let hanging = refusal { try shard.commit(StoreBatch(aggregates: [row("a")])) }
            #expect(hanging?.kind == .unavailable && hanging?.message.contains("no answer") == true)
            try database.server.resume()
            // The server may still be at what it was sent.
            #expect(eventually(within: 10) { (try? shard.claim()) != nil })
            try database.sql(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3); RETURN NEW; END'; "
                    + "CREATE TRIGGER slow BEFORE INSERT ON daifa.aggregates FOR EACH ROW EXECUTE FUNCTION slow()")
            let slow = refusal { try shard.commit(StoreBatch(aggregates: [row("a")], positions: [.init("orders", 1)])) }
            #expect(slow?.kind == .unavailable && slow?.message.contains("DAIFA_STORE_TIMEOUT") == true)
            #expect(try shard.claim().positions.isEmpty)
        }
    }

    @Test func aRestartIsWaitedForByAskingAgain() async throws {
        try await onThread {
            let database = try Database(PostgresServer())
            let shard = try database.store().shard(0)
            _ = try shard.claim()
            try shard.commit(StoreBatch(aggregates: [row("a")], positions: [.init("orders", 1)]))
            try database.server.kill()
            #expect(refusal { try shard.commit(StoreBatch(positions: [.init("orders", 2)])) }?.kind == .unavailable)
            #expect(refusal { _ = try shard.claim() }?.kind == .unavailable)
            try database.server.restart()
            var claim: StoreClaim?
            #expect(eventually(within: 20) { (try? claim = shard.claim()) != nil })
            #expect(claim?.positions == ["orders": 1])
        }
    }

    @Test func whatTheOperatorHasSetForDurabilityIsRaisedAndTold() async throws {
        try await onThread {
            let database = try Database(PostgresServer(settings: ["synchronous_commit=off", "fsync=off"]))
            let store = try database.store()
            try store.connect()
            #expect(store.notices.count == 1 && store.notices[0].contains("fsync=off"))
            let session = PostgreSQLConnector(location: try database.location(), application: "test", purpose: .service)
            let (connection, _) = try session.connect(from: 0)
            #expect(try connection.row("SHOW synchronous_commit", "looking") == ["on"])
        }
    }

    @Test func aKeyOfAnyBytesAndLengthIsAKey() async throws {
        try await onThread {
            let shard = try Database().store().shard(0)
            _ = try shard.claim()
            let long = "order:" + String(repeating: "长", count: 5000)
            let keys = ["a\u{0}b", "é", "e\u{301}", long + "1", long + "2", String(long.prefix(300))]
            try shard.commit(StoreBatch(aggregates: keys.map { row($0) }, effects: [EffectRow(id: long, due: 1, body: [1], origin: [])]))
            var found: [[UInt8]] = []
            try shard.load(keys) {
                found.append(Array(keys[$0].utf8)); #expect($1.key == keys[$0])
            }
            #expect(found.count == keys.count && Set(found).count == keys.count)
            var scanned = Set<[UInt8]>()
            try shard.scan(prefix: "", limit: 100) { scanned.insert(Array($0.key.utf8)).inserted }
            #expect(scanned == Set(keys.map { Array($0.utf8) }))
            try shard.commit(StoreBatch(removed: [long + "1"], removedEffects: [long]))
            var left: [String] = []
            try shard.load([long + "1", long + "2"]) { left.append($1.key) }
            #expect(left == [long + "2"])
            try shard.effects(from: 0, to: 9) { _ in Issue.record("an effect that was removed") }
        }
    }

    @Test func aKeyTwiceInABatchCountsAsItComesLast() async throws {
        try await onThread {
            let shard = try Database().store().shard(0)
            _ = try shard.claim()
            try shard.commit(StoreBatch(aggregates: [row("b", 1), row("a", 1), row("b", 2)], positions: [.init("t", 1), .init("t", 2)]))
            #expect(try shard.claim().positions == ["t": 2])
            try shard.load(["b"]) { #expect($1.version == 2) }
        }
    }
}
