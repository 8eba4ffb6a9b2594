import Contracts
import Crypto
import Identity
import JSON
import Observability
import Runtime
import Threads

/// Tells on `daifa.console.events` what people do (contract, section 10): who, when and what, never a name.
///
/// An event that Kafka does not take in time is told by the log alone: nobody is locked out because nobody could be told.
struct ConsoleEvents: Sendable {
    let gateway: any CommandTransport
    let logger: Logger
    let clock: @Sendable () -> Timestamp
    /// Where operators look it up; nil: nowhere.
    var audit: (any AuditLog)?

    /// - Parameters:
    ///   - key: the shop, else the user's id.
    ///   - actor: the one who did it.
    func tell(_ event: some Message, key: String, actor: Actor?, user: String?) {
        let type = Swift.type(of: event).type
        note(String(type.split(separator: ".").dropFirst(2).first ?? ""), about: key, actor: actor, user: user, event.json)
        let message = OutgoingCommand(
            type: type, topic: ServiceName.console.events, key: key, body: event.json, id: RandomUUID.v4(),
            actor: actor ?? Actor(.service, ServiceName.console.rawValue), user: user, at: clock(), traceparent: nil)
        gateway.submit([message]) { [logger] isSent in
            if !isSent { logger.warning("what a person did could not be told", ["type": type, "user": user ?? "", "key": key]) }
        }
    }

    /// Keeps for operators what nobody else is told.
    func note(_ what: String, about: String, by caller: Caller, _ data: JSONValue = .object([])) {
        note(what, about: about, actor: Actor(caller.actor), user: caller.userId, data.json)
    }

    private func note(_ what: String, about: String, actor: Actor?, user: String?, _ data: [UInt8]) {
        let actor = (actor ?? Actor(.service, ServiceName.console.rawValue)).description
        do throws(PeopleError) {
            try audit?.note(AuditEntry(at: clock(), type: what, actor: actor, userId: user, about: about, data: data))
        } catch { logger.warning("what a person did could not be noted", ["type": what, "user": user ?? "", "reason": "\(error)"]) }
    }

    func sessionOpened(_ open: OpenSession) {
        let shop = Self.onlyShop(open.memberships)
        tell(SessionOpened(userId: open.user.userId, shopId: shop), key: shop ?? open.user.userId, actor: nil, user: open.user.userId)
    }

    func invited(by caller: Caller, to actor: String, as role: Role) {
        let shop = ActorText.shop(actor)?.shopId
        let userId = caller.userId ?? ""
        tell(
            UserInvited(userId: userId, shopId: shop, actor: actor, role: MembershipRole(role)), key: shop ?? userId,
            actor: Actor(caller.actor), user: caller.userId)
    }

    func joined(_ open: OpenSession, _ membership: Membership) {
        let shop = ActorText.shop(membership.actor)?.shopId
        tell(
            UserJoined(userId: open.user.userId, shopId: shop, actor: membership.actor, role: MembershipRole(membership.role)),
            key: shop ?? open.user.userId, actor: Actor(membership.actor), user: open.user.userId)
    }

    func passwordReset(_ open: OpenSession) {
        let shop = Self.onlyShop(open.memberships)
        tell(PasswordReset(userId: open.user.userId, shopId: shop), key: shop ?? open.user.userId, actor: nil, user: open.user.userId)
    }

    private static func onlyShop(_ memberships: [Membership]) -> String? {
        memberships.count == 1 ? memberships.first.flatMap { ActorText.shop($0.actor)?.shopId } : nil
    }
}

extension MembershipRole {
    init(_ role: Role) { self = role == .owner ? .owner : .clerk }
}
