public import JSON

/// A row of `daifa.credentials` that is sealed with another key than the newest of its service: which one, and the key to take instead.
public struct OutdatedSeal: Declared, Equatable {
    public var authorizationId = ""
    public var service = ServiceName.shipping
    public var version = 0
    /// The newest.
    public var keyId = ""

    public init(blank: Blank) {}
    public init(authorizationId: String, service: ServiceName, version: Int, keyId: String) {
        self.authorizationId = authorizationId
        self.service = service
        self.version = version
        self.keyId = keyId
    }

    public static let fields = Fields<OutdatedSeal>(
        Field("authorizationId", \.authorizationId, .id), Field("service", \.service), Field("version", \.version, 0...Int.max),
        Field("keyId", \.keyId, .id))
}

/// A credential of an account has to be sealed anew.
public struct AccountSealOutdated: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "account-seal-outdated"
    public static let summary = "A service has a newer key than an account's credential is sealed with."
    public var aggregate: String { "account:\(account)" }
    public var account = ""
    public var seal: OutdatedSeal

    public init(blank: Blank) { seal = OutdatedSeal(blank: blank) }
    public init(account: String, seal: OutdatedSeal) {
        self.account = account
        self.seal = seal
    }

    public static let fields = Fields<AccountSealOutdated>(Field("account", \.account), Field("seal", \.seal))
}

/// A credential of a channel has to be sealed anew.
public struct ChannelSealOutdated: InternalItem {
    public static let service = ServiceName.authorization
    public static let name = "channel-seal-outdated"
    public static let summary = "A service has a newer key than a channel's credential is sealed with."
    /// The channel's, which is its account.
    public var aggregate: String { account }
    public var account = ""
    public var seal: OutdatedSeal

    public init(blank: Blank) { seal = OutdatedSeal(blank: blank) }
    public init(account: String, seal: OutdatedSeal) {
        self.account = account
        self.seal = seal
    }

    public static let fields = Fields<ChannelSealOutdated>(Field("account", \.account), Field("seal", \.seal))
}
