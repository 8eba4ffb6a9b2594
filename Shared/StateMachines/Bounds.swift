import Contracts

/// How much one aggregate holds of what comes from outside: its row is written whole by each batch that changes it.
///
/// A command that finds its list full is refused `too-many-pending`: what waits ends by itself, and it can be sent again then.
enum Bounds {
    /// Commands that wait for one outcome, such as a seal, a number, a platform or a token: people press a button again a few times, and
    /// programs retry; an origin has up to 16 KB.
    static let waiting = 100
    /// Claims of one number that wait while it is held: as many orders as one might pack together at the same moment.
    static let waitingClaims = 500
    /// Authorizations under one account that nobody has granted yet, of one merchant and of all: anybody may begin with any PIN, and the
    /// one whose it is must not find the list full.
    static let pendingLinks = 20
    static let links = 500
    /// Authorizations that one login at a partner may have given, under whatever accounts.
    static let holders = 1000
    /// Factories that one merchant has applied to: each hears of every change of his profile.
    static let factories = 1000
    /// Segments of one carrier in a factory's pool that have numbers left.
    static let segments = 500
    /// Segments that are used up and still known, neighbours counting as one. Without the older ones a segment that is given twice is not
    /// refused; its numbers are bound by then, and passed over.
    static let usedSegments = 200

    /// - Parameter what: what is full, for the refusal.
    /// - Throws: `too-many-pending`.
    static func require(_ count: Int, below limit: Int, _ what: String) throws(Refusal) {
        guard count >= limit else { return }
        throw Refusal(.tooManyPending, "\(what): \(limit) is the most; send it again when some of them have ended")
    }
}
