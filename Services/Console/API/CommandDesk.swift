import Contracts
import Crypto
import HTTP
import Identity
import JSON
import ReadModel
import Runtime
import Threads
import Web

/// Takes commands of people and other systems: records them, writes them to Kafka, and waits for their answers. For the API and the pages.
struct CommandDesk: Sendable {
    /// Seconds that a request waits for an answer, unless it says otherwise, and at most.
    static let usualWait = 10
    static let longestWait = 30

    let ledger: any RequestLedger
    let model: any ReadModel
    let pending: PendingCommands
    let gateway: any CommandTransport
    let waiters: AnswerWaiters
    let clock: @Sendable () -> Timestamp

    /// One command that is ready to be sent.
    struct Request: Sendable {
        var name: CommandName
        var body: [UInt8]
        var caller: Caller
        /// Repeating it under the same key is the same request.
        var idempotencyKey: IdempotencyKey?
        var traceparent: String?
        /// What has to stand there for the command to be sent.
        var precondition: Precondition?
    }

    /// What came of a request within the time.
    enum Outcome: Sendable {
        /// As it is recorded, answered or not yet.
        case known(SentCommand)
        case problem(Problem)
    }

    /// Sends a command, and tells once, on whatever thread, what came of it.
    /// - Throws: why it is not sent at all.
    func send(_ request: Request, waiting seconds: Int, _ done: @escaping @Sendable (Outcome) -> Void) throws(Problem) {
        guard request.name.isForPeople, request.name.mayBeSent(by: request.caller.role) else { throw Problem(.forbidden) }
        guard let actor = Actor(request.caller.actor) else { throw Problem(.forbidden) }
        let key = try key(of: request.body, request.name, request.caller)
        let (id, isRepeated) = try claim(request.idempotencyKey)
        let now = clock()
        let known = isRepeated ? try command(id, of: request.caller) : nil
        if let known, known.state != .pending { return done(.known(known)) }
        // One that was sent before is not judged again by what it has changed itself.
        if known == nil, let precondition = request.precondition {
            try precondition.check(request.name, request.body, by: actor, in: model)
        }
        let sent = SentCommand(
            commandId: id, actor: request.caller.actor, user: request.caller.name, service: request.name.service.rawValue,
            command: request.name.command, key: key, at: now)
        try keep { (ledger) throws(PeopleError) in try ledger.record(sent) }
        let command = OutgoingCommand(
            type: request.name.entry.type, topic: request.name.entry.topic, key: key, body: request.body, id: id, actor: actor,
            user: request.caller.userId, at: now, traceparent: request.traceparent)
        let caller = request.caller
        let deadline = Deadline.after(Double(seconds))
        pending.expect([id: request.caller.actor])
        gateway.submit([command]) { isSent in
            guard isSent else { return done(.problem(.unconfirmed(commandId: id))) }
            guard seconds > 0 else { return done(outcome(id, caller)) }
            waiters.wait(for: id, until: deadline) { done(outcome(id, caller)) }
            // It may have been answered before anybody waited.
            if case .known(let known) = outcome(id, caller), known.state != .pending { waiters.answered([id]) }
        }
    }

    /// The Kafka key of a command's data.
    func key(of body: [UInt8], _ name: CommandName, _ caller: Caller) throws(Problem) -> String {
        try name.key(of: body) { (authorizationId) throws(Problem) in
            guard let key = try accountKey(authorizationId, caller) else { throw Problem(RefusalCode.notFound, field: "authorizationId") }
            return key
        }
    }

    /// nil: the caller has no such authorization.
    private func accountKey(_ authorizationId: String, _ caller: Caller) throws(Problem) -> String? {
        guard let shop = Actor(caller.actor)?.id else { return nil }
        var page = PageRequest(limit: PageRequest.limits.upperBound)
        repeat {
            let found: [AuthorizationView]
            do throws(ReadModelError) {
                let read = try model.authorizations(shop: shop, page)
                (found, page.after) = (read.items, read.next)
            } catch { throw Problem(error) }
            if let one = found.first(where: { $0.authorizationId == authorizationId }) {
                if let channelId = one.channelId { return PartnerAccount.key(ofChannel: channelId) }
                return one.provider.flatMap { Provider(rawValue: $0) }.flatMap { provider in
                    one.pin.flatMap { PartnerAccount.key(provider, $0) }
                }
            }
        } while page.after != nil
        return nil
    }

    private func outcome(_ id: String, _ caller: Caller) -> Outcome {
        do throws(Problem) {
            guard let known = try command(id, of: caller) else { return .problem(.unavailable) }
            return .known(known)
        } catch { return .problem(error) }
    }

    /// - Returns: nil when the caller has sent no such command in 7 days.
    func command(_ id: String, of caller: Caller) throws(Problem) -> SentCommand? {
        try keep { (ledger) throws(PeopleError) in try ledger.command(id, of: caller.actor) }
    }

    /// The id for a request, new or that of its first time.
    func claim(_ key: IdempotencyKey?) throws(Problem) -> (id: String, isRepeated: Bool) {
        let id = RandomUUID.v4()
        guard let key else { return (id, false) }
        switch try keep({ (ledger) throws(PeopleError) in try ledger.claim(key, for: id, now: clock()) }) {
        case .new: return (id, false)
        case .known(let first): return (first, true)
        }
    }

    func keep<Result>(_ body: (any RequestLedger) throws(PeopleError) -> Result) throws(Problem) -> Result {
        do throws(PeopleError) { return try body(ledger) } catch { throw Problem(error) }
    }
}

extension Caller {
    /// The user's id, or of a token its `sub`.
    var name: String { userId ?? actor }
}

extension ConsoleCall {
    /// The key of a request that may be repeated (`Idempotency-Key`); nil: there is none.
    func idempotencyKey(_ caller: Caller) throws(Problem) -> IdempotencyKey? {
        guard let key = request.header("idempotency-key") else { return nil }
        guard (1...128).contains(key.utf8.count) else {
            throw Problem.invalid("Idempotency-Key", "it has 1 to 128 bytes, not \(key.utf8.count)")
        }
        return IdempotencyKey(
            user: caller.name, actor: caller.actor, key: key, path: request.path, digest: digest)
    }

    /// Of the body: of JSON without regard to blanks and the order of names.
    private var digest: [UInt8] { (try? RequestDigest.json(request.body)) ?? RequestDigest.bytes(request.body) }
}
