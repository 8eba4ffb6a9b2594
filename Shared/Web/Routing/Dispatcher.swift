public import HTTP
public import Threads

/// Threads that work for requests, so that the server's own never waits.
public final class WorkerPool: Sendable {
    private struct State {
        var tasks: ArraySlice<@Sendable () -> Void> = []
        /// Tasks that run.
        var running = 0
        var isStopped = false

        /// nil: not yet; a nil in it: never more.
        var next: (@Sendable () -> Void)?? {
            mutating get {
                guard let task = tasks.popFirst() else { return isStopped ? .some(nil) : nil }
                running += 1
                return .some(task)
            }
        }
    }

    /// Tasks that run or wait.
    private let most: Int
    private let state = Monitor(State())
    private let threads: Monitor<[NamedThread]>

    /// - Parameters:
    ///   - name: of the threads.
    ///   - threads: at least 1.
    ///   - waiting: tasks that wait while all threads work.
    /// - Throws: when the system gives no thread.
    public init(_ name: String, threads count: Int, waiting most: Int) throws(ThreadError) {
        self.most = max(1, count) + max(0, most)
        threads = Monitor([])
        do throws(ThreadError) {
            for _ in 0..<max(1, count) {
                let thread = try NamedThread(name, stackSize: 8 << 20) { [state] in
                    while let task = state.wait({ $0.next }).flatMap({ $0 }) {
                        task()
                        state.withLock { $0.running -= 1 }
                    }
                }
                threads.withLock { $0.append(thread) }
            }
        } catch {
            stop()
            throw error
        }
    }

    deinit { stop() }

    /// - Returns: false when too many wait, or it was stopped: the task will not run.
    public func submit(_ task: @escaping @Sendable () -> Void) -> Bool {
        state.update { state in
            guard !state.isStopped, state.tasks.count + state.running < most else { return false }
            state.tasks.append(task)
            return true
        }
    }

    /// Lets what was submitted come to its end and waits for it. Not from a task. A second call does nothing.
    public func stop() {
        state.update { $0.isStopped = true }
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
    }
}

/// Answers an `HTTPServer`'s requests by a table of routes, on threads of its own.
public final class Dispatcher<Context: Sendable, Failure: Error>: Sendable {
    private let router: Router<Context, Failure>
    private let pool: WorkerPool

    /// - Parameters:
    ///   - threads: requests that are worked on at a time.
    ///   - waiting: requests that wait for a thread; more are refused 503.
    /// - Throws: when the system gives no thread.
    public init(_ router: Router<Context, Failure>, threads: Int = 8, waiting: Int = 128) throws(ThreadError) {
        self.router = router
        pool = try WorkerPool("web", threads: threads, waiting: waiting)
    }

    /// For `HTTPServer(responding:)`: on the server's thread, without blocking.
    public func handle(_ request: HTTPRequest, _ responder: HTTPServer.Responder) {
        switch router.step(request) {
        case .answer(let response): responder.send(response)
        case .work(let work):
            let isTaken = pool.submit { work().deliver { responder.send($0) } }
            if !isTaken { responder.send(router.refuse(.busy, request)) }
        }
    }

    /// Limits in which the bodies' sizes are the routes', and the router refuses those that are too large, after who asks was looked at.
    public func limits(_ limits: HTTPServer.Limits = .init()) -> HTTPServer.Limits {
        var limits = limits
        let others = limits.maximumBody
        limits.maximumBody = { [router] method, target in
            router.maximumBody(method, target) ?? others?(method, target) ?? BodyRule.none.most
        }
        limits.handsOverTooLarge = true
        return limits
    }

    /// Bytes that a request's body may have; nil for a path and method without a route.
    public func maximumBody(_ method: String, _ target: RequestTarget) -> Int? { router.maximumBody(method, target) }

    /// Lets the requests that are here come to their answers. Before the server is stopped.
    public func stop() { pool.stop() }
}
