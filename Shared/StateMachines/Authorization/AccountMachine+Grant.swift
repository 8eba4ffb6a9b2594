import Contracts
import Machines
import Threads

/// A token in force: its warehouse, its rows of `daifa.credentials`, its refresh, and its end.
extension AccountMachine {
    static func granted(_ state: State, _ link: AccountLink, _ terms: LinkTerms, _ tokens: ProtectedTokens, _ context: Context) -> [Event] {
        let account = state.account
        let (isOn, source) = ConsentRules.subscription(tokens, link.life.consent)
        let waiting = link.life.grant?.waiting ?? []
        var link = link
        link.life.grant(tokens, messageSubscription: isOn)
        link.terms = terms
        link.draft = nil
        let before = state.warehouse(link.merchantShopId, terms)
        let row = warehouse(before, link, terms, account)

        let message = Granted(
            authorizationId: link.authorizationId, provider: .jdFulfillment, merchantShopId: link.merchantShopId,
            warehouseId: row.warehouseId, code: row.code, messageSubscription: isOn, source: source, expiresAt: tokens.expiresAt)
        var events: [Event] = [.announced(message, account: account, origin: nil)]
        switch before?.state {
        case nil, .closed: events.append(.announced(created(row, .jdFulfillment), account: account, origin: nil))
        case .suspended: events.append(.announced(resumed(row), account: account, origin: nil))
        case .active: break
        }
        events.append(.warehouse(row))
        for other in state.links where other.authorizationId != link.authorizationId && other.life.isLinked {
            if other.terms?.isSameWarehouse(as: terms) == true { events += replaced(other, account) }
        }
        events += waiting.map { origin -> Event in
            var refreshed = refreshedMessage(link, state)
            (refreshed.warehouseId, refreshed.code) = (row.warehouseId, row.code)
            return .announced(refreshed, account: account, origin: origin)
        }
        return events + inForce(&link, account, context)
    }

    private static func warehouse(_ before: WarehouseRow?, _ link: AccountLink, _ terms: LinkTerms, _ account: String) -> WarehouseRow {
        let (provider, pin) = PartnerAccount.parts(account) ?? (.jdFulfillment, "")
        return WarehouseRow(
            warehouseId: before?.warehouseId ?? link.authorizationId,
            code: "\(terms.warehouseCode)-\(terms.departmentCode)-\(pin)", provider: provider.rawValue,
            merchantShopId: link.merchantShopId, pin: pin, departmentCode: terms.departmentCode, warehouseCode: terms.warehouseCode,
            messageSubscription: link.life.grant?.messageSubscription ?? false, authorizationId: link.authorizationId,
            api: terms.api.rawValue, shopNo: terms.shopNo, supplierNo: terms.supplierNo, carrierCode: terms.carrierCode,
            isvSource: terms.isvSource, state: .active, version: (before?.version ?? 0) + 1)
    }

    /// The credentials are sealed anew, and the next refresh is scheduled; keeps the link.
    static func inForce(_ link: inout AccountLink, _ account: String, _ context: Context) -> [Event] {
        guard let grant = link.life.grant else { return [] }
        var events = services.compactMap { seal(link, account, for: $0, step: "seal-\($0.rawValue)") }
        if grant.tokens.refresh != nil {
            let due = TokenLife.refreshDue(grant.tokens, link.authorizationId, now: context.now)
            events += refreshing(&link, account, due: due)
            events.append(.dropped(effectId: TokenEnds.id(of: aggregate(account), link.authorizationId)))
        } else {
            var effect = TokenEnds()
            effect.account = account
            effect.authorizationId = link.authorizationId
            events.append(.ends(effect, due: grant.tokens.expiresAt, origin: step(link, account, "ends")))
            events.append(.dropped(effectId: RefreshToken.id(of: aggregate(account), link.authorizationId)))
        }
        return [.linked(link, account: account)] + events
    }

    private static func seal(_ link: AccountLink, _ account: String, for service: ServiceName, step name: String) -> Event? {
        guard let grant = link.life.grant, let terms = link.terms else { return nil }
        var effect = SealCredential()
        effect.account = account
        effect.authorizationId = link.authorizationId
        effect.service = service
        effect.version = link.life.version
        effect.application = terms.application
        effect.accessToken = grant.tokens.access
        return .seal(effect, origin: step(link, account, name))
    }

    /// The service has another key now: the same credential once more, under its version.
    static func sealedAnew(_ state: State, _ item: AccountSealOutdated) -> [Event] {
        let outdated = item.seal
        guard let link = state.link(outdated.authorizationId), link.life.version == outdated.version, services.contains(outdated.service)
        else { return [] }
        let name = "seal-\(outdated.service.rawValue)-\(outdated.keyId)"
        return seal(link, state.account, for: outdated.service, step: name).map { [$0] } ?? []
    }

    /// Schedules the refresh, instead of one that is not due yet.
    static func refreshing(_ link: inout AccountLink, _ account: String, due: Timestamp) -> [Event] {
        guard let grant = link.life.grant, let token = grant.tokens.refresh, let terms = link.terms else { return [] }
        link.life.grant?.refreshDue = due
        var effect = RefreshToken()
        effect.account = account
        effect.authorizationId = link.authorizationId
        effect.api = terms.api
        effect.application = terms.application
        effect.refreshToken = token
        effect.refreshExpiresAt = grant.tokens.refreshExpiresAt
        return [.refresh(effect, due: due, origin: step(link, account, "refresh"))]
    }

    static func sealed(_ state: State, _ effect: SealCredential, _ sealed: Sealed) -> [Event] {
        guard let link = state.link(effect.authorizationId), let grant = link.life.grant, link.life.version == effect.version else {
            return []
        }
        let row = CredentialRow(
            authorizationId: effect.authorizationId, service: effect.service, provider: Provider.jdFulfillment.rawValue,
            account: state.account, sealed: sealed, expiresAt: grant.tokens.expiresAt, version: effect.version)
        return [.credential(row)]
    }

    // MARK: The end

    /// No token any more: what was sealed is withdrawn, and nothing is refreshed.
    static func withdrawn(_ link: AccountLink, _ account: String) -> [Event] {
        let sealed = services.flatMap { service -> [Event] in
            let effect = SealCredential.discriminator(link.authorizationId, service)
            return [
                .credentialGone(authorizationId: link.authorizationId, service),
                .dropped(effectId: SealCredential.id(of: aggregate(account), effect)),
            ]
        }
        return sealed + [
            .dropped(effectId: RefreshToken.id(of: aggregate(account), link.authorizationId)),
            .dropped(effectId: TokenEnds.id(of: aggregate(account), link.authorizationId)),
        ]
    }

    private static func replaced(_ link: AccountLink, _ account: String) -> [Event] {
        var link = link
        let waiting = link.life.grant?.waiting ?? []
        link.life.end(.replaced)
        let released = releasing(&link, account)
        let refusals = waiting.map { origin -> Event in
            .refused(Refusal(.notAuthorized, "another authorization has taken this warehouse over"), origin: origin)
        }
        return [.linked(link, account: account)] + refusals + withdrawn(link, account) + released
    }

    static func created(_ row: WarehouseRow, _ provider: Provider) -> WarehouseCreated {
        WarehouseCreated(
            warehouseId: row.warehouseId, authorizationId: row.authorizationId, merchantShopId: row.merchantShopId, provider: provider,
            code: row.code, pin: row.pin, departmentCode: row.departmentCode, warehouseCode: row.warehouseCode,
            messageSubscription: row.messageSubscription)
    }

    private static func resumed(_ row: WarehouseRow) -> WarehouseResumed {
        WarehouseResumed(
            warehouseId: row.warehouseId, authorizationId: row.authorizationId, merchantShopId: row.merchantShopId, code: row.code)
    }
}
