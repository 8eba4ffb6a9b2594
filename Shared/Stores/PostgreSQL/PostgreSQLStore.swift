/// All shards of one service in one database of its own. Replicas may be on any host; each has one session.
public final class PostgreSQLStore: Store {
    private let session: PostgreSQLSession

    /// - Parameters:
    ///   - owner: the service. Its database belongs to it alone.
    ///   - instance: shown to whoever looks at the server's sessions.
    ///   - onlyLooks: nothing is made or changed, and nothing can be claimed.
    public init(_ location: PostgreSQLLocation, owner: String, instance: String = "", onlyLooks: Bool = false) {
        let connector = PostgreSQLConnector(
            location: location, application: "daifa-\(owner)\(instance.isEmpty ? "" : " \(instance)")",
            purpose: onlyLooks ? .inspection : .service)
        session = PostgreSQLSession(connector, owner: owner)
    }

    /// Begins the session, so that what is wrong with the address, the role or the database is known now.
    /// - Throws: `misconfigured`; `unavailable` where the server is away, and `busy` while others prepare the tables: try again.
    public func connect() throws(StoreError) { _ = try session.current() }

    /// Whether the database has no tables of a service; of a store that only looks.
    public var isNew: Bool { session.isNew }

    /// What an operator should know of the server, a sentence each.
    public var notices: [String] { session.notices }

    public func shard(_ number: Int) throws(StoreError) -> any ShardStore {
        PostgreSQLShard(number: number, session: session)
    }

    /// The lock is the session's: the server gives it up when the session ends, however it ends; a session that was lost is replaced by one
    /// that takes the lock again.
    public func lockInstance(_ name: String) throws(StoreError) {
        try session.hold(instance: name)
        // For the rest of the process's life.
        _ = Unmanaged.passRetained(session)
    }

    /// Keeps every instance of the service from running, for as long as this store is there.
    /// - Throws: `instanceInUse` when one runs.
    public func holdAlone() throws(StoreError) { try session.holdAlone() }

    public func shards() -> [Int] {
        var numbers: [Int] = []
        do throws(StoreError) {
            try session.current().query(.listShards, PostgreSQLParameters(), "listing the shards") { numbers.append(Int($0.integer(0))) }
        } catch { return [] }
        return numbers
    }
}
