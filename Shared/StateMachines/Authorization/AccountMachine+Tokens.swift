import Contracts
import Machines
import Threads

/// Refreshing ahead of time, expiry, and the owner's own end.
extension AccountMachine {
    static func refresh(_ state: State, _ command: Refresh, _ context: Context) throws(Refusal) -> [Event] {
        let link = try owned(state, command.authorizationId, command.merchantShopId, context)
        if let grant = link.life.grant, grant.tokens.refresh == nil { throw ConsentRules.noRefreshToken(grant.tokens.expiresAt) }
        return try refreshNow(state, link, context)
    }

    /// The partner did not accept a token. One that was replaced meanwhile needs nothing but to be told so.
    static func report(_ state: State, _ command: ReportToken, _ context: Context) throws(Refusal) -> [Event] {
        _ = try account(context)
        try TokenReports.check(command, context)
        let link = try known(state, command.authorizationId)
        guard link.life.grant != nil, command.version < link.life.version else { return try refreshNow(state, link, context) }
        return [.announced(refreshedMessage(link, state), account: state.account, origin: nil)]
    }

    private static func refreshNow(_ state: State, _ link: AccountLink, _ context: Context) throws(Refusal) -> [Event] {
        var link = link
        guard let grant = link.life.grant else {
            throw Refusal(.notAuthorized, "authorization \(link.authorizationId) has no token; begin again")
        }
        guard grant.tokens.refresh != nil else {
            return expired(state, link, "the partner gave no refresh token with this one", answering: [context.origin])
        }
        try Bounds.require(grant.waiting.count, below: Bounds.waiting, "too many commands wait for the refresh under way")
        link.life.grant?.waiting.append(context.origin)
        // A refresh that is due may be under way, whatever the clock of its host says; to begin it anew would drop its answer, and with
        // it a token that works once.
        if let due = grant.refreshDue, due.milliseconds <= context.now.milliseconds + TokenLife.clockSkew {
            return [.linked(link, account: state.account)]
        }
        let events = refreshing(&link, state.account, due: context.now)
        return [.linked(link, account: state.account)] + events
    }

    static func refreshed(_ state: State, _ authorizationId: String, _ reply: TokenReply, _ context: Context) -> [Event] {
        guard var link = state.link(authorizationId), let grant = link.life.grant else { return [] }
        let waiting = grant.waiting.isEmpty ? [step(link, state.account, "refreshed")] : grant.waiting
        switch reply {
        case .failed(_, let reason): return expired(state, link, reason, answering: waiting)
        case .tokens(let tokens):
            link.life.renew(tokens)
            let message = refreshedMessage(link, state)
            return waiting.map { .announced(message, account: state.account, origin: $0) }
                + inForce(&link, state.account, context)
        }
    }

    static func ended(_ state: State, _ effect: TokenEnds, _ context: Context) -> [Event] {
        guard let link = state.link(effect.authorizationId), link.life.grant != nil else { return [] }
        return expired(
            state, link, "the token has ended, and the partner gave none to refresh it with",
            answering: [step(link, state.account, "expired")])
    }

    static func refreshedMessage(_ link: AccountLink, _ state: State) -> Refreshed {
        let row = link.terms.flatMap { state.warehouse(link.merchantShopId, $0) }
        return Refreshed(
            authorizationId: link.authorizationId, merchantShopId: link.merchantShopId, warehouseId: row?.warehouseId, code: row?.code,
            expiresAt: link.life.grant?.tokens.expiresAt ?? Timestamp(milliseconds: 0))
    }

    /// The events of a token's final end: only a new consent brings the warehouse back. The account stays linked.
    private static func expired(_ state: State, _ link: AccountLink, _ reason: String, answering origins: [Origin]) -> [Event] {
        var link = link
        link.life.end(.expired)
        let row = link.terms.flatMap { state.warehouse(link.merchantShopId, $0) }
        let message = Expired(
            authorizationId: link.authorizationId, merchantShopId: link.merchantShopId, warehouseId: row?.warehouseId, code: row?.code,
            reason: reason)
        var events: [Event] = [.linked(link, account: state.account)]
        events += origins.map { .announced(message, account: state.account, origin: $0) }
        if var row {
            let suspended = WarehouseSuspended(
                warehouseId: row.warehouseId, authorizationId: link.authorizationId, merchantShopId: row.merchantShopId, code: row.code)
            events.append(.announced(suspended, account: state.account, origin: step(link, state.account, "suspended")))
            row.state = .suspended
            row.version += 1
            events.append(.warehouse(row))
        }
        return events + withdrawn(link, state.account)
    }

    static func revoke(_ state: State, _ command: Revoke, _ context: Context) throws(Refusal) -> [Event] {
        var link = try owned(state, command.authorizationId, command.merchantShopId, context)
        guard link.life.isLinked else {
            throw Refusal(.notAuthorized, "authorization \(link.authorizationId) is not in force; there is nothing to revoke")
        }
        let waiting = link.life.grant?.waiting ?? []
        let superseded = superseding(link, state.account)
        link.life.endConsent()
        link.draft = nil
        link.claiming = nil
        link.life.end(.revoked)
        let released = releasing(&link, state.account)
        let row = link.terms.flatMap { state.warehouse(link.merchantShopId, $0) }
        let message = Revoked(
            authorizationId: link.authorizationId, merchantShopId: link.merchantShopId, warehouseId: row?.warehouseId, code: row?.code)
        var events: [Event] = [.linked(link, account: state.account), .announced(message, account: state.account, origin: nil)]
        if var row {
            let closed = WarehouseClosed(
                warehouseId: row.warehouseId, authorizationId: link.authorizationId, merchantShopId: row.merchantShopId, code: row.code)
            events.append(.announced(closed, account: state.account, origin: nil))
            row.state = .closed
            row.version += 1
            events.append(.warehouse(row))
        }
        events += superseded
        events += waiting.map { .refused(Refusal(.notAuthorized, "the authorization was revoked"), origin: $0) }
        return events + withdrawn(link, state.account) + released
    }
}

/// The services that may report a token.
enum TokenReports {
    /// - Throws: `forbidden`.
    static func check(_ command: ReportToken, _ context: Context) throws(Refusal) {
        let allowed: [ServiceName] = [.waybill, .shipping, .authorization]
        guard context.actor.kind == .service, context.actor.id == command.service.rawValue, allowed.contains(command.service) else {
            throw Refusal(.forbidden, "a token is reported by the service that used it, not by \(context.actor)")
        }
    }
}
