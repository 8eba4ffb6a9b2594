import Foundation
import Texts
import Threads

@testable import Identity

/// A folder of its own, deleted with the value.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "identity-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A console's people in a folder, with a clock that tests move.
final class Scene {
    static let password = "correct horse"
    /// Of all scenes: a hasher costs a hash.
    static let hasher = Result {
        var limits = PasswordHasher.Limits()
        limits.waiting = 1000
        return try PasswordHasher(limits: limits)
    }

    let folder: Folder
    private(set) var store: SQLitePeopleStore
    private(set) var people: People
    var now = Timestamp(milliseconds: 1_790_000_000_000)
    let client = Client(address: "192.0.2.1", browser: "Firefox")

    var linkFile: String { folder.path + "/first-operator.link" }

    init(_ settings: PeopleSettings = PeopleSettings(), openSignUp: Bool = true) throws {
        folder = try Folder()
        store = try SQLitePeopleStore(folder: folder.path + "/people")
        var settings = settings
        settings.isSignUpOpen = openSignUp
        people = People(store: store, hasher: try Self.hasher.get(), settings: settings, linkFile: folder.path + "/first-operator.link")
    }

    /// As a new process would find it.
    func reopen() throws {
        store.close()
        store = try SQLitePeopleStore(folder: folder.path + "/people")
        people = People(store: store, hasher: try Self.hasher.get(), settings: people.settings, linkFile: linkFile)
    }

    func pass(seconds: Int) { now = Timestamp(milliseconds: now.milliseconds + seconds * 1000) }

    func signUp(_ name: String) throws -> NewSession {
        try people.signUp(user: name, password: Self.password, language: .zh, client: client, now: now)
    }

    func signIn(_ name: String, _ password: String = Scene.password, from address: String = "192.0.2.1") throws -> NewSession {
        try people.signIn(user: name, password: password, client: Client(address: address, browser: "Firefox"), now: now)
    }

    func look(_ session: NewSession) throws -> OpenSession { try people.session(token: session.token, client: client, now: now) }

    func isOpen(_ session: NewSession) -> Bool { (try? people.session(token: session.token, client: nil, now: now)) != nil }

    /// A user with a shop of his own, as its owner.
    func owner(_ name: String, _ kind: ShopKind = .merchant) throws -> (session: NewSession, caller: Caller) {
        var session = try signUp(name)
        session.open = try people.chooseRole(kind, of: session.open)
        let membership = session.open.memberships[0]
        return (session, Caller(userId: session.open.user.userId, actor: membership.actor, role: membership.role))
    }

    func join(_ name: String, _ code: NewCode) throws -> NewSession {
        try people.join(code: code.code, user: name, password: Self.password, language: .vi, client: client, now: now)
    }

    /// A user without password hash, straight into the store: where a hundred users are needed.
    func insert(_ name: String, _ memberships: Membership...) throws -> NewSession {
        try store.change { (rows) throws(PeopleError) in
            let user = User(userId: "id-\(name)", name: name, passwordHash: nil, language: .en, created: now)
            try rows.insert(user, nameKey: Checks.key(ofName: name))
            for membership in memberships { try rows.put(membership, of: user.userId) }
            return try people.open(rows, user, client, now)
        }
    }
}

/// The error that the body throws, if it is one of people.
func refusal(_ body: () throws -> Void) -> PeopleError? {
    do {
        try body()
        return nil
    } catch { return error as? PeopleError }
}
