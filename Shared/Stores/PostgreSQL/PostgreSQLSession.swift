import CPostgreSQL

/// The session that all shards of a process share, begun anew when it was lost.
///
/// What was claimed in a session holds in this session only: the server may have become another one meanwhile, a standby that was promoted
/// and lacks the last commits, and only a claim compares what is stored with Kafka.
final class PostgreSQLSession {
    let connector: PostgreSQLConnector
    let owner: String
    private var connection: PostgreSQLConnection?
    /// Counts the sessions begun.
    private(set) var generation = 0
    private var host = 0
    /// Not to wait for the same silent server once for each shard.
    private var retry: (at: Double, failure: StoreError)?
    private static let retryPause = 0.5
    /// The server's process of the session before, which the server may take for alive still.
    private var former: Int32 = 0
    private var instance: String?
    private var holdsAlone = false
    /// The database has no tables yet.
    private(set) var isNew = false
    /// For the operator: settings of the server that cost what is stored, should it crash.
    private(set) var notices: [String] = []

    /// Advisory locks' first key: of instances, by their name; of all services together, against whoever wants them stopped.
    private static let instances: Int32 = 0x6461_6966
    private static let services: Int32 = 0x6461_6967
    /// Seconds that a session which is over is given to end.
    private static let farewell = 5.0

    init(_ connector: PostgreSQLConnector, owner: String) {
        self.connector = connector
        self.owner = owner
    }

    var place: String { connector.location.description }

    /// The session as it is, or a new one.
    func current() throws(StoreError) -> PostgreSQLConnection {
        if let connection, connection.isOpen { return connection }
        if let retry, PostgreSQLConnection.now() < retry.at { throw retry.failure }
        connection = nil
        do throws(StoreError) {
            let (connection, index) = try connector.connect(from: host)
            do throws(StoreError) { try begin(connection) } catch {
                connection.close()
                throw error
            }
            self.connection = connection
            host = index
            retry = nil
            generation += 1
            former = connection.backend
            return connection
        } catch {
            retry = (PostgreSQLConnection.now() + Self.retryPause, error)
            throw error
        }
    }

    private func begin(_ connection: PostgreSQLConnection) throws(StoreError) {
        if connector.purpose == .service {
            try PostgreSQLSchema.prepare(connection, owner: owner)
        } else {
            let found = try PostgreSQLSchema.version(connection, owner)
            isNew = found == nil
            guard found == nil || found == PostgreSQLSchema.migrations.count else {
                throw StoreError(
                    kind: .misconfigured,
                    message: "\(place): schema version \(found ?? 0), this program knows \(PostgreSQLSchema.migrations.count): "
                        + "start the service of this version first")
            }
        }
        if !isNew { try connection.prepare(PostgreSQLStatement.all) }
        if let instance { try lock(instance, connection) }
        if holdsAlone { try lockAlone(connection) }
        let doing = "reading the server's settings"
        notices = []
        if try connection.row("SELECT current_setting('fsync')", doing)?[0] == "off" {
            notices.append("the server runs with fsync=off: a crash of its machine may lose what was answered, or the whole database")
        }
        if connector.location.isUnverified {
            notices.append("the server is spoken to over a network and not verified: sslmode=verify-full and sslrootcert do that")
        }
    }

    func close() {
        connection?.close()
        connection = nil
    }

    // MARK: Locks, which end with the session

    func hold(instance name: String) throws(StoreError) {
        try lock(name, current())
        instance = name
    }

    /// Keeps all instances from running; fails when one does.
    func holdAlone() throws(StoreError) {
        try lockAlone(current())
        holdsAlone = true
    }

    private func lock(_ name: String, _ connection: PostgreSQLConnection) throws(StoreError) {
        let doing = "locking the instance"
        guard try connection.row("SELECT pg_try_advisory_lock_shared(\(Self.services), 0)", doing)?[0] == "t" else {
            throw StoreError(kind: .instanceInUse, message: "\(place): daifa adopt is at work on it: wait until it has ended")
        }
        let key = Self.hash(name)
        let deadline = PostgreSQLConnection.now() + Self.farewell
        while try connection.row("SELECT pg_try_advisory_lock(\(Self.instances), \(key))", doing)?[0] != "t" {
            let holder = try connection.row(
                """
                SELECT a.pid, coalesce(host(a.client_addr), 'the server''s machine') FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted AND l.classid::int = \(Self.instances) AND l.objid::bigint::bit(32)::int = \(key)
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """, doing)
            guard former != 0, let text = holder?[0], Int32(text) == former, PostgreSQLConnection.now() < deadline else {
                throw StoreError(
                    kind: .instanceInUse,
                    message: "instance \"\(name)\" is already running on \(place), from \((holder?[1] ?? nil) ?? "elsewhere"): "
                        + "stop it, or give this process another instance name")
            }
            // Our own, of which the server has not noticed that it is over.
            try connection.execute("SELECT pg_terminate_backend(\(former), 1000)", doing)
        }
    }

    private func lockAlone(_ connection: PostgreSQLConnection) throws(StoreError) {
        let doing = "looking for services that run"
        guard try connection.row("SELECT pg_try_advisory_lock(\(Self.services), 0)", doing)?[0] != "t" else { return }
        let names = try connection.row(
            """
            SELECT string_agg(DISTINCT a.application_name, ', ') FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid::int = \(Self.services)
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, doing)
        throw StoreError(
            kind: .instanceInUse, message: "\((names?[0] ?? nil) ?? "a service") is running on \(place): stop the service first")
    }

    /// FNV-1a.
    private static func hash(_ name: String) -> Int32 {
        var hash: UInt32 = 0x811c_9dc5
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return Int32(bitPattern: hash)
    }
}
