import CommandLine
import Glibc
import Runtime
import Synchronization
import Threads

/// Processes that are kept running: started, started again when they end, and stopped together.
///
/// A thread of its own looks after them between ``start()`` and ``stop(within:)``; every method may be called from any thread.
final class Fleet: Sendable {
    /// One process.
    struct Member: Sendable {
        /// Unique: `allocation-2`.
        var name: String
        var service: String
        /// The executable's path and arguments.
        var command: [String]
        var environment: [String: String]
        /// Where `/health/ready` is; 0: nowhere, it is ready when it runs.
        var port: UInt16 = 0
        /// Where its standard output and error go; nil: to this process's own.
        var log: String?
    }

    struct Status: Sendable, Equatable {
        var name: String
        var service: String
        /// nil: not running at the moment.
        var pid: pid_t?
        var port: UInt16
        var restarts: Int
        var log: String?
    }

    /// Events of members after the start.
    enum Event: Sendable, Equatable {
        case ended(name: String, ProcessEnd, restartAfter: Double)
        case restarted(name: String, pid: pid_t)
    }

    /// A member ended in a way that a restart does not change.
    struct Defeat: Error, Sendable, Equatable, CustomStringConvertible {
        var name: String
        var end: ProcessEnd
        /// The last line that it wrote, if that goes to a file.
        var lastLine: String?
        var description: String { "\(name) (\(end)): \(lastLine ?? "see above for what it said")" }
    }

    private struct Running {
        let member: Member
        var pid: pid_t?
        var startedAt = 0.0
        var restartAt: Double?
        var failures = 0
        var restarts = 0
    }

    private struct State {
        var members: [Running]
        var defeat: Defeat?
        var isStopping = false
        var thread: pthread_t?
    }

    /// Seconds between two looks at the children.
    private static let interval = 0.05

    private let state: Mutex<State>
    private let policy: RestartPolicy
    private let onEvent: @Sendable (Event) -> Void

    /// - Parameter onEvent: called on the fleet's thread.
    init(_ members: [Member], policy: RestartPolicy = RestartPolicy(), onEvent: @escaping @Sendable (Event) -> Void = { _ in }) {
        state = Mutex(State(members: members.map { Running(member: $0) }))
        self.policy = policy
        self.onEvent = onEvent
    }

    /// Starts all; those that are started already are stopped again when one cannot be.
    func start() throws {
        do {
            try state.withLock { state in
                for index in state.members.indices { try Self.launch(&state.members[index]) }
            }
        } catch {
            stop()
            throw error
        }
        var thread = pthread_t()
        let keeper = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, nil, { Fleet.supervise($0) }, keeper.toOpaque())
        guard code == 0 else {
            keeper.release()
            stop()
            throw CommandFailure(.unavailable, "no thread to look after the services: \(String(cString: strerror(code)))")
        }
        state.withLock { $0.thread = thread }
    }

    var status: [Status] {
        state.withLock { state in
            state.members.map {
                Status(
                    name: $0.member.name, service: $0.member.service, pid: $0.pid, port: $0.member.port, restarts: $0.restarts,
                    log: $0.member.log)
            }
        }
    }

    /// Set once a member is given up; the others run on until ``stop(within:)``.
    var defeat: Defeat? { state.withLock { $0.defeat } }

    /// Waits until every member is ready.
    /// - Parameters:
    ///   - pause: waits so many seconds, and is true when the waiting is to end.
    ///   - onProgress: how many are ready.
    /// - Returns: names and last answers of those that are not ready; empty: all are.
    /// - Throws: ``Defeat``.
    func awaitReady(
        timeout seconds: Double, pause: (Double) -> Bool, onProgress: (_ ready: Int) -> Void = { _ in }
    ) throws -> [(name: String, reason: String)] {
        let deadline = Clock.seconds + seconds
        while true {
            let waiting = status.compactMap { member -> (name: String, reason: String)? in
                guard member.pid != nil else { return (member.name, "not running") }
                guard member.port != 0 else { return nil }
                guard let answer = HealthProbe.get(port: member.port, timeout: 1) else {
                    return (member.name, "no answer on port \(member.port)")
                }
                return answer.status == 200 ? nil : (member.name, answer.body.isEmpty ? "status \(answer.status)" : answer.body)
            }
            if let defeat { throw defeat }
            onProgress(status.count - waiting.count)
            if waiting.isEmpty || Clock.seconds >= deadline || pause(0.1) { return waiting }
        }
    }

    /// Sends a signal to a member, as a test does; it is started again as after any other end.
    /// - Returns: false when it is not running.
    @discardableResult
    func kill(_ name: String, signal: Int32 = SIGKILL) -> Bool {
        // within the lock: the child cannot be reaped meanwhile, so the pid is still its own
        state.withLock { state in
            guard let pid = state.members.first(where: { $0.member.name == name })?.pid else { return false }
            return Glibc.kill(pid, signal) == 0
        }
    }

    /// Sends SIGTERM to all, and SIGKILL to those that still run after so many seconds. Nothing is started after it.
    /// - Returns: names of those that had to be killed.
    @discardableResult
    func stop(within seconds: Double = 20) -> [String] {
        let thread = state.withLock { state in
            state.isStopping = true
            defer { state.thread = nil }
            return state.thread
        }
        if let thread { pthread_join(thread, nil) }
        signalAll(SIGTERM)
        let deadline = Clock.seconds + seconds
        while !reapAll().isEmpty, Clock.seconds < deadline { usleep(20_000) }
        let left = reapAll()
        signalAll(SIGKILL)
        while !reapAll().isEmpty { usleep(10_000) }
        return left
    }

    private func signalAll(_ signal: Int32) {
        state.withLock { state in for pid in state.members.compactMap(\.pid) { Glibc.kill(pid, signal) } }
    }

    /// Names of those that still run.
    private func reapAll() -> [String] {
        state.withLock { state in
            for index in state.members.indices {
                if let pid = state.members[index].pid, ChildProcess.reap(pid) != nil { state.members[index].pid = nil }
            }
            return state.members.filter { $0.pid != nil }.map(\.member.name)
        }
    }

    private static func supervise(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        let fleet = Unmanaged<Fleet>.fromOpaque(context).takeRetainedValue()
        while let events = fleet.look() {
            for event in events { fleet.onEvent(event) }
            usleep(useconds_t(interval * 1e6))
        }
        return nil
    }

    /// One look at every child; nil when the fleet is stopping.
    private func look() -> [Event]? {
        state.withLock { state in
            guard !state.isStopping else { return nil }
            var events: [Event] = []
            for index in state.members.indices { step(index, &state, &events) }
            return events
        }
    }

    private func step(_ index: Int, _ state: inout State, _ events: inout [Event]) {
        let now = Clock.seconds
        let member = state.members[index].member
        if let pid = state.members[index].pid, let end = ChildProcess.reap(pid) {
            state.members[index].pid = nil
            let ran = now - state.members[index].startedAt
            switch policy.decide(end, failures: &state.members[index].failures, ranFor: ran) {
            case .giveUp:
                state.defeat = state.defeat ?? Defeat(name: member.name, end: end, lastLine: member.log.flatMap { Self.lastLine(of: $0) })
            case .restart(let delay):
                state.members[index].restartAt = now + delay
                events.append(.ended(name: member.name, end, restartAfter: delay))
            }
        }
        guard let due = state.members[index].restartAt, due <= now else { return }
        do throws(CommandFailure) {
            try Self.launch(&state.members[index])
            state.members[index].restarts += 1
            if let pid = state.members[index].pid { events.append(.restarted(name: member.name, pid: pid)) }
        } catch {
            // Out of processes or memory, or the executable is being replaced: that can pass.
            state.members[index].restartAt = now + policy.longestDelay
        }
    }

    private static func launch(_ running: inout Running) throws(CommandFailure) {
        let member = running.member
        running.pid = try ChildProcess.spawn(
            member.command, environment: member.environment, output: member.log.map { .file($0) } ?? .inherited)
        running.startedAt = Clock.seconds
        running.restartAt = nil
    }

    /// The last line with something in it, of the last 4 KiB.
    static func lastLine(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = pread(file, &buffer, buffer.count, max(0, size - buffer.count))
        return buffer[..<max(0, count)].split(separator: UInt8(ascii: "\n")).last { !$0.isEmpty }.map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
