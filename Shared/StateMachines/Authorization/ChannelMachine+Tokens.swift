import Contracts
import Machines
import Threads

/// A channel's token in force: its rows of `daifa.credentials`, its refresh, and its end.
extension ChannelMachine {
    /// The credentials are sealed anew, and the next refresh is scheduled; keeps the state.
    static func inForce(_ state: inout State, _ context: Context, publishes: Bool) -> [Event] {
        guard let grant = state.life.grant else { return [] }
        var events = seals(state, accessToken: grant.tokens.access)
        if grant.tokens.refresh != nil {
            let due = TokenLife.refreshDue(grant.tokens, state.row.authorizationId ?? "", now: context.now)
            events += refreshing(&state, due: due)
            events.append(.dropped(effectId: ChannelTokenEnds.id(of: aggregate(state.row.channelId))))
        } else {
            var effect = ChannelTokenEnds()
            effect.channelId = state.row.channelId
            events.append(.ends(effect, due: grant.tokens.expiresAt, origin: step(state, "ends")))
            events.append(.dropped(effectId: RefreshChannelToken.id(of: aggregate(state.row.channelId))))
        }
        return [publishes ? published(state) : .kept(state, row: nil)] + events
    }

    static func seals(_ state: State, accessToken: String?) -> [Event] {
        services.map { seal(state, accessToken: accessToken, for: $0, step: "seal-\($0.rawValue)") }
    }

    private static func seal(_ state: State, accessToken: String?, for service: ServiceName, step name: String) -> Event {
        var effect = SealChannelCredential()
        effect.channelId = state.row.channelId
        effect.authorizationId = state.row.authorizationId ?? ""
        effect.platform = state.platform
        effect.service = service
        effect.version = state.life.version
        effect.application = state.application ?? PartnerApplication()
        effect.accessToken = accessToken
        return .seal(effect, origin: step(state, name))
    }

    /// The service has another key now: the same credential once more, under its version.
    static func sealedAnew(_ state: State, _ item: ChannelSealOutdated) -> [Event] {
        let outdated = item.seal
        guard state.row.state == .active, state.row.authorizationId == outdated.authorizationId, state.life.version == outdated.version,
            services.contains(outdated.service)
        else { return [] }
        let name = "seal-\(outdated.service.rawValue)-\(outdated.keyId)"
        return [seal(state, accessToken: state.life.grant?.tokens.access, for: outdated.service, step: name)]
    }

    private static func refreshing(_ state: inout State, due: Timestamp) -> [Event] {
        guard let grant = state.life.grant, let token = grant.tokens.refresh else { return [] }
        state.life.grant?.refreshDue = due
        var effect = RefreshChannelToken()
        effect.channelId = state.row.channelId
        effect.authorizationId = state.row.authorizationId ?? ""
        effect.platform = state.platform
        effect.refreshToken = token
        effect.refreshExpiresAt = grant.tokens.refreshExpiresAt
        return [.refresh(effect, due: due, origin: step(state, "refresh"))]
    }

    static func sealed(_ state: State, _ effect: SealChannelCredential, _ sealed: Sealed) -> [Event] {
        guard state.row.state == .active, state.life.version == effect.version, state.row.authorizationId == effect.authorizationId else {
            return []
        }
        let row = CredentialRow(
            authorizationId: effect.authorizationId, service: effect.service, provider: state.platform.rawValue, account: state.account,
            sealed: sealed, expiresAt: state.life.grant?.tokens.expiresAt, version: effect.version)
        return [.credential(row)]
    }

    // MARK: Refresh

    static func refresh(_ state: State, _ command: Refresh, _ context: Context) throws(Refusal) -> [Event] {
        try requireOwned(state, context)
        let current = try current(state, command.authorizationId)
        if let grant = current.life.grant, grant.tokens.refresh == nil { throw ConsentRules.noRefreshToken(grant.tokens.expiresAt) }
        return try refreshNow(current, context)
    }

    /// The partner did not accept a token. One that was replaced meanwhile needs nothing but to be told so.
    static func report(_ state: State, _ command: ReportToken, _ context: Context) throws(Refusal) -> [Event] {
        try TokenReports.check(command, context)
        let state = try current(state, command.authorizationId)
        guard state.life.grant != nil, command.version < state.life.version else { return try refreshNow(state, context) }
        return [.announced(refreshedMessage(state), account: state.account, origin: nil)]
    }

    /// The channel, when this is its authorization.
    /// - Throws: `not-found`.
    private static func current(_ state: State, _ authorizationId: String) throws(Refusal) -> State {
        guard state.row.version > 0, state.row.authorizationId == authorizationId || state.authorizations.contains(authorizationId) else {
            throw Refusal(.notFound, "no authorization \(authorizationId) of this channel")
        }
        return state
    }

    private static func refreshNow(_ before: State, _ context: Context) throws(Refusal) -> [Event] {
        guard let grant = before.life.grant else {
            throw Refusal(.notAuthorized, "channel \(before.row.channelId) has no token that could be refreshed")
        }
        guard grant.tokens.refresh != nil else {
            return expired(before, "the partner gave no refresh token with this one", answering: [context.origin], context)
        }
        var state = before
        try Bounds.require(grant.waiting.count, below: Bounds.waiting, "too many commands wait for the refresh under way")
        state.life.grant?.waiting.append(context.origin)
        // A refresh that is due may be under way; to begin it anew would drop its answer, and with it a token that works once.
        if let due = grant.refreshDue, due.milliseconds <= context.now.milliseconds + TokenLife.clockSkew {
            return [.kept(state, row: nil)]
        }
        let events = refreshing(&state, due: context.now)
        return [.kept(state, row: nil)] + events
    }

    static func refreshed(_ before: State, _ authorizationId: String, _ reply: TokenReply, _ context: Context) -> [Event] {
        guard let grant = before.life.grant, before.row.authorizationId == authorizationId else { return [] }
        let waiting = grant.waiting.isEmpty ? [step(before, "refreshed")] : grant.waiting
        switch reply {
        case .failed(_, let reason): return expired(before, reason, answering: waiting, context)
        case .tokens(let tokens):
            var state = before
            state.life.renew(tokens)
            let message = refreshedMessage(state)
            return waiting.map { .announced(message, account: state.account, origin: $0) } + inForce(&state, context, publishes: false)
                + downloads(state, context)
        }
    }

    static func refreshedMessage(_ state: State) -> Refreshed {
        Refreshed(
            authorizationId: state.row.authorizationId ?? "", merchantShopId: state.row.merchantShopId,
            factoryShopId: state.row.factoryShopId, channelId: state.row.channelId,
            expiresAt: state.life.grant?.tokens.expiresAt ?? Timestamp(milliseconds: 0))
    }

    // MARK: The end

    static func ended(_ state: State, _ context: Context) -> [Event] {
        guard state.life.grant != nil else { return [] }
        return expired(
            state, "the token has ended, and the partner gave none to refresh it with", answering: [step(state, "expired")], context)
    }

    private static func expired(_ before: State, _ reason: String, answering origins: [Origin], _ context: Context) -> [Event] {
        var state = before
        state.life.end(.expired)
        state.row.state = .suspended
        let message = Expired(
            authorizationId: state.row.authorizationId ?? "", merchantShopId: state.row.merchantShopId,
            factoryShopId: state.row.factoryShopId, channelId: state.row.channelId, reason: reason)
        return origins.map { .announced(message, account: state.account, origin: $0) } + [published(state)] + withdrawn(state)
            + downloads(state, context)
    }

    static func revoke(_ before: State, _ command: Revoke, _ context: Context) throws(Refusal) -> [Event] {
        try requireOwned(before, context)
        var state = try current(before, command.authorizationId)
        guard state.row.authorizationId == command.authorizationId, state.row.state != .created, state.life.ending != .revoked else {
            throw Refusal(.notAuthorized, "authorization \(command.authorizationId) is not in force; there is nothing to revoke")
        }
        let waiting = state.life.grant?.waiting ?? []
        var superseded: [Event] = []
        // A consent under way would bring it back.
        if state.beginning == command.authorizationId {
            superseded = superseding(state)
            state.life.endConsent()
            state.beginning = nil
        }
        state.life.end(.revoked)
        state.row.state = .suspended
        state.application = nil
        let message = Revoked(
            authorizationId: command.authorizationId, merchantShopId: state.row.merchantShopId, factoryShopId: state.row.factoryShopId,
            channelId: state.row.channelId)
        var events: [Event] = [.announced(message, account: state.account, origin: nil), published(state)]
        events += superseded
        events += waiting.map { .refused(Refusal(.notAuthorized, "the authorization was revoked"), origin: $0) }
        return events + withdrawn(state) + downloads(state, context)
    }

    /// Withdraws the sealed credentials and ends refreshing.
    private static func withdrawn(_ state: State) -> [Event] {
        let aggregate = aggregate(state.row.channelId)
        let sealed = services.flatMap { service -> [Event] in
            [
                .credentialGone(authorizationId: state.row.authorizationId ?? "", service),
                .dropped(effectId: SealChannelCredential.id(of: aggregate, service.rawValue)),
            ]
        }
        return sealed + [
            .dropped(effectId: RefreshChannelToken.id(of: aggregate)), .dropped(effectId: ChannelTokenEnds.id(of: aggregate)),
        ]
    }
}
