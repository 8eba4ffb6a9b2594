import JSON

enum Partner: String, JSONEnumeration { case jd, pinduoduo, jackyun }

/// An application that a partner has registered.
struct App: StoredObject {
    var partner = Partner.jd
    var key = ""
    var secret = ""
    static let kind = "app"
    var id: String { Self.id(partner, key) }
    static func id(_ partner: Partner, _ key: String) -> String { "\(partner.rawValue):\(key)" }
    static let fields = Fields<App>(
        Field("partner", \.partner), Field("key", \.key, .filled(200)), Field("secret", \.secret, .filled(200)))
}

/// A login at JD, and what belongs to it.
struct JDAccount: StoredObject {
    struct Warehouse: DefaultInitializable {
        /// `11…`
        var warehouseNo = ""
        var name = ""
        /// Nil: yes.
        var enabled: Bool?
        static let fields = Fields<Warehouse>(
            Field("warehouseNo", \.warehouseNo, .filled(50)), Field("name", \.name), Field("enabled", \.enabled))
    }

    struct Department: DefaultInitializable {
        /// `EBU…`
        var departmentNo = ""
        var name = ""
        var warehouses: [Warehouse] = []
        /// `ESP…`; without any, every number is taken.
        var shops: [String]?
        /// `EMS…`; without any, every number is taken.
        var suppliers: [String]?
        static let fields = Fields<Department>(
            Field("departmentNo", \.departmentNo, .filled(50)), Field("name", \.name), Field("warehouses", \.warehouses),
            Field("shops", \.shops), Field("suppliers", \.suppliers))
    }

    var pin = ""
    var password = ""
    var departments: [Department] = []
    static let kind = "pin"
    var id: String { pin }
    static let fields = Fields<JDAccount>(
        Field("pin", \.pin, .filled(50)), Field("password", \.password, .filled(200)), Field("departments", \.departments))
}

/// A code that waits to be exchanged for a token, once.
struct ConsentCode: StoredObject {
    var code = ""
    var audience = Audience.jos
    var appKey = ""
    /// A PIN, or a mall's id.
    var owner = ""
    var subscription = false
    var expiresAt = 0
    static let kind = "code"
    var id: String { code }
    static let fields = Fields<ConsentCode>(
        Field("code", \.code), Field("audience", \.audience), Field("appKey", \.appKey), Field("owner", \.owner),
        Field("subscription", \.subscription), Field("expiresAt", \.expiresAt))
}

/// The interface that a token opens.
enum Audience: String, JSONEnumeration {
    case jos, isc, pinduoduo

    var partner: Partner { self == .pinduoduo ? .pinduoduo : .jd }
}

/// An access token with the refresh token it belongs to. A refresh gives a new access token; the old one ends, the refresh token stays.
struct Grant: StoredObject {
    var accessToken = ""
    var refreshToken = ""
    var audience = Audience.jos
    var appKey = ""
    var owner = ""
    var subscription = false
    var expiresAt = 0
    var refreshExpiresAt = 0
    static let kind = "token"
    var id: String { accessToken }
    var alias: String? { refreshToken }
    static let fields = Fields<Grant>(
        Field("accessToken", \.accessToken), Field("refreshToken", \.refreshToken), Field("audience", \.audience),
        Field("appKey", \.appKey), Field("owner", \.owner), Field("subscription", \.subscription), Field("expiresAt", \.expiresAt),
        Field("refreshExpiresAt", \.refreshExpiresAt))
}

/// How the sandbox behaves; changed while it runs by `POST /sandbox/settings`.
struct Settings: StoredObject {
    /// Where the login page says whether messages are subscribed to.
    enum SubscriptionReport: String, JSONEnumeration { case token, callback, none }
    /// ECLP's answers as they are documented, or as they were seen elsewhere: `_response`, elements in `v1`, scalars as arrays of one.
    enum Shapes: String, JSONEnumeration { case plain, wrapped }

    var deduplication = true
    /// Seconds between two steps of every order; 0: orders stay where they are.
    var autoAdvance = 0.0
    /// 0 cancelled, 1 being decided, 2 refused; nil: refused once the parcel is handed over.
    var cancelOutcome: Int?
    var subscriptionReport = SubscriptionReport.token
    var shapes = Shapes.plain
    /// Where statuses are pushed to; nil: nowhere.
    var pushUrl: String?
    var accessTokenSeconds = 86_400
    var refreshTokenSeconds = 30 * 86_400
    /// A push that is not taken is sent so often at most.
    var pushAttempts = 20
    /// Seconds until a message that was not acknowledged is sent again.
    var messageRedelivery = 5.0
    static let kind = "settings"
    var id: String { "settings" }
    static let fields = Fields<Settings>(
        Field("deduplication", \.deduplication), Field("autoAdvance", \.autoAdvance), Field("cancelOutcome", \.cancelOutcome, 0...2),
        Field("subscriptionReport", \.subscriptionReport), Field("shapes", \.shapes), Field("pushUrl", \.pushUrl),
        Field("accessTokenSeconds", \.accessTokenSeconds, 1...31_536_000),
        Field("refreshTokenSeconds", \.refreshTokenSeconds, 1...31_536_000), Field("pushAttempts", \.pushAttempts, 1...1_000_000),
        Field("messageRedelivery", \.messageRedelivery))
}
