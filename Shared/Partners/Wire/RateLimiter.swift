import Contracts
import Synchronization

/// Spreads calls over time: a token bucket for each operation, and for each operation of a shop, filled at a rate a second; who finds one
/// empty waits his turn.
public final class RateLimiter: Sendable {
    private struct Bucket: Hashable {
        var operation: String
        /// nil: of all shops together.
        var shop: String?
    }

    /// So many buckets may be kept though nobody has to wait for them.
    private static let kept = 10_000
    /// A quarter of a second's worth may go at once.
    private static let burst = Duration.seconds(0.25)

    private let rates: CallRates
    private let longestWait: Duration
    /// When the next call may go.
    private let turns = Mutex<[Bucket: ContinuousClock.Instant]>([:])

    /// - Parameter longestWait: a call that would have to wait longer is not made.
    public init(_ rates: CallRates, longestWait: Duration = .seconds(30)) {
        self.rates = rates
        self.longestWait = longestWait
    }

    /// Waits until the call may go.
    /// - Parameter shop: whatever stands for it, such as its token; nil: the call is no shop's.
    /// - Throws: `throttled` when that would take too long; `unavailable` when the task is cancelled.
    func wait(_ operation: String, shop: String?, partner: String) async throws(PartnerError) {
        let limit = rates[operation]
        var buckets: [(bucket: Bucket, rate: Double)] = []
        if let total = limit.total { buckets.append((Bucket(operation: operation), total)) }
        if let perShop = limit.perShop, let shop { buckets.append((Bucket(operation: operation, shop: shop), perShop)) }
        guard !buckets.isEmpty else { return }
        let now = ContinuousClock.now
        let turn: ContinuousClock.Instant? = turns.withLock { turns in
            let turn = buckets.map { max(turns[$0.bucket] ?? now - Self.burst, now - Self.burst) }.max() ?? now
            guard turn - now <= longestWait else { return nil }
            if turns.count > Self.kept { turns = turns.filter { $0.value > now - Self.burst } }
            for (bucket, rate) in buckets { turns[bucket] = turn + .seconds(1 / rate) }
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
