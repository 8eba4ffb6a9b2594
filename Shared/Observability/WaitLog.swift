import Synchronization
public import Threads

/// Tells the log for what a process waits: at once, then once a minute for as long as it lasts, and once more when it goes on.
///
/// Whoever waits calls ``say(_:because:level:)`` as often as it looks, and this decides which lines are due. Another reason is told at once
/// as well; a trouble that comes and goes, or whose reason changes all the time, has at most ``limit`` lines a minute.
public final class WaitLog: Sendable {
    /// Seconds from one line to the next about the same wait and reason.
    public static let interval = 60.0
    /// Lines about one wait within ``interval``.
    public static let limit = 5
    /// Seconds after which a wait that nobody has spoken of is another one.
    static let oblivion = 2 * interval

    /// A line that is due.
    public struct Line: Sendable, Equatable {
        public var level: LogLevel
        public var message: String
        /// nil: the wait is over.
        public var reason: String?
        /// For how long it has lasted.
        public var seconds: Int
    }

    private struct Wait {
        var since: Double
        /// When it was heard of for the last time.
        var heardAt: Double
        var isOver = false
        /// When each reason was told for the last time.
        var told: [String: Double] = [:]
        /// When the lines of the last minute were written.
        var lines: [Double] = []
    }

    private let clock: @Sendable () -> Double
    private let write: @Sendable (Line) -> Void
    private let waits = Mutex<[String: Wait]>([:])

    /// - Parameters:
    ///   - clock: seconds, on a clock that only goes forward.
    ///   - write: is given each line that is due.
    public init(clock: @escaping @Sendable () -> Double = { Clock.seconds }, write: @escaping @Sendable (Line) -> Void) {
        self.clock = clock
        self.write = write
    }

    /// Writes to the log of a process.
    public convenience init(_ logger: Logger) {
        self.init { line in
            if let reason = line.reason {
                logger.log(line.level, line.message, ["reason": reason, "seconds": "\(line.seconds)"])
            } else {
                logger.log(line.level, line.message, ["seconds": "\(line.seconds)"])
            }
        }
    }

    /// The wait goes on.
    /// - Parameters:
    ///   - wait: names it, as the message of its lines: "waiting for Kafka".
    ///   - reason: why; never anything secret or of a person.
    ///   - level: `notice` for a wait that belongs to a sound start.
    public func say(_ wait: String, because reason: String, level: LogLevel = .warning) {
        let now = clock()
        let seconds: Int? = waits.withLock { waits in
            var known = waits[wait] ?? Wait(since: now, heardAt: now)
            if known.isOver || now - known.heardAt > Self.oblivion {
                known.since = now
                known.isOver = false
                known.told = [:]
            }
            known.heardAt = now
            defer { waits[wait] = known }
            known.lines.removeAll { now - $0 >= Self.interval }
            known.told = known.told.filter { now - $0.value < Self.interval }
            guard known.told[reason] == nil, known.lines.count < Self.limit else { return nil }
            known.told[reason] = now
            known.lines.append(now)
            return Int(now - known.since)
        }
        if let seconds { write(Line(level: level, message: wait, reason: reason, seconds: seconds)) }
    }

    /// The wait is over, if there was one.
    public func over(_ wait: String) {
        let now = clock()
        let seconds: Int? = waits.withLock { waits in
            guard var known = waits[wait], !known.isOver else { return nil }
            known.isOver = true
            waits[wait] = known
            // Nobody heard of one that comes and goes too often.
            return known.told.isEmpty ? nil : Int(now - known.since)
        }
        if let seconds { write(Line(level: .notice, message: "over: \(wait)", reason: nil, seconds: seconds)) }
    }

    /// Everything that was awaited is there.
    public func allOver() {
        let open = waits.withLock { waits in waits.filter { !$0.value.isOver }.keys.sorted() }
        for wait in open { over(wait) }
    }
}
