public import JSON
public import Threads

public enum ChannelState: String, JSONEnumeration { case created, active, suspended }

/// Which orders a channel downloads.
public enum OrderType: String, JSONEnumeration {
    case factoryDropship = "factory-dropship"
    case own
}

/// The things that a channel does by itself (contract, section 4).
public struct ChannelPolicy: Declared, Equatable {
    public var downloadOrders = false
    public var orderTypes: [OrderType] = []
    /// Downloaded orders go straight on; else they await `approve-order`.
    public var transferToAudit = false
    public var uploadLogistics = false
    public var syncStock = false

    public init(blank: Blank) {}
    public init(downloadOrders: Bool, orderTypes: [OrderType], transferToAudit: Bool, uploadLogistics: Bool, syncStock: Bool) {
        self.downloadOrders = downloadOrders
        self.orderTypes = orderTypes
        self.transferToAudit = transferToAudit
        self.uploadLogistics = uploadLogistics
        self.syncStock = syncStock
    }

    public static let fields = Fields<ChannelPolicy>(
        Field("downloadOrders", \.downloadOrders), Field("orderTypes", \.orderTypes, count: 0...2),
        Field("transferToAudit", \.transferToAudit), Field("uploadLogistics", \.uploadLogistics), Field("syncStock", \.syncStock))
}

/// `daifa.channels`: an ERP or marketplace channel.
public struct ChannelRow: TableRow {
    public static let table = Table.channels
    public static let contract: Contract<ChannelRow> = .row(
        key: .field(\.channelId), by: [.authorization], readers: [.authorization, .waybill, .shipping],
        "An ERP or marketplace channel with its policy.")
    public var channelId = ""
    public var merchantShopId: String?
    public var factoryShopId: String?
    public var name = ""
    public var platform = ""
    public var platformShopId: String?
    public var authorizationId: String?
    public var policy: ChannelPolicy?
    public var state = ChannelState.created
    public var version = 0

    public init(blank: Blank) {}
    public init(
        channelId: String, merchantShopId: String? = nil, factoryShopId: String? = nil, name: String, platform: String,
        platformShopId: String? = nil, authorizationId: String? = nil, policy: ChannelPolicy? = nil, state: ChannelState, version: Int
    ) {
        self.channelId = channelId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.name = name
        self.platform = platform
        self.platformShopId = platformShopId
        self.authorizationId = authorizationId
        self.policy = policy
        self.state = state
        self.version = version
    }

    public static let fields = Fields<ChannelRow>(
        Field("channelId", \.channelId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("name", \.name), Field("platform", \.platform), Field("platformShopId", \.platformShopId),
        Field("authorizationId", \.authorizationId), Field("policy", \.policy), Field("state", \.state),
        Field("version", \.version, 0...Int.max))
    /// The shop whose channel it is.
    public var owner: String { merchantShopId ?? factoryShopId ?? "" }
}

/// `daifa.credentials`: what one service needs to call a partner, sealed for it alone.
public struct CredentialRow: TableRow {
    public static let table = Table.credentials
    public static let contract: Contract<CredentialRow> = .row(
        key: .joined(\.authorizationId, \.service), by: [.authorization], readers: [.authorization, .waybill, .shipping],
        "What one service needs to call a partner, sealed for it alone.")
    public var authorizationId = ""
    public var service = ServiceName.shipping
    public var provider = ""
    /// Key of authorization's commands about it: `<provider>:<account>` or `channel:<channelId>`.
    public var account: String?
    public var sealed: Sealed
    public var expiresAt: Timestamp?
    public var version = 0

    public init(blank: Blank) { sealed = Sealed(blank: blank) }
    public init(
        authorizationId: String, service: ServiceName, provider: String, account: String? = nil, sealed: Sealed,
        expiresAt: Timestamp? = nil, version: Int
    ) {
        self.authorizationId = authorizationId
        self.service = service
        self.provider = provider
        self.account = account
        self.sealed = sealed
        self.expiresAt = expiresAt
        self.version = version
    }

    public static let fields = Fields<CredentialRow>(
        Field("authorizationId", \.authorizationId), Field("service", \.service), Field("provider", \.provider),
        Field("account", \.account), Field("sealed", \.sealed), Field("expiresAt", \.expiresAt), Field("version", \.version, 0...Int.max))

    public static func key(_ authorizationId: String, _ service: ServiceName) -> String { "\(authorizationId)~\(service.rawValue)" }
    /// The context to which the seal is bound: the row's key and version.
    public static func aad(_ authorizationId: String, _ service: ServiceName, version: Int) -> String {
        "\(key(authorizationId, service))~\(version)"
    }
}

/// The sealed content of a row of `daifa.credentials`.
public struct Credential: Declared, Equatable {
    public var appKey = ""
    public var appSecret = ""
    /// Absent for a partner without consent.
    public var accessToken: String?
    public init(blank: Blank) {}
    public init(appKey: String, appSecret: String, accessToken: String?) {
        self.appKey = appKey
        self.appSecret = appSecret
        self.accessToken = accessToken
    }
    public static let fields = Fields<Credential>(
        Field("appKey", \.appKey), Field("appSecret", \.appSecret), Field("accessToken", \.accessToken))
}

/// `daifa.stock`: the last known stock of a sku in a partner's warehouse.
public struct StockRow: TableRow {
    public static let table = Table.stock
    public static let contract: Contract<StockRow> = .row(
        key: .joined(\.warehouseId, \.sku), by: [.shipping], readers: [], "The last known stock of a sku in a partner's warehouse.")
    public var warehouseId = ""
    public var sku = ""
    public var good = 0
    public var damaged = 0
    public var asOf = Timestamp(milliseconds: 0)
    public var version = 0

    public init(blank: Blank) {}
    public init(warehouseId: String, sku: String, good: Int, damaged: Int, asOf: Timestamp, version: Int) {
        self.warehouseId = warehouseId
        self.sku = sku
        self.good = good
        self.damaged = damaged
        self.asOf = asOf
        self.version = version
    }

    public static let fields = Fields<StockRow>(
        Field("warehouseId", \.warehouseId), Field("sku", \.sku), Field("good", \.good, 0...Int.max),
        Field("damaged", \.damaged, 0...Int.max), Field("asOf", \.asOf), Field("version", \.version, 0...Int.max))
}

/// `info` of what is sealed (contract, section 6).
public enum SealInfo {
    public static let recipient = "daifa/recipient/v1"
    public static let recipientForShipping = "daifa/recipient/shipping/v1"
    public static let label = "daifa/label/v1"
    public static let appSecret = "daifa/app-secret/v1"
    public static let credential = "daifa/credential/v1"
}
