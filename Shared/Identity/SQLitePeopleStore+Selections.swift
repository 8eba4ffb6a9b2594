import Stores
public import Threads

/// Whose selection it is: one user's, of one list of one shop.
public struct SelectionOwner: Sendable, Equatable {
    /// The shop's.
    public var actor: String
    public var userId: String
    /// `orders`, `parcels`.
    public var list: String

    public init(actor: String, userId: String, list: String) { (self.actor, self.userId, self.list) = (actor, userId, list) }
}

/// What people have ticked in long lists: it lasts while they turn pages, filter and sort. Calls block.
public protocol SelectionStore: Sendable {
    /// The items, in the order in which they were chosen.
    /// - Returns: nil when there is none under this id, it is somebody else's, or nobody has used it for twelve hours.
    func selection(_ id: String, of owner: SelectionOwner, now: Timestamp) throws(PeopleError) -> [String]?

    /// Takes items out of a selection, and puts others into it.
    /// - Parameter id: nil, or one that there is not: a new one.
    /// - Returns: its id, which nobody can guess.
    /// - Throws: `invalid` (selection, tooLong) for more than ``Selections/most``: nothing is changed then.
    func change(
        selection id: String?, of owner: SelectionOwner, removing: [String], adding: [String], now: Timestamp
    ) throws(PeopleError) -> String
}

/// The bounds of selections.
public enum Selections {
    public static let most = 5000
    /// Seconds without use.
    static let lifetime = 12 * 3600
}

extension SQLitePeopleStore: SelectionStore {
    public func selection(_ id: String, of owner: SelectionOwner, now: Timestamp) throws(PeopleError) -> [String]? {
        try transaction(writing: false) { (database) throws(PeopleError) -> [String]? in
            guard try Self.isThere(id, owner, now, database) else { return nil }
            return try database.all("SELECT item FROM selected WHERE selection = ?1 ORDER BY place", .text(id)) { $0.text(0) }
        }
    }

    public func change(
        selection id: String?, of owner: SelectionOwner, removing: [String], adding: [String], now: Timestamp
    ) throws(PeopleError) -> String {
        let new = try People.secret()
        return try transaction(writing: true) { (database) throws(PeopleError) -> String in
            var found = id ?? ""
            let isThere = try Self.isThere(found, owner, now, database)
            if !isThere {
                found = new
                try database.write(
                    "INSERT INTO selections VALUES (?1, ?2, ?3, ?4, ?5)", .text(found), .text(owner.actor), .text(owner.userId),
                    .text(owner.list), .time(now))
            } else {
                try database.write("UPDATE selections SET at = ?2 WHERE id = ?1", .text(found), .time(now))
            }
            for item in removing {
                try database.write("DELETE FROM selected WHERE selection = ?1 AND item = ?2", .text(found), .text(item))
            }
            var place =
                try database.first("SELECT coalesce(max(place), 0) FROM selected WHERE selection = ?1", .text(found)) { $0.integer(0) } ?? 0
            for item in adding {
                place += 1
                try database.write("INSERT OR IGNORE INTO selected VALUES (?1, ?2, ?3)", .text(found), .text(item), .integer(place))
            }
            let count = try database.first("SELECT count(*) FROM selected WHERE selection = ?1", .text(found)) { $0.integer(0) } ?? 0
            guard count <= Selections.most else { throw PeopleError.invalid(field: "selection", .tooLong(Selections.most)) }
            return found
        }
    }

    /// Forgets those that nobody has used for long. For a timer.
    public func pruneSelections(now: Timestamp) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            let end = now.after(seconds: -Selections.lifetime)
            try database.write("DELETE FROM selected WHERE selection IN (SELECT id FROM selections WHERE at <= ?1)", .time(end))
            try database.write("DELETE FROM selections WHERE at <= ?1", .time(end))
        }
    }

    private static func isThere(
        _ id: String, _ owner: SelectionOwner, _ now: Timestamp, _ database: SQLiteDatabase
    ) throws(PeopleError) -> Bool {
        try database.first(
            "SELECT 1 FROM selections WHERE id = ?1 AND actor = ?2 AND user = ?3 AND list = ?4 AND at > ?5", .text(id), .text(owner.actor),
            .text(owner.userId), .text(owner.list), .time(now.after(seconds: -Selections.lifetime))
        ) { _ in true } ?? false
    }
}
