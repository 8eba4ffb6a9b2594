import Machines
public import Runtime
public import Threads

/// The time for which a call to a partner that gives no answer is tried again before a person has to see it.
public struct RetryDeadline: Sendable {
    /// Seconds from the moment when the call was due first.
    public let seconds: Int
    private let clock: ServiceClock
    /// Attempts that are made in any case, since a service that was away for long finds the time over at its first one.
    private static let leastAttempts = 3

    public init(seconds: Int, clock: ServiceClock) {
        self.seconds = seconds
        self.clock = clock
    }

    /// The deployment's (`DAIFA_PATIENCE`).
    public init(_ environment: PartnerEnvironment) { self.init(seconds: environment.settings.patience, clock: environment.clock) }

    /// Whether a person has to see it now.
    /// - Parameter attempt: the attempt that has just failed.
    public func isOver(after attempt: EffectAttempt) -> Bool {
        clock.now.milliseconds - attempt.due.milliseconds > seconds * 1000 && attempt.number + 1 >= Self.leastAttempts
    }
}
