import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// `/commands` (contract, section 9).
struct CommandRoutes: Sendable {
    let desk: CommandDesk
    let texts: Texts

    func add(to group: inout ConsoleGroup) {
        let mayBeSent: ConsoleGroup.Middleware = { (call, next) throws(Problem) in
            try Self.expectSender(call)
            return try next(&call)
        }
        group.group("/commands", behind: [mayBeSent]) { (commands: inout ConsoleGroup) in
            commands.on(.post, "/{service}/{command}", body: .json(), name: "send-command") { (call) throws(Problem) in try send(call) }
        }
        group.get("/commands", name: "list-commands") { (call) throws(Problem) in try list(call) }
        group.get("/commands/{commandId}", name: "show-command") { (call) throws(Problem) in try show(call) }
    }

    /// Who may is looked at before the body is.
    private static func expectSender(_ call: ConsoleCall) throws(Problem) {
        guard let name = CommandName(service: call["service"], command: call["command"]) else { throw Problem(.notFound) }
        guard name.isForPeople, name.mayBeSent(by: try call.caller().role) else { throw Problem(.forbidden) }
    }

    private func send(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        guard let name = CommandName(service: call["service"], command: call["command"]) else { throw Problem(.notFound) }
        try call.expectNoQuery()
        let caller = try call.caller()
        let wait = try Self.wait(call.request)
        let request = CommandDesk.Request(
            name: name, body: call.request.body, caller: caller, idempotencyKey: try call.idempotencyKey(caller),
            traceparent: call.request.traceparent, precondition: try Precondition(call.request, name))
        let later = LaterAnswer()
        let wording = texts[call.context.language]
        try desk.send(request, waiting: wait ?? CommandDesk.usualWait) { outcome in
            var response = Self.response(outcome, wording)
            if let wait { response.headers.append(("Preference-Applied", "wait=\(wait)")) }
            later.send(response)
        }
        return .later(later)
    }

    /// Seconds of `Prefer: wait=`; nil: the request does not say.
    private static func wait(_ request: HTTPRequest) throws(Problem) -> Int? {
        request.preferredWait.map { min(max($0, 0), CommandDesk.longestWait) }
    }

    private static func response(_ outcome: CommandDesk.Outcome, _ wording: Wording) -> HTTPResponse {
        switch outcome {
        case .problem(let problem): return problem.response(wording.language, wording)
        case .known(let command):
            if let refusal = command.refusal {
                let problem = Problem(refusal, of: command.commandId)
                return problem.response(wording.language, wording)
            }
            var response = HTTPResponse.json(CommandDocument(command).json, status: command.state == .pending ? 202 : 200)
            if command.state == .pending { response.headers.append(("Location", "/api/v1/commands/\(command.commandId)")) }
            return response
        }
    }

    private func list(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery(but: "state", "limit", "after")
        var state: CommandState?
        if let text = call.request.query("state") {
            guard let known = CommandState(rawValue: text) else { throw Problem.invalid("state", "it is pending, accepted or refused") }
            state = known
        }
        let range = try call.pageRange()
        if call.wantsSheet {
            let sheets = LedgerSheets(ledger: desk.ledger, clock: desk.clock)
            return try desk.keep { (_) throws(PeopleError) in try sheets.commands(of: caller, in: state, after: range.after) }
        }
        let page = try desk.keep { (ledger) throws(PeopleError) in try ledger.commands(of: caller.actor, in: state, range) }
        return .page(page) { CommandDocument($0).json }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        guard let command = try desk.command(call["commandId"], of: caller) else { throw Problem(.notFound) }
        return .json(CommandDocument(command).json)
    }
}

/// A command as the API tells it.
struct CommandDocument {
    private let command: SentCommand

    init(_ command: SentCommand) { self.command = command }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.raw(#"{"commandId":"#)
        writer.string(command.commandId)
        writer.raw(#","type":"#)
        writer.string("daifa.\(command.service).\(command.command).v1")
        writer.raw(#","key":"#)
        writer.string(command.key)
        writer.raw(#","at":"#)
        writer.string(command.at.description)
        writer.raw(#","state":"#)
        writer.string(command.state.rawValue)
        writer.raw(#","events":["#)
        for (index, event) in command.events.enumerated() {
            if index > 0 { writer.raw(",") }
            writer.raw(event)
        }
        writer.raw("]")
        if let refusal = command.refusal {
            writer.raw(#","refusal":{"code":"#)
            writer.string(refusal.code)
            writer.raw(#","detail":"#)
            writer.string(refusal.detail)
            if let field = refusal.field {
                writer.raw(#","field":"#)
                writer.string(field)
            }
            if let details = refusal.details {
                writer.raw(#","details":"#)
                writer.raw(details)
            }
            writer.raw("}")
        }
        writer.raw("}")
        return writer.bytes
    }
}
