import CPostgreSQL
import Glibc

/// One session with the database, for one thread at a time. Nothing waits longer than its deadline: a session that does is closed, and what
/// it was asked last is open.
final class PostgreSQLConnection {
    let place: String
    private var handle: OpaquePointer?
    private let statementTimeout: Int
    /// Seconds beyond the statement's own limit until the server is not waited for any more.
    private static let patience = 5.0

    /// - Parameter handle: connected, and not blocking.
    init(connected handle: OpaquePointer, place: String, statementTimeout: Int) {
        self.handle = handle
        self.place = place
        self.statementTimeout = statementTimeout
    }

    deinit { close() }

    var isOpen: Bool { handle != nil }

    func close() {
        if let handle { PQfinish(handle) }
        handle = nil
    }

    /// The server's process of this session.
    var backend: Int32 { handle.map { PQbackendPID($0) } ?? 0 }

    // MARK: Statements

    /// Statements without parameters, separated by `;`, in one transaction unless they say otherwise.
    func execute(_ sql: String, _ doing: String) throws(StoreError) {
        let sent = PQsendQuery(handle, sql)
        try expect(sent, doing)
        try drain(doing) { _ in }
    }

    /// The columns of the first row as texts; nil without a row.
    func row(_ sql: String, _ doing: String) throws(StoreError) -> [String?]? {
        let sent = PQsendQuery(handle, sql)
        try expect(sent, doing)
        var found: [String?]?
        try drain(doing) { result in
            guard PQntuples(result) > 0, found == nil else { return }
            found = (0..<PQnfields(result)).map { column in
                PQgetisnull(result, 0, column) == 1 ? nil : PQgetvalue(result, 0, column).map { String(cString: $0) }
            }
        }
        return found
    }

    /// Prepares all in one round trip.
    func prepare(_ statements: [PostgreSQLStatement]) throws(StoreError) {
        let doing = "preparing its statements"
        try pipeline(doing) { () throws(StoreError) in
            for statement in statements {
                let sent = PQsendPrepare(handle, statement.name, statement.sql, Int32(statement.types.count), statement.types)
                try expect(sent, doing)
            }
            return statements.count
        } each: { _, _ in
        }
    }

    /// Runs a prepared statement, and hands over its rows.
    /// - Parameter isStreamed: row by row, however many there are, in place of all at once.
    func query(
        _ statement: PostgreSQLStatement, _ parameters: PostgreSQLParameters, isStreamed: Bool = false, _ doing: String,
        _ body: (PostgreSQLRow) -> Void
    ) throws(StoreError) {
        try send(statement, parameters, doing)
        if isStreamed { PQsetSingleRowMode(handle) }
        try drain(doing) { result in
            for row in 0..<PQntuples(result) { body(PostgreSQLRow(result: result, row: row)) }
        }
    }

    /// Runs prepared statements in one transaction and one round trip: all, or none of them.
    /// - Parameter each: is given the result of each, by its place.
    func transaction(
        _ doing: String, _ calls: [(statement: PostgreSQLStatement, parameters: PostgreSQLParameters)],
        each: (Int, OpaquePointer) -> Void
    ) throws(StoreError) {
        try pipeline(doing) { () throws(StoreError) in
            for call in calls { try send(call.statement, call.parameters, doing) }
            return calls.count
        } each: { place, result in
            each(place, result)
        }
    }

    private func send(_ statement: PostgreSQLStatement, _ parameters: PostgreSQLParameters, _ doing: String) throws(StoreError) {
        let sent = parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(handle, statement.name, Int32(values.count), values, lengths, formats, 1)
        }
        try expect(sent, doing)
    }

    /// A pipeline always ends with its Sync: one that was left without holds its locks for as long as the session lives.
    private func pipeline(
        _ doing: String, _ send: () throws(StoreError) -> Int, each: (Int, OpaquePointer) -> Void
    ) throws(StoreError) {
        guard isOpen else { throw closed(doing) }
        try expect(PQenterPipelineMode(handle), doing)
        let count = try send()
        try expect(PQpipelineSync(handle), doing)
        var failure: StoreError?
        for place in 0..<count {
            // A statement that was passed over after an error has a result too.
            while let result = try nextResult(doing) {
                defer { PQclear(result) }
                switch PQresultStatus(result) {
                case PGRES_FATAL_ERROR: failure = failure ?? error(result, doing)
                case PGRES_PIPELINE_ABORTED: break
                default: if failure == nil { each(place, result) }
                }
            }
            guard isOpen else { break }
        }
        guard isOpen else { throw failure ?? lost(doing) }
        // Up to the Sync's own; an error of the commit itself comes before it.
        var isOver = false
        var ends = 0
        while !isOver, isOpen, ends < 3 {
            guard let result = try nextResult(doing) else {
                ends += 1
                continue
            }
            defer { PQclear(result) }
            isOver = PQresultStatus(result) == PGRES_PIPELINE_SYNC
            if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = failure ?? self.error(result, doing) }
        }
        if !isOver || PQexitPipelineMode(handle) != 1 {
            let broken = lost(doing)
            throw failure ?? broken
        }
        if let failure { throw failure }
    }

    // MARK: Waiting

    /// All results of what was sent, and then the error that came among them, if any.
    private func drain(_ doing: String, _ body: (OpaquePointer) -> Void) throws(StoreError) {
        var failure: StoreError?
        while let result = try nextResult(doing) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: failure = failure ?? error(result, doing)
            default: if failure == nil { body(result) }
            }
        }
        if let failure { throw failure }
    }

    /// - Returns: nil where the results of one statement end.
    private func nextResult(_ doing: String) throws(StoreError) -> OpaquePointer? {
        let deadline = Self.now() + Double(statementTimeout) + Self.patience
        var unsent = PQflush(handle)
        while PQisBusy(handle) == 1 {
            var wanted = Int16(POLLIN)
            if unsent == 1 { wanted |= Int16(POLLOUT) }
            guard wait(wanted, until: deadline) else {
                close()
                throw StoreError(
                    kind: .unavailable,
                    message:
                        "\(place): \(doing): no answer within \(statementTimeout + Int(Self.patience)) s: "
                        + "look at the server and the network"
                )
            }
            if PQconsumeInput(handle) == 0 { throw lost(doing) }
            if unsent == 1 { unsent = PQflush(handle) }
        }
        return PQgetResult(handle)
    }

    private func wait(_ events: Int16, until deadline: Double) -> Bool {
        Self.wait(for: PQsocket(handle), events, until: deadline)
    }

    /// Waits until the socket is ready; false when the deadline passes first.
    static func wait(for socket: Int32, _ events: Int16, until deadline: Double) -> Bool {
        while true {
            let left = deadline - now()
            guard left > 0, socket >= 0 else { return false }
            var descriptor = pollfd(fd: socket, events: events, revents: 0)
            let ready = poll(&descriptor, 1, Int32(min(left, 3600) * 1000) + 1)
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return false }
        }
    }

    /// Seconds of a clock that nobody sets.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    // MARK: Errors

    private func expect(_ result: Int32, _ doing: String) throws(StoreError) {
        guard isOpen else { throw closed(doing) }
        guard result == 1 else { throw lost(doing) }
    }

    private func closed(_ doing: String) -> StoreError {
        StoreError(kind: .unavailable, message: "\(place): \(doing): the session is over")
    }

    /// Closes the session, which is of no use any more.
    private func lost(_ doing: String) -> StoreError {
        let reason = handle.map { String(cString: PQerrorMessage($0)).trimmed } ?? ""
        close()
        return StoreError(
            kind: .unavailable, message: "\(place): \(doing): \(reason.isEmpty ? "the session is over" : reason.oneLine)")
    }

    private func error(_ result: OpaquePointer, _ doing: String) -> StoreError {
        let isLost = PQstatus(handle) == CONNECTION_BAD
        let error = PostgreSQLFailure(result).error(place, doing)
        if isLost { close() }
        return error
    }
}

/// A statement that each session prepares once.
struct PostgreSQLStatement: Sendable {
    let name: String
    let sql: String
    let types: [Oid]
}

/// A row while its result is there; columns are in binary form.
struct PostgreSQLRow {
    let result: OpaquePointer
    let row: Int32

    func isNull(_ column: Int32) -> Bool { PQgetisnull(result, row, column) == 1 }

    /// A column of type `bytea` or `text`.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }

    /// A column of type `bigint`.
    func integer(_ column: Int32) -> Int64 {
        let bytes = bytes(column)
        return bytes.count == 8 ? Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) : 0
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
