import Glibc
public import Observability
import Threads

/// Why a process ends other than by SIGTERM.
public struct ExitError: Error, Equatable, Sendable, CustomStringConvertible {
    public let code: Int32
    public let description: String

    /// `EX_CONFIG`: a person has to change something.
    public static func configuration(_ text: String) -> ExitError { ExitError(code: 78, description: text) }
    /// `EX_SOFTWARE`: a mistake of ours.
    public static func bug(_ text: String) -> ExitError { ExitError(code: 70, description: text) }
}

/// State that the threads of a process share: whether it is to stop, and what keeps it from being ready.
public final class ServiceStatus: Sendable {
    private struct State {
        var isStopping = false
        var isAssigned = false
        var waitingFor: String? = "start"
        var lastBeat: Double?
        var isHealthOver = false

        var isReady: Bool { isAssigned && waitingFor == nil && !isStopping }
    }

    private let state = Monitor(State())
    private let metrics: ServiceMetrics
    /// Tells the log what is awaited.
    let waits: WaitLog

    init(metrics: ServiceMetrics, waits: WaitLog) {
        self.metrics = metrics
        self.waits = waits
    }

    /// The process is to end.
    public var isStopping: Bool { state.withLock { $0.isStopping } }
    func stop() { state.update { $0.isStopping = true } }

    /// Called once per turn of the service loop; liveness fails when it has not been called for `stuckAfter` seconds.
    public func beat() { state.withLock { $0.lastBeat = Clock.seconds } }

    /// Seconds without a turn of the loop after which it counts as stuck: the group has taken its shards away by then
    /// (`max.poll.interval.ms`).
    private static let stuckAfter = 300.0

    /// False when the loop has begun and is stuck.
    var isLive: Bool { state.withLock { state in state.lastBeat.map { Clock.seconds - $0 < Self.stuckAfter } ?? true } }

    /// Waits that long, or until the process is told to stop.
    public func wait(_ seconds: Double) { _ = state.wait(until: .after(seconds)) { $0.isStopping } }

    var isAssigned: Bool { state.withLock { $0.isAssigned } }
    /// Whether it has all its shards; of a process without shards, whether it has begun.
    public func set(assigned: Bool) { change { $0.isAssigned = assigned } }
    /// Names whatever is awaited before shards are taken; nil: nothing.
    public func set(waitingFor what: String?) {
        var before: String?
        change { state in
            before = state.waitingFor
            state.waitingFor = what
        }
        if let before, before != what { waits.over(Self.wait(before)) }
    }

    /// The same, and tells the log why: at once, then once a minute. To be called as often as it is looked for.
    public func set(waitingFor what: String, because reason: String, level: LogLevel = .warning) {
        set(waitingFor: what)
        waits.say(Self.wait(what), because: reason, level: level)
    }

    private static func wait(_ what: String) -> String { "waiting for \(what)" }

    private func change(_ body: (inout State) -> Void) {
        let (before, after) = state.withLock { state in
            let before = state.isReady
            body(&state)
            return (before, state.isReady)
        }
        metrics.ready.set(after ? 1 : 0)
        if before != after { state.notify() }
    }

    // MARK: Telling it

    /// Waits that many seconds, or until it is not as ready as was told; nil: nothing was told yet.
    /// - Returns: false when nothing is to be told any more.
    func waitToTell(after told: Bool?, for seconds: Double) -> Bool {
        _ = state.wait(until: .after(seconds)) { state in state.isHealthOver || (told.map { state.isReady != $0 } ?? true) }
        return !state.withLock { $0.isHealthOver }
    }

    func endHealth() { state.update { $0.isHealthOver = true } }

    /// Why it is not ready; nil when it is.
    var obstacle: String? {
        state.withLock { state in
            if state.isStopping { return "stopping" }
            if let waitingFor = state.waitingFor { return Self.wait(waitingFor) }
            return state.isAssigned ? nil : "waiting for shards"
        }
    }

    /// Ends the process at once, without unwinding: from inside of callbacks, where nothing can be thrown. Stored data is safe.
    public func end(_ error: ExitError) -> Never {
        Log.line("daifa: \(error.description)")
        _exit(error.code)
    }
}
