import Contracts
import Machines

/// Coming back from the partner's page: exchange the code, verify what the token is for, and link the account.
extension AccountMachine {
    static func complete(_ state: State, _ command: Complete, _ context: Context) throws(Refusal) -> [Event] {
        let (account, provider, _) = try self.account(context)
        let answer = try ConsentAnswer(command, context.actor)
        var link = try known(state, command.authorizationId)
        guard context.actor == Actor(.merchant, link.merchantShopId) || context.actor == Actor(.partner, provider.rawValue) else {
            throw Refusal(
                .forbidden, "only the merchant who began, or partner:\(provider.rawValue), completes a consent, not \(context.actor)")
        }
        let code = try ConsentRules.check(answer, link.life, provider, context)
        if let owner = state.owner, owner != link.merchantShopId { throw linkedToOther }
        if let taken = taken(link.authorizationId, account, link.merchantShopId, context) { throw taken }
        guard let terms = link.draft else { return [] }
        link.life.consent?.completing = context.origin
        link.life.consent?.statement = answer.statement
        link.life.consent?.isPartners = answer.isPartners
        var effect = ExchangeCode()
        effect.account = account
        effect.authorizationId = link.authorizationId
        effect.api = terms.api
        effect.application = terms.application
        effect.code = code
        return [.linked(link, account: account), .exchange(effect)]
    }

    private static var linkedToOther: Refusal {
        Refusal(.pinLinkedToOtherMerchant, "this PIN was linked to another merchant meanwhile; a PIN belongs to one merchant")
    }

    static func exchanged(_ state: State, _ effect: ExchangeCode, _ reply: TokenReply, _ context: Context) -> [Event] {
        guard var link = state.link(effect.authorizationId), link.life.consent?.completing != nil, link.life.unverified == nil,
            let terms = link.draft
        else { return [] }
        if let discarded = discarded(state, link, context) { return discarded }
        switch reply {
        case .failed(let reason, let detail): return failed(link, state.account, reason, detail)
        case .tokens(let tokens):
            link.life.unverified = tokens
            var next = VerifyCodes()
            next.account = state.account
            next.authorizationId = link.authorizationId
            next.api = terms.api
            next.application = terms.application
            next.pin = PartnerAccount.parts(state.account)?.account ?? ""
            next.departmentCode = terms.departmentCode
            next.warehouseCode = terms.warehouseCode
            next.accessToken = tokens.access
            return [.linked(link, account: state.account), .verify(next)]
        }
    }

    static func verified(_ state: State, _ effect: VerifyCodes, _ reply: CodesReply, _ context: Context) -> [Event] {
        guard let link = state.link(effect.authorizationId), let tokens = link.life.unverified, let terms = link.draft else { return [] }
        if let discarded = discarded(state, link, context) { return discarded }
        switch reply {
        case .failed(let reason, let detail): return failed(link, state.account, reason, detail)
        case .known:
            guard let owner = OwnerMachine.owner(.jdFulfillment, terms.api, tokens.ownerId) else {
                return granted(state, link, terms, tokens, context)
            }
            var link = link
            link.claiming = owner
            let claim = OwnerClaim(
                owner: owner, account: state.account, authorizationId: link.authorizationId, merchantShopId: link.merchantShopId)
            return [.linked(link, account: state.account), .claimed(claim)]
        }
    }

    /// Whether the one who has logged in is linked to nobody else. An answer that nobody waits for any more is given back.
    static func owned(_ state: State, _ item: OwnerAnswer, _ context: Context) -> [Event] {
        guard var link = state.link(item.authorizationId), link.claiming == item.owner, let tokens = link.life.unverified,
            let terms = link.draft
        else {
            let isHeld = state.link(item.authorizationId)?.owner == item.owner
            return item.isGranted && !isHeld ? [release(item.owner, state.account, item.authorizationId)] : []
        }
        let before = link.owner
        link.claiming = nil
        if let discarded = discarded(state, link, context) {
            let isGivenBack = item.isGranted && before != item.owner
            return discarded + (isGivenBack ? [release(item.owner, state.account, link.authorizationId)] : [])
        }
        guard item.isGranted else {
            link.life.endConsent()
            let refusal = Refusal(
                .pinLinkedToOtherMerchant,
                "who has logged in at the partner is linked to another merchant, under this or another PIN; log in as somebody else, or have it revoked"
            )
            return [.linked(link, account: state.account), .refused(refusal, origin: context.origin)]
        }
        link.owner = item.owner
        let released = before.flatMap { $0 == item.owner ? nil : release($0, state.account, link.authorizationId) }
        return granted(state, link, terms, tokens, context) + (released.map { [$0] } ?? [])
    }

    static func release(_ owner: String, _ account: String, _ authorizationId: String) -> Event {
        .released(OwnerRelease(owner: owner, account: account, authorizationId: authorizationId))
    }

    /// The link holds its owner no longer.
    static func releasing(_ link: inout AccountLink, _ account: String) -> [Event] {
        guard let owner = link.owner else { return [] }
        link.owner = nil
        return [release(owner, account, link.authorizationId)]
    }

    /// Another merchant was granted first, or another account under the same id: this token is discarded, whatever the partner said.
    ///
    /// Two accounts that are granted with one id within the time that a row takes to its readers are not told apart.
    private static func discarded(_ state: State, _ link: AccountLink, _ context: Context) -> [Event]? {
        let isOthers = state.owner.map { $0 != link.merchantShopId } ?? false
        guard let refusal = isOthers ? linkedToOther : taken(link.authorizationId, state.account, link.merchantShopId, context) else {
            return nil
        }
        var link = link
        link.life.endConsent()
        link.claiming = nil
        return [.linked(link, account: state.account), .refused(refusal, origin: context.origin)]
    }

    private static func failed(_ link: AccountLink, _ account: String, _ reason: ConsentFailure, _ detail: String?) -> [Event] {
        var link = link
        link.life.endConsent()
        link.draft = nil
        let message = ConsentFailed(
            authorizationId: link.authorizationId, provider: .jdFulfillment, merchantShopId: link.merchantShopId, reason: reason,
            detail: detail)
        return [.linked(link, account: account), .announced(message, account: account, origin: nil)]
    }
}
