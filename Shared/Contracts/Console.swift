public import JSON

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let console: [CatalogEntry] =
        messages(
            SessionOpened.self, UserInvited.self, UserJoined.self, PasswordReset.self, LabelsOpened.self, TraceRead.self)
}

/// A user's rights for an actor.
public enum MembershipRole: String, JSONEnumeration { case owner, clerk }

// What people do at the console: who, when (`ce_time`) and what; ids are opaque, and nothing tells a name, an address or a text of theirs. The
// key is the shop, else the user's id.

/// A user has logged in.
public struct SessionOpened: Message {
    public static let type = "daifa.console.session-opened.v1"
    public static let contract: Contract<SessionOpened> = .event(
        of: .console, key: .either(\.shopId, \.userId), "A user has logged in.")
    public var userId = ""
    /// The shop that the user may act for, where there is exactly one.
    public var shopId: String?

    public init(blank: Blank) {}
    public init(userId: String, shopId: String? = nil) {
        self.userId = userId
        self.shopId = shopId
    }

    public static let fields = Fields<SessionOpened>(Field("userId", \.userId, .id), Field("shopId", \.shopId, .shopId))
}

/// A link was made by which somebody may join an actor.
public struct UserInvited: Message {
    public static let type = "daifa.console.user-invited.v1"
    public static let contract: Contract<UserInvited> = .event(
        of: .console, key: .either(\.shopId, \.userId), "A link was made by which somebody may join an actor.")
    /// The one who invites.
    public var userId = ""
    /// The shop of `actor`; absent: it is an operator.
    public var shopId: String?
    /// What is joined: `merchant:<shopId>`, `factory:<shopId>` or `operator:<id>`.
    public var actor = ""
    public var role = MembershipRole.clerk

    public init(blank: Blank) {}
    public init(userId: String, shopId: String? = nil, actor: String, role: MembershipRole) {
        self.userId = userId
        self.shopId = shopId
        self.actor = actor
        self.role = role
    }

    public static let fields = Fields<UserInvited>(
        Field("userId", \.userId, .id), Field("shopId", \.shopId, .shopId), Field("actor", \.actor, .ids(300, "an actor")),
        Field("role", \.role))
}

/// A user belongs to an actor.
public struct UserJoined: Message {
    public static let type = "daifa.console.user-joined.v1"
    public static let contract: Contract<UserJoined> = .event(
        of: .console, key: .either(\.shopId, \.userId), "A user belongs to an actor.")
    /// The one who joins.
    public var userId = ""
    /// The shop of `actor`; absent: it is an operator.
    public var shopId: String?
    /// What is joined: `merchant:<shopId>`, `factory:<shopId>` or `operator:<id>`.
    public var actor = ""
    public var role = MembershipRole.clerk

    public init(blank: Blank) {}
    public init(userId: String, shopId: String? = nil, actor: String, role: MembershipRole) {
        self.userId = userId
        self.shopId = shopId
        self.actor = actor
        self.role = role
    }

    public static let fields = Fields<UserJoined>(
        Field("userId", \.userId, .id), Field("shopId", \.shopId, .shopId), Field("actor", \.actor, .ids(300, "an actor")),
        Field("role", \.role))
}

/// A user's password was set anew by a link.
public struct PasswordReset: Message {
    public static let type = "daifa.console.password-reset.v1"
    public static let contract: Contract<PasswordReset> = .event(
        of: .console, key: .either(\.shopId, \.userId), "A user's password was set anew by a link.")
    /// The one whose password it is.
    public var userId = ""
    /// The shop that the user may act for, where there is exactly one.
    public var shopId: String?
    /// The user who made the link; absent: it was made on the console's machine.
    public var by: String?

    public init(blank: Blank) {}
    public init(userId: String, shopId: String? = nil, by: String? = nil) {
        self.userId = userId
        self.shopId = shopId
        self.by = by
    }

    public static let fields = Fields<PasswordReset>(
        Field("userId", \.userId, .id), Field("shopId", \.shopId, .shopId), Field("by", \.by, .id))
}

/// Recipients of a factory's parcels were asked for, to print their labels.
public struct LabelsOpened: Message {
    public static let type = "daifa.console.labels-opened.v1"
    public static let contract: Contract<LabelsOpened> = .event(
        of: .console, key: \.shopId, "Recipients of a factory's parcels were asked for, to print their labels.")
    /// The factory.
    public var shopId = ""
    /// Absent: a token asked.
    public var userId: String?
    public var jobId = ""
    public var allocationIds: [String] = []

    public init(blank: Blank) {}
    public init(shopId: String, userId: String? = nil, jobId: String, allocationIds: [String]) {
        self.shopId = shopId
        self.userId = userId
        self.jobId = jobId
        self.allocationIds = allocationIds
    }

    public static let fields = Fields<LabelsOpened>(
        Field("shopId", \.shopId, .shopId), Field("userId", \.userId, .id), Field("jobId", \.jobId, .filled(64)),
        Field("allocationIds", \.allocationIds, count: 1...500))
}

/// An operator has read the trace of an order or a command.
public struct TraceRead: Message {
    public static let type = "daifa.console.trace-read.v1"
    public static let contract: Contract<TraceRead> = .event(
        of: .console, key: \.userId, "An operator has read the trace of an order or a command.")
    /// The operator: the user, of a token the actor's id.
    public var userId = ""
    /// The orderId or commandId whose trace it is.
    public var traced = ""

    public init(blank: Blank) {}
    public init(userId: String, traced: String) {
        self.userId = userId
        self.traced = traced
    }

    public static let fields = Fields<TraceRead>(Field("userId", \.userId, .id), Field("traced", \.traced, .id))
}
