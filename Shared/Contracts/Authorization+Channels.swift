public import JSON

/// The marketplace or ERP that a channel leads to.
public enum Platform: String, JSONEnumeration {
    /// A marketplace: needs a consent.
    case pinduoduo
    /// An ERP: needs an APP KEY and an APP SECRET, and no consent.
    case jackyun
}

/// Whom to ask about a channel. As it was sent: what is missing is told all at once.
public struct ChannelContact: Declared, Equatable {
    public var name: String?
    public var phone: String?

    public init(blank: Blank) {}
    public init(name: String? = nil, phone: String? = nil) {
        self.name = name
        self.phone = phone
    }

    public static let fields = Fields<ChannelContact>(Field("name", \.name, .text(200)), Field("phone", \.phone, .text(40)))
}

/// Adds a channel, or changes what it was created with.
public struct CreateChannel: Message {
    public static let type = "daifa.authorization.create-channel.v1"
    public static let contract: Contract<CreateChannel> = .command(
        to: .authorization, key: .account { PartnerAccount.key(ofChannel: $0.channelId) },
        by: [.merchant(\.merchantShopId), .factory(\.factoryShopId)], answers: [ChannelCreated.self],
        refusals: [.channelIncomplete, .merchantNotRegistered, .factoryNotRegistered],
        "Adds a channel, or changes what it was created with.")
    public var channelId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var name = ""
    public var platform = Platform.pinduoduo
    public var platformShopId: String?
    public var contact: ChannelContact?
    public var company: String?
    public var appKey: String?
    public var appSecretSealed: Sealed?
    /// Always refused: never sent in clear.
    public var appSecret: String?

    public init(blank: Blank) {}
    public init(
        channelId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, name: String, platform: Platform,
        platformShopId: String? = nil, contact: ChannelContact? = nil, company: String? = nil, appKey: String? = nil,
        appSecretSealed: Sealed? = nil, appSecret: String? = nil
    ) {
        self.channelId = channelId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.name = name
        self.platform = platform
        self.platformShopId = platformShopId
        self.contact = contact
        self.company = company
        self.appKey = appKey
        self.appSecretSealed = appSecretSealed
        self.appSecret = appSecret
    }

    public static let fields = Fields<CreateChannel>(
        Field("channelId", \.channelId, .shopId), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("factoryShopId", \.factoryShopId, .shopId), Field("name", \.name, .name), Field("platform", \.platform),
        Field("platformShopId", \.platformShopId, .text(64)), Field("contact", \.contact), Field("company", \.company, .text(200)),
        Field("appKey", \.appKey, .text(64)), Field("appSecretSealed", \.appSecretSealed), Field("appSecret", \.appSecret, .neverClear))
    public var subject: String? { channelId }
}

/// Sets the things that a channel does by itself.
public struct SetPolicy: Message {
    public static let type = "daifa.authorization.set-policy.v1"
    public static let contract: Contract<SetPolicy> = .command(
        to: .authorization, key: .account { PartnerAccount.key(ofChannel: $0.channelId) },
        by: [.owner(.merchant, "the channel's"), .owner(.factory, "the channel's")], answers: [PolicySet.self], refusals: [.notFound],
        "What a channel does by itself. Without transferToAudit a merchant's downloaded orders carry the hold awaiting-audit.")
    public var channelId = ""
    public var downloadOrders = false
    public var orderTypes: [OrderType] = []
    public var transferToAudit = false
    public var uploadLogistics = false
    public var syncStock = false

    public init(blank: Blank) {}
    public init(
        channelId: String, downloadOrders: Bool, orderTypes: [OrderType], transferToAudit: Bool, uploadLogistics: Bool, syncStock: Bool
    ) {
        self.channelId = channelId
        self.downloadOrders = downloadOrders
        self.orderTypes = orderTypes
        self.transferToAudit = transferToAudit
        self.uploadLogistics = uploadLogistics
        self.syncStock = syncStock
    }

    public static let fields = Fields<SetPolicy>(
        Field("channelId", \.channelId, .shopId), Field("downloadOrders", \.downloadOrders),
        Field("orderTypes", \.orderTypes, count: 0...2), Field("transferToAudit", \.transferToAudit),
        Field("uploadLogistics", \.uploadLogistics), Field("syncStock", \.syncStock))
    public var subject: String? { channelId }
}

/// A channel is known.
public struct ChannelCreated: Message {
    public static let type = "daifa.authorization.channel-created.v1"
    public static let contract: Contract<ChannelCreated> = .event(of: .authorization, key: .account(), "A channel is known.")
    public var channelId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var name = ""
    public var platform = Platform.pinduoduo
    public var platformShopId: String?
    public var company: String?
    /// Absent until a consent was given; a platform without consent has the channel's id.
    public var authorizationId: String?
    public var state = ChannelState.created

    public init(blank: Blank) {}
    public init(
        channelId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, name: String, platform: Platform,
        platformShopId: String? = nil, company: String? = nil, authorizationId: String? = nil, state: ChannelState
    ) {
        self.channelId = channelId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.name = name
        self.platform = platform
        self.platformShopId = platformShopId
        self.company = company
        self.authorizationId = authorizationId
        self.state = state
    }

    public static let fields = Fields<ChannelCreated>(
        Field("channelId", \.channelId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("name", \.name), Field("platform", \.platform), Field("platformShopId", \.platformShopId), Field("company", \.company),
        Field("authorizationId", \.authorizationId), Field("state", \.state))
    public var subject: String? { channelId }
}

/// The things that a channel does by itself from now on.
public struct PolicySet: Message {
    public static let type = "daifa.authorization.policy-set.v1"
    public static let contract: Contract<PolicySet> = .event(
        of: .authorization, key: .account(), readers: [.shipping, .waybill], "What a channel does by itself from now on.")
    public var channelId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var platform = Platform.pinduoduo
    public var downloadOrders = false
    public var orderTypes: [OrderType] = []
    public var transferToAudit = false
    public var uploadLogistics = false
    public var syncStock = false

    public init(blank: Blank) {}
    public init(
        channelId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, platform: Platform, downloadOrders: Bool,
        orderTypes: [OrderType], transferToAudit: Bool, uploadLogistics: Bool, syncStock: Bool
    ) {
        self.channelId = channelId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.platform = platform
        self.downloadOrders = downloadOrders
        self.orderTypes = orderTypes
        self.transferToAudit = transferToAudit
        self.uploadLogistics = uploadLogistics
        self.syncStock = syncStock
    }

    public static let fields = Fields<PolicySet>(
        Field("channelId", \.channelId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("platform", \.platform), Field("downloadOrders", \.downloadOrders), Field("orderTypes", \.orderTypes),
        Field("transferToAudit", \.transferToAudit), Field("uploadLogistics", \.uploadLogistics), Field("syncStock", \.syncStock))
    public var subject: String? { channelId }
}
