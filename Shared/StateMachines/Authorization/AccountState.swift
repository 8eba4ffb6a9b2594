public import Contracts
public import JSON
public import Threads

/// The terms of a consent: which warehouse, by which interface, for whose application.
public struct LinkTerms: DefaultInitializable, Equatable {
    public var mode = AuthorizationMode.convenient
    public var api = WarehouseAPI.eclp
    public var application = PartnerApplication()
    public var departmentCode = ""
    public var warehouseCode = ""
    public var shopNo: String?
    public var supplierNo: String?
    public var carrierCode: String?
    public var isvSource: String?
    public init() {}
    public static let fields = Fields<LinkTerms>(
        Field("mode", \.mode), Field("api", \.api), Field("application", \.application), Field("departmentCode", \.departmentCode),
        Field("warehouseCode", \.warehouseCode), Field("shopNo", \.shopNo), Field("supplierNo", \.supplierNo),
        Field("carrierCode", \.carrierCode), Field("isvSource", \.isvSource))

    func isSameWarehouse(as other: LinkTerms) -> Bool {
        departmentCode == other.departmentCode && warehouseCode == other.warehouseCode
    }
}

/// One authorization under an account.
public struct AccountLink: DefaultInitializable, Equatable {
    public var authorizationId = ""
    public var merchantShopId = ""
    /// When a consent was asked for last.
    public var askedAt = Timestamp(milliseconds: 0)
    public var life = TokenLife()
    /// Terms of the consent under way.
    public var draft: LinkTerms?
    /// Terms of the token, also after its end.
    public var terms: LinkTerms?
    /// The partner's id of the person who has logged in for the token, as long as the authorization holds it (``OwnerMachine``).
    public var owner: String?
    /// The login whose claim is awaited before the consent under way is granted.
    public var claiming: String?
    public init() {}
    public static let fields = Fields<AccountLink>(
        Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId), Field("askedAt", \.askedAt),
        Field("life", \.life), Field("draft", \.draft), Field("terms", \.terms), Field("owner", \.owner),
        Field("claiming", \.claiming))

    public enum Phase: String, CaseIterable {
        case requested, exchanging, verifying, granted, expired, revoked, replaced, failed
    }

    /// Where it is; a consent that is asked for anew counts only while there is no token.
    public var phase: Phase {
        if life.grant != nil { return .granted }
        if life.unverified != nil { return .verifying }
        if let consent = life.consent { return consent.completing == nil ? .requested : .exchanging }
        switch life.ending {
        case .expired: return .expired
        case .revoked: return .revoked
        case .replaced: return .replaced
        case nil: return .failed
        }
    }
}

/// All authorizations and warehouses of one account at a partner.
public struct AccountState: DefaultInitializable, Equatable {
    /// `<provider>:<account>`.
    public var account = ""
    public var links: [AccountLink] = []
    public var warehouses: [WarehouseRow] = []
    public init() {}
    public static let fields = Fields<AccountState>(
        Field("account", \.account), Field("links", \.links), Field("warehouses", \.warehouses))

    /// The merchant that the account belongs to, as long as one of his authorizations is in force or suspended.
    public var owner: String? { links.first { $0.life.isLinked }?.merchantShopId }

    func link(_ authorizationId: String) -> AccountLink? { links.first { $0.authorizationId == authorizationId } }

    /// The warehouse that these terms of a merchant lead to, once there is one.
    func warehouse(_ merchantShopId: String, _ terms: LinkTerms) -> WarehouseRow? {
        warehouses.first {
            $0.merchantShopId == merchantShopId && $0.departmentCode == terms.departmentCode && $0.warehouseCode == terms.warehouseCode
        }
    }
}
