import Synchronization

/// The time of a service, and whether it may be trusted with what cannot be undone.
///
/// A clock that is set by hand, or wrong after a host was restored, may leap by years. Changes that time alone brings about are then not
/// taken back by setting the clock right: recipients that were shredded, consents and tokens that were ended, ids that were forgotten. So
/// the wall clock is compared with one that only goes forward; after a leap it is not steady for an hour, in which a person can mend it,
/// and what cannot be undone waits. The rest goes on by the wall clock.
public final class ServiceClock: Sendable {
    public struct Reading: Sendable, Equatable {
        /// Wall-clock time.
        public var now: Timestamp
        /// Whether the clock has gone as it should for long enough.
        public var isSteady: Bool
    }

    /// Seconds by which the clocks may part within `renewal`: more than a time server moves a clock that runs.
    static let tolerance = 60.0
    /// Seconds after which both are compared anew, so that small differences do not add up.
    static let renewal = 600.0
    /// Seconds after a leap for which the clock is not steady.
    static let probation = 3600.0

    private struct State {
        /// Wall-clock time less the steady one's, in seconds, and when that was taken.
        var difference: Double?
        var takenAt = 0.0
        var steadyFrom = -Double.infinity
        /// Seconds by which it has leapt, until somebody has asked.
        var leap: Int?
    }

    private let wall: @Sendable () -> Timestamp
    private let seconds: @Sendable () -> Double
    private let state = Mutex(State())

    public init(wall: @escaping @Sendable () -> Timestamp = { Clock.now }, seconds: @escaping @Sendable () -> Double = { Clock.uptime }) {
        self.wall = wall
        self.seconds = seconds
    }

    /// Wall-clock time.
    public var now: Timestamp { wall() }

    /// Seconds on the clock that only goes forward.
    public var uptime: Double { seconds() }

    /// The time, and whether what cannot be undone may rest on it.
    public func read() -> Reading {
        let (now, seconds) = (wall(), seconds())
        let difference = Double(now.milliseconds) / 1000 - seconds
        return state.withLock { state in
            guard let known = state.difference else {
                state.difference = difference
                state.takenAt = seconds
                return Reading(now: now, isSteady: true)
            }
            let leap = difference - known
            let hasLeapt = abs(leap) > Self.tolerance
            if hasLeapt {
                state.steadyFrom = seconds + Self.probation
                state.leap = Int(leap)
            }
            if hasLeapt || seconds - state.takenAt > Self.renewal {
                state.difference = difference
                state.takenAt = seconds
            }
            return Reading(now: now, isSteady: seconds >= state.steadyFrom)
        }
    }

    /// Seconds by which the clock has leapt, if it has since this was asked last.
    public func takeLeap() -> Int? {
        state.withLock { state in
            defer { state.leap = nil }
            return state.leap
        }
    }
}
