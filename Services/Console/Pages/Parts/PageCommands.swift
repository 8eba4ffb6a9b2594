import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// Sends a command from a page and shows what came of it.
struct PageCommands: Sendable {
    /// Seconds that a page waits for an answer before it says that it is being worked on.
    private static let wait = 5

    let desk: CommandDesk
    let kit: PageKit

    /// Sends a command, and goes to a page that shows it.
    /// - Parameters:
    ///   - service, command: of its path in the API.
    ///   - data: its fields.
    ///   - done: the page to go to once it is accepted; while it is worked on, its own page is.
    ///   - refused: makes the page again, with what was typed and why it was wrong.
    func send(
        _ call: ConsoleCall, _ service: ServiceName, _ command: String, _ data: JSONValue, key: String, done: Link,
        refused: @escaping @Sendable (PageFrame, Problem) -> HTTPResponse
    ) throws(Problem) -> RouteAnswer {
        try send(
            call, service, command, data, key: key, accepted: { _, _, later in later.send(.seeOther(done)) }, refused: refused)
    }

    /// Sends a command, and goes on with its answer.
    /// - Parameter accepted: sends the page, at once or later, on whatever thread.
    func send(
        _ call: ConsoleCall, _ service: ServiceName, _ command: String, _ data: JSONValue, key: String,
        accepted: @escaping @Sendable (PageFrame, SentCommand, LaterAnswer) -> Void,
        refused: @escaping @Sendable (PageFrame, Problem) -> HTTPResponse
    ) throws(Problem) -> RouteAnswer {
        let frame = kit.frame(call)
        guard let caller = frame.caller else { throw Problem(.forbidden) }
        guard let name = CommandName(service: service.rawValue, command: command) else { throw Problem(.notFound) }
        let body = data.json
        let request = CommandDesk.Request(
            name: name, body: body, caller: caller,
            idempotencyKey: Self.idempotency(caller, key, "\(service.rawValue)/\(command)", data.withoutSealed.json),
            traceparent: call.request.traceparent)
        let later = LaterAnswer()
        do throws(Problem) {
            try desk.send(request, waiting: Self.wait) { outcome in
                switch outcome {
                case .problem(let problem): later.send(refused(frame, problem).repeatable(problem, call))
                case .known(let sent):
                    if let refusal = sent.refusal {
                        later.send(refused(frame, Problem(refusal, of: sent.commandId)))
                    } else if sent.state == .pending {
                        later.send(.seeOther(frame.link("commands", sent.commandId)))
                    } else {
                        accepted(frame, sent, later)
                    }
                }
            }
        } catch { return .now(refused(frame, error)) }
        return .later(later)
    }

    /// What makes a form that is sent twice one request.
    static func idempotency(_ caller: Caller, _ key: String, _ what: String, _ body: [UInt8]) -> IdempotencyKey {
        IdempotencyKey(
            user: caller.userId ?? "", actor: caller.actor, key: key, path: "page \(what)",
            digest: (try? RequestDigest.json(body)) ?? RequestDigest.bytes(body))
    }
}

extension Problem {
    /// A refusal as it is recorded.
    init(_ refusal: LedgerRefusal, of commandId: String) {
        var members: [String: JSONValue]?
        if case .object(let pairs)? = refusal.details.flatMap({ try? JSONValue.decode($0) }) {
            members = Dictionary(pairs) { first, _ in first }
        }
        self.init(
            refusal: refusal.code, message: refusal.detail, field: refusal.field, details: members, commandId: commandId)
    }
}

extension JSONValue {
    /// An object of the fields that are not nil.
    static func fields(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    static func text(_ text: String?) -> JSONValue? { text.map { .string($0) } }

    /// What is sealed anew each time says nothing about whether two requests are the same.
    fileprivate var withoutSealed: JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !$0.0.hasSuffix("Sealed") })
    }
}

extension HTTPResponse {
    /// The page of a form whose command may be carried out all the same: as it was sent, with its key, so that sending it again is the same
    /// command. Another problem's page has a new key.
    func repeatable(_ problem: Problem, _ call: ConsoleCall) -> HTTPResponse {
        let target = call.request.target
        guard problem.mayBeCarriedOut, let form = try? Form(call.request, limits: ShopPages.selectionLimits),
            let action = Link(target, query: target.query.map { ($0.name, $0.value) })
        else { return self }
        return filling(action, with: form.fields, keeping: ["csrf", "by"])
    }
}
