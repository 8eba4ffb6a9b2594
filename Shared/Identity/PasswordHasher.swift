import Crypto
import Threads

/// Hashes passwords, two at once and a few waiting: each takes a core for 20 ms and 19 MiB. Blocks the thread that calls.
public final class PasswordHasher: Sendable {
    /// Bounds of a hasher.
    public struct Limits: Sendable, Equatable {
        public var atOnce = 2
        public var waiting = 16

        public init() {}
    }

    private let limits: Limits
    /// Those that run, and those that wait.
    private let calls = Monitor((running: 0, waiting: 0))
    /// Of a password that nobody has: what a user who does not exist, or has no password, is compared with.
    private let nobody: String

    /// - Throws: `unavailable` when the library cannot hash.
    public init(limits: Limits = Limits()) throws(PeopleError) {
        self.limits = limits
        do throws(CryptoError) { nobody = try PasswordHash.make(Base64URL.encode(Random.bytes(32))) } catch {
            throw .unavailable(error.message)
        }
    }

    /// - Throws: `tooMany` when too many wait; `unavailable`.
    func hash(_ password: String) throws(PeopleError) -> String {
        try inTurn { () throws(PeopleError) in
            do throws(CryptoError) { return try PasswordHash.make(password) } catch { throw .unavailable(error.message) }
        }
    }

    /// Whether the password fits. Without a string it takes the same time, and does not.
    /// - Throws: `tooMany` when too many wait.
    func isValid(_ password: String, for hash: String?) throws(PeopleError) -> Bool {
        try inTurn { () throws(PeopleError) in
            let isValid = PasswordHash.isValid(password, for: hash ?? nobody)
            return isValid && hash != nil
        }
    }

    /// Runs the body when fewer than two others run.
    func inTurn<Result>(_ body: () throws(PeopleError) -> Result) throws(PeopleError) -> Result {
        let mayWait = calls.withLock { calls in
            guard calls.running + calls.waiting < limits.atOnce + limits.waiting else { return false }
            calls.waiting += 1
            return true
        }
        guard mayWait else { throw .tooMany(retryAfter: 1) }
        _ = calls.wait { calls in
            guard calls.running < limits.atOnce else { return false }
            calls.waiting -= 1
            calls.running += 1
            return true
        }
        defer { calls.update { $0.running -= 1 } }
        return try body()
    }
}
