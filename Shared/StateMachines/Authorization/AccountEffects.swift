public import Contracts
public import JSON
public import Machines
public import Threads

/// The outcome of an exchange or a refresh.
public enum TokenReply: Sendable, Equatable {
    case tokens(ProtectedTokens)
    /// A final failure, with the partner's words.
    case failed(ConsentFailure, String)
}

/// The partner's answer about department and warehouse.
public enum CodesReply: Sendable, Equatable {
    case known
    case failed(ConsentFailure, String?)
}

/// Exchanges a code, which works once, for tokens.
public struct ExchangeCode: Effect {
    public typealias Answer = TokenReply
    public static let kind = "exchange-code"
    public var account = ""
    public var authorizationId = ""
    public var api = WarehouseAPI.eclp
    public var application = PartnerApplication()
    public var code = ""
    public init() {}
    public static let fields = Fields<ExchangeCode>(
        Field("account", \.account), Field("authorizationId", \.authorizationId), Field("api", \.api),
        Field("application", \.application), Field("code", \.code))
    public var aggregate: String { AccountMachine.aggregate(account) }
    public var discriminator: String { authorizationId }
}

/// Asks the partner whether department and warehouse are the token's.
public struct VerifyCodes: Effect {
    public typealias Answer = CodesReply
    public static let kind = "verify-codes"
    public var account = ""
    public var authorizationId = ""
    public var api = WarehouseAPI.eclp
    public var application = PartnerApplication()
    public var pin = ""
    public var departmentCode = ""
    public var warehouseCode = ""
    /// Encrypted.
    public var accessToken = ""
    public init() {}
    public static let fields = Fields<VerifyCodes>(
        Field("account", \.account), Field("authorizationId", \.authorizationId), Field("api", \.api),
        Field("application", \.application), Field("pin", \.pin), Field("departmentCode", \.departmentCode),
        Field("warehouseCode", \.warehouseCode), Field("accessToken", \.accessToken))
    public var aggregate: String { AccountMachine.aggregate(account) }
    public var discriminator: String { authorizationId }
}

/// Gets newer tokens.
public struct RefreshToken: Effect {
    public typealias Answer = TokenReply
    public static let kind = "refresh-token"
    public var account = ""
    public var authorizationId = ""
    public var api = WarehouseAPI.eclp
    public var application = PartnerApplication()
    /// Encrypted.
    public var refreshToken = ""
    /// From then on it is not worth another try.
    public var refreshExpiresAt: Timestamp?
    public init() {}
    public static let fields = Fields<RefreshToken>(
        Field("account", \.account), Field("authorizationId", \.authorizationId), Field("api", \.api),
        Field("application", \.application), Field("refreshToken", \.refreshToken), Field("refreshExpiresAt", \.refreshExpiresAt))
    public var aggregate: String { AccountMachine.aggregate(account) }
    public var discriminator: String { authorizationId }
}

/// The end of a token that cannot be refreshed.
public struct TokenEnds: Effect {
    public typealias Answer = TimerFired
    public static let kind = "token-ends"
    public var account = ""
    public var authorizationId = ""
    public init() {}
    public static let fields = Fields<TokenEnds>(Field("account", \.account), Field("authorizationId", \.authorizationId))
    public var aggregate: String { AccountMachine.aggregate(account) }
    public var discriminator: String { authorizationId }
}

/// Seals a credential for one service; one effect each, so that a service without a key holds up no other.
public struct SealCredential: Effect {
    public typealias Answer = Sealed
    public static let kind = "seal-credential"
    public var account = ""
    public var authorizationId = ""
    public var service = ServiceName.shipping
    public var version = 0
    public var application = PartnerApplication()
    /// Encrypted.
    public var accessToken = ""
    public init() {}
    public static let fields = Fields<SealCredential>(
        Field("account", \.account), Field("authorizationId", \.authorizationId), Field("service", \.service), Field("version", \.version),
        Field("application", \.application), Field("accessToken", \.accessToken))
    public var aggregate: String { AccountMachine.aggregate(account) }
    public var discriminator: String { Self.discriminator(authorizationId, service) }

    static func discriminator(_ authorizationId: String, _ service: ServiceName) -> String { "\(authorizationId)~\(service.rawValue)" }
}
