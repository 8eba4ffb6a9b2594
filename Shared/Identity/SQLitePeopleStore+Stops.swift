import Stores
public import Threads

/// What a factory's people have seen of parcels that must be stopped.
extension SQLitePeopleStore {
    /// The read model forgets parcels after so long.
    private static let seenRetention = 400 * 86_400

    public func see(stops: [String: Timestamp], of actor: String, by user: String, now: Timestamp) throws(PeopleError) {
        try transaction(writing: true) { (database) throws(PeopleError) in
            for (allocationId, stopped) in stops {
                try database.write(
                    """
                    INSERT INTO seen_stops VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT (actor, allocation_id) DO UPDATE SET stopped = max(stopped, excluded.stopped), user = ?4, at = ?5
                    """, .text(actor), .text(allocationId), .time(stopped), .text(user), .time(now))
            }
            try database.write(
                "DELETE FROM seen_stops WHERE actor = ?1 AND at < ?2", .text(actor), .time(now.after(seconds: -Self.seenRetention)))
        }
    }

    public func seenStops(of actor: String) throws(PeopleError) -> [String: Timestamp] {
        try transaction(writing: false) { (database) throws(PeopleError) in
            let rows = try database.all("SELECT allocation_id, stopped FROM seen_stops WHERE actor = ?1", .text(actor)) {
                ($0.text(0), $0.time(1))
            }
            return Dictionary(rows) { first, _ in first }
        }
    }
}
