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
    public init() {}
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
    public var contact = Contact()
    public var address = Address()
    public init() {}
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
    public init() {}
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
    public var address = Address()
    public var `default`: Bool?
    public init() {}
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
    public init() {}
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
    public init() {}
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
    public init() {}
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
    public init() {}
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
    public init() {}
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
    public init() {}
    public static let fields = Fields<Unbind>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("reason", \.reason, .reason))
}

/// A shop is a merchant now.
public struct MerchantRegistered: Message {
    public static let type = "daifa.binding.merchant-registered.v1"
    public static let contract: Contract<MerchantRegistered> = .event(of: .binding, key: \.shopId, "A shop is a merchant now.")
    public var shopId = ""
    public var shopAlias = ""
    public var sender = Sender()
    public var acceptedTerms: [String] = []
    public init() {}
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
    public var contact = Contact()
    public var address = Address()
    public init() {}
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
    public init() {}
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
    public var address = Address()
    public var `default` = false
    public init() {}
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
    public init() {}
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
    public var sender = Sender()
    public var message: String?
    public init() {}
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
    public init() {}
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
    public init() {}
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
    public init() {}
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
    public init() {}
    public static let fields = Fields<Unbound>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("factoryShopId", \.factoryShopId, .shopId), Field("reason", \.reason),
        Field("by", \.by))
}
