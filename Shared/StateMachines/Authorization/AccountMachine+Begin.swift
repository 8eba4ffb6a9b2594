import Contracts
import JSON
import Machines
import Threads

/// Asking for a consent.
extension AccountMachine {
    /// Milliseconds after which an authorization of which nothing came is forgotten.
    private static let forgottenAfter = 86_400_000

    static func begin(_ state: State, _ command: Begin, _ context: Context) throws(Refusal) -> [Event] {
        func given<Value>(_ value: Value?, _ field: String) throws(Refusal) -> Value {
            guard let value else { throw Refusal(.invalid, "is missing", field: field) }
            return value
        }
        let merchantShopId = try given(command.merchantShopId, "merchantShopId")
        let provider = try given(command.provider, "provider")
        guard provider == .jdFulfillment else {
            throw Refusal(
                .invalid, "\(provider.rawValue) is reached through a channel: create one, and begin with its channelId", field: "provider")
        }
        let mode = try given(command.mode, "mode")
        guard PartnerAccount.key(provider, try given(command.pin, "pin")) != nil else {
            throw Refusal(.invalid, "expected a PIN without invisible characters inside: copy it again as JD shows it", field: "pin")
        }
        let (account, _, _) = try self.account(context)
        let terms = try self.terms(state, command, mode, account, context)
        try ConsentRules.check(redirectUri: command.redirectUri)
        try context.require(.merchant, merchantShopId)
        try requireFree(state, command.authorizationId, account, merchantShopId)
        if let taken = taken(command.authorizationId, account, merchantShopId, context) { throw taken }
        try requireSameWarehouse(state, command.authorizationId, terms)
        if let owner = state.owner, owner != merchantShopId {
            throw Refusal(
                .pinLinkedToOtherMerchant, "this PIN is linked to another merchant; a PIN belongs to one merchant until he revokes it")
        }
        try requireRoom(state, command.authorizationId, merchantShopId, context)
        guard !terms.application.appKey.isEmpty else { throw missingApplication(mode, command) }
        guard context.tables.participant(merchantShopId)?.role == .merchant else {
            throw Refusal(
                .merchantNotRegistered, "shop \(merchantShopId) is not registered as a merchant; send register-merchant first",
                restsOnTable: true)
        }
        return begun(state, command, terms, account, merchantShopId, context)
    }

    private static func begun(
        _ state: State, _ command: Begin, _ terms: LinkTerms, _ account: String, _ merchantShopId: String, _ context: Context
    ) -> [Event] {
        var link = state.link(command.authorizationId) ?? AccountLink()
        let superseded = superseding(link, account)
        link.authorizationId = command.authorizationId
        link.merchantShopId = merchantShopId
        link.askedAt = context.now
        link.draft = terms
        link.claiming = nil
        let consent = ConsentRules.consent(
            account, command.authorizationId, redirectUri: command.redirectUri, after: link.life, context)
        link.life.begin(consent)

        let page = terms.api == .eclp ? context.settings.consents.jos : context.settings.consents.isc
        let message = ConsentRequested(
            authorizationId: command.authorizationId, provider: .jdFulfillment, merchantShopId: merchantShopId,
            authorizeUrl: page.url(
                appKey: terms.application.appKey, state: consent.state,
                redirectURI: consent.redirectUri ?? ConsentRules.callback(.jdFulfillment, context.settings)), state: consent.state,
            expiresAt: consent.expiresAt, recommendedMode: Offers.recommendedMode(dailyOrders: command.dailyOrders, canObtainAppKey: nil),
            prerequisites: Offers.jdPrerequisites)
        return stale(state, context).map { .forgotten(authorizationId: $0) } + superseded
            + [.linked(link, account: account), .announced(message, account: account, origin: nil)]
    }

    /// Anybody may begin with any PIN: what was never granted is not kept for ever.
    private static func stale(_ state: State, _ context: Context) -> [String] {
        guard context.isClockSteady else { return [] }
        return state.links.filter { link in
            link.terms == nil && link.life.consent?.completing == nil
                && context.now.milliseconds > link.askedAt.milliseconds + forgottenAfter
        }.map(\.authorizationId)
    }

    // MARK: Checks

    /// - Throws: `too-many-pending`.
    private static func requireRoom(
        _ state: State, _ authorizationId: String, _ merchantShopId: String, _ context: Context
    ) throws(Refusal) {
        guard state.link(authorizationId) == nil else { return }
        let stale = Set(stale(state, context))
        let links = state.links.filter { !stale.contains($0.authorizationId) }
        let own = links.filter { $0.terms == nil && $0.merchantShopId == merchantShopId }
        try Bounds.require(own.count, below: Bounds.pendingLinks, "too many authorizations were begun under this account and not completed")
        try Bounds.require(links.count, below: Bounds.links, "there are too many authorizations under this account")
    }

    /// The terms of a new consent; a term that it leaves out stays as the warehouse has it.
    private static func terms(
        _ state: State, _ command: Begin, _ mode: AuthorizationMode, _ account: String, _ context: Context
    ) throws(Refusal) -> LinkTerms {
        var terms = LinkTerms()
        terms.mode = mode
        terms.departmentCode = PartnerAccount.normalized(command.departmentCode ?? "")
        guard VisibleText.isIn(terms.departmentCode) else { throw Refusal(.invalid, "is missing", field: "departmentCode") }
        terms.warehouseCode = PartnerAccount.normalized(command.warehouseCode ?? "")
        guard VisibleText.isIn(terms.warehouseCode) else { throw Refusal(.invalid, "is missing", field: "warehouseCode") }
        let known = state.warehouse(command.merchantShopId ?? "", terms)
        terms.api = command.api ?? known.flatMap { WarehouseAPI(rawValue: $0.api) } ?? .eclp
        terms.shopNo = command.shopNo ?? known?.shopNo
        terms.supplierNo = command.supplierNo ?? known?.supplierNo
        terms.carrierCode = command.carrierCode ?? known?.carrierCode
        terms.isvSource = command.isvSource ?? known?.isvSource ?? context.settings.consents.jdISVSource
        switch mode {
        case .convenient: terms.application.appKey = context.settings.consents.jdAppKey ?? ""
        case .standard:
            if let sealed = command.appSecretSealed, let appKey = command.appKey {
                guard context.secrets.opens(sealed, info: SealInfo.appSecret, aad: account) else {
                    throw Refusal(
                        .invalid, "cannot be opened; seal it with authorization's newest app-secret key, bound to this command's key",
                        field: "appSecretSealed")
                }
                terms.application = PartnerApplication(appKey: appKey, appSecretSealed: sealed)
            }
        }
        return terms
    }

    private static func missingApplication(_ mode: AuthorizationMode, _ command: Begin) -> Refusal {
        switch mode {
        case .convenient:
            Refusal(.appCredentialsRequired, "this platform has no application at JD; use mode standard, or ask the operator to set one up")
        case .standard:
            Refusal(
                .appCredentialsRequired, "mode standard needs the seller's own appKey and appSecretSealed",
                field: command.appKey == nil ? "appKey" : "appSecretSealed")
        }
    }

    private static func requireFree(_ state: State, _ authorizationId: String, _ account: String, _ merchantShopId: String) throws(Refusal)
    {
        guard let link = state.link(authorizationId), link.merchantShopId != merchantShopId else { return }
        throw Refusal(.forbidden, "authorization \(authorizationId) is another merchant's")
    }

    /// Why the id cannot be this account's: an id names one authorization, and rows of other accounts and channels are not overwritten.
    static func taken(_ authorizationId: String, _ account: String, _ merchantShopId: String, _ context: Context) -> Refusal? {
        let warehouse = context.tables.warehouse(authorizationId)
        let isElsewhere = warehouse.map { PartnerAccount.key(.jdFulfillment, $0.pin) != account } ?? false
        let holder = services.lazy.compactMap { context.tables.credential(authorizationId, $0)?.account }.first
        guard isElsewhere || (holder != nil && holder != account) || context.tables.channel(authorizationId) != nil else { return nil }
        if let warehouse, isElsewhere, warehouse.merchantShopId != merchantShopId {
            return Refusal(.forbidden, "authorization \(authorizationId) is another merchant's", restsOnTable: true)
        }
        return Refusal(
            .invalid, "is the id of another account's authorization or of a channel; choose another", field: "authorizationId",
            restsOnTable: true)
    }

    private static func requireSameWarehouse(_ state: State, _ authorizationId: String, _ terms: LinkTerms) throws(Refusal) {
        guard let before = state.link(authorizationId)?.terms, !before.isSameWarehouse(as: terms) else { return }
        throw Refusal(
            .invalid, "authorization \(authorizationId) leads to another department or warehouse; use another authorizationId for this one",
            field: before.departmentCode == terms.departmentCode ? "warehouseCode" : "departmentCode")
    }
}
