import Synchronization
import Threads

/// Requests that wait for a command's answer, each until its own time; none of them holds a thread.
final class AnswerWaiters: Sendable {
    /// Told once: that there is an answer, or that the time is over.
    typealias Wake = @Sendable () -> Void

    private struct Waiter {
        let number: UInt64
        let deadline: Deadline
        let wake: Wake
    }

    private struct State {
        var waiters: [String: [Waiter]] = [:]
        var last: UInt64 = 0
        var isStopped = false
    }

    /// Seconds between two looks at who has waited long enough.
    private static let interval = 0.1

    private let state = Monitor(State())
    private let pool: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let thread = Mutex<NamedThread?>(nil)

    /// - Parameter run: runs what those who waited do then, on another thread.
    init(run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) { pool = run }

    func start() throws(ThreadError) {
        let started = try NamedThread("answers") { [self] in watch() }
        thread.withLock { $0 = started }
    }

    /// Wakes everybody.
    func stop() {
        let all = state.update { state in
            state.isStopped = true
            defer { state.waiters = [:] }
            return state.waiters.values.flatMap { $0 }
        }
        for waiter in all { pool(waiter.wake) }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    func wait(for commandId: String, until deadline: Deadline, _ wake: @escaping Wake) {
        let isTaken = state.update { state in
            guard !state.isStopped else { return false }
            state.last += 1
            state.waiters[commandId, default: []].append(Waiter(number: state.last, deadline: deadline, wake: wake))
            return true
        }
        if !isTaken { pool(wake) }
    }

    /// There are answers to these commands.
    func answered(_ commandIds: some Sequence<String>) {
        let woken = state.withLock { state in commandIds.flatMap { state.waiters.removeValue(forKey: $0) ?? [] } }
        for waiter in woken { pool(waiter.wake) }
    }

    private func watch() {
        while true {
            let goesOn = state.wait { state -> Bool? in state.isStopped ? false : state.waiters.isEmpty ? nil : true }
            guard goesOn ?? false else { return }
            let late = state.withLock { state in
                let now = Deadline.now
                var late: [Waiter] = []
                for (commandId, waiters) in state.waiters {
                    let over = waiters.filter { $0.deadline <= now }
                    guard !over.isEmpty else { continue }
                    late += over
                    let left = waiters.filter { $0.deadline > now }
                    state.waiters[commandId] = left.isEmpty ? nil : left
                }
                return late
            }
            for waiter in late { pool(waiter.wake) }
            _ = state.wait(until: .after(Self.interval)) { $0.isStopped }
        }
    }
}
