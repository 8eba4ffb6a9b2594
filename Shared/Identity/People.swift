import Crypto
import JSON
public import Threads

/// The rules of people over a store: who logs in, who may do what, and what ends when.
///
/// Each call is given the time, reads and writes in one transaction, and blocks: it is for threads that may wait. A call that hashes a
/// password takes 20 ms of a core and waits for its turn.
public final class People: Sendable {
    public let settings: PeopleSettings
    let store: any PeopleStore
    let hasher: PasswordHasher
    /// ``firstOperatorLink(now:)``
    let linkFile: String?
    private let failures = Monitor(SignInFailures())

    /// - Parameter linkFile: where the first operator's link is written; nil: nowhere.
    public init(store: any PeopleStore, hasher: PasswordHasher, settings: PeopleSettings, linkFile: String? = nil) {
        self.store = store
        self.hasher = hasher
        self.settings = settings
        self.linkFile = linkFile
    }

    // MARK: Logging in and out

    /// Opens a session. A wrong user and a wrong password are told and timed alike.
    /// - Throws: `wrongCredentials`, `tooMany` after ten wrong passwords of the user from this address, or a hundred of the user or of the
    ///   address, in ten minutes, also for the right one; `unavailable`.
    public func signIn(user name: String, password: String, client: Client, now: Timestamp) throws(PeopleError) -> NewSession {
        // A name that nobody can have is compared like one that nobody has.
        let nameKey = (try? Checks.name(name)).map { Checks.key(ofName: $0) } ?? ""
        let found = try store.read { (rows) throws(PeopleError) in try rows.user(nameKey: nameKey) }
        guard try isRight(password, of: found, nameKey: nameKey, client, now), var user = found else { throw .wrongCredentials }
        let verified = user.passwordHash
        if let hash = verified, PasswordHash.needsRehash(hash) { user.passwordHash = try hasher.hash(ComposedText.composed(password)) }
        let better = user.passwordHash
        return try store.change { (rows) throws(PeopleError) in
            // It may have been changed while it was compared.
            guard var user = try rows.user(id: user.userId), user.passwordHash == verified else { throw .wrongCredentials }
            if better != verified {
                user.passwordHash = better
                try rows.update(user)
            }
            return try open(rows, user, client, now)
        }
    }

    /// Whether the password is the user's, for what asks for it again.
    /// - Throws: `tooMany`, as ``signIn(user:password:client:now:)``.
    public func isRight(_ password: String, of user: User, client: Client, now: Timestamp) throws(PeopleError) -> Bool {
        try isRight(password, of: user, nameKey: Checks.key(ofName: user.name), client, now)
    }

    private func isRight(
        _ password: String, of user: User?, nameKey: String, _ client: Client, _ now: Timestamp
    ) throws(PeopleError) -> Bool {
        try refuseTooMany(nameKey, client, now)
        // A text that is no password is compared with the same cost; the longest ones would cost more.
        let isPassword = password.utf8.count <= 4096
        let isRight = try hasher.isValid(isPassword ? ComposedText.composed(password) : "", for: user?.passwordHash)
        // Others may have failed meanwhile: of many at once no more than the limit learn anything.
        try refuseTooMany(nameKey, client, now)
        guard isRight, isPassword else {
            failures.withLock { $0.add(user: nameKey, address: client.address, now: now) }
            return false
        }
        return true
    }

    private func refuseTooMany(_ nameKey: String, _ client: Client, _ now: Timestamp) throws(PeopleError) {
        let pause = failures.withLock { $0.pause(user: nameKey, address: client.address, now: now) }
        if let pause { throw .tooMany(retryAfter: pause) }
    }

    /// The session of a cookie's text, with user and memberships as they are now.
    /// - Parameter client: counts as a use; nil: a look that is none, such as a stream's at each beat.
    /// - Throws: `noSession` when there is none, or it has ended; `unavailable`.
    public func session(token: String, client: Client?, now: Timestamp) throws(PeopleError) -> OpenSession {
        let hash = Self.hash(token)
        let found = try store.read { (rows) throws(PeopleError) -> OpenSession? in
            guard let session = try rows.session(tokenHash: hash), isLive(session, now) else { return nil }
            guard let user = try rows.user(id: session.userId) else { return nil }
            return OpenSession(session: session, user: user, memberships: try rows.memberships(of: user.userId))
        }
        guard var found else { throw .noSession }
        let age = now.milliseconds - found.session.lastUsed.milliseconds
        if let client, age >= settings.touchInterval || age < 0 {
            found.session.lastUsed = now
            found.session.address = client.address
            found.session.browser = Checks.browser(client.browser)
            let client = Client(address: found.session.address, browser: found.session.browser)
            let id = found.session.sessionId
            try store.change { (rows) throws(PeopleError) in try rows.touch(sessionId: id, at: now, client) }
        }
        return found
    }

    /// Whether the user has shown lately that it is he who sits there.
    public func isProven(_ open: OpenSession, now: Timestamp) -> Bool {
        now < open.session.proven.after(seconds: settings.proofLifetime)
    }

    /// The password again, for what concerns people and secrets.
    /// - Throws: `wrongCredentials`, `forbidden` for a provider's user, who logs in anew; `tooMany`, `unavailable`.
    public func prove(_ open: OpenSession, password: String, client: Client, now: Timestamp) throws(PeopleError) {
        guard open.user.provider == nil else { throw .forbidden(.ofProvider) }
        guard try isRight(password, of: open.user, client: client, now: now) else { throw .wrongCredentials }
        try store.change { (rows) throws(PeopleError) in try rows.prove(sessionId: open.session.sessionId, at: now) }
    }

    private func isLive(_ session: Session, _ now: Timestamp) -> Bool {
        now < session.ends && now < session.lastUsed.after(seconds: settings.sessionIdle)
    }

    /// Ends the session of a cookie's text; of none, nothing happens.
    public func signOut(token: String) throws(PeopleError) {
        let hash = Self.hash(token)
        try store.change { (rows) throws(PeopleError) in
            if let session = try rows.session(tokenHash: hash) { try rows.removeSession(id: session.sessionId) }
        }
    }

    /// The user's sessions that have not ended, newest first.
    public func sessions(of userId: String, now: Timestamp) throws(PeopleError) -> [Session] {
        try store.read { (rows) throws(PeopleError) in try rows.sessions(of: userId) }.filter { isLive($0, now) }
    }

    /// For whom the user acts, by actor.
    public func memberships(of userId: String) throws(PeopleError) -> [Membership] {
        try store.read { (rows) throws(PeopleError) in try rows.memberships(of: userId) }
    }

    /// Ends one of the user's sessions.
    /// - Throws: `notFound` when it is none of his.
    public func endSession(_ sessionId: String, of userId: String) throws(PeopleError) {
        try store.change { (rows) throws(PeopleError) in
            guard try rows.sessions(of: userId).contains(where: { $0.sessionId == sessionId }) else { throw .notFound }
            try rows.removeSession(id: sessionId)
        }
    }

    /// Removes what has ended: sessions and codes. For a timer, once a minute or an hour.
    public func prune(now: Timestamp) throws(PeopleError) {
        try store.change { (rows) throws(PeopleError) in
            try rows.removeSessions(endedBefore: now, idleSince: now.after(seconds: -settings.sessionIdle))
            try rows.removeCodes(expiredBefore: now)
        }
    }

    // MARK: For all rules

    /// Opens a session with an id that nobody has seen.
    func open(_ rows: any PeopleRows, _ user: User, _ client: Client, _ now: Timestamp) throws(PeopleError) -> NewSession {
        let token = try Self.secret()
        let isOfProvider = user.provider != nil
        let lifetime = isOfProvider ? min(settings.providerLifetime, settings.sessionLifetime) : settings.sessionLifetime
        let session = Session(
            sessionId: RandomUUID.v4(), userId: user.userId, created: now, lastUsed: now, address: client.address,
            browser: Checks.browser(client.browser), csrfToken: try Self.secret(), isOfProvider: isOfProvider,
            ends: now.after(seconds: lifetime), proven: now)
        try rows.insert(session, tokenHash: Self.hash(token))
        return NewSession(
            token: token, open: OpenSession(session: session, user: user, memberships: try rows.memberships(of: user.userId)))
    }

    /// Stores a new one-time code.
    func code(_ rows: any PeopleRows, for purpose: CodePurpose, lifetime: Int, _ now: Timestamp) throws(PeopleError) -> NewCode {
        let code = try Self.secret()
        let expiresAt = now.after(seconds: lifetime)
        try rows.insert(OneTimeCode(purpose: purpose, expiresAt: expiresAt), hash: Self.hash(code))
        return NewCode(link: settings.link(code), code: code, expiresAt: expiresAt)
    }

    /// 256 bits in base64url.
    static func secret() throws(PeopleError) -> String {
        do throws(CryptoError) { return Base64URL.encode(try Random.bytes(32)) } catch { throw .unavailable(error.message) }
    }

    /// Cookies and codes are stored as this: whoever reads the file cannot use them.
    static func hash(_ secret: String) -> [UInt8] { Digest.sha256(Array(secret.utf8)) }
}

extension OpenSession {
    /// Whether the token that came with an unsafe request is the session's.
    public func isValid(csrfToken: String?) -> Bool {
        csrfToken.map { Digest.areEqual(Array($0.utf8), Array(session.csrfToken.utf8)) } ?? false
    }
}

extension Timestamp {
    /// So many seconds later, at most thirty years.
    func after(seconds: Int) -> Timestamp {
        let bound = 30 * 366 * 86_400
        return Timestamp(milliseconds: milliseconds + max(-bound, min(seconds, bound)) * 1000)
    }
}
