import Threads

/// Events of one WebSocket that wait for their reader: a thread, which blocks, or a task, which does not.
final class WebSocketQueue: Sendable {
    /// Bytes that an event costs besides its text.
    private static let overhead = 64

    private struct State {
        var events: ArraySlice<WebSocketEvent> = []
        var bytes = 0
        /// The writer was told to stop.
        var isFull = false
        var closed: WebSocketClosed?
        var tasks: ArraySlice<CheckedContinuation<WebSocketEvent, Never>> = []

        /// The first event; after the last one of a closed socket that it is closed, again and again.
        mutating func take() -> WebSocketEvent? {
            guard let event = events.popFirst() else { return closed.map { .closed($0) } }
            bytes -= WebSocketQueue.size(event)
            return event
        }

        /// Whether the writer has to hear that there is room again.
        mutating func relieve(below limit: Int) -> Bool {
            guard isFull, bytes <= limit / 2 else { return false }
            isFull = false
            return true
        }
    }

    private let limit: Int
    private let state = Monitor(State())

    /// - Parameter limit: bytes that wait before the writer is told to stop.
    init(limit: Int) { self.limit = limit }

    /// - Returns: false when nothing more shall come until the writer is told that there is room.
    func put(_ event: WebSocketEvent) -> Bool {
        // A task that waits has found nothing: this is its event. It goes on only after the lock is free.
        let (served, goesOn) = state.update { state in
            if case .closed(let reason) = event { state.closed = reason }
            state.events.append(event)
            state.bytes += Self.size(event)
            var served: [(CheckedContinuation<WebSocketEvent, Never>, WebSocketEvent)] = []
            while !state.tasks.isEmpty, let event = state.take() { served.append((state.tasks.removeFirst(), event)) }
            state.isFull = state.bytes >= limit
            return (served, !state.isFull)
        }
        for (task, event) in served { task.resume(returning: event) }
        return goesOn
    }

    /// The next event, without blocking a thread.
    /// - Parameter relieved: called when there is room again.
    func next(relieved: () -> Void) async -> WebSocketEvent {
        await withCheckedContinuation { continuation in
            let (event, isRelieved) = state.withLock { state in
                let event = state.take()
                if event == nil { state.tasks.append(continuation) }
                return (event, state.relieve(below: limit))
            }
            if isRelieved { relieved() }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// The next event, blocking the thread; nil when there is none in time.
    /// - Parameters:
    ///   - seconds: not a number is no time.
    ///   - relieved: called when there is room again.
    func next(timeout seconds: Double, relieved: () -> Void) -> WebSocketEvent? {
        let event = state.wait(until: .after(seconds > 0 ? seconds : 0)) { $0.take() }
        if state.withLock({ $0.relieve(below: limit) }) { relieved() }
        return event
    }

    private static func size(_ event: WebSocketEvent) -> Int {
        if case .text(let text) = event { text.utf8.count + overhead } else { overhead }
    }
}
