extension Catalog {
    private static let shop = CatalogEntry.Key.field("shopId")
    private static let factory = CatalogEntry.Key.field("factoryShopId")
    private static let owner = ["merchant:<shopId>", "factory:<shopId>"]

    static let binding: [CatalogEntry] = [
        .command(
            RegisterMerchant.self, to: .binding, key: shop, by: ["merchant:<shopId>"], answers: [MerchantRegistered.self],
            refusals: [.roleAlreadyChosen, .termsNotAccepted], "A shop chooses to be a merchant, once."),
        .command(
            RegisterFactory.self, to: .binding, key: shop, by: ["factory:<shopId>"], answers: [FactoryRegistered.self],
            refusals: [.roleAlreadyChosen], "A shop chooses to be a factory, once."),
        .command(
            UpdateProfile.self, to: .binding, key: shop, by: owner, answers: [ProfileUpdated.self], refusals: [.notFound],
            "Changes any of the profile's fields."),
        .command(
            PutAddress.self, to: .binding, key: shop, by: owner, answers: [AddressPut.self],
            "Adds or replaces an address of a shop, also before it is registered."),
        .command(
            RemoveAddress.self, to: .binding, key: shop, by: owner, answers: [AddressRemoved.self], refusals: [.notFound],
            "Removes an address of a shop."),
        .command(
            Apply.self, to: .binding, key: .field("merchantShopId"), by: ["merchant:<merchantShopId>"], answers: [Applied.self],
            refusals: [.merchantNotRegistered, .factoryNotRegistered, .bindingExists, .tooManyPending],
            "A merchant asks a factory to be bound."),
        .command(
            Approve.self, to: .binding, key: factory, by: ["factory:<factoryShopId>"], answers: [Approved.self],
            refusals: [.notFound, .bindingNotPending], "The factory agrees."),
        .command(
            Decline.self, to: .binding, key: factory, by: ["factory:<factoryShopId>"], answers: [Declined.self],
            refusals: [.notFound, .bindingNotPending], "The factory does not agree."),
        .command(
            Withdraw.self, to: .binding, key: factory, by: ["merchant:<merchantShopId>"], answers: [Withdrawn.self],
            refusals: [.notFound, .bindingNotPending], "The merchant takes his application back."),
        .command(
            Unbind.self, to: .binding, key: factory, by: ["merchant:<merchantShopId>", "factory:<factoryShopId>"],
            answers: [Unbound.self], refusals: [.notFound, .bindingNotActive], "Either side ends an active binding."),

        .event(MerchantRegistered.self, of: .binding, key: shop, "A shop is a merchant now."),
        .event(FactoryRegistered.self, of: .binding, key: shop, "A shop is a factory now."),
        .event(ProfileUpdated.self, of: .binding, key: shop, "A profile was changed; its fields after the change."),
        .event(AddressPut.self, of: .binding, key: shop, "An address was added or replaced."),
        .event(AddressRemoved.self, of: .binding, key: shop, "An address was removed."),
        .event(Applied.self, of: .binding, key: factory, "The pair is pending."),
        .event(Approved.self, of: .binding, key: factory, "The pair is active."),
        .event(Declined.self, of: .binding, key: factory, "The pair is declined."),
        .event(Withdrawn.self, of: .binding, key: factory, "The application was taken back."),
        .event(Unbound.self, of: .binding, key: factory, "The pair has ended."),

        .internal(MerchantToFactory.self, "A merchant's shop presents itself to a factory's shop."),
        .internal(FactoryToPair.self, "The factory's shop passes it on to the pair."),
    ]
}
