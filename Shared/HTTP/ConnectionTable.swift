import Glibc
import Threads

/// The connections to a server, and until when each has to have sent, or taken, the bytes that are due.
///
/// libmicrohttpd closes a connection on which nothing moves for a while; one byte in that time keeps it open for ever, and whoever opens
/// enough of them keeps everybody else out. So a request has a time for its headers, its body and its answer a slowest pace, and one address
/// a share of the connections. Those that are beyond the share, or beyond what is not reserved, get one of the reserved connections: for
/// what an orchestrator asks. Of these the oldest that has not asked yet makes room for the next, so that holding them holds up nobody; it is
/// answered 503 as it goes, because its request may be on its way.
///
/// Called on the server's thread; a thread of its own ends what is overdue, by shutting the socket down, which that thread notices.
final class ConnectionTable: Sendable {
    private struct Entry {
        let descriptor: Int32
        /// nil: not counted.
        let client: NetworkAddress?
        let isReserved: Bool
        /// Ascending in the order in which they came.
        let number: UInt64
        var since = Deadline.now
        /// nil: nothing is due, the handler has the request.
        var due: Deadline?
        /// Bytes of the body.
        var received = 0
        /// No request has begun.
        var isWaiting = true
        /// Of an answer that goes out in pieces: tells its writer that the client is gone.
        var leave: (@Sendable () -> Void)?
        var isEnding = false
    }

    private struct State {
        var entries: [UInt: Entry] = [:]
        var byClient: [NetworkAddress: Int] = [:]
        /// Connections of either kind; of the reserved ones those that are not being ended.
        var ordinary = 0
        var reserved = 0
        var last: UInt64 = 0
        var isStopped = false
    }

    private let limits: HTTPServer.Limits
    /// Makes the whole answer to a connection that makes room.
    private let refusal: @Sendable () -> [UInt8]
    private let state = Monitor(State())
    /// Seconds between two looks for what is overdue, while there are connections.
    private let interval: Double

    /// - Parameter refusal: makes status line, headers and body for a connection that has to make room; asked for each, so that it can count.
    init(_ limits: HTTPServer.Limits, refusal: @escaping @Sendable () -> [UInt8]) {
        self.limits = limits
        self.refusal = refusal
        interval = min(max(min(limits.headerSeconds, limits.reservedHeaderSeconds, limits.graceSeconds) / 4, 0.02), 1)
    }

    /// Connections that libmicrohttpd may have open: beyond them others wait unaccepted. Those that are ended to make room count until
    /// they are gone.
    var most: Int { limits.connections + (limits.reserved > 0 ? limits.reserved : 0) }

    // MARK: The server's thread

    /// Whether a connection from there is taken; room is made for it.
    func admits(_ address: NetworkAddress?) -> Bool {
        state.withLock { state in
            guard isBeyond(client(address), state) else { return true }
            guard limits.reserved > 0 else { return false }
            guard state.reserved >= limits.reserved else { return true }
            let waiting = state.entries.filter { $1.isReserved && $1.isWaiting && !$1.isEnding }.sorted {
                $0.value.number < $1.value.number
            }
            // One whose request has come in, and is read in a moment, goes after those that are silent.
            guard let oldest = waiting.first(where: { !Self.hasSent($0.value.descriptor) }) ?? waiting.first else { return false }
            Self.answer(oldest.value.descriptor, refusal())
            end(oldest.key, &state)
            return true
        }
    }

    func opened(_ connection: UInt, descriptor: Int32, from address: NetworkAddress?) {
        let client = client(address)
        let isFirst = state.withLock { state in
            let isReserved = isBeyond(client, state)
            state.last += 1
            var entry = Entry(descriptor: descriptor, client: isReserved ? nil : client, isReserved: isReserved, number: state.last)
            entry.due = .after(isReserved ? limits.reservedHeaderSeconds : limits.headerSeconds)
            state.entries[connection] = entry
            if isReserved { state.reserved += 1 } else { state.ordinary += 1 }
            if let client = entry.client { state.byClient[client, default: 0] += 1 }
            return state.entries.count == 1
        }
        if isFirst { state.notify() }
    }

    /// Its descriptor is closed after this.
    func closed(_ connection: UInt) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: connection) else { return }
            if !entry.isReserved { state.ordinary -= 1 } else if !entry.isEnding { state.reserved -= 1 }
            guard let client = entry.client else { return }
            let left = (state.byClient[client] ?? 1) - 1
            state.byClient[client] = left > 0 ? left : nil
        }
    }

    /// The headers are there. Returns whether the connection is one of the reserved.
    func began(_ connection: UInt) -> Bool {
        change(connection) { entry in
            entry.isWaiting = false
            entry.since = .now
            entry.received = 0
            entry.due = due(entry, 0)
            return entry.isReserved
        } ?? false
    }

    func received(_ connection: UInt, _ count: Int) {
        _ = change(connection) { entry in
            entry.received += count
            entry.due = due(entry, entry.received)
        }
    }

    /// The request is whole: it has all the time that its handler takes.
    func isHandled(_ connection: UInt) { _ = change(connection) { $0.due = nil } }

    /// The answer goes out.
    func answers(_ connection: UInt, _ size: Int) {
        _ = change(connection) { entry in
            entry.since = .now
            entry.due = due(entry, size)
        }
    }

    /// The answer goes out in pieces: nothing is due while nothing waits to be sent; what waits has the time of grace.
    /// - Parameter leave: called, not on the server's thread, when the client has left or took nothing in that time.
    func streams(_ connection: UInt, isWaiting: Bool, leave: (@Sendable () -> Void)? = nil) {
        _ = change(connection) { entry in
            entry.due = isWaiting ? nil : .after(limits.graceSeconds)
            if let leave { entry.leave = leave }
        }
    }

    /// The connection may be used again.
    func completed(_ connection: UInt) {
        _ = change(connection) { entry in
            entry.isWaiting = true
            entry.leave = nil
            entry.due = .after(entry.isReserved ? limits.reservedHeaderSeconds : limits.headerSeconds)
        }
    }

    // MARK: The other thread

    /// Ends what is overdue, until `stop`.
    func watch() {
        while true {
            let goesOn = state.wait { (state: inout State) -> Bool? in state.isStopped ? false : state.entries.isEmpty ? nil : true }
            guard goesOn ?? false else { return }
            let left = state.withLock { state -> [@Sendable () -> Void] in
                let now = Deadline.now
                var left: [@Sendable () -> Void] = []
                for (connection, entry) in state.entries where !entry.isEnding {
                    guard entry.due.map({ $0 <= now }) ?? false || entry.leave != nil && Self.hasLeft(entry.descriptor) else { continue }
                    end(connection, &state)
                    if let leave = entry.leave { left.append(leave) }
                }
                return left
            }
            for leave in left { leave() }
            _ = state.wait(until: .after(interval)) { $0.isStopped }
        }
    }

    func stop() { state.update { $0.isStopped = true } }

    // MARK: Under the lock

    private func client(_ address: NetworkAddress?) -> NetworkAddress? {
        address.flatMap { limits.unlimited.contains($0) ? nil : $0.client }
    }

    /// Whether there is neither room among the connections for everybody nor in the share of the client.
    private func isBeyond(_ client: NetworkAddress?, _ state: State) -> Bool {
        if limits.reserved > 0, state.ordinary >= limits.connections - limits.reserved { return true }
        return client.map { state.byClient[$0, default: 0] >= limits.perAddress } ?? false
    }

    /// When so many bytes must have been moved at the slowest pace; a short while is left to everybody.
    private func due(_ entry: Entry, _ bytes: Int) -> Deadline {
        let seconds = max(limits.graceSeconds, Double(bytes) / Double(max(1, limits.slowestBytesPerSecond)))
        return entry.since.later(by: seconds)
    }

    private func change<Result>(_ connection: UInt, _ body: (inout Entry) -> Result) -> Result? {
        state.withLock { state in
            guard var entry = state.entries[connection] else { return nil }
            defer { state.entries[connection] = entry }
            return body(&entry)
        }
    }

    /// Whether bytes wait to be read.
    private static func hasSent(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    /// Whether the other side has closed; a suspended connection is not looked at by the library.
    private static func hasLeft(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    /// Answers over the library's head; what has come in is read first, because closing over unread bytes is a reset, which takes the answer
    /// away from the other side.
    private static func answer(_ descriptor: Int32, _ bytes: [UInt8]) {
        var unread = [UInt8](repeating: 0, count: 16_384)
        _ = recv(descriptor, &unread, unread.count, Int32(MSG_DONTWAIT))
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }

    /// The descriptor is open: `closed` takes the entry away before it is closed.
    private func end(_ connection: UInt, _ state: inout State) {
        guard let entry = state.entries[connection] else { return }
        shutdown(entry.descriptor, Int32(SHUT_RDWR))
        state.entries[connection]?.isEnding = true
        // Its place is free: the next one does not wait until the other thread has noticed.
        if entry.isReserved { state.reserved -= 1 }
    }
}
