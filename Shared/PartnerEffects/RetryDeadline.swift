import Contracts
public import Runtime
public import Threads

/// The time for which a call to a partner that gives no answer is tried again before a person has to see it.
public struct RetryDeadline: Sendable {
    /// Seconds from the moment when the call was due first.
    public let seconds: Int
    /// Attempts that are made in any case, since a service that was away for long finds the time over at its first one.
    private static let leastAttempts = 3

    public init(seconds: Int) { self.seconds = seconds }

    /// Whether a person has to see it now.
    /// - Parameter attempt: the attempt that has just failed.
    public func isOver(after attempt: EffectAttempt, now: Timestamp) -> Bool {
        now.milliseconds - attempt.due.milliseconds > seconds * 1000 && attempt.number + 1 >= Self.leastAttempts
    }
}
