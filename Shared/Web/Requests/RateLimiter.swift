import Synchronization
public import Threads

/// A bucket of tokens for each key: so many requests a second in the long run, so many at once.
public final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var since: Double
    }

    private struct State {
        var buckets: [String: Bucket] = [:]
        /// Of all keys for which there is no room.
        var shared: Bucket
        var swept = -Double.infinity
    }

    private let rate: Double
    private let burst: Double
    private let mostKeys: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - rate: requests a second, above 0.
    ///   - burst: requests at once, at least 1.
    ///   - mostKeys: that are remembered; further ones share a bucket, so that nobody makes room by inventing keys.
    public init(rate: Double, burst: Double, mostKeys: Int = 10_000) {
        self.rate = rate > 0 ? rate : .leastNormalMagnitude
        self.burst = max(1, burst)
        self.mostKeys = max(1, mostKeys)
        state = Mutex(State(shared: Bucket(tokens: max(1, burst), since: -.infinity)))
    }

    /// Takes a token.
    /// - Parameter now: seconds on any clock that only goes forward, always the same.
    /// - Returns: nil when there was one, else the seconds until there is.
    public func take(_ key: String, now: Double = Clock.seconds) -> Double? {
        state.withLock { state in
            if state.buckets[key] == nil, state.buckets.count >= mostKeys, now - state.swept >= 1 {
                state.swept = now
                state.buckets = state.buckets.filter { filled($1, now).tokens < burst }
            }
            let isShared = state.buckets[key] == nil && state.buckets.count >= mostKeys
            var bucket = filled(isShared ? state.shared : state.buckets[key] ?? Bucket(tokens: burst, since: now), now)
            let wait = bucket.tokens >= 1 ? nil : (1 - bucket.tokens) / rate
            if wait == nil { bucket.tokens -= 1 }
            if isShared { state.shared = bucket } else { state.buckets[key] = bucket }
            return wait
        }
    }

    private func filled(_ bucket: Bucket, _ now: Double) -> Bucket {
        guard now > bucket.since else { return bucket }
        return Bucket(tokens: min(burst, bucket.tokens + (now - bucket.since) * rate), since: now)
    }

}
