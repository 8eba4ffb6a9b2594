public import JSON

/// An account asks whether its merchant may be linked to the person who gave the consent: a partner's login may have several names.
public struct OwnerClaim: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "claim-owner"
    public static let summary = "An account asks whether who has logged in is linked to another merchant."
    public var aggregate: String { "owner:\(owner)" }
    /// Id of the login, for this partner's interface: `<provider>:<api>:<the partner's id>`.
    public var owner = ""
    public var account = ""
    public var authorizationId = ""
    public var merchantShopId = ""
    public init(blank: Blank) {}
    public init(owner: String, account: String, authorizationId: String, merchantShopId: String) {
        self.owner = owner
        self.account = account
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
    }
    public static let fields = Fields<OwnerClaim>(
        Field("owner", \.owner), Field("account", \.account), Field("authorizationId", \.authorizationId),
        Field("merchant", \.merchantShopId))
}

/// An authorization is not in force any more, and holds its owner no longer.
public struct OwnerRelease: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "release-owner"
    public static let summary = "An authorization that has ended gives its owner back."
    public var aggregate: String { "owner:\(owner)" }
    public var owner = ""
    public var account = ""
    public var authorizationId = ""
    public init(blank: Blank) {}
    public init(owner: String, account: String, authorizationId: String) {
        self.owner = owner
        self.account = account
        self.authorizationId = authorizationId
    }
    public static let fields = Fields<OwnerRelease>(
        Field("owner", \.owner), Field("account", \.account), Field("authorizationId", \.authorizationId))
}

/// The answer to an account's claim.
public struct OwnerAnswer: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "owner"
    public static let summary = "Whether an account's merchant may be linked to who has logged in."
    public var aggregate: String { "account:\(account)" }
    public var account = ""
    public var authorizationId = ""
    public var owner = ""
    public var isGranted = false

    public init(blank: Blank) {}
    public init(account: String, authorizationId: String, owner: String, isGranted: Bool) {
        self.account = account
        self.authorizationId = authorizationId
        self.owner = owner
        self.isGranted = isGranted
    }

    public init(_ claim: OwnerClaim, isGranted: Bool) {
        self.init(account: claim.account, authorizationId: claim.authorizationId, owner: claim.owner, isGranted: isGranted)
    }

    public static let fields = Fields<OwnerAnswer>(
        Field("account", \.account), Field("authorizationId", \.authorizationId), Field("owner", \.owner), Field("granted", \.isGranted))
}
