import Contracts
import Machines

/// The consent of a marketplace's shop.
extension ChannelMachine {
    /// How many authorizations of a channel are remembered.
    private static let remembered = 20

    static func begin(_ before: State, _ command: Begin, _ context: Context) throws(Refusal) -> [Event] {
        guard command.channelId != nil else { throw Refusal(.invalid, "is missing", field: "channelId") }
        try ConsentRules.check(redirectUri: command.redirectUri)
        try requireOwned(before, context)
        guard before.platform == .pinduoduo else {
            throw Refusal(.invalid, "a channel of \(before.platform.rawValue) needs no consent", field: "channelId")
        }
        if let taken = taken(command.authorizationId, before, context) { throw taken }
        guard let appKey = context.settings.consents.pinduoduoAppKey else {
            throw Refusal(.appCredentialsRequired, "this platform has no application at Pinduoduo; ask the operator to set one up")
        }
        var state = before
        let superseded = superseding(state)
        state.beginning = command.authorizationId
        state.authorizations = (state.authorizations.filter { $0 != command.authorizationId } + [command.authorizationId]).suffix(
            remembered)
        let consent = ConsentRules.consent(
            state.account, command.authorizationId, redirectUri: command.redirectUri, after: state.life, context)
        state.life.begin(consent)
        let message = ConsentRequested(
            authorizationId: command.authorizationId, provider: .pinduoduo, merchantShopId: state.row.merchantShopId,
            factoryShopId: state.row.factoryShopId, channelId: state.row.channelId,
            authorizeUrl: context.settings.consents.pinduoduo.url(
                appKey: appKey, state: consent.state,
                redirectURI: consent.redirectUri ?? ConsentRules.callback(.pinduoduo, context.settings)), state: consent.state,
            expiresAt: consent.expiresAt, prerequisites: Offers.pinduoduoPrerequisites)
        return superseded + [.kept(state, row: nil), .announced(message, account: state.account, origin: nil)]
    }

    static func complete(_ before: State, _ command: Complete, _ context: Context) throws(Refusal) -> [Event] {
        let answer = try ConsentAnswer(command, context.actor)
        guard before.row.version > 0, before.authorizations.contains(command.authorizationId) else {
            throw Refusal(.notFound, "no authorization \(command.authorizationId) of this channel; send begin first, with the same key")
        }
        guard context.actor == before.owner || context.actor == Actor(.partner, Provider.pinduoduo.rawValue) else {
            throw Refusal(.forbidden, "only the channel's owner, or partner:pinduoduo, completes its consent, not \(context.actor)")
        }
        guard before.life.consent?.state != answer.state || before.beginning == command.authorizationId else {
            throw Refusal(.consentStateMismatch, "this state is another authorization's of the same channel")
        }
        let code = try ConsentRules.check(answer, before.life, .pinduoduo, context)
        if let taken = taken(command.authorizationId, before, context) { throw taken }
        var state = before
        state.life.consent?.completing = context.origin
        state.life.consent?.statement = answer.statement
        state.life.consent?.isPartners = answer.isPartners
        var effect = ExchangeChannelCode()
        effect.channelId = state.row.channelId
        effect.authorizationId = command.authorizationId
        effect.platform = state.platform
        effect.code = code
        return [.kept(state, row: nil), .exchange(effect)]
    }

    static func exchanged(_ before: State, _ effect: ExchangeChannelCode, _ reply: TokenReply, _ context: Context) -> [Event] {
        guard let consent = before.life.consent, consent.completing != nil, before.beginning == effect.authorizationId else { return [] }
        var state = before
        state.beginning = nil
        switch reply {
        case .failed(let reason, let detail): return failed(state, effect, reason, detail)
        case .tokens(let tokens):
            if let taken = taken(effect.authorizationId, state, context) {
                state.life.endConsent()
                return [.kept(state, row: nil), .refused(taken, origin: context.origin)]
            }
            guard tokens.ownerId == state.row.platformShopId else {
                return failed(
                    state, effect, .shopMismatch,
                    "the shop that logged in is not \(state.row.platformShopId ?? ""), which this channel is for")
            }
            return granted(&state, effect, tokens, consent, context)
        }
    }

    /// Why the id cannot be this channel's: an id names one authorization, and rows of other accounts and channels are not overwritten.
    private static func taken(_ authorizationId: String, _ state: State, _ context: Context) -> Refusal? {
        let holder = (services + AccountMachine.services).lazy.compactMap { context.tables.credential(authorizationId, $0)?.account }.first
        guard context.tables.warehouse(authorizationId) != nil || (holder != nil && holder != state.account) else { return nil }
        return Refusal(
            .invalid, "is the id of another account's authorization; choose another", field: "authorizationId", restsOnTable: true)
    }

    private static func failed(_ before: State, _ effect: ExchangeChannelCode, _ reason: ConsentFailure, _ detail: String) -> [Event] {
        var state = before
        state.life.endConsent()
        let message = ConsentFailed(
            authorizationId: effect.authorizationId, provider: .pinduoduo, merchantShopId: state.row.merchantShopId,
            factoryShopId: state.row.factoryShopId, channelId: state.row.channelId, reason: reason, detail: detail)
        return [.kept(state, row: nil), .announced(message, account: state.account, origin: nil)]
    }

    private static func granted(
        _ state: inout State, _ effect: ExchangeChannelCode, _ tokens: ProtectedTokens, _ consent: Consent, _ context: Context
    ) -> [Event] {
        let (isOn, source) = ConsentRules.subscription(tokens, consent)
        let waiting = state.life.grant?.waiting ?? []
        let before = state.row.authorizationId
        state.life.grant(tokens, messageSubscription: isOn)
        state.row.authorizationId = effect.authorizationId
        state.row.state = .active
        let message = Granted(
            authorizationId: effect.authorizationId, provider: .pinduoduo, merchantShopId: state.row.merchantShopId,
            factoryShopId: state.row.factoryShopId, channelId: state.row.channelId, messageSubscription: isOn, source: source,
            expiresAt: tokens.expiresAt)
        var events: [Event] = [.announced(message, account: state.account, origin: nil)]
        events += waiting.map { .announced(refreshedMessage(state), account: state.account, origin: $0) }
        if let before, before != effect.authorizationId {
            events += services.map { .credentialGone(authorizationId: before, $0) }
        }
        return events + inForce(&state, context, publishes: true) + downloads(state, context)
    }

    /// The exchange under way is given up: who waits for it is told.
    static func superseding(_ state: State) -> [Event] {
        guard let waiting = state.life.consent?.completing else { return [] }
        return [
            .dropped(effectId: ExchangeChannelCode.id(of: aggregate(state.row.channelId))),
            .refused(
                Refusal(.consentUsed, "a later begin, or a revoke, took this consent's place before the partner answered"),
                origin: waiting),
        ]
    }
}
