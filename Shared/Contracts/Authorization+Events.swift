public import JSON
public import Threads

/// Something that a person has to enter, and where he gets it.
public struct RequiredField: Declared, Equatable {
    public var field = ""
    public var obtainFrom: LocalizedText
    public init(blank: Blank) { obtainFrom = LocalizedText(blank: blank) }
    public init(_ field: String, obtainFrom: LocalizedText) {
        self.field = field
        self.obtainFrom = obtainFrom
    }
    public static let fields = Fields<RequiredField>(Field("field", \.field), Field("obtainFrom", \.obtainFrom))
}

/// A way to link a provider.
public struct ProviderMode: Declared, Equatable {
    public var mode = AuthorizationMode.convenient
    public var requiredFields: [RequiredField] = []

    public init(blank: Blank) {}
    public init(mode: AuthorizationMode, requiredFields: [RequiredField]) {
        self.mode = mode
        self.requiredFields = requiredFields
    }

    public static let fields = Fields<ProviderMode>(Field("mode", \.mode), Field("requiredFields", \.requiredFields))
}

/// A partner that a merchant can link.
public struct ProviderOffer: Declared, Equatable {
    public var provider = Provider.jdFulfillment
    public var name: LocalizedText
    public var modes: [ProviderMode] = []
    public var recommendedMode: AuthorizationMode?

    public init(blank: Blank) { name = LocalizedText(blank: blank) }
    public init(provider: Provider, name: LocalizedText, modes: [ProviderMode], recommendedMode: AuthorizationMode? = nil) {
        self.provider = provider
        self.name = name
        self.modes = modes
        self.recommendedMode = recommendedMode
    }

    public static let fields = Fields<ProviderOffer>(
        Field("provider", \.provider), Field("name", \.name), Field("modes", \.modes), Field("recommendedMode", \.recommendedMode))
}

/// A step that has to be done before or at the consent.
public struct Prerequisite: Declared, Equatable {
    public var text: LocalizedText
    public var url: String?
    public init(blank: Blank) { text = LocalizedText(blank: blank) }
    public init(_ text: LocalizedText, url: String? = nil) {
        self.text = text
        self.url = url
    }
    public static let fields = Fields<Prerequisite>(Field("text", \.text), Field("url", \.url))
}

/// The providers that a merchant can link.
public struct ProvidersListed: Message {
    public static let type = "daifa.authorization.providers-listed.v1"
    public static let contract: Contract<ProvidersListed> = .event(of: .authorization, key: \.merchantShopId, "What a merchant can link.")
    public var merchantShopId = ""
    public var providers: [ProviderOffer] = []

    public init(blank: Blank) {}
    public init(merchantShopId: String, providers: [ProviderOffer]) {
        self.merchantShopId = merchantShopId
        self.providers = providers
    }

    public static let fields = Fields<ProvidersListed>(Field("merchantShopId", \.merchantShopId), Field("providers", \.providers))
}

/// A person has to log in at the partner, and come back with its answer.
public struct ConsentRequested: Message {
    public static let type = "daifa.authorization.consent-requested.v1"
    public static let contract: Contract<ConsentRequested> = .event(
        of: .authorization, key: .account(), "A person has to log in at the partner, and come back.")
    public var authorizationId = ""
    public var provider = Provider.jdFulfillment
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var channelId: String?
    public var authorizeUrl = ""
    /// Comes back from the partner; whoever knows it and a code completes the consent.
    public var state = ""
    public var expiresAt = Timestamp(milliseconds: 0)
    public var recommendedMode: AuthorizationMode?
    public var prerequisites: [Prerequisite] = []

    public init(blank: Blank) {}
    public init(
        authorizationId: String, provider: Provider, merchantShopId: String? = nil, factoryShopId: String? = nil, channelId: String? = nil,
        authorizeUrl: String, state: String, expiresAt: Timestamp, recommendedMode: AuthorizationMode? = nil, prerequisites: [Prerequisite]
    ) {
        self.authorizationId = authorizationId
        self.provider = provider
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.channelId = channelId
        self.authorizeUrl = authorizeUrl
        self.state = state
        self.expiresAt = expiresAt
        self.recommendedMode = recommendedMode
        self.prerequisites = prerequisites
    }

    public static let fields = Fields<ConsentRequested>(
        Field("authorizationId", \.authorizationId), Field("provider", \.provider), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("channelId", \.channelId), Field("authorizeUrl", \.authorizeUrl),
        Field("state", \.state), Field("expiresAt", \.expiresAt), Field("recommendedMode", \.recommendedMode),
        Field("prerequisites", \.prerequisites))
    public var subject: String? { authorizationId }
}

/// The source of the knowledge whether statuses are pushed.
public enum SubscriptionSource: String, JSONEnumeration { case partner, user, `default` }

/// The partner has given a token.
public struct Granted: Message {
    public static let type = "daifa.authorization.granted.v1"
    public static let contract: Contract<Granted> = .event(of: .authorization, key: .account(), "The partner has given a token.")
    public var authorizationId = ""
    public var provider = Provider.jdFulfillment
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var warehouseId: String?
    public var code: String?
    public var channelId: String?
    public var messageSubscription = false
    public var source = SubscriptionSource.default
    /// When the token ends, unless it is refreshed.
    public var expiresAt = Timestamp(milliseconds: 0)

    public init(blank: Blank) {}
    public init(
        authorizationId: String, provider: Provider, merchantShopId: String? = nil, factoryShopId: String? = nil,
        warehouseId: String? = nil, code: String? = nil, channelId: String? = nil, messageSubscription: Bool, source: SubscriptionSource,
        expiresAt: Timestamp
    ) {
        self.authorizationId = authorizationId
        self.provider = provider
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.warehouseId = warehouseId
        self.code = code
        self.channelId = channelId
        self.messageSubscription = messageSubscription
        self.source = source
        self.expiresAt = expiresAt
    }

    public static let fields = Fields<Granted>(
        Field("authorizationId", \.authorizationId), Field("provider", \.provider), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("warehouseId", \.warehouseId), Field("code", \.code),
        Field("channelId", \.channelId), Field("messageSubscription", \.messageSubscription), Field("source", \.source),
        Field("expiresAt", \.expiresAt))
    public var subject: String? { authorizationId }
}

public enum ConsentFailure: String, JSONEnumeration {
    case partnerRejected = "partner-rejected"
    /// No answer came when the code was exchanged, and it is spent now: begin again.
    case exchangeLost = "exchange-lost"
    case departmentUnknown = "department-unknown"
    case warehouseUnknown = "warehouse-unknown"
    /// The application has to be ordered in the service market first.
    case applicationNotOrdered = "application-not-ordered"
    /// Another shop has logged in than the channel's.
    case shopMismatch = "shop-mismatch"
}

/// The partner decided against it.
public struct ConsentFailed: Message {
    public static let type = "daifa.authorization.consent-failed.v1"
    public static let contract: Contract<ConsentFailed> = .event(of: .authorization, key: .account(), "The partner decided against it.")
    public var authorizationId = ""
    public var provider = Provider.jdFulfillment
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var channelId: String?
    public var reason = ConsentFailure.partnerRejected
    /// The reason in the partner's words, where there are any.
    public var detail: String?

    public init(blank: Blank) {}
    public init(
        authorizationId: String, provider: Provider, merchantShopId: String? = nil, factoryShopId: String? = nil, channelId: String? = nil,
        reason: ConsentFailure, detail: String? = nil
    ) {
        self.authorizationId = authorizationId
        self.provider = provider
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.channelId = channelId
        self.reason = reason
        self.detail = detail
    }

    public static let fields = Fields<ConsentFailed>(
        Field("authorizationId", \.authorizationId), Field("provider", \.provider), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("channelId", \.channelId), Field("reason", \.reason), Field("detail", \.detail))
    public var subject: String? { authorizationId }
}

/// There is a newer token.
public struct Refreshed: Message {
    public static let type = "daifa.authorization.refreshed.v1"
    public static let contract: Contract<Refreshed> = .event(of: .authorization, key: .account(), "There is a newer token.")
    public var authorizationId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var warehouseId: String?
    /// The warehouse's.
    public var code: String?
    public var channelId: String?
    public var expiresAt = Timestamp(milliseconds: 0)

    public init(blank: Blank) {}
    public init(
        authorizationId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, warehouseId: String? = nil,
        code: String? = nil, channelId: String? = nil, expiresAt: Timestamp
    ) {
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.warehouseId = warehouseId
        self.code = code
        self.channelId = channelId
        self.expiresAt = expiresAt
    }

    public static let fields = Fields<Refreshed>(
        Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("warehouseId", \.warehouseId), Field("code", \.code), Field("channelId", \.channelId), Field("expiresAt", \.expiresAt))
    public var subject: String? { authorizationId }
}

/// The token has ended for good: only a new consent helps. The warehouse or the channel is suspended until then.
public struct Expired: Message {
    public static let type = "daifa.authorization.expired.v1"
    public static let contract: Contract<Expired> = .event(
        of: .authorization, key: .account(), "The token has ended for good: only a new consent helps.")
    public var authorizationId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var warehouseId: String?
    /// The warehouse's.
    public var code: String?
    public var channelId: String?
    public var reason = ""

    public init(blank: Blank) {}
    public init(
        authorizationId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, warehouseId: String? = nil,
        code: String? = nil, channelId: String? = nil, reason: String
    ) {
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.warehouseId = warehouseId
        self.code = code
        self.channelId = channelId
        self.reason = reason
    }

    public static let fields = Fields<Expired>(
        Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("warehouseId", \.warehouseId), Field("code", \.code), Field("channelId", \.channelId), Field("reason", \.reason))
    public var subject: String? { authorizationId }
}

/// The authorization was ended by its owner.
public struct Revoked: Message {
    public static let type = "daifa.authorization.revoked.v1"
    public static let contract: Contract<Revoked> = .event(of: .authorization, key: .account(), "The authorization was ended by its owner.")
    public var authorizationId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var warehouseId: String?
    /// The warehouse's.
    public var code: String?
    public var channelId: String?

    public init(blank: Blank) {}
    public init(
        authorizationId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, warehouseId: String? = nil,
        code: String? = nil, channelId: String? = nil
    ) {
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.warehouseId = warehouseId
        self.code = code
        self.channelId = channelId
    }

    public static let fields = Fields<Revoked>(
        Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("warehouseId", \.warehouseId), Field("code", \.code), Field("channelId", \.channelId))
    public var subject: String? { authorizationId }
}
