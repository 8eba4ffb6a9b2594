import Crypto
import Glibc
public import Texts
public import Threads

/// Accounts: registering, choosing a role, one's own profile.
extension People {
    /// Shop ids that the console gives begin here: fifteen digits, the first a 9.
    ///
    /// No marketplace has such ids: Pinduoduo's, JD's and Taobao's shops and sellers have thirteen digits at most, so an id that is given here
    /// is never that of another's shop. Fifteen digits are the most that spreadsheets and JavaScript keep exactly.
    static let firstShopNumber = 900_000_000_000_000

    /// A person registers himself; no actors yet.
    /// - Throws: `forbidden` where registration is closed, `invalid` (user, password), `tooMany`, `unavailable`.
    public func signUp(
        user name: String, password: String, language: Language, client: Client, now: Timestamp
    ) throws(PeopleError) -> NewSession {
        guard settings.isSignUpOpen else { throw .forbidden(.signUpClosed) }
        let draft = try draft(name, password, language, now)
        return try store.change { (rows) throws(PeopleError) in
            try insert(rows, draft)
            return try open(rows, draft, client, now)
        }
    }

    /// Makes a user, without a session: for an administrator at the machine.
    /// - Parameters:
    ///   - password: nil: none yet, he comes in by a reset's link.
    ///   - actor: nil: none; `operator`: a new operator; else `merchant:<id>`, `factory:<id>`, `operator:<id>`.
    /// - Throws: `invalid` (user, password, actor), `unavailable`.
    public func add(
        user name: String, password: String?, language: Language, actor: String?, role: Role, now: Timestamp
    ) throws(PeopleError) -> User {
        if let actor, actor != Self.anyOperator, !ActorText.isKnown(actor) { throw .invalid(field: "actor", .unknown) }
        let draft = try draft(name, password, language, now)
        return try store.change { (rows) throws(PeopleError) in
            try insert(rows, draft)
            guard let actor else { return draft }
            return try give(rows, draft, actor: actor == Self.anyOperator ? nil : actor, role)
        }
    }

    /// The actor's name while its operator is not known yet.
    public static let anyOperator = "operator"

    /// The user becomes the owner of a new shop, once.
    /// - Throws: `roleAlreadyChosen` when he has, or had, a shop; `forbidden` for a provider's user; `noSession` when he is gone.
    public func chooseRole(_ kind: ShopKind, of session: OpenSession) throws(PeopleError) -> OpenSession {
        try store.change { (rows) throws(PeopleError) in
            guard let user = try rows.user(id: session.user.userId) else { throw .noSession }
            guard user.provider == nil else { throw .forbidden(.ofProvider) }
            guard !user.hasChosenRole else { throw .roleAlreadyChosen }
            var shopId = ""
            repeat { shopId = String(Self.firstShopNumber + (try rows.nextShopNumber())) } while try isUsed(rows, shopId: shopId)
            let chosen = try give(rows, user, actor: "\(kind.rawValue):\(shopId)", .owner)
            return OpenSession(session: session.session, user: chosen, memberships: try rows.memberships(of: chosen.userId))
        }
    }

    private func isUsed(_ rows: any PeopleRows, shopId: String) throws(PeopleError) -> Bool {
        for kind in ShopKind.allCases where try rows.isUsed(actor: "\(kind.rawValue):\(shopId)") { return true }
        return false
    }

    /// Changes of one's own profile; nil: stays.
    public struct ProfileChange: Sendable, Equatable {
        public var language: Language?
        public var zone: String?
        public var password: String?
        public var oldPassword: String?

        public init(language: Language? = nil, zone: String? = nil, password: String? = nil, oldPassword: String? = nil) {
            self.language = language
            self.zone = zone
            self.password = password
            self.oldPassword = oldPassword
        }
    }

    /// Changes a user's own profile. A new password ends all his other sessions, and codes of resets.
    /// - Throws: `invalid` (zone, password, oldPassword), `forbidden` for the password of a provider's user, `tooMany` wrong old passwords,
    ///   `noSession`, `unavailable`.
    public func change(
        _ change: ProfileChange, of session: OpenSession, client: Client, now: Timestamp
    ) throws(PeopleError) -> OpenSession {
        let zone: String?
        if let name = change.zone { zone = try Checks.zone(name) } else { zone = nil }
        var hash: String?
        if let text = change.password {
            let password = try Checks.password(text)
            guard session.user.provider == nil else { throw .forbidden(.ofProvider) }
            guard let old = change.oldPassword else { throw .invalid(field: "oldPassword", .missing) }
            guard try isRight(old, of: session.user, client: client, now: now) else { throw .invalid(field: "oldPassword", .wrong) }
            hash = try hasher.hash(password)
        }
        return try store.change { (rows) throws(PeopleError) in
            guard var user = try rows.user(id: session.user.userId) else { throw .noSession }
            user.language = change.language ?? user.language
            user.zone = zone ?? user.zone
            if let hash {
                // It may have been changed, by a reset for example, while it was compared.
                guard user.passwordHash == session.user.passwordHash else { throw .invalid(field: "oldPassword", .wrong) }
                user.passwordHash = hash
                try rows.removeSessions(of: user.userId, except: session.session.sessionId)
                try rows.removeCodes(resetting: user.userId)
            }
            try rows.update(user)
            return OpenSession(session: session.session, user: user, memberships: try rows.memberships(of: user.userId))
        }
    }

    // MARK: For all rules

    /// A new user as he was typed in. Hashes.
    func draft(_ name: String, _ password: String?, _ language: Language, _ now: Timestamp) throws(PeopleError) -> User {
        let name = try Checks.name(name)
        guard let password else {
            return User(userId: RandomUUID.v4(), name: name, passwordHash: nil, language: language, created: now)
        }
        let whole = try Checks.password(password)
        // Nobody waits for a hash to hear that the name is taken.
        let isTaken = try store.read { (rows) throws(PeopleError) in try rows.user(nameKey: Checks.key(ofName: name)) != nil }
        guard !isTaken else { throw .invalid(field: "user", .taken) }
        return User(userId: RandomUUID.v4(), name: name, passwordHash: try hasher.hash(whole), language: language, created: now)
    }

    func insert(_ rows: any PeopleRows, _ user: User) throws(PeopleError) {
        let key = Checks.key(ofName: user.name)
        guard try rows.user(nameKey: key) == nil else { throw .invalid(field: "user", .taken) }
        try rows.insert(user, nameKey: key)
    }

    /// Gives a membership; a role that the user has already is never made less.
    /// - Parameter actor: nil: an operator of his own.
    func give(_ rows: any PeopleRows, _ user: User, actor: String?, _ role: Role) throws(PeopleError) -> User {
        let actor = actor ?? "\(Self.anyOperator):\(user.userId)"
        let isOwner = try rows.memberships(of: user.userId).contains(Membership(actor: actor, role: .owner))
        if !isOwner { try rows.put(Membership(actor: actor, role: role), of: user.userId) }
        guard ActorText.isShop(actor), !user.hasChosenRole else { return user }
        var user = user
        user.hasChosenRole = true
        try rows.update(user)
        return user
    }
}
