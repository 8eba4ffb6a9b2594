import Synchronization
import Threads

/// How far the read model is behind the topics, for those who look at pages.
final class ModelFreshness: Sendable {
    /// Seconds that it may be behind without a word.
    static let most = 2.0

    private struct State {
        /// Everything that was written by then was read.
        var asOf: Timestamp?
        var isBehind = false
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - isRead: whether all that was there at `asOf` was read in time.
    func note(_ isRead: Bool, asOf: Timestamp) {
        state.withLock { state in
            state.isBehind = !isRead
            if isRead { state.asOf = asOf }
        }
    }

    /// As of when the pages are, while that is too long ago; nil: they are up to date.
    var behind: Timestamp? { state.withLock { $0.isBehind ? $0.asOf : nil } }
}
