import Foundation
import Stores
import Testing
import Texts
import Threads

@testable import Identity

@Suite struct StoreTests {
    @Test func theFolderAndTheFileAreTheirOwnersAlone() throws {
        let scene = try Scene()
        #expect(try Shelf.mode(scene.store.folder) == 0o700)
        #expect(try Shelf.mode(scene.store.path) == 0o600)
        #expect(SQLitePeopleStore.folder(inStoreFolder: "data/console") == "data/console/people")
    }

    @Test func whatWasAnsweredIsThereAfterTheProcessEnds() throws {
        let scene = try Scene()
        let (session, owner) = try scene.owner("Anna")
        let code = try scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now)
        try scene.reopen()
        #expect(try scene.look(session).memberships == [Membership(actor: owner.actor, role: .owner)])
        _ = try scene.join("Ben", code)
        _ = try scene.signIn("Anna")
    }

    @Test func aChangeThatIsRefusedOnItsWayLeavesNothing() throws {
        let scene = try Scene()
        let got = refusal {
            try scene.store.change { (rows) throws(PeopleError) in
                let user = User(userId: "1", name: "Anna", passwordHash: nil, language: .zh, created: scene.now)
                try rows.insert(user, nameKey: "anna")
                throw .lastOwner
            }
        }
        #expect(got == .lastOwner)
        let isThere = try scene.store.read { (rows) throws(PeopleError) in try rows.user(id: "1") != nil }
        #expect(!isThere)
    }

    @Test func aFileOfANewerVersionIsLeftAlone() throws {
        let scene = try Scene()
        scene.store.close()
        let database = try SQLiteDatabase(path: scene.store.path)
        try database.execute("PRAGMA user_version=99")
        database.close()
        guard case .unavailable(let text)? = refusal({ try scene.reopen() }) else { throw PeopleError.notFound }
        #expect(text.contains("version 99"))
    }

    @Test func aClosedStoreAndAFolderThatCannotBeAreErrors() throws {
        let scene = try Scene()
        scene.store.close()
        guard case .unavailable? = refusal({ _ = try scene.people.allUsers() }) else { throw PeopleError.notFound }
        guard case .unavailable? = refusal({ _ = try SQLitePeopleStore(folder: "/dev/null/people") }) else { throw PeopleError.notFound }
    }

    @Test func anotherProcessThatWritesIsWaitedForAndSeen() throws {
        let scene = try Scene()
        let other = Process()
        let (input, output) = (Pipe(), Pipe())
        other.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        other.arguments = ["sqlite3", scene.store.path]
        (other.standardInput, other.standardOutput) = (input, output)
        try other.run()
        // Holds the file's lock until it is told to let go, which it is while this process waits.
        input.fileHandleForWriting.write(
            Data("BEGIN IMMEDIATE; INSERT INTO used_actors VALUES ('merchant:900000000000001');\n.print held\n".utf8))
        _ = output.fileHandleForReading.availableData
        let anna = try scene.insertWhile { input.fileHandleForWriting.write(Data("COMMIT;\n".utf8)) }
        try input.fileHandleForWriting.close()
        other.waitUntilExit()
        #expect(try scene.people.chooseRole(.merchant, of: anna.open).memberships[0].actor == "merchant:900000000000002")
    }

    @Test func twoConnectionsOnOneFileNeverGiveAnIdOrANameTwice() throws {
        let scene = try Scene()
        let second = try SQLitePeopleStore(folder: scene.store.folder)
        let stores = [scene.store, second]
        let numbers = Monitor<[Int]>([])
        let names = Monitor(0)
        DispatchQueue.concurrentPerform(iterations: 40) { index in
            _ = try? stores[index % 2].change { (rows) throws(PeopleError) in
                let number = try rows.nextShopNumber()
                numbers.withLock { $0.append(number) }
            }
            let people = People(store: stores[index % 2], hasher: Self.hasher, settings: PeopleSettings())
            let added = try? people.add(
                user: "user\(index / 2)", password: nil, language: .zh, actor: nil, role: .owner, now: Timestamp(milliseconds: 0))
            if added != nil { names.withLock { $0 += 1 } }
        }
        #expect(numbers.withLock { $0.sorted() } == Array(1...40))
        #expect(names.withLock { $0 } == 20)
    }

    private static let hasher: PasswordHasher = {
        guard let hasher = try? Scene.hasher.get() else { preconditionFailure("the library cannot hash") }
        return hasher
    }()
}

extension Scene {
    /// Writes a user, and runs the body a moment after it has begun to.
    fileprivate func insertWhile(_ body: @escaping @Sendable () -> Void) throws -> NewSession {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50), execute: body)
        return try insert("Anna")
    }
}
