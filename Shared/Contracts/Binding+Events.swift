public import JSON

/// A shop is a merchant now.
public struct MerchantRegistered: Message {
    public static let type = "daifa.binding.merchant-registered.v1"
    public static let contract: Contract<MerchantRegistered> = .event(of: .binding, key: \.shopId, "A shop is a merchant now.")
    public var shopId = ""
    public var shopAlias = ""
    public var sender: Sender
    public var acceptedTerms: [String] = []

    public init(blank: Blank) { sender = Sender(blank: blank) }
    public init(shopId: String, shopAlias: String, sender: Sender, acceptedTerms: [String]) {
        self.shopId = shopId
        self.shopAlias = shopAlias
        self.sender = sender
        self.acceptedTerms = acceptedTerms
    }

    public static let fields = Fields<MerchantRegistered>(
        Field("shopId", \.shopId, .shopId), Field("shopAlias", \.shopAlias), Field("sender", \.sender),
        Field("acceptedTerms", \.acceptedTerms))
}

/// A shop is a factory now.
public struct FactoryRegistered: Message {
    public static let type = "daifa.binding.factory-registered.v1"
    public static let contract: Contract<FactoryRegistered> = .event(of: .binding, key: \.shopId, "A shop is a factory now.")
    public var shopId = ""
    public var name = ""
    public var contact: Contact
    public var address: Address

    public init(blank: Blank) {
        contact = Contact(blank: blank)
        address = Address(blank: blank)
    }
    public init(shopId: String, name: String, contact: Contact, address: Address) {
        self.shopId = shopId
        self.name = name
        self.contact = contact
        self.address = address
    }

    public static let fields = Fields<FactoryRegistered>(
        Field("shopId", \.shopId, .shopId), Field("name", \.name), Field("contact", \.contact), Field("address", \.address))
}

/// The profile after the change.
public struct ProfileUpdated: Message {
    public static let type = "daifa.binding.profile-updated.v1"
    public static let contract: Contract<ProfileUpdated> = .event(
        of: .binding, key: \.shopId, "A profile was changed; its fields after the change.")
    public var shopId = ""
    public var shopAlias: String?
    public var sender: Sender?
    public var name: String?
    public var contact: Contact?
    public var address: Address?

    public init(blank: Blank) {}
    public init(
        shopId: String, shopAlias: String? = nil, sender: Sender? = nil, name: String? = nil, contact: Contact? = nil,
        address: Address? = nil
    ) {
        self.shopId = shopId
        self.shopAlias = shopAlias
        self.sender = sender
        self.name = name
        self.contact = contact
        self.address = address
    }

    public static let fields = Fields<ProfileUpdated>(
        Field("shopId", \.shopId, .shopId), Field("shopAlias", \.shopAlias), Field("sender", \.sender), Field("name", \.name),
        Field("contact", \.contact), Field("address", \.address))
}

/// An address was added or replaced.
public struct AddressPut: Message {
    public static let type = "daifa.binding.address-put.v1"
    public static let contract: Contract<AddressPut> = .event(of: .binding, key: \.shopId, "An address was added or replaced.")
    public var shopId = ""
    public var addressId = ""
    public var kind = AddressKind.sender
    public var name = ""
    public var phone = ""
    public var address: Address
    public var `default` = false

    public init(blank: Blank) { address = Address(blank: blank) }
    public init(shopId: String, addressId: String, kind: AddressKind, name: String, phone: String, address: Address, `default`: Bool) {
        self.shopId = shopId
        self.addressId = addressId
        self.kind = kind
        self.name = name
        self.phone = phone
        self.address = address
        self.default = `default`
    }

    public static let fields = Fields<AddressPut>(
        Field("shopId", \.shopId, .shopId), Field("addressId", \.addressId), Field("kind", \.kind), Field("name", \.name),
        Field("phone", \.phone), Field("address", \.address), Field("default", \.`default`))
}

/// An address was removed.
public struct AddressRemoved: Message {
    public static let type = "daifa.binding.address-removed.v1"
    public static let contract: Contract<AddressRemoved> = .event(of: .binding, key: \.shopId, "An address was removed.")
    public var shopId = ""
    public var addressId = ""

    public init(blank: Blank) {}
    public init(shopId: String, addressId: String) {
        self.shopId = shopId
        self.addressId = addressId
    }

    public static let fields = Fields<AddressRemoved>(
        Field("shopId", \.shopId, .shopId), Field("addressId", \.addressId))
}

/// The pair is pending.
public struct Applied: Message {
    public static let type = "daifa.binding.applied.v1"
    public static let contract: Contract<Applied> = .event(of: .binding, key: \.factoryShopId, "The pair is pending.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var shopAlias = ""
    public var sender: Sender
    public var message: String?

    public init(blank: Blank) { sender = Sender(blank: blank) }
    public init(merchantShopId: String, factoryShopId: String, shopAlias: String, sender: Sender, message: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.shopAlias = shopAlias
        self.sender = sender
        self.message = message
    }

    public static let fields = Fields<Applied>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("shopAlias", \.shopAlias), Field("sender", \.sender), Field("message", \.message))
}

/// The pair is active.
public struct Approved: Message {
    public static let type = "daifa.binding.approved.v1"
    public static let contract: Contract<Approved> = .event(of: .binding, key: \.factoryShopId, "The pair is active.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Approved>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId), Field("reason", \.reason))
}

/// The pair is declined.
public struct Declined: Message {
    public static let type = "daifa.binding.declined.v1"
    public static let contract: Contract<Declined> = .event(of: .binding, key: \.factoryShopId, "The pair is declined.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Declined>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId), Field("reason", \.reason))
}

/// The pair is withdrawn.
public struct Withdrawn: Message {
    public static let type = "daifa.binding.withdrawn.v1"
    public static let contract: Contract<Withdrawn> = .event(of: .binding, key: \.factoryShopId, "The application was taken back.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Withdrawn>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId), Field("reason", \.reason))
}

/// The pair has ended.
public struct Unbound: Message {
    public static let type = "daifa.binding.unbound.v1"
    public static let contract: Contract<Unbound> = .event(of: .binding, key: \.factoryShopId, "The pair has ended.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?
    public var by = ""

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil, by: String) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
        self.by = by
    }

    public static let fields = Fields<Unbound>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId), Field("reason", \.reason),
        Field("by", \.by))
}
