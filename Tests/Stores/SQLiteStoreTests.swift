import Foundation
import Testing

@testable import Stores

@Suite struct SQLiteStoreTests {
    @Test(arguments: StoreConformance.behaviours.map(\.name))
    func conforms(_ behaviour: String) throws {
        let folder = try Folder()
        let check = try #require(StoreConformance.behaviours.first { $0.name == behaviour }).check
        try check(StoreConformance { try SQLiteStore(folder: folder.path) })
    }

    @Test func whatWasCommittedIsThereAfterTheProcessDiedWithoutClosing() throws {
        let folder = try Folder()
        let shard = try SQLiteStore(folder: folder.path).shard(3)
        _ = try shard.claim()
        for number in 1...50 {
            try shard.commit(
                StoreBatch(
                    aggregates: [AggregateRow(key: "order-\(number)", version: 1, state: [1], answered: [])],
                    outbox: (Int64(number), [UInt8(number)]), positions: [.init("orders", Int64(number))],
                    publishedThrough: Int64(number) - 2))
        }
        // What the disk holds at this moment: the database and its log, with the shard still open.
        let copy = try Folder()
        for file in ["shard-3.db", "shard-3.db-wal"] {
            try FileManager.default.copyItem(atPath: "\(folder.path)/\(file)", toPath: "\(copy.path)/\(file)")
        }
        let recovered = try SQLiteStore(folder: copy.path).shard(3)
        let claim = try recovered.claim()
        #expect(claim.positions == ["orders": 50])
        #expect(claim.highestSequence == 50 && claim.publishedThrough == 48)
        var keys = 0
        try recovered.scan(prefix: "order-", limit: 100) { _ in
            keys += 1; return true
        }
        #expect(keys == 50)
        var sequences: [Int64] = []
        try recovered.outbox(after: 48) { sequence, _ in sequences.append(sequence) }
        #expect(sequences == [49, 50])
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func whatItMakesIsItsOwnersAlone() throws {
        let folder = try Folder()
        let store = try SQLiteStore(folder: "\(folder.path)/data/waybill")
        try store.lockInstance("one")
        let shard = try store.shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(positions: [.init("orders", 1)]))
        for name in ["data", "data/waybill"] { #expect(try Self.mode("\(folder.path)/\(name)") == 0o700) }
        let files = try FileManager.default.contentsOfDirectory(atPath: store.folder).sorted()
        #expect(files == ["instance-one.lock", "shard-0.db", "shard-0.db-shm", "shard-0.db-wal"])
        for name in files { #expect(try Self.mode("\(store.folder)/\(name)") == 0o600, "\(name)") }
        #expect(store.wideMode == nil)
    }

    @Test func filesOfAnOlderVersionAreClosedToOthersAndAFolderIsToldOf() throws {
        let folder = try Folder()
        let first = try SQLiteStore(folder: folder.path).shard(0)
        _ = try first.claim()
        try first.commit(StoreBatch(positions: [.init("orders", 1)]))
        let files = ["shard-0.db", "shard-0.db-shm", "shard-0.db-wal"].map { "\(folder.path)/\($0)" }
        for path in files { try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path) }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let store = try SQLiteStore(folder: folder.path)
        let second = try store.shard(0)
        #expect(try second.claim().positions == ["orders": 1])
        for path in files { #expect(try Self.mode(path) == 0o600, "\(path)") }
        #expect(try Self.mode(folder.path) == 0o755)
        #expect(store.wideMode == "0755")
    }

    @Test(arguments: [40, 3000, 100_000])
    func whatWasDeletedOrReplacedIsNotInTheFileAnyMore(_ size: Int) throws {
        let folder = try Folder()
        let shard = try SQLiteStore(folder: folder.path).shard(0)
        _ = try shard.claim()
        // Some pages of rows, of which every second one is to go.
        func secret(_ number: Int) -> [UInt8] { Array("<secret \(number)>".utf8) + [UInt8](repeating: 0x2E, count: size) }
        func batch(_ rows: [AggregateRow], _ sequence: Int64) -> StoreBatch {
            StoreBatch(
                aggregates: rows, outbox: (sequence, secret(1000 + Int(sequence))), positions: [.init("orders", sequence)],
                publishedThrough: sequence - 1)
        }
        try shard.commit(batch((0..<60).map { AggregateRow(key: "row-\($0)", version: 1, state: secret($0), answered: []) }, 1))
        let replaced = stride(from: 0, to: 60, by: 2)
        try shard.commit(batch(replaced.map { AggregateRow(key: "row-\($0)", version: 2, state: [1], answered: []) }, 2))
        try shard.commit(batch([], 3))
        shard.close()
        let file = try Data(contentsOf: URL(filePath: "\(folder.path)/shard-0.db"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/shard-0.db-wal"))
        for number in 0..<60 {
            let isThere = file.range(of: Data("<secret \(number)>".utf8)) != nil
            #expect(isThere == (number % 2 == 1), "row \(number)")
        }
        #expect(file.range(of: Data("<secret 1001>".utf8)) == nil && file.range(of: Data("<secret 1003>".utf8)) != nil)
    }

    @Test(arguments: 0...20)
    func aLogCutAnywhereRecoversToAWholeBatch(_ twentieth: Int) throws {
        let folder = try Folder()
        let shard = try SQLiteStore(folder: folder.path).shard(0)
        _ = try shard.claim()
        for number in Int64(1)...20 {
            let rows = (1...20).map { AggregateRow(key: "k\($0)", version: number, state: [UInt8](repeating: 7, count: 500), answered: []) }
            try shard.commit(StoreBatch(aggregates: rows, outbox: (number, [1]), positions: [.init("orders", number)]))
        }
        let copy = try Folder()
        try FileManager.default.copyItem(atPath: "\(folder.path)/shard-0.db", toPath: "\(copy.path)/shard-0.db")
        let log = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/shard-0.db-wal"))
        try log.prefix(log.count * twentieth / 20).write(to: URL(fileURLWithPath: "\(copy.path)/shard-0.db-wal"))

        let recovered = try SQLiteStore(folder: copy.path).shard(0)
        let claim = try recovered.claim()
        let stored = claim.positions["orders"] ?? 0
        #expect(claim.highestSequence == stored)
        var versions: [Int64] = []
        try recovered.scan(prefix: "", limit: 100) {
            versions.append($0.version); return true
        }
        #expect(versions == [Int64](repeating: stored, count: stored == 0 ? 0 : 20))
        if twentieth == 20 { #expect(stored == 20) }
    }

    @Test func aShardThatAnotherProcessWritesIsBusyAndFreeAgainAfterwards() throws {
        let folder = try Folder()
        let shard = try SQLiteStore(folder: folder.path).shard(0)
        _ = try shard.claim()
        let writer = try Child("sqlite3", "\(folder.path)/shard-0.db")
        writer.send("BEGIN IMMEDIATE; SELECT 'locked';")
        #expect(writer.line() == "locked")
        #expect(throws: StoreError.self) { try shard.claim() }
        do {
            try shard.commit(StoreBatch(positions: [.init("orders", 1)]))
            Issue.record("committed under somebody else's lock")
        } catch {
            #expect(error.kind == .busy)
            #expect(error.message.contains("shard-0.db"))
        }
        writer.finish()
        try shard.commit(StoreBatch(positions: [.init("orders", 2)]))
        #expect(try shard.claim().positions == ["orders": 2])
    }

    @Test func anInstanceNameIsFreeWhenItsProcessHasEnded() throws {
        let folder = try Folder()
        let store = try SQLiteStore(folder: folder.path)
        let holder = try Child("flock", "-n", "\(folder.path)/instance-a.lock", "sh", "-c", "echo held; cat")
        #expect(holder.line() == "held")
        do {
            try store.lockInstance("a")
            Issue.record("two processes under one name")
        } catch {
            #expect(error.kind == .instanceInUse)
            #expect(error.message.contains(folder.path) && error.message.contains("\"a\""))
        }
        holder.finish()
        try store.lockInstance("a")
    }

    @Test func aMissingFolderIsMadeButNotAWholePath() throws {
        let folder = try Folder()
        _ = try SQLiteStore(folder: "\(folder.path)/data/allocation").shard(0)
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/data/allocation/shard-0.db"))
        let error = #expect(throws: StoreError.self) { try SQLiteStore(folder: "\(folder.path)/x/y/z") }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("\(folder.path)/x") == true)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/x"))
    }

    @Test func whatCannotBeAFolderOrBeWrittenIsUnavailable() throws {
        let folder = try Folder()
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/file"))
        #expect(throws: StoreError.self) { try SQLiteStore(folder: "\(folder.path)/file") }
        #expect(throws: StoreError.self) { try SQLiteStore(folder: "\(folder.path)/file/below") }
        // A place where even root may not make files.
        #expect(throws: StoreError.self) { try SQLiteStore(folder: "/proc/store") }
        let store = try SQLiteStore(folder: "/proc/sys")
        for attempt in [{ () throws -> Void in _ = try store.shard(0) }, { try store.lockInstance("a") }] {
            let error = #expect(throws: StoreError.self) { try attempt() }
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("/proc/sys") == true)
        }
    }

    @Test func aFullDatabaseIsUnavailableLeavesNothingAndIsOverWhenThereIsRoomAgain() throws {
        let folder = try Folder()
        let connection = try SQLiteConnection(path: "\(folder.path)/shard-0.db")
        try connection.execute("CREATE TABLE t(a); PRAGMA max_page_count=8", "setting up")
        func fill() throws(StoreError) {
            try connection.transaction(writing: true, "filling") { () throws(StoreError) in
                try connection.execute("INSERT INTO t VALUES (1), (zeroblob(1000000))", "filling")
            }
        }
        let error = #expect(throws: StoreError.self) { try fill() }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("disk space") == true)
        #expect(try connection.value("SELECT count(*) FROM t", "counting") == "0")
        try connection.execute("PRAGMA max_page_count=1000000", "making room")
        try fill()
        #expect(try connection.value("SELECT count(*) FROM t", "counting") == "2")
    }

    @Test func eachCommitIsSyncedWhateverWasSetBefore() throws {
        let folder = try Folder()
        for _ in 0..<2 {
            let connection = try SQLiteConnection(path: "\(folder.path)/shard-0.db")
            #expect(try connection.value("PRAGMA synchronous", "checking") == "2")
            #expect(try connection.value("PRAGMA journal_mode", "checking") == "wal")
            #expect(try connection.value("PRAGMA cache_size", "checking") == "-1024")
            try connection.execute("PRAGMA synchronous=OFF", "as another connection may")
        }
    }

    @Test func aFileThatIsNoDatabaseAndOneWithDamageInsideAreCorrupt() throws {
        let folder = try Folder()
        let store = try SQLiteStore(folder: folder.path)
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: "\(folder.path)/shard-0.db"))
        let noDatabase = #expect(throws: StoreError.self) { try store.shard(0) }
        #expect(noDatabase?.kind == .corrupt)
        #expect(noDatabase?.message.contains("shard-0.db") == true)

        do {
            let shard = try store.shard(1)
            _ = try shard.claim()
            let rows = (0..<500).map {
                AggregateRow(key: "k\($0)", version: 1, state: [UInt8](repeating: 7, count: 400), answered: [])
            }
            try shard.commit(StoreBatch(aggregates: rows))
            shard.close()
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/shard-1.db"))
        // Everything after the schema page and the shard's own row.
        for index in 3 * SQLiteConnection.Settings().pageBytes..<bytes.count { bytes[index] = 0xFF }
        try bytes.write(to: URL(fileURLWithPath: "\(folder.path)/shard-1.db"))
        let damaged = try store.shard(1)
        let inside = #expect(throws: StoreError.self) {
            _ = try damaged.claim()
            try damaged.load((0..<500).map { "k\($0)" }) { _, _ in }
        }
        #expect(inside?.kind == .corrupt)
    }

    @Test func aSchemaFromANewerVersionIsRefused() throws {
        let folder = try Folder()
        let store = try SQLiteStore(folder: folder.path)
        try store.shard(0).close()
        let writer = try Child("sqlite3", "\(folder.path)/shard-0.db")
        writer.send("PRAGMA user_version = 5; SELECT 'done';")
        #expect(writer.line() == "done")
        writer.finish()
        let error = #expect(throws: StoreError.self) { try store.shard(0) }
        #expect(error?.message.contains("schema version 5") == true)
    }

    private static let dropMarks = "ALTER TABLE positions DROP COLUMN marked; ALTER TABLE positions DROP COLUMN fingerprint"

    /// What was dropped to make a schema of an older version.
    @Test(arguments: [
        "DROP TABLE effects; \(dropMarks); PRAGMA user_version = 1", "DROP INDEX effects_due; \(dropMarks); PRAGMA user_version = 2",
        "\(dropMarks); PRAGMA user_version = 3",
    ])
    func aSchemaOfAnOlderVersionGrowsAndKeepsWhatItHolds(_ older: String) throws {
        let folder = try Folder()
        let store = try SQLiteStore(folder: folder.path)
        let shard = try store.shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(aggregates: [AggregateRow(key: "a", version: 1, state: [1], answered: [])]))
        shard.close()
        let writer = try Child("sqlite3", "\(folder.path)/shard-0.db")
        writer.send("\(older); SELECT 'done';")
        #expect(writer.line() == "done")
        writer.finish()
        let grown = try store.shard(0)
        _ = try grown.claim()
        let effect = EffectRow(id: "e", due: 1, body: [2], origin: [3])
        let mark = LogMark(offset: 4, fingerprint: -9)
        try grown.commit(StoreBatch(positions: [.init("orders", 5, mark: mark)], effects: [effect]))
        #expect(try grown.claim().marks == ["orders": mark])
        var found: [EffectRow] = []
        try grown.effects(from: 0, to: 2) { found.append($0) }
        #expect(found == [effect])
        var kept: [String] = []
        try grown.load(["a"]) { kept.append($1.key) }
        #expect(kept == ["a"])
    }
}
