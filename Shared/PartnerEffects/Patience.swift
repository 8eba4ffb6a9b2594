public import Contracts
public import Runtime

/// How long a partner that gives no answer is asked again before a person has to see it.
public struct Patience: Sendable {
    /// From when it was to be asked first.
    public let seconds: Int
    /// Whatever the clock says: a service that was away for long asks a few times.
    private static let leastAttempts = 3

    public init(seconds: Int) { self.seconds = seconds }

    /// - Parameter attempt: one that came to nothing.
    public func isOver(after attempt: EffectAttempt, now: Timestamp) -> Bool {
        now.milliseconds - attempt.due.milliseconds > seconds * 1000 && attempt.number + 1 >= Self.leastAttempts
    }
}
