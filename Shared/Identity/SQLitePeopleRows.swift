import Stores
import Texts
import Threads

/// The rows of people in SQLite.
struct SQLitePeopleRows: PeopleRows {
    let database: SQLiteDatabase

    private static let userColumns =
        "users.user_id, users.name, users.password, users.language, users.zone, users.created, users.has_chosen, users.issuer, users.subject, users.seen"

    private static func user(_ row: SQLiteDatabase.Row) -> User? {
        guard let language = Language(rawValue: row.text(3)) else { return nil }
        var user = User(
            userId: row.text(0), name: row.text(1), passwordHash: row.optionalText(2), language: language, zone: row.text(4),
            created: row.time(5))
        user.hasChosenRole = row.bool(6)
        if let issuer = row.optionalText(7), let subject = row.optionalText(8) {
            user.provider = ProviderIdentity(issuer: issuer, subject: subject)
        }
        user.seen = row.optionalInteger(9).map { Timestamp(milliseconds: $0) }
        return user
    }

    // MARK: Users

    func user(id: String) throws(PeopleError) -> User? {
        try database.first("SELECT \(Self.userColumns) FROM users WHERE user_id = ?1", .text(id), read: Self.user)
    }

    func user(nameKey: String) throws(PeopleError) -> User? {
        try database.first("SELECT \(Self.userColumns) FROM users WHERE name_key = ?1", .text(nameKey), read: Self.user)
    }

    func user(of provider: ProviderIdentity) throws(PeopleError) -> User? {
        try database.first(
            "SELECT \(Self.userColumns) FROM users WHERE issuer = ?1 AND subject = ?2", .text(provider.issuer), .text(provider.subject),
            read: Self.user)
    }

    func users() throws(PeopleError) -> [User] {
        try database.all("SELECT \(Self.userColumns) FROM users ORDER BY name_key", read: Self.user)
    }

    func insert(_ user: User, nameKey: String) throws(PeopleError) {
        try database.write(
            "INSERT INTO users VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL)", .text(user.userId), .text(user.name),
            .text(nameKey),
            .optional(user.passwordHash), .text(user.language.rawValue), .text(user.zone), .time(user.created),
            .bool(user.hasChosenRole), .optional(user.provider?.issuer), .optional(user.provider?.subject))
    }

    func update(_ user: User) throws(PeopleError) {
        try database.write(
            "UPDATE users SET password = ?2, language = ?3, zone = ?4, has_chosen = ?5 WHERE user_id = ?1", .text(user.userId),
            .optional(user.passwordHash), .text(user.language.rawValue), .text(user.zone), .bool(user.hasChosenRole))
    }

    // MARK: Memberships

    func memberships(of userId: String) throws(PeopleError) -> [Membership] {
        try database.all("SELECT actor, role FROM memberships WHERE user_id = ?1 ORDER BY actor", .text(userId)) { row in
            Role(rawValue: row.text(1)).map { Membership(actor: row.text(0), role: $0) }
        }
    }

    private static let memberQuery =
        "SELECT \(userColumns), memberships.role FROM memberships JOIN users ON users.user_id = memberships.user_id"

    private static func member(_ row: SQLiteDatabase.Row) -> (user: User, role: Role)? {
        guard let user = user(row), let role = Role(rawValue: row.text(10)) else { return nil }
        return (user, role)
    }

    func members(of actor: String) throws(PeopleError) -> [(user: User, role: Role)] {
        try database.all("\(Self.memberQuery) WHERE actor = ?1 ORDER BY name_key", .text(actor), read: Self.member)
    }

    func operators() throws(PeopleError) -> [(user: User, role: Role)] {
        try database.all("\(Self.memberQuery) WHERE actor >= 'operator:' AND actor < 'operator;' ORDER BY name_key", read: Self.member)
    }

    func put(_ membership: Membership, of userId: String) throws(PeopleError) {
        try database.write(
            "INSERT INTO memberships VALUES (?1, ?2, ?3) ON CONFLICT (user_id, actor) DO UPDATE SET role = ?3", .text(userId),
            .text(membership.actor), .text(membership.role.rawValue))
        try database.write("INSERT INTO used_actors VALUES (?1) ON CONFLICT DO NOTHING", .text(membership.actor))
    }

    func removeMembership(of userId: String, for actor: String) throws(PeopleError) {
        try database.write("DELETE FROM memberships WHERE user_id = ?1 AND actor = ?2", .text(userId), .text(actor))
    }

    func isUsed(actor: String) throws(PeopleError) -> Bool {
        try database.first("SELECT 1 FROM used_actors WHERE actor = ?1", .text(actor)) { _ in true } ?? false
    }

    func nextShopNumber() throws(PeopleError) -> Int {
        try database.write("INSERT INTO sequences VALUES ('shops', 1) ON CONFLICT (name) DO UPDATE SET last = last + 1")
        return try database.first("SELECT last FROM sequences WHERE name = 'shops'") { $0.integer(0) } ?? 1
    }

    // MARK: Sessions

    private static let sessionColumns = "session_id, user_id, created, last_used, address, browser, csrf, is_provider, ends, proven"

    private static func session(_ row: SQLiteDatabase.Row) -> Session? {
        Session(
            sessionId: row.text(0), userId: row.text(1), created: row.time(2), lastUsed: row.time(3), address: row.text(4),
            browser: row.text(5), csrfToken: row.text(6), isOfProvider: row.bool(7), ends: row.time(8), proven: row.time(9))
    }

    func insert(_ session: Session, tokenHash: [UInt8]) throws(PeopleError) {
        try database.write(
            "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", .text(session.sessionId), .blob(tokenHash),
            .text(session.userId), .time(session.created), .time(session.lastUsed), .text(session.address), .text(session.browser),
            .text(session.csrfToken), .bool(session.isOfProvider), .time(session.ends), .time(session.proven))
        try database.write("UPDATE users SET seen = ?2 WHERE user_id = ?1", .text(session.userId), .time(session.created))
    }

    func session(tokenHash: [UInt8]) throws(PeopleError) -> Session? {
        try database.first("SELECT \(Self.sessionColumns) FROM sessions WHERE token_hash = ?1", .blob(tokenHash), read: Self.session)
    }

    func sessions(of userId: String) throws(PeopleError) -> [Session] {
        try database.all(
            "SELECT \(Self.sessionColumns) FROM sessions WHERE user_id = ?1 ORDER BY created DESC, session_id", .text(userId),
            read: Self.session)
    }

    func touch(sessionId: String, at: Timestamp, _ client: Client?) throws(PeopleError) {
        try database.write(
            "UPDATE sessions SET last_used = ?2, address = coalesce(?3, address), browser = coalesce(?4, browser) WHERE session_id = ?1",
            .text(sessionId), .time(at), .optional(client?.address), .optional(client?.browser))
        try database.write(
            "UPDATE users SET seen = ?2 WHERE user_id = (SELECT user_id FROM sessions WHERE session_id = ?1)", .text(sessionId), .time(at))
    }

    func prove(sessionId: String, at: Timestamp) throws(PeopleError) {
        try database.write("UPDATE sessions SET proven = ?2 WHERE session_id = ?1", .text(sessionId), .time(at))
    }

    func removeSession(id: String) throws(PeopleError) {
        try database.write("DELETE FROM sessions WHERE session_id = ?1", .text(id))
    }

    func removeSessions(of userId: String, except exception: String?) throws(PeopleError) {
        try database.write("DELETE FROM sessions WHERE user_id = ?1 AND session_id IS NOT ?2", .text(userId), .optional(exception))
    }

    func removeSessions(endedBefore now: Timestamp, idleSince: Timestamp) throws(PeopleError) {
        try database.write("DELETE FROM sessions WHERE ends <= ?1", .time(now))
        try database.write("DELETE FROM sessions WHERE last_used <= ?1", .time(idleSince))
    }

    // MARK: One-time codes

    func insert(_ code: OneTimeCode, hash: [UInt8]) throws(PeopleError) {
        let insert = "INSERT INTO codes VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        switch code.purpose {
        case .invitation(let actor, let role):
            try database.write(
                insert, .blob(hash), .text("invitation"), .optional(actor), .text(role.rawValue), .null, .time(code.expiresAt))
        case .firstOperator:
            try database.write(insert, .blob(hash), .text("first-operator"), .null, .null, .null, .time(code.expiresAt))
        case .reset(let userId):
            try database.write(insert, .blob(hash), .text("reset"), .null, .null, .text(userId), .time(code.expiresAt))
        }
    }

    func code(hash: [UInt8]) throws(PeopleError) -> OneTimeCode? {
        try database.first("SELECT purpose, actor, role, user_id, expires FROM codes WHERE hash = ?1", .blob(hash)) { row in
            switch row.text(0) {
            case "invitation":
                row.optionalText(2).flatMap { Role(rawValue: $0) }.map {
                    OneTimeCode(purpose: .invitation(actor: row.optionalText(1), role: $0), expiresAt: row.time(4))
                }
            case "first-operator": OneTimeCode(purpose: .firstOperator, expiresAt: row.time(4))
            case "reset": row.optionalText(3).map { OneTimeCode(purpose: .reset(userId: $0), expiresAt: row.time(4)) }
            default: nil
            }
        }
    }

    func removeCode(hash: [UInt8]) throws(PeopleError) { try database.write("DELETE FROM codes WHERE hash = ?1", .blob(hash)) }

    func removeCodes(resetting userId: String) throws(PeopleError) {
        try database.write("DELETE FROM codes WHERE user_id = ?1", .text(userId))
    }

    func removeCodes(expiredBefore now: Timestamp) throws(PeopleError) {
        try database.write("DELETE FROM codes WHERE expires <= ?1", .time(now))
    }
}
