import Glibc

/// Events that wait for whoever takes them: a thread, which blocks, or a task, which does not.
final class WebSocketQueue: @unchecked Sendable {
    /// What an event costs besides its text.
    private static let overhead = 64

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let limit: Int
    private var events: ArraySlice<WebSocketEvent> = []
    private var bytes = 0
    /// The one who puts was told to stop.
    private var isFull = false
    private var closed: WebSocketClosed?
    private var tasks: ArraySlice<CheckedContinuation<WebSocketEvent, Never>> = []

    /// - Parameter limit: bytes that wait before whoever puts is told to stop.
    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The real-time clock may be set while somebody waits.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// - Returns: false when nothing more shall come until somebody is told that there is room.
    func put(_ event: WebSocketEvent) -> Bool {
        pthread_mutex_lock(mutex)
        if case .closed(let why) = event { closed = why }
        events.append(event)
        bytes += Self.size(event)
        // A task that waits has found nothing: this is its event. It goes on only after the lock is free.
        var served: [(CheckedContinuation<WebSocketEvent, Never>, WebSocketEvent)] = []
        while !tasks.isEmpty, let event = take() { served.append((tasks.removeFirst(), event)) }
        isFull = bytes >= limit
        let goesOn = !isFull
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
        for (task, event) in served { task.resume(returning: event) }
        return goesOn
    }

    /// - Parameter relieved: called when there is room again.
    func next(relieved: () -> Void) async -> WebSocketEvent {
        await withCheckedContinuation { continuation in
            pthread_mutex_lock(mutex)
            let event = take()
            if event == nil { tasks.append(continuation) }
            let isRelieved = relieve()
            pthread_mutex_unlock(mutex)
            if isRelieved { relieved() }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// Blocks the thread. Nil when there is none in time.
    func next(timeout seconds: Double, relieved: () -> Void) -> WebSocketEvent? {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        // Not a number is no time.
        let nanoseconds = Int(seconds > 0 ? min(seconds, 1e8) * 1e9 : 0) + until.tv_nsec
        until.tv_sec += nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(mutex)
        var event = take()
        while event == nil, pthread_cond_timedwait(condition, mutex, &until) == 0 { event = take() }
        let isRelieved = relieve()
        pthread_mutex_unlock(mutex)
        if isRelieved { relieved() }
        return event
    }

    private func take() -> WebSocketEvent? {
        guard let event = events.popFirst() else { return closed.map { .closed($0) } }
        bytes -= Self.size(event)
        return event
    }

    /// Whether the one who puts shall hear of room.
    private func relieve() -> Bool {
        guard isFull, bytes <= limit / 2 else { return false }
        isFull = false
        return true
    }

    private static func size(_ event: WebSocketEvent) -> Int {
        if case .text(let text) = event { text.utf8.count + overhead } else { overhead }
    }
}
