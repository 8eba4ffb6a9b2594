public import Contracts
public import JSON
public import Machines
public import Threads

/// Exchanges the code of a channel's consent for tokens.
public struct ExchangeChannelCode: Effect {
    public typealias Answer = TokenReply
    public static let kind = "exchange-channel-code"
    public var channelId = ""
    public var authorizationId = ""
    public var platform = Platform.pinduoduo
    public var code = ""
    public init() {}
    public static let fields = Fields<ExchangeChannelCode>(
        Field("channelId", \.channelId), Field("authorizationId", \.authorizationId), Field("platform", \.platform), Field("code", \.code))
    public var aggregate: String { ChannelMachine.aggregate(channelId) }
}

/// Gets newer tokens for a channel.
public struct RefreshChannelToken: Effect {
    public typealias Answer = TokenReply
    public static let kind = "refresh-channel-token"
    public var channelId = ""
    public var authorizationId = ""
    public var platform = Platform.pinduoduo
    /// Encrypted.
    public var refreshToken = ""
    /// From then on it is not worth another try.
    public var refreshExpiresAt: Timestamp?
    public init() {}
    public static let fields = Fields<RefreshChannelToken>(
        Field("channelId", \.channelId), Field("authorizationId", \.authorizationId), Field("platform", \.platform),
        Field("refreshToken", \.refreshToken), Field("refreshExpiresAt", \.refreshExpiresAt))
    public var aggregate: String { ChannelMachine.aggregate(channelId) }
}

/// The end of a channel's token that cannot be refreshed.
public struct ChannelTokenEnds: Effect {
    public typealias Answer = TimerFired
    public static let kind = "channel-token-ends"
    public var channelId = ""
    public init() {}
    public static let fields = Fields<ChannelTokenEnds>(Field("channelId", \.channelId))
    public var aggregate: String { ChannelMachine.aggregate(channelId) }
}

/// Seals a channel's credential for one service.
public struct SealChannelCredential: Effect {
    public typealias Answer = Sealed
    public static let kind = "seal-channel-credential"
    public var channelId = ""
    public var authorizationId = ""
    public var platform = Platform.pinduoduo
    public var service = ServiceName.waybill
    public var version = 0
    public var application = PartnerApplication()
    /// Encrypted; nil for a platform without consent.
    public var accessToken: String?
    public init() {}
    public static let fields = Fields<SealChannelCredential>(
        Field("channelId", \.channelId), Field("authorizationId", \.authorizationId), Field("platform", \.platform),
        Field("service", \.service), Field("version", \.version), Field("application", \.application),
        Field("accessToken", \.accessToken))
    public var aggregate: String { ChannelMachine.aggregate(channelId) }
    public var discriminator: String { service.rawValue }
}
