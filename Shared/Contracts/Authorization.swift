public import JSON

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let authorization: [CatalogEntry] =
        messages(
            ListProviders.self, Begin.self, Complete.self, Refresh.self, Revoke.self, CreateChannel.self,
            SetPolicy.self, ReportToken.self, ProvidersListed.self, ConsentRequested.self, Granted.self,
            ConsentFailed.self, Refreshed.self, Expired.self, Revoked.self, WarehouseCreated.self,
            WarehouseSuspended.self, WarehouseResumed.self, WarehouseClosed.self, ChannelCreated.self, PolicySet.self,
            DownloadFailed.self)
        + items(
            OrderSeen.self, AfterSaleSeen.self, OrderPushed.self, AccountSealOutdated.self, ChannelSealOutdated.self, OwnerClaim.self,
            OwnerRelease.self, OwnerAnswer.self)
}

/// A partner that asks for a consent.
public enum Provider: String, JSONEnumeration {
    /// A logistics partner's warehouses; the account is the PIN.
    case jdFulfillment = "jd-fulfillment"
    /// A marketplace; reached through a channel.
    case pinduoduo
}

/// The owner of the application that asks for the consent.
public enum AuthorizationMode: String, JSONEnumeration {
    /// The platform's own.
    case convenient
    /// The seller's own: he has obtained an APP KEY and an APP SECRET.
    case standard
}

/// Which of JD's two interfaces a warehouse is reached by.
public enum WarehouseAPI: String, JSONEnumeration { case eclp, isc }

/// A text in the languages of the pages.
public struct LocalizedText: Declared, Equatable {
    public var zh = ""
    public var vi = ""
    public var en = ""
    public init(blank: Blank) {}
    public init(zh: String, vi: String, en: String) {
        self.zh = zh
        self.vi = vi
        self.en = en
    }
    public static let fields = Fields<LocalizedText>(Field("zh", \.zh), Field("vi", \.vi), Field("en", \.en))
}

extension TextRule {
    /// Accepts nothing: what is secret is sealed before it is sent. The message never repeats what was sent.
    public static let neverClear = TextRule(
        0...Int.max, expectation: "must not be sent in clear; seal it for authorization and send it as appSecretSealed", pattern: "(?!)"
    ) { _ in false }

    /// A code that a partner has given: of a department, a warehouse, a shop.
    public static let partnerCode = ids(64, "a partner's code")

    public static let url = TextRule(1...2000, expectation: "expected a URL of 1 to 2000 bytes without spaces or control characters") {
        bytes in bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}

/// Asks which providers a merchant can link, and which mode suits him.
public struct ListProviders: Message {
    public static let type = "daifa.authorization.list-providers.v1"
    public static let contract: Contract<ListProviders> = .command(
        to: .authorization, key: \.merchantShopId, by: [.merchant(\.merchantShopId)], answers: [ProvidersListed.self],
        "What a merchant can link, and which mode suits him.")
    public var merchantShopId = ""
    public var dailyOrders: Int?
    /// Whether the seller can obtain an APP KEY by himself.
    public var canObtainAppKey: Bool?

    public init(blank: Blank) {}
    public init(merchantShopId: String, dailyOrders: Int? = nil, canObtainAppKey: Bool? = nil) {
        self.merchantShopId = merchantShopId
        self.dailyOrders = dailyOrders
        self.canObtainAppKey = canObtainAppKey
    }

    public static let fields = Fields<ListProviders>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("dailyOrders", \.dailyOrders, 0...1_000_000_000),
        Field("canObtainAppKey", \.canObtainAppKey))
}

/// Asks for a consent: of a partner's account (then everything but `channelId`), or for a channel (then `authorizationId` and `channelId`).
public struct Begin: Message {
    public static let type = "daifa.authorization.begin.v1"
    public static let contract: Contract<Begin> = .command(
        to: .authorization, key: .account { $0.accountKey },
        by: [.merchant(\.merchantShopId), .owner(.merchant, "the channel's"), .owner(.factory, "the channel's")],
        answers: [ConsentRequested.self],
        refusals: [
            .notFound, .pinLinkedToOtherMerchant, .appCredentialsRequired, .merchantNotRegistered, .factoryNotRegistered, .tooManyPending,
        ],
        "Asks for a consent: of a partner's account, or for a channel.")
    public var authorizationId = ""
    public var merchantShopId: String?
    public var provider: Provider?
    public var mode: AuthorizationMode?
    public var pin: String?
    public var departmentCode: String?
    public var warehouseCode: String?
    public var dailyOrders: Int?
    public var appKey: String?
    public var appSecretSealed: Sealed?
    /// Always refused: never sent in clear.
    public var appSecret: String?
    public var shopNo: String?
    public var supplierNo: String?
    public var carrierCode: String?
    public var isvSource: String?
    public var api: WarehouseAPI?
    public var redirectUri: String?
    public var channelId: String?

    public init(blank: Blank) {}
    public init(
        authorizationId: String, merchantShopId: String? = nil, provider: Provider? = nil, mode: AuthorizationMode? = nil,
        pin: String? = nil, departmentCode: String? = nil, warehouseCode: String? = nil, dailyOrders: Int? = nil, appKey: String? = nil,
        appSecretSealed: Sealed? = nil, appSecret: String? = nil, shopNo: String? = nil, supplierNo: String? = nil,
        carrierCode: String? = nil, isvSource: String? = nil, api: WarehouseAPI? = nil, redirectUri: String? = nil, channelId: String? = nil
    ) {
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.provider = provider
        self.mode = mode
        self.pin = pin
        self.departmentCode = departmentCode
        self.warehouseCode = warehouseCode
        self.dailyOrders = dailyOrders
        self.appKey = appKey
        self.appSecretSealed = appSecretSealed
        self.appSecret = appSecret
        self.shopNo = shopNo
        self.supplierNo = supplierNo
        self.carrierCode = carrierCode
        self.isvSource = isvSource
        self.api = api
        self.redirectUri = redirectUri
        self.channelId = channelId
    }

    public static let fields = Fields<Begin>(
        Field("authorizationId", \.authorizationId, .shopId), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("provider", \.provider), Field("mode", \.mode), Field("pin", \.pin, .filled(200)),
        Field("departmentCode", \.departmentCode, .partnerCode),
        Field("warehouseCode", \.warehouseCode, .partnerCode), Field("dailyOrders", \.dailyOrders, 0...1_000_000_000),
        Field("appKey", \.appKey, .partnerCode), Field("appSecretSealed", \.appSecretSealed), Field("appSecret", \.appSecret, .neverClear),
        Field("shopNo", \.shopNo, .partnerCode), Field("supplierNo", \.supplierNo, .partnerCode),
        Field("carrierCode", \.carrierCode, .partnerCode), Field("isvSource", \.isvSource, .partnerCode), Field("api", \.api),
        Field("redirectUri", \.redirectUri, .url), Field("channelId", \.channelId, .shopId))
    public var subject: String? { authorizationId }
}

/// The result of the partner's login page: the address that the browser was sent to, or its code and state.
public struct Complete: Message {
    public static let type = "daifa.authorization.complete.v1"
    public static let contract: Contract<Complete> = .command(
        to: .authorization, key: .account { $0.channelId.map(PartnerAccount.key(ofChannel:)) },
        by: [.owner(.merchant, "the authorization's"), .owner(.factory, "the authorization's"), .owner(.partner, "the account's")],
        answers: [Granted.self, ConsentFailed.self],
        refusals: [.notFound, .consentStateMismatch, .consentExpired, .consentUsed, .consentDenied, .pinLinkedToOtherMerchant],
        "What came back from the partner's login page.")
    public var authorizationId = ""
    public var redirectUrl: String?
    public var code: String?
    public var state: String?
    /// From `partner:<provider>` the partner's report, from anyone else the user's statement.
    public var messageSubscription: Bool?
    public var channelId: String?

    public init(blank: Blank) {}
    public init(
        authorizationId: String, redirectUrl: String? = nil, code: String? = nil, state: String? = nil, messageSubscription: Bool? = nil,
        channelId: String? = nil
    ) {
        self.authorizationId = authorizationId
        self.redirectUrl = redirectUrl
        self.code = code
        self.state = state
        self.messageSubscription = messageSubscription
        self.channelId = channelId
    }

    public static let fields = Fields<Complete>(
        Field("authorizationId", \.authorizationId, .shopId), Field("redirectUrl", \.redirectUrl, .filled(4000)),
        Field("code", \.code, .filled(1000)), Field("state", \.state, .filled(200)), Field("messageSubscription", \.messageSubscription),
        Field("channelId", \.channelId, .shopId))
    public var subject: String? { authorizationId }
}

/// Renews the token ahead of time.
public struct Refresh: Message {
    public static let type = "daifa.authorization.refresh.v1"
    public static let contract: Contract<Refresh> = .command(
        to: .authorization, key: .account { $0.channelId.map(PartnerAccount.key(ofChannel:)) },
        by: [.merchant(\.merchantShopId), .owner(.merchant, "the channel's"), .owner(.factory, "the channel's")],
        answers: [Refreshed.self, Expired.self], refusals: [.notFound, .notAuthorized, .tooManyPending], "Renews the token ahead of time.")
    public var authorizationId = ""
    public var merchantShopId: String?
    public var channelId: String?

    public init(blank: Blank) {}
    public init(authorizationId: String, merchantShopId: String? = nil, channelId: String? = nil) {
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.channelId = channelId
    }

    public static let fields = Fields<Refresh>(
        Field("authorizationId", \.authorizationId, .shopId), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("channelId", \.channelId, .shopId))
    public var subject: String? { authorizationId }
}

/// Ends an authorization: its tokens are forgotten, its warehouse is closed.
public struct Revoke: Message {
    public static let type = "daifa.authorization.revoke.v1"
    public static let contract: Contract<Revoke> = .command(
        to: .authorization, key: .account { $0.channelId.map(PartnerAccount.key(ofChannel:)) },
        by: [.merchant(\.merchantShopId), .owner(.merchant, "the channel's"), .owner(.factory, "the channel's")], answers: [Revoked.self],
        refusals: [.notFound, .notAuthorized], "Ends an authorization: its tokens are forgotten, its warehouse is closed.")
    public var authorizationId = ""
    public var merchantShopId: String?
    public var channelId: String?

    public init(blank: Blank) {}
    public init(authorizationId: String, merchantShopId: String? = nil, channelId: String? = nil) {
        self.authorizationId = authorizationId
        self.merchantShopId = merchantShopId
        self.channelId = channelId
    }

    public static let fields = Fields<Revoke>(
        Field("authorizationId", \.authorizationId, .shopId), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("channelId", \.channelId, .shopId))
    public var subject: String? { authorizationId }
}
