public import Contracts
public import JSON
public import Threads

/// A partner's application: whose key and secret open the calls.
public struct PartnerApplication: DefaultInitializable, Equatable {
    public var appKey = ""
    /// The application's secret as it came, sealed and bound to the account's key; nil: the platform's own application.
    public var appSecretSealed: Sealed?
    public init() {}
    public init(appKey: String, appSecretSealed: Sealed? = nil) {
        self.appKey = appKey
        self.appSecretSealed = appSecretSealed
    }
    public static let fields = Fields<PartnerApplication>(Field("appKey", \.appKey), Field("appSecretSealed", \.appSecretSealed))
}

/// Tokens, each encrypted for the service's own store.
public struct ProtectedTokens: DefaultInitializable, Equatable {
    public var access = ""
    /// nil: they cannot be refreshed.
    public var refresh: String?
    public var expiresAt = Timestamp(milliseconds: 0)
    public var refreshExpiresAt: Timestamp?
    /// The partner's id of who has logged in.
    public var ownerId: String?
    /// Whether the partner says that it pushes messages; nil: it says nothing.
    public var messageSubscription: Bool?
    public init() {}
    public static let fields = Fields<ProtectedTokens>(
        Field("access", \.access), Field("refresh", \.refresh), Field("expiresAt", \.expiresAt),
        Field("refreshExpiresAt", \.refreshExpiresAt), Field("ownerId", \.ownerId), Field("messageSubscription", \.messageSubscription))

    /// The context to which an encrypted token of an authorization is bound.
    public static func aad(_ account: String, _ authorizationId: String) -> String { "token:\(account)#\(authorizationId)" }
}

/// A consent that a person was asked for.
public struct Consent: DefaultInitializable, Equatable {
    public var state = ""
    public var expiresAt = Timestamp(milliseconds: 0)
    /// The address to return to, given at `begin`; nil: the deployment's own.
    public var redirectUri: String?
    /// The `complete` whose code is being exchanged.
    public var completing: Origin?
    /// The `messageSubscription` flag that the pending `complete` carried.
    public var statement: Bool?
    /// Whether `statement` was the partner's own word.
    public var isPartners = false
    public init() {}
    public static let fields = Fields<Consent>(
        Field("state", \.state), Field("expiresAt", \.expiresAt), Field("redirectUri", \.redirectUri), Field("completing", \.completing),
        Field("statement", \.statement), Field("isPartners", \.isPartners))
}

/// A token in force.
public struct Grant: DefaultInitializable, Equatable {
    public var tokens = ProtectedTokens()
    public var messageSubscription = false
    /// When the refresh that is scheduled is due; before that it has not begun.
    public var refreshDue: Timestamp?
    /// Commands that wait for the refresh.
    public var waiting: [Origin] = []
    public init() {}
    public static let fields = Fields<Grant>(
        Field("tokens", \.tokens), Field("messageSubscription", \.messageSubscription), Field("refreshDue", \.refreshDue),
        Field("waiting", \.waiting))
}

/// Why there is no token any more.
public enum TokenEnding: String, JSONEnumeration {
    /// The partner refuses for good: a new consent brings it back.
    case expired
    /// The owner ended it.
    case revoked
    /// Another authorization has taken its warehouse over.
    case replaced
}

/// From a consent that is asked for to a token that is refreshed until it ends. A new consent may be under way while a token is in force.
public struct TokenLife: DefaultInitializable, Equatable {
    public var consent: Consent?
    /// Tokens of the exchange that are not verified yet.
    public var unverified: ProtectedTokens?
    public var grant: Grant?
    public var ending: TokenEnding?
    /// Version of the rows of `daifa.credentials`; it rises with each token.
    public var version = 0
    /// States of consents that are over, newest last.
    public var over: [String] = []
    public init() {}
    public static let fields = Fields<TokenLife>(
        Field("consent", \.consent), Field("unverified", \.unverified), Field("grant", \.grant), Field("ending", \.ending),
        Field("version", \.version, 0...Int.max), Field("over", \.over))

    /// How many states of consents that are over are remembered.
    private static let remembered = 20

    /// Whether the authorization is in force or suspended: the account stays linked.
    public var isLinked: Bool { grant != nil || ending == .expired }

    mutating func begin(_ consent: Consent) {
        endConsent()
        self.consent = consent
    }

    /// The consent under way is over, whatever came of it.
    mutating func endConsent() {
        if let state = consent?.state { over = (over + [state]).suffix(Self.remembered) }
        consent = nil
        unverified = nil
    }

    mutating func grant(_ tokens: ProtectedTokens, messageSubscription: Bool) {
        endConsent()
        version += 1
        ending = nil
        var grant = Grant()
        grant.tokens = tokens
        grant.messageSubscription = messageSubscription
        self.grant = grant
    }

    /// Newer tokens; what the partner did not give anew stays.
    mutating func renew(_ tokens: ProtectedTokens) {
        guard let old = grant else { return }
        version += 1
        var grant = Grant()
        grant.tokens = tokens
        if tokens.refresh == nil {
            grant.tokens.refresh = old.tokens.refresh
            grant.tokens.refreshExpiresAt = old.tokens.refreshExpiresAt
        }
        grant.messageSubscription = old.messageSubscription
        self.grant = grant
    }

    mutating func end(_ ending: TokenEnding) {
        grant = nil
        self.ending = ending
    }

    // MARK: When to refresh

    /// After four fifths of the token's life, and up to a tenth of it later, so that many do not come at once; always while the refresh
    /// token lives. The same for the same authorization.
    static func refreshDue(_ tokens: ProtectedTokens, _ authorizationId: String, now: Timestamp) -> Timestamp {
        let life = max(tokens.expiresAt.milliseconds - now.milliseconds, 0)
        var due = now.milliseconds + life / 5 * 4 + Int(spread(authorizationId) % UInt64(max(life / 10, 1)))
        if let end = tokens.refreshExpiresAt?.milliseconds { due = min(due, max(now.milliseconds + (end - now.milliseconds) / 5 * 4, 0)) }
        return Timestamp(milliseconds: max(due, now.milliseconds + shortestPause))
    }

    /// Milliseconds by which the clocks of two hosts may differ.
    static let clockSkew = 60_000

    /// Milliseconds between two refreshes at least, whatever a partner says of its tokens.
    private static let shortestPause = 1000

    /// FNV-1a.
    private static func spread(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 16
    }
}
