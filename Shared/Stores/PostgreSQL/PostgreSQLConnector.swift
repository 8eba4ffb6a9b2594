import CPostgreSQL
import Glibc

/// Begins sessions with a database.
struct PostgreSQLConnector {
    /// What a session is for.
    enum Purpose: Equatable {
        /// To be written by the service.
        case service
        /// To be looked into; nothing can be changed.
        case inspection
    }

    let location: PostgreSQLLocation
    /// Shown in `pg_stat_activity`.
    let application: String
    let purpose: Purpose

    /// The oldest server that is known to do all that is asked of it.
    private static let oldestServer = 150_000
    /// Milliseconds that a statement waits for a lock. Short: the owner is waiting, and a claim is retried by its caller.
    private static let lockTimeout = 200
    /// Seconds after which a peer that is silent counts as gone, on both sides: a session whose host has vanished must not hold its locks.
    private static let silence = (idle: 10, interval: 5, count: 3)

    /// Tries each host in turn, from the one given on.
    /// - Returns: the session, and its host's index.
    func connect(from first: Int) throws(StoreError) -> (PostgreSQLConnection, Int) {
        var failure: StoreError?
        for offset in location.hosts.indices {
            let index = (first + offset) % location.hosts.count
            do throws(StoreError) {
                let connection = try open(location.hosts[index])
                do throws(StoreError) { try settle(connection) } catch {
                    connection.close()
                    throw error
                }
                return (connection, index)
            } catch {
                // That a person has to change something is worth more than that another host is away.
                if failure?.kind != .misconfigured { failure = error }
            }
        }
        throw failure ?? StoreError(kind: .misconfigured, message: "\(location.description): it names no host")
    }

    private func open(_ host: PostgreSQLLocation.Host) throws(StoreError) -> PostgreSQLConnection {
        var parameters = location.parameters
        parameters["host"] = host.name.isEmpty ? nil : host.name
        parameters["port"] = host.port.isEmpty ? nil : host.port
        parameters["password"] = try password() ?? parameters["password"]
        let standard = [
            "target_session_attrs": purpose == .service ? "primary" : "any", "keepalives_idle": "\(Self.silence.idle)",
            "keepalives_interval": "\(Self.silence.interval)", "keepalives_count": "\(Self.silence.count)",
            "tcp_user_timeout": "\((Self.silence.idle + Self.silence.interval * Self.silence.count) * 1000)",
        ]
        parameters.merge(standard) { given, _ in given }
        parameters["application_name"] = application
        parameters["client_encoding"] = "UTF8"
        let handle = Self.start(parameters)
        guard let handle else { throw StoreError(kind: .unavailable, message: "\(location.description): no memory for a session") }
        // The server's reason for a refusal has its code in it then.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        let deadline = PostgreSQLConnection.now() + Double(location.connectTimeout)
        if let reason = Self.finish(handle, until: deadline) {
            defer { PQfinish(handle) }
            let text = reason.isEmpty ? "no answer within \(location.connectTimeout) s (DAIFA_STORE_CONNECT_TIMEOUT)" : reason
            throw PostgreSQLFailure(connecting: text).error(location.description, "connecting")
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        PQsetnonblocking(handle, 1)
        return PostgreSQLConnection(connected: handle, place: location.description, statementTimeout: location.statementTimeout)
    }

    private func password() throws(StoreError) -> String? {
        guard let path = location.passwordFile else { return nil }
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw StoreError(
                kind: .misconfigured, message: "DAIFA_STORE_PASSWORD_FILE: \(path): cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { Glibc.close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 0 && $0 != 10 && $0 != 13 }, as: UTF8.self)
        guard !text.isEmpty else {
            throw StoreError(kind: .misconfigured, message: "DAIFA_STORE_PASSWORD_FILE: \(path): expected a password in its first line")
        }
        return text
    }

    private static func start(_ parameters: [String: String]) -> OpaquePointer? {
        let names = parameters.keys.map { strdup($0) }
        let values = parameters.values.map { strdup($0) }
        defer { for text in names + values { free(text) } }
        return PQconnectStartParams(names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
    }

    /// libpq's own limits do not hold for a session that is begun step by step.
    /// - Returns: nil when it is begun; an empty text when time is up.
    private static func finish(_ handle: OpaquePointer, until deadline: Double) -> String? {
        func reason() -> String { String(cString: PQerrorMessage(handle)) }
        guard PQstatus(handle) != CONNECTION_BAD else { return reason() }
        var events = Int16(POLLOUT)
        while true {
            guard PostgreSQLConnection.wait(for: PQsocket(handle), events, until: deadline) else { return "" }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return nil
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: return reason()
            }
        }
    }

    // MARK: The session

    /// Every statement finds its rows by an index. A plan that was made while the tables were empty would read all of a shard instead, and is
    /// kept until statistics change.
    private static let byIndex = ["seqscan", "bitmapscan"].map { "SET enable_\($0) = off" }.joined(separator: "; ")

    /// Sets what the session rests on, whatever the server's, the database's and the role's settings are.
    private func settle(_ connection: PostgreSQLConnection) throws(StoreError) {
        let doing = "beginning a session"
        let (idle, interval, count) = Self.silence
        try connection.execute(
            """
            SET statement_timeout = '\(location.statementTimeout)s';
            SET lock_timeout = \(Self.lockTimeout);
            SET idle_in_transaction_session_timeout = '60s';
            SET tcp_keepalives_idle = \(idle); SET tcp_keepalives_interval = \(interval); SET tcp_keepalives_count = \(count);
            SET tcp_user_timeout = \((idle + interval * count) * 1000);
            SET default_transaction_isolation = 'read committed';
            SET default_transaction_read_only = \(purpose == .inspection ? "on" : "off");
            SET bytea_output = hex; SET client_min_messages = warning;
            SET plan_cache_mode = force_generic_plan; SET jit = off;
            \(Self.byIndex)
            """, doing)
        let found = try connection.row(
            "SELECT current_setting('server_version_num'), current_setting('server_encoding'), current_setting('synchronous_commit')", doing
        )
        let version = found?[0].flatMap { Int($0) } ?? 0
        guard version >= Self.oldestServer else {
            throw misconfigured("the server is PostgreSQL \(version / 10_000); use 15 or a newer one")
        }
        let encoding = (found?[1] ?? nil) ?? ""
        guard encoding == "UTF8" else {
            throw misconfigured("the database's encoding is \(encoding): make it with ENCODING 'UTF8' TEMPLATE template0")
        }
        // What a batch has stored must survive a crash of the server: its answers go out.
        if found?[2] == "off" { try connection.execute("SET synchronous_commit = on", doing) }
    }

    private func misconfigured(_ text: String) -> StoreError {
        StoreError(kind: .misconfigured, message: "\(location.description): \(text)")
    }
}
