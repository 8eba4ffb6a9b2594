public import JSON

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let binding: [CatalogEntry] =
        messages(
            RegisterMerchant.self, RegisterFactory.self, UpdateProfile.self, PutAddress.self, RemoveAddress.self,
            Apply.self, Approve.self, Decline.self, Withdraw.self, Unbind.self, MerchantRegistered.self,
            FactoryRegistered.self, ProfileUpdated.self, AddressPut.self, AddressRemoved.self, Applied.self,
            Approved.self, Declined.self, Withdrawn.self, Unbound.self)
        + items(
            MerchantToFactory.self, FactoryToPair.self)
}

public enum AddressKind: String, JSONEnumeration { case sender, `return` }

/// The terms that a merchant must accept.
public enum Terms {
    public static let required = ["e-waybill-service", "platform-waybill"]
}

/// A shop chooses to be a merchant, once.
public struct RegisterMerchant: Message {
    public static let type = "daifa.binding.register-merchant.v1"
    public static let contract: Contract<RegisterMerchant> = .command(
        to: .binding, key: \.shopId, by: [.merchant(\.shopId)], answers: [MerchantRegistered.self],
        refusals: [.roleAlreadyChosen, .termsNotAccepted], "A shop chooses to be a merchant, once.")
    public var shopId = ""
    public var shopAlias = ""
    public var sender: Sender?
    public var senderAddressId: String?
    public var acceptedTerms: [String] = []

    public init(blank: Blank) {}
    public init(shopId: String, shopAlias: String, sender: Sender? = nil, senderAddressId: String? = nil, acceptedTerms: [String]) {
        self.shopId = shopId
        self.shopAlias = shopAlias
        self.sender = sender
        self.senderAddressId = senderAddressId
        self.acceptedTerms = acceptedTerms
    }

    public static let fields = Fields<RegisterMerchant>(
        Field("shopId", \.shopId, .shopId), Field("shopAlias", \.shopAlias, .name), Field("sender", \.sender),
        Field("senderAddressId", \.senderAddressId, .id), Field("acceptedTerms", \.acceptedTerms, count: 0...20))
}

/// A shop chooses to be a factory, once.
public struct RegisterFactory: Message {
    public static let type = "daifa.binding.register-factory.v1"
    public static let contract: Contract<RegisterFactory> = .command(
        to: .binding, key: \.shopId, by: [.factory(\.shopId)], answers: [FactoryRegistered.self], refusals: [.roleAlreadyChosen],
        "A shop chooses to be a factory, once.")
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

    public static let fields = Fields<RegisterFactory>(
        Field("shopId", \.shopId, .shopId), Field("name", \.name, .name), Field("contact", \.contact), Field("address", \.address))
}

/// Changes any of the profile's fields.
public struct UpdateProfile: Message {
    public static let type = "daifa.binding.update-profile.v1"
    public static let contract: Contract<UpdateProfile> = .command(
        to: .binding, key: \.shopId, by: [.merchant(\.shopId), .factory(\.shopId)], answers: [ProfileUpdated.self], refusals: [.notFound],
        "Changes any of the profile's fields.")
    public var shopId = ""
    public var shopAlias: String?
    public var sender: Sender?
    public var senderAddressId: String?
    public var name: String?
    public var contact: Contact?
    public var address: Address?

    public init(blank: Blank) {}
    public init(
        shopId: String, shopAlias: String? = nil, sender: Sender? = nil, senderAddressId: String? = nil, name: String? = nil,
        contact: Contact? = nil, address: Address? = nil
    ) {
        self.shopId = shopId
        self.shopAlias = shopAlias
        self.sender = sender
        self.senderAddressId = senderAddressId
        self.name = name
        self.contact = contact
        self.address = address
    }

    public static let fields = Fields<UpdateProfile>(
        Field("shopId", \.shopId, .shopId), Field("shopAlias", \.shopAlias, .name), Field("sender", \.sender),
        Field("senderAddressId", \.senderAddressId, .id), Field("name", \.name, .name), Field("contact", \.contact),
        Field("address", \.address))
}

/// Adds or replaces an address of a shop.
public struct PutAddress: Message {
    public static let type = "daifa.binding.put-address.v1"
    public static let contract: Contract<PutAddress> = .command(
        to: .binding, key: \.shopId, by: [.merchant(\.shopId), .factory(\.shopId)], answers: [AddressPut.self],
        "Adds or replaces an address of a shop, also before it is registered.")
    public var shopId = ""
    public var addressId = ""
    public var kind = AddressKind.sender
    public var name = ""
    public var phone = ""
    public var address: Address
    public var `default`: Bool?

    public init(blank: Blank) { address = Address(blank: blank) }
    public init(
        shopId: String, addressId: String, kind: AddressKind, name: String, phone: String, address: Address, `default`: Bool? = nil
    ) {
        self.shopId = shopId
        self.addressId = addressId
        self.kind = kind
        self.name = name
        self.phone = phone
        self.address = address
        self.default = `default`
    }

    public static let fields = Fields<PutAddress>(
        Field("shopId", \.shopId, .shopId), Field("addressId", \.addressId, .id), Field("kind", \.kind), Field("name", \.name, .name),
        Field("phone", \.phone, .phone), Field("address", \.address), Field("default", \.`default`))
}

/// Removes an address of a shop.
public struct RemoveAddress: Message {
    public static let type = "daifa.binding.remove-address.v1"
    public static let contract: Contract<RemoveAddress> = .command(
        to: .binding, key: \.shopId, by: [.merchant(\.shopId), .factory(\.shopId)], answers: [AddressRemoved.self], refusals: [.notFound],
        "Removes an address of a shop.")
    public var shopId = ""
    public var addressId = ""

    public init(blank: Blank) {}
    public init(shopId: String, addressId: String) {
        self.shopId = shopId
        self.addressId = addressId
    }

    public static let fields = Fields<RemoveAddress>(
        Field("shopId", \.shopId, .shopId), Field("addressId", \.addressId, .id))
}

/// A merchant asks a factory to be bound.
public struct Apply: Message {
    public static let type = "daifa.binding.apply.v1"
    public static let contract: Contract<Apply> = .command(
        to: .binding, key: \.merchantShopId, by: [.merchant(\.merchantShopId)], answers: [Applied.self],
        refusals: [.merchantNotRegistered, .factoryNotRegistered, .bindingExists, .tooManyPending], "A merchant asks a factory to be bound."
    )
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var message: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, message: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.message = message
    }

    public static let fields = Fields<Apply>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("message", \.message, .reason))
}

/// The factory agrees.
public struct Approve: Message {
    public static let type = "daifa.binding.approve.v1"
    public static let contract: Contract<Approve> = .command(
        to: .binding, key: \.factoryShopId, by: [.factory(\.factoryShopId)], answers: [Approved.self],
        refusals: [.notFound, .bindingNotPending], "The factory agrees.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Approve>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("reason", \.reason, .reason))
}

/// The factory does not agree.
public struct Decline: Message {
    public static let type = "daifa.binding.decline.v1"
    public static let contract: Contract<Decline> = .command(
        to: .binding, key: \.factoryShopId, by: [.factory(\.factoryShopId)], answers: [Declined.self],
        refusals: [.notFound, .bindingNotPending], "The factory does not agree.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Decline>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("reason", \.reason, .reason))
}

/// The merchant takes his application back.
public struct Withdraw: Message {
    public static let type = "daifa.binding.withdraw.v1"
    public static let contract: Contract<Withdraw> = .command(
        to: .binding, key: \.factoryShopId, by: [.merchant(\.merchantShopId)], answers: [Withdrawn.self],
        refusals: [.notFound, .bindingNotPending], "The merchant takes his application back.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Withdraw>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("reason", \.reason, .reason))
}

/// Either side ends an active binding.
public struct Unbind: Message {
    public static let type = "daifa.binding.unbind.v1"
    public static let contract: Contract<Unbind> = .command(
        to: .binding, key: \.factoryShopId, by: [.merchant(\.merchantShopId), .factory(\.factoryShopId)], answers: [Unbound.self],
        refusals: [.notFound, .bindingNotActive], "Either side ends an active binding.")
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var reason: String?

    public init(blank: Blank) {}
    public init(merchantShopId: String, factoryShopId: String, reason: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.reason = reason
    }

    public static let fields = Fields<Unbind>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("reason", \.reason, .reason))
}
