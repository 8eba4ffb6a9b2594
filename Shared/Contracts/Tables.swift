public import JSON
public import Threads

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let tables: [CatalogEntry] =
        messages(
            ParticipantRow.self, BindingRow.self, RuleRow.self, WarehouseRow.self, KeyRow.self, StockRow.self,
            CredentialRow.self, ChannelRow.self, HealthRow.self)
}

public enum ShopRole: String, JSONEnumeration { case merchant, factory }
public enum PairState: String, JSONEnumeration { case pending, active, declined, withdrawn, ended }
public enum WarehouseState: String, JSONEnumeration { case active, suspended, closed }

/// The purpose of a public key: the data that is sealed with it.
public enum KeyPurpose: String, JSONEnumeration {
    case recipient
    case appSecret = "app-secret"
    case credential
}

extension ServiceName {
    /// Kinds of data that are sealed for the service (contract, section 6): it has, and announces, a key for each.
    public var keyPurposes: [KeyPurpose] {
        switch self {
        case .waybill, .shipping: [.recipient, .credential]
        case .authorization: [.appSecret]
        case .console: [.credential]
        case .binding, .allocation: []
        }
    }
}

/// A recipient in clear: only ever inside a text that is sealed for waybill or shipping (contract, section 6).
public struct Recipient: Declared, Equatable {
    public var name = ""
    public var phone = ""
    public var address: Address

    public init(blank: Blank) { address = Address(blank: blank) }
    public init(name: String, phone: String, address: Address) {
        self.name = name
        self.phone = phone
        self.address = address
    }

    public static let fields = Fields<Recipient>(Field("name", \.name, .name), Field("phone", \.phone, .phone), Field("address", \.address))
}

/// An address of a shop.
public struct StoredAddress: Declared, Equatable {
    public var addressId = ""
    public var kind = AddressKind.sender
    public var name = ""
    public var phone = ""
    public var address: Address
    public var `default` = false

    public init(blank: Blank) { address = Address(blank: blank) }
    public init(addressId: String, kind: AddressKind, name: String, phone: String, address: Address, `default`: Bool) {
        self.addressId = addressId
        self.kind = kind
        self.name = name
        self.phone = phone
        self.address = address
        self.default = `default`
    }

    public static let fields = Fields<StoredAddress>(
        Field("addressId", \.addressId), Field("kind", \.kind), Field("name", \.name), Field("phone", \.phone), Field("address", \.address),
        Field("default", \.`default`))
}

/// `daifa.participants`: a shop's profile.
public struct ParticipantRow: TableRow {
    public static let table = Table.participants
    public static let contract: Contract<ParticipantRow> = .row(
        key: .field(\.shopId), by: [.binding], readers: [.authorization, .allocation, .waybill, .shipping],
        "The profile and the addresses of a shop.")
    public var shopId = ""
    public var role: ShopRole?
    public var shopAlias: String?
    public var name: String?
    public var sender: Sender?
    public var contact: Contact?
    public var address: Address?
    public var acceptedTerms: [String]?
    public var addresses: [StoredAddress] = []
    public var version = 0

    public init(blank: Blank) {}
    public init(
        shopId: String, role: ShopRole? = nil, shopAlias: String? = nil, name: String? = nil, sender: Sender? = nil,
        contact: Contact? = nil, address: Address? = nil, acceptedTerms: [String]? = nil, addresses: [StoredAddress], version: Int
    ) {
        self.shopId = shopId
        self.role = role
        self.shopAlias = shopAlias
        self.name = name
        self.sender = sender
        self.contact = contact
        self.address = address
        self.acceptedTerms = acceptedTerms
        self.addresses = addresses
        self.version = version
    }

    public static let fields = Fields<ParticipantRow>(
        Field("shopId", \.shopId), Field("role", \.role), Field("shopAlias", \.shopAlias), Field("name", \.name), Field("sender", \.sender),
        Field("contact", \.contact), Field("address", \.address), Field("acceptedTerms", \.acceptedTerms), Field("addresses", \.addresses),
        Field("version", \.version, 0...Int.max))
}

/// `daifa.bindings`: the state of a pair.
public struct BindingRow: TableRow {
    public static let table = Table.bindings
    public static let contract: Contract<BindingRow> = .row(
        key: .joined(\.merchantShopId, \.factoryShopId), by: [.binding], readers: [.allocation], "The state of a merchant and a factory.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var state = PairState.pending
    public var shopAlias = ""
    public var sender: Verbatim<Sender>
    public var reason: String?
    public var version: Int?
    public var updatedAt: Timestamp?

    public init(blank: Blank) { sender = Verbatim(Sender(blank: blank)) }
    public init(
        merchantShopId: String, factoryShopId: String, state: PairState, shopAlias: String, sender: Verbatim<Sender>, reason: String? = nil,
        version: Int? = nil, updatedAt: Timestamp? = nil
    ) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.state = state
        self.shopAlias = shopAlias
        self.sender = sender
        self.reason = reason
        self.version = version
        self.updatedAt = updatedAt
    }

    public static let fields = Fields<BindingRow>(
        Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId), Field("state", \.state),
        Field("shopAlias", \.shopAlias), Field("sender", \.sender), Field("reason", \.reason), Field("version", \.version, 0...Int.max),
        Field("updatedAt", \.updatedAt))
}

/// `daifa.rules`: an allocation rule.
public struct RuleRow: TableRow {
    public static let table = Table.rules
    public static let contract: Contract<RuleRow> = .row(
        key: .joined(\.merchantShopId, \.ruleId), by: [.allocation], readers: [.allocation],
        "A rule by which orders are allocated on arrival.")
    public var merchantShopId = ""
    public var ruleId = ""
    public var match: RuleMatch
    public var target: Target
    public var priority = 0
    public var version = 0

    public init(blank: Blank) {
        match = RuleMatch(blank: blank)
        target = Target(blank: blank)
    }
    public init(merchantShopId: String, ruleId: String, match: RuleMatch, target: Target, priority: Int, version: Int) {
        self.merchantShopId = merchantShopId
        self.ruleId = ruleId
        self.match = match
        self.target = target
        self.priority = priority
        self.version = version
    }

    public static let fields = Fields<RuleRow>(
        Field("merchantShopId", \.merchantShopId), Field("ruleId", \.ruleId), Field("match", \.match), Field("target", \.target),
        Field("priority", \.priority, 0...1_000_000), Field("version", \.version, 0...Int.max))
}

/// `daifa.warehouses`: a partner's warehouse.
public struct WarehouseRow: TableRow {
    public static let table = Table.warehouses
    public static let contract: Contract<WarehouseRow> = .row(
        key: .field(\.warehouseId), by: [.authorization], readers: [.authorization, .allocation, .shipping],
        "A warehouse of a logistics partner.")
    public var warehouseId = ""
    public var code = ""
    public var provider = ""
    public var merchantShopId = ""
    public var pin = ""
    public var departmentCode = ""
    public var warehouseCode = ""
    public var messageSubscription = false
    public var authorizationId = ""
    public var api = ""
    public var shopNo: String?
    public var supplierNo: String?
    public var carrierCode: String?
    public var isvSource: String?
    public var state = WarehouseState.active
    public var version = 0

    public init(blank: Blank) {}
    public init(
        warehouseId: String, code: String, provider: String, merchantShopId: String, pin: String, departmentCode: String,
        warehouseCode: String, messageSubscription: Bool, authorizationId: String, api: String, shopNo: String? = nil,
        supplierNo: String? = nil, carrierCode: String? = nil, isvSource: String? = nil, state: WarehouseState, version: Int
    ) {
        self.warehouseId = warehouseId
        self.code = code
        self.provider = provider
        self.merchantShopId = merchantShopId
        self.pin = pin
        self.departmentCode = departmentCode
        self.warehouseCode = warehouseCode
        self.messageSubscription = messageSubscription
        self.authorizationId = authorizationId
        self.api = api
        self.shopNo = shopNo
        self.supplierNo = supplierNo
        self.carrierCode = carrierCode
        self.isvSource = isvSource
        self.state = state
        self.version = version
    }

    public static let fields = Fields<WarehouseRow>(
        Field("warehouseId", \.warehouseId), Field("code", \.code), Field("provider", \.provider),
        Field("merchantShopId", \.merchantShopId), Field("pin", \.pin), Field("departmentCode", \.departmentCode),
        Field("warehouseCode", \.warehouseCode), Field("messageSubscription", \.messageSubscription),
        Field("authorizationId", \.authorizationId), Field("api", \.api), Field("shopNo", \.shopNo), Field("supplierNo", \.supplierNo),
        Field("carrierCode", \.carrierCode), Field("isvSource", \.isvSource), Field("state", \.state),
        Field("version", \.version, 0...Int.max))
}

/// `daifa.keys`: a public key to seal for a service.
public struct KeyRow: TableRow {
    public static let table = Table.keys
    public static let contract: Contract<KeyRow> = .row(
        key: .joined(\.service, \.keyId), by: [.authorization, .waybill, .shipping], readers: [.authorization, .waybill, .shipping],
        "A public key to seal for a service; announced before the service is ready.")
    public var service = ServiceName.waybill
    public var keyId = ""
    public var purpose = KeyPurpose.recipient
    public var publicKey = ""
    public var version = 0

    public init(blank: Blank) {}
    public init(service: ServiceName, keyId: String, purpose: KeyPurpose, publicKey: String, version: Int) {
        self.service = service
        self.keyId = keyId
        self.purpose = purpose
        self.publicKey = publicKey
        self.version = version
    }

    public static let fields = Fields<KeyRow>(
        Field("service", \.service), Field("keyId", \.keyId, .filled(64)), Field("purpose", \.purpose),
        Field("publicKey", \.publicKey, .filled(64)), Field("version", \.version, 0...Int.max))
}
