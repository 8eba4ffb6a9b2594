import CMicroHTTPD
import Synchronization

extension HTTPServer {
    /// Answers one request, from any thread, now or later. The connection waits meanwhile and holds up no other.
    ///
    /// When it is let go unused the answer is a 500.
    public final class Responder: Sendable {
        private let id: UInt64
        private let answers: PendingAnswers

        init(_ id: UInt64, _ answers: PendingAnswers) {
            self.id = id
            self.answers = answers
        }

        deinit { send(.text("The server did not answer.\n", status: 500)) }

        /// - Returns: false, and nothing happens, when it was answered before, or when nobody waits any more: the server stopped.
        @discardableResult public func send(_ response: HTTPResponse) -> Bool {
            if answers.answer(id, response) { return true }
            response.isNotSent()
            return false
        }

        /// Closes the connection without an answer: for a server that plays one which breaks. Returns as `send` does.
        @discardableResult public func close() -> Bool { answers.answer(id, nil) }
    }
}

/// The requests whose handlers may answer later. Suspending and resuming connections happens under its lock only: none is resumed that is
/// not suspended, and none is suspended that the server's end would miss.
final class PendingAnswers: Sendable {
    enum Outcome {
        case answered(HTTPResponse)
        /// The server asks again once the answer is there.
        case suspended
        /// The connection is to be closed.
        case closed
    }

    private enum State {
        /// The handler has the request, the connection is not suspended.
        case open
        /// The connection's address.
        case suspended(UInt)
        /// Nil: the connection is to be closed without one.
        case answered(HTTPResponse?)

        var response: HTTPResponse? { if case .answered(let response) = self { response } else { nil } }
    }

    private struct Table {
        var states: [UInt64: State] = [:]
        var last: UInt64 = 0
        var isStopped = false
    }

    private let table = Mutex(Table())

    /// A number for a request.
    func open() -> UInt64 {
        table.withLock { table in
            table.last += 1
            table.states[table.last] = .open
            return table.last
        }
    }

    fileprivate func answer(_ id: UInt64, _ response: HTTPResponse?) -> Bool {
        table.withLock { table in
            switch table.states[id] {
            case .open: break
            case .suspended(let address): MHD_resume_connection(OpaquePointer(bitPattern: address))
            case .answered, nil: return false
            }
            table.states[id] = .answered(response)
            return true
        }
    }

    /// The answer, once; the connection is suspended when there is none yet.
    func take(_ id: UInt64, _ connection: OpaquePointer) -> Outcome {
        let address = UInt(bitPattern: connection)
        return table.withLock { table in
            if table.isStopped { return .closed }
            if case .answered(let response) = table.states.removeValue(forKey: id) { return response.map { .answered($0) } ?? .closed }
            table.states[id] = .suspended(address)
            MHD_suspend_connection(OpaquePointer(bitPattern: address))
            return .suspended
        }
    }

    /// The connection is gone.
    func forget(_ id: UInt64) { table.withLock { $0.states.removeValue(forKey: id) }?.response?.isNotSent() }

    /// Nothing is suspended from here on. A request that waits gets no answer: its connection closes with the server.
    func stop() {
        let left = table.withLock { table in
            table.isStopped = true
            for case .suspended(let address) in table.states.values { MHD_resume_connection(OpaquePointer(bitPattern: address)) }
            defer { table.states = [:] }
            return table.states.values.compactMap(\.response)
        }
        for response in left { response.isNotSent() }
    }
}
