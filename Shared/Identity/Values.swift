public import JSON
public import Texts
public import Threads

/// What a member may do for an actor. A clerk: see ``Rights``.
public enum Role: String, JSONEnumeration { case owner, clerk }

/// What a shop is.
public enum ShopKind: String, JSONEnumeration { case merchant, factory }

/// A right to act for somebody: the actor as commands name it (`merchant:123`, `factory:9`, `operator:<userId>`), and the role.
public struct Membership: Hashable, Sendable {
    public var actor: String
    public var role: Role

    public init(actor: String, role: Role) {
        self.actor = actor
        self.role = role
    }
}

/// A person.
public struct User: Sendable, Equatable {
    /// Opaque, never used again.
    public var userId: String
    /// As it was given, in NFC.
    public var name: String
    /// Nil: logs in with a provider only, or not at all until a reset.
    public var passwordHash: String?
    public var language: Language
    /// IANA.
    public var zone: String
    public var created: Timestamp
    /// Has, or once had, a shop: there is no choice any more.
    public var hasChosenRole = false
    /// Of a provider's user.
    public var provider: ProviderIdentity?
    /// The last use of any of his sessions; nil: he was never here.
    public var seen: Timestamp?

    public init(userId: String, name: String, passwordHash: String?, language: Language, zone: String? = nil, created: Timestamp) {
        self.userId = userId
        self.name = name
        self.passwordHash = passwordHash
        self.language = language
        self.zone = zone ?? language.firstZone
        self.created = created
    }
}

/// Who somebody is at a provider (OpenID Connect Core, section 5.7): the two together, and nothing else, tell users apart.
public struct ProviderIdentity: Hashable, Sendable {
    public var issuer: String
    public var subject: String

    public init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }
}

/// A log-in that lasts. The cookie's text is not in it: the store has its SHA-256 only.
public struct Session: Sendable, Equatable {
    /// Names it in lists; opens nothing.
    public var sessionId: String
    public var userId: String
    public var created: Timestamp
    /// At most a minute old.
    public var lastUsed: Timestamp
    /// Of the client, as text.
    public var address: String
    /// The `User-Agent` header, its first 200 characters.
    public var browser: String
    /// Unsafe methods must send it.
    public var csrfToken: String
    public var isOfProvider: Bool
    /// At the latest.
    public var ends: Timestamp
    /// When the password was given last, or the provider has logged the user in.
    public var proven = Timestamp(milliseconds: 0)
}

/// Where a request comes from.
public struct Client: Sendable, Equatable {
    /// As text: `192.0.2.7`, `2001:db8::1`.
    public var address: String
    /// The `User-Agent` header.
    public var browser: String

    public init(address: String, browser: String) {
        self.address = address
        self.browser = browser
    }
}

/// Who asks for something about users: a session's user acting for one of his actors, or a token.
public struct Caller: Sendable, Equatable {
    /// Nil for a token.
    public var userId: String?
    public var actor: String
    public var role: Role

    public init(userId: String?, actor: String, role: Role) {
        self.userId = userId
        self.actor = actor
        self.role = role
    }

    public var isOperator: Bool { ActorText.isOperator(actor) }
}

/// A session with all that a page or a caller of the API is told about it.
public struct OpenSession: Sendable, Equatable {
    public var session: Session
    public var user: User
    /// By actor.
    public var memberships: [Membership]

    /// The right to act for this actor; nil when the user has none (403).
    public func caller(for actor: String) -> Caller? {
        memberships.first { ActorText.areEqual($0.actor, actor) }.map { Caller(userId: user.userId, actor: $0.actor, role: $0.role) }
    }
}

/// A session just opened, with the cookie's text, which is nowhere else.
public struct NewSession: Sendable, Equatable {
    /// 43 characters of base64url: 256 bits.
    public var token: String
    public var open: OpenSession
}

/// What a one-time code is for.
public enum CodePurpose: Sendable, Equatable {
    /// A membership; of the actor nil: a new operator, `operator:<userId>`.
    case invitation(actor: String?, role: Role)
    /// The first operator, as long as there is none.
    case firstOperator
    /// A new password of this user.
    case reset(userId: String)
}

/// A one-time code as the store has it, by its SHA-256.
public struct OneTimeCode: Sendable, Equatable {
    public var purpose: CodePurpose
    public var expiresAt: Timestamp
}

/// A one-time code for whoever is given it.
public struct NewCode: Sendable, Equatable {
    public var link: String
    public var code: String
    public var expiresAt: Timestamp
}

/// A user of an actor, as its owner sees him.
public struct ListedUser: Sendable, Equatable {
    public var user: String
    public var userId: String
    /// Of whom: for operators, who see all users, the list has a line for each membership.
    public var actor: String?
    public var role: Role?
    public var language: Language
    /// When he was here last, to the minute; nil: never.
    public var seen: Timestamp?
}
