extension Catalog {
    private static let account = CatalogEntry.Key.account
    private static let merchant = CatalogEntry.Key.field("merchantShopId")
    private static let owner = ["merchant:<merchantShopId>", "merchant:<the channel's>", "factory:<the channel's>"]

    static let authorization: [CatalogEntry] = [
        .command(
            ListProviders.self, to: .authorization, key: merchant, by: ["merchant:<merchantShopId>"], answers: [ProvidersListed.self],
            "What a merchant can link, and which mode suits him."),
        .command(
            Begin.self, to: .authorization, key: account, by: owner, answers: [ConsentRequested.self],
            refusals: [
                .notFound, .pinLinkedToOtherMerchant, .appCredentialsRequired, .merchantNotRegistered, .factoryNotRegistered,
                .tooManyPending,
            ],
            "Asks for a consent: of a partner's account, or for a channel."),
        .command(
            Complete.self, to: .authorization, key: account,
            by: ["merchant:<the authorization's>", "factory:<the authorization's>", "partner:<the account's>"],
            answers: [Granted.self, ConsentFailed.self],
            refusals: [
                .notFound, .consentStateMismatch, .consentExpired, .consentUsed, .consentDenied, .pinLinkedToOtherMerchant,
            ], "What came back from the partner's login page."),
        .command(
            Refresh.self, to: .authorization, key: account, by: owner, answers: [Refreshed.self, Expired.self],
            refusals: [.notFound, .notAuthorized, .tooManyPending], "Renews the token ahead of time."),
        .command(
            Revoke.self, to: .authorization, key: account, by: owner, answers: [Revoked.self], refusals: [.notFound, .notAuthorized],
            "Ends an authorization: its tokens are forgotten, its warehouse is closed."),
        .command(
            CreateChannel.self, to: .authorization, key: account, by: ["merchant:<merchantShopId>", "factory:<factoryShopId>"],
            answers: [ChannelCreated.self], refusals: [.channelIncomplete, .merchantNotRegistered, .factoryNotRegistered],
            "Adds a channel, or changes what it was created with."),
        .command(
            SetPolicy.self, to: .authorization, key: account, by: ["merchant:<the channel's>", "factory:<the channel's>"],
            answers: [PolicySet.self], refusals: [.notFound], "What a channel does by itself."),
        .command(
            ReportToken.self, to: .authorization, key: account, by: ["service:waybill", "service:shipping", "service:authorization"],
            answers: [Refreshed.self, Expired.self], refusals: [.notFound, .notAuthorized, .tooManyPending],
            "A partner did not accept a token; authorization refreshes it ahead of time."),

        .event(ProvidersListed.self, of: .authorization, key: merchant, "What a merchant can link."),
        .event(ConsentRequested.self, of: .authorization, key: account, "A person has to log in at the partner, and come back."),
        .event(Granted.self, of: .authorization, key: account, "The partner has given a token."),
        .event(ConsentFailed.self, of: .authorization, key: account, "The partner decided against it."),
        .event(Refreshed.self, of: .authorization, key: account, "There is a newer token."),
        .event(Expired.self, of: .authorization, key: account, "The token has ended for good: only a new consent helps."),
        .event(Revoked.self, of: .authorization, key: account, "The authorization was ended by its owner."),
        .event(WarehouseCreated.self, of: .authorization, key: account, "A partner's warehouse can be allocated to."),
        .event(WarehouseSuspended.self, of: .authorization, key: account, "A warehouse waits for a new consent."),
        .event(WarehouseResumed.self, of: .authorization, key: account, "A suspended warehouse has a token again."),
        .event(WarehouseClosed.self, of: .authorization, key: account, "The authorization of a warehouse was revoked."),
        .event(ChannelCreated.self, of: .authorization, key: account, "A channel is known."),
        .event(
            PolicySet.self, of: .authorization, key: account, readers: [.shipping, .waybill], "What a channel does by itself from now on."),
        .event(DownloadFailed.self, of: .authorization, key: account, "A platform refuses to give a list of a channel's shop."),

        .internal(OrderSeen.self, "An order as its platform showed it."),
        .internal(AfterSaleSeen.self, "An after-sale of a platform's list."),
        .internal(OrderPushed.self, "A platform's message said that an order has changed."),
        .internal(OwnerClaim.self, "An account asks whether who has logged in is linked to another merchant."),
        .internal(OwnerRelease.self, "An authorization that has ended gives its owner back."),
        .internal(OwnerAnswer.self, "Whether an account's merchant may be linked to who has logged in."),
        .internal(AccountSealOutdated.self, "A service has a newer key than an account's credential is sealed with."),
        .internal(ChannelSealOutdated.self, "A service has a newer key than a channel's credential is sealed with."),
    ]
}
