public import Threads

/// Where people are kept. What belongs together is read and written in one transaction; the rules are in ``People``, not in a store.
public protocol PeopleStore: Sendable {
    /// Runs the body alone with the rows; when it throws nothing of it remains. Transactions do not nest. Blocks.
    /// - Throws: what the body throws; `unavailable`.
    func change<Result>(_ body: (any PeopleRows) throws(PeopleError) -> Result) throws(PeopleError) -> Result

    /// Runs the body over rows of one moment, without changing any. Blocks.
    func read<Result>(_ body: (any PeopleRows) throws(PeopleError) -> Result) throws(PeopleError) -> Result
}

/// The rows, within a transaction. Each call throws `unavailable`.
public protocol PeopleRows {
    // MARK: Users

    func user(id: String) throws(PeopleError) -> User?
    /// - Parameter nameKey: of ``Checks/key(ofName:)``; unique.
    func user(nameKey: String) throws(PeopleError) -> User?
    func user(of provider: ProviderIdentity) throws(PeopleError) -> User?
    func users() throws(PeopleError) -> [User]
    func insert(_ user: User, nameKey: String) throws(PeopleError)
    /// Password, language, zone and choice; a name stays.
    func update(_ user: User) throws(PeopleError)

    // MARK: Memberships

    /// By actor.
    func memberships(of userId: String) throws(PeopleError) -> [Membership]
    /// By name.
    func members(of actor: String) throws(PeopleError) -> [(user: User, role: Role)]
    /// Of all actors of the kind `operator`.
    func operators() throws(PeopleError) -> [(user: User, role: Role)]
    /// Takes the place of the one for the same actor.
    func put(_ membership: Membership, of userId: String) throws(PeopleError)
    func removeMembership(of userId: String, for actor: String) throws(PeopleError)
    /// Whether anybody ever was a member of the shop.
    func isUsed(actor: String) throws(PeopleError) -> Bool
    /// A number that no call has given before.
    func nextShopNumber() throws(PeopleError) -> Int

    // MARK: Sessions

    /// - Parameter tokenHash: SHA-256 of the cookie's text.
    func insert(_ session: Session, tokenHash: [UInt8]) throws(PeopleError)
    func session(tokenHash: [UInt8]) throws(PeopleError) -> Session?
    /// Newest first.
    func sessions(of userId: String) throws(PeopleError) -> [Session]
    func touch(sessionId: String, at: Timestamp, _ client: Client?) throws(PeopleError)
    /// The user has shown who he is.
    func prove(sessionId: String, at: Timestamp) throws(PeopleError)
    func removeSession(id: String) throws(PeopleError)
    /// - Parameter exception: the one that stays.
    func removeSessions(of userId: String, except exception: String?) throws(PeopleError)
    /// Removes those that end before `now`, or were last used before `idleSince`.
    func removeSessions(endedBefore now: Timestamp, idleSince: Timestamp) throws(PeopleError)

    // MARK: One-time codes

    func insert(_ code: OneTimeCode, hash: [UInt8]) throws(PeopleError)
    func code(hash: [UInt8]) throws(PeopleError) -> OneTimeCode?
    /// Uses a code up.
    func removeCode(hash: [UInt8]) throws(PeopleError)
    func removeCodes(resetting userId: String) throws(PeopleError)
    func removeCodes(expiredBefore now: Timestamp) throws(PeopleError)
}
