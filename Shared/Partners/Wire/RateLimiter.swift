import Synchronization

/// Spreads calls over time: a token bucket for each operation, filled at a rate a second; who finds it empty waits his turn.
public final class RateLimiter: Sendable {
    private struct Bucket {
        /// When the next call may go, on the continuous clock.
        var next: ContinuousClock.Instant
    }

    private let rates: [String: Double]
    private let defaultRate: Double
    private let longestWait: Duration
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - rates: calls a second by operation.
    ///   - defaultRate: of operations that are not named.
    ///   - longestWait: a call that would have to wait longer is not made.
    public init(rates: [String: Double] = [:], defaultRate: Double, longestWait: Duration = .seconds(30)) {
        self.rates = rates
        self.defaultRate = defaultRate
        self.longestWait = longestWait
    }

    /// Waits until the call may go.
    /// - Throws: `throttled` when that would take too long; `unavailable` when the task is cancelled.
    func wait(_ operation: String, partner: String) async throws(PartnerError) {
        let rate = max(rates[operation] ?? defaultRate, 0.001)
        // A quarter of a second's worth may go at once.
        let burst = Duration.seconds(0.25)
        let now = ContinuousClock.now
        let turn: ContinuousClock.Instant? = buckets.withLock { buckets in
            let turn = max(buckets[operation]?.next ?? now - burst, now - burst)
            guard turn - now <= longestWait else { return nil }
            buckets[operation] = Bucket(next: turn + .seconds(1 / rate))
            return turn
        }
        guard let turn else {
            throw PartnerError(
                .throttled, partner: partner, operation: operation, message: "more calls wait than our own rate limit lets through")
        }
        guard turn > now else { return }
        do { try await Task.sleep(until: turn, clock: .continuous) } catch {
            throw PartnerError(.unavailable, partner: partner, operation: operation, message: "cancelled while waiting for its turn")
        }
    }
}
