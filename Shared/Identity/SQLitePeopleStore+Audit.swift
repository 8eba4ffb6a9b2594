import Stores
public import Threads

/// Something that a person has done at the console: who, when, what, about whom; never people's data.
public struct AuditEntry: Sendable, Equatable {
    /// By which pages of the list go on; 0 until it is kept.
    public var number = 0
    public var at: Timestamp
    /// `user-invited`
    public var type: String
    public var actor: String
    /// Opaque; nil: a token did it.
    public var userId: String?
    /// The shop, or the user.
    public var about: String
    /// The event's data, as JSON.
    public var data: [UInt8]

    public init(at: Timestamp, type: String, actor: String, userId: String?, about: String, data: [UInt8]) {
        (self.at, self.type, self.actor, self.userId, self.about, self.data) = (at, type, actor, userId, about, data)
    }
}

/// What people have done, for operators. Calls block.
public protocol AuditLog: Sendable {
    func note(_ entry: AuditEntry) throws(PeopleError)
    /// Newest first.
    /// - Parameters:
    ///   - type, userId: nil: all.
    func entries(of type: String?, by userId: String?, _ range: PageRange) throws(PeopleError) -> Page<AuditEntry>
}

extension SQLitePeopleStore: AuditLog {
    /// Seconds for which it is kept.
    static let auditLifetime = 366 * 86_400

    public func note(_ entry: AuditEntry) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            try database.write(
                "INSERT INTO audit (at, type, actor, user, about, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", .time(entry.at),
                .text(entry.type),
                .text(entry.actor), .optional(entry.userId), .text(entry.about), .blob(entry.data))
        }
    }

    public func entries(of type: String?, by userId: String?, _ range: PageRange) throws(PeopleError) -> Page<AuditEntry> {
        try transaction(writing: false) { (database) throws(PeopleError) in
            var rows = try database.all(
                """
                SELECT number, at, type, actor, user, about, body FROM audit
                WHERE number < ?1 AND (?2 IS NULL OR type = ?2) AND (?3 IS NULL OR user = ?3) ORDER BY number DESC LIMIT ?4
                """, .integer(range.after ?? .max), .optional(type), .optional(userId), .integer(range.limit + 1)
            ) { row in
                var entry = AuditEntry(
                    at: row.time(1), type: row.text(2), actor: row.text(3), userId: row.optionalText(4), about: row.text(5),
                    data: row.blob(6))
                entry.number = row.integer(0)
                return entry
            }
            guard rows.count > range.limit else { return Page(items: rows, next: nil) }
            rows.removeLast()
            return Page(items: rows, next: rows.last?.number)
        }
    }

    /// Forgets what is older than a year. For a timer.
    public func pruneAudit(now: Timestamp) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            try database.write("DELETE FROM audit WHERE at <= ?1", .time(now.after(seconds: -Self.auditLifetime)))
        }
    }
}
