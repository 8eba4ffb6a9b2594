import Crypto
import Glibc
public import Texts
public import Threads

/// One-time codes: looking at one uses nothing up.
extension People {
    /// What a code is for, while it is good.
    public struct Offer: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            /// A membership. Of a new operator the actor is `operator`.
            case invitation(actor: String, role: Role)
            /// A new password of this user.
            case reset(user: User)
        }

        public var kind: Kind
        public var expiresAt: Timestamp
        /// Nobody is an operator yet: this makes the first one.
        public var isFirstOperator = false
    }

    /// - Throws: `notFound` for a code that is unknown, used or late; `unavailable`.
    public func offer(code: String, now: Timestamp) throws(PeopleError) -> Offer {
        try store.read { (rows) throws(PeopleError) in
            let found = try live(rows, code, now)
            switch found.purpose {
            case .invitation(let actor, let role):
                return Offer(kind: .invitation(actor: actor ?? Self.anyOperator, role: role), expiresAt: found.expiresAt)
            case .firstOperator:
                return Offer(
                    kind: .invitation(actor: Self.anyOperator, role: .owner), expiresAt: found.expiresAt, isFirstOperator: true)
            case .reset(let userId):
                guard let user = try rows.user(id: userId) else { throw .notFound }
                return Offer(kind: .reset(user: user), expiresAt: found.expiresAt)
            }
        }
    }

    /// A new user takes an invitation up.
    /// - Throws: `notFound` as ``offer(code:now:)`` and for a reset's code; `invalid` (user, password); `tooMany`; `unavailable`.
    public func join(
        code: String, user name: String, password: String, language: Language, client: Client, now: Timestamp
    ) throws(PeopleError) -> NewSession {
        guard case .invitation = try offer(code: code, now: now).kind else { throw .notFound }
        let draft = try draft(name, password, language, now)
        return try use(code, now) { (rows, purpose) throws(PeopleError) in
            guard let membership = purpose.membership else { throw .notFound }
            try insert(rows, draft)
            return try open(rows, try give(rows, draft, actor: membership.actor, membership.role), client, now)
        }
    }

    /// A user who is logged in takes an invitation up; his session ends and a new one is there.
    /// - Throws: `notFound`, `forbidden` for a provider's user, whose memberships the provider gives; `noSession`; `unavailable`.
    public func join(code: String, session: OpenSession, client: Client, now: Timestamp) throws(PeopleError) -> NewSession {
        try use(code, now) { (rows, purpose) throws(PeopleError) in
            guard let membership = purpose.membership else { throw .notFound }
            guard let user = try rows.user(id: session.user.userId) else { throw .noSession }
            guard user.provider == nil else { throw .forbidden(.ofProvider) }
            try rows.removeSession(id: session.session.sessionId)
            return try open(rows, try give(rows, user, actor: membership.actor, membership.role), client, now)
        }
    }

    /// A user gives himself a new password; all his sessions end and a new one is there.
    /// - Throws: `notFound` as ``offer(code:now:)`` and for an invitation's code; `invalid` (password); `tooMany`; `unavailable`.
    public func setPassword(code: String, password: String, client: Client, now: Timestamp) throws(PeopleError) -> NewSession {
        guard case .reset = try offer(code: code, now: now).kind else { throw .notFound }
        let hash = try hasher.hash(try Checks.password(password))
        return try use(code, now) { (rows, purpose) throws(PeopleError) in
            guard case .reset(let userId) = purpose, var user = try rows.user(id: userId) else { throw .notFound }
            user.passwordHash = hash
            try rows.update(user)
            try rows.removeSessions(of: userId, except: nil)
            try rows.removeCodes(resetting: userId)
            return try open(rows, user, client, now)
        }
    }

    /// Makes an invitation without asking anybody: for an administrator at the machine.
    /// - Parameter actor: `operator`: a new operator; else `merchant:<id>` or `factory:<id>`.
    /// - Throws: `invalid` (actor); `unavailable`.
    public func invite(to actor: String, as role: Role, now: Timestamp) throws(PeopleError) -> NewCode {
        guard actor == Self.anyOperator || ActorText.isShop(actor) else { throw .invalid(field: "actor", .unknown) }
        return try store.change { (rows) throws(PeopleError) in
            let purpose = CodePurpose.invitation(actor: actor == Self.anyOperator ? nil : actor, role: role)
            return try code(rows, for: purpose, lifetime: settings.invitationLifetime, now)
        }
    }

    // MARK: The first operator

    /// While there is no operator: writes a link that makes the first one into `linkFile` (0600), unless one that is still good is there.
    /// - Returns: the file's path; nil when there is an operator, or no file was named.
    /// - Throws: `unavailable`.
    public func firstOperatorLink(now: Timestamp) throws(PeopleError) -> String? {
        guard let linkFile else { return nil }
        let written = (try? KeyMaterial.text(path: linkFile)).flatMap { $0.split(separator: "/").last.map(String.init) }
        let new = try store.change { (rows) throws(PeopleError) -> (isNeeded: Bool, link: String?) in
            if try hasOperator(rows) { return (false, nil) }
            if let written, let known = try rows.code(hash: Self.hash(written)), now < known.expiresAt { return (true, nil) }
            return (true, try code(rows, for: .firstOperator, lifetime: settings.operatorLifetime, now).link)
        }
        if !new.isNeeded || new.link != nil { unlink(linkFile) }
        if let link = new.link {
            do throws(CryptoError) { _ = try KeyMaterial.text(path: linkFile) { () throws(CryptoError) in link } } catch {
                throw .unavailable(error.message)
            }
        }
        return new.isNeeded ? linkFile : nil
    }

    private func hasOperator(_ rows: any PeopleRows) throws(PeopleError) -> Bool {
        try rows.operators().contains { $0.role == .owner }
    }

    // MARK: Using codes

    private func live(_ rows: any PeopleRows, _ code: String, _ now: Timestamp) throws(PeopleError) -> OneTimeCode {
        guard let found = try rows.code(hash: Self.hash(code)), now < found.expiresAt else { throw .notFound }
        if found.purpose == .firstOperator, try hasOperator(rows) { throw .notFound }
        return found
    }

    /// Uses the code up when the body does not throw.
    private func use(
        _ code: String, _ now: Timestamp, _ body: (any PeopleRows, CodePurpose) throws(PeopleError) -> NewSession
    ) throws(PeopleError) -> NewSession {
        let session = try store.change { (rows) throws(PeopleError) in
            let found = try live(rows, code, now)
            try rows.removeCode(hash: Self.hash(code))
            return try body(rows, found.purpose)
        }
        if session.open.memberships.contains(where: { ActorText.isOperator($0.actor) }), let linkFile { unlink(linkFile) }
        return session
    }
}

extension CodePurpose {
    /// The membership that the code gives; of the actor nil: a new operator.
    fileprivate var membership: (actor: String?, role: Role)? {
        switch self {
        case .invitation(let actor, let role): (actor, role)
        case .firstOperator: (nil, .owner)
        case .reset: nil
        }
    }
}
