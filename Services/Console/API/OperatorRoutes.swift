import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Texts
import Threads
import Web

/// What operators see (contract, section 9): how the services are, dead letters, and the way of an order or a command.
struct OperatorRoutes: Sendable {
    let model: any ReadModel
    let health: HealthBoard
    let letters: LetterDesk
    let events: ConsoleEvents
    let texts: Texts
    let clock: @Sendable () -> Timestamp

    func add(to group: inout ConsoleGroup) {
        group.get("/services", name: "list-services") { (call) throws(Problem) in try services(call) }
        group.get("/dead-letters", name: "list-dead-letters") { (call) throws(Problem) in try list(call) }
        group.on(.get, "/dead-letters/{id}", name: "show-dead-letter") { (call) throws(Problem) in try show(call) }
        group.on(.post, "/dead-letters/replay", body: .json(), name: "replay-dead-letters") { (call) throws(Problem) in try replay(call) }
        group.get("/trace/{id...}", name: "trace") { (call) throws(Problem) in try trace(call) }
    }

    private func services(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        _ = try call.caller(.operator)
        try call.expectNoQuery()
        return .json(JSONValue.object([("items", .array(health.items(now: clock())))]).json)
    }

    // MARK: Dead letters

    private func list(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        _ = try call.caller(.operator)
        return try asked { () throws(ReadModelError) in
            var parameters = call.parameters()
            var service: ServiceName?
            if let name = try parameters.text("service") {
                service = ServiceName.domainServices.first { $0.rawValue == name }
                guard service != nil else {
                    let names = ServiceName.domainServices.map(\.rawValue).joined(separator: ", ")
                    throw .invalid(field: "service", message: "expected one of \(names)")
                }
            }
            let page = try parameters.pageRequest()
            try parameters.finish()
            return .json(try model.deadLetters(service: service, page).json)
        }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        _ = try call.caller(.operator)
        let (letter, hasBytes) = try found(call)
        guard hasBytes else { return .now(.json(letter.json)) }
        let (later, wording) = (LaterAnswer(), texts[call.context.language])
        try letters.body(of: letter) { answer in
            switch answer {
            case .success(let bytes): later.send(.json(Self.document(letter, bytes)))
            case .failure(let problem): later.send(problem.response(wording.language, wording))
            }
        }
        return .later(later)
    }

    private func found(_ call: ConsoleCall) throws(Problem) -> (DeadLetterView, hasBytes: Bool) {
        do throws(ReadModelError) {
            var parameters = call.parameters()
            let hasBytes = try parameters.flag("bytes") ?? false
            try parameters.finish()
            if let letter = try model.deadLetter(call["id"]) { return (letter, hasBytes) }
        } catch { throw Problem(error) }
        throw Problem(.notFound)
    }

    private static func document(_ letter: DeadLetterView, _ bytes: JSONValue?) -> [UInt8] {
        guard let bytes, case .object(let members)? = try? JSONValue.decode(letter.json) else { return letter.json }
        return JSONValue.object(members + [("bytes", bytes)]).json
    }

    private func replay(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let caller = try call.caller(.operator)
        try call.expectNoQuery()
        let ids = try Self.ids(call.request.body)
        let (later, wording) = (LaterAnswer(), texts[call.context.language])
        try letters.replay(ids, key: try call.idempotencyKey(caller)) { answer in
            switch answer {
            case .success(let outcome): later.send(.json(outcome.json))
            case .failure(let problem): later.send(problem.response(wording.language, wording))
            }
        }
        return .later(later)
    }

    /// Each once.
    private static func ids(_ body: [UInt8]) throws(Problem) -> [String] {
        let given = try BodyFields(body, ["ids"]).texts("ids") ?? []
        guard (1...LetterDesk.mostIds).contains(given.count) else {
            throw Problem.invalid("ids", "give an array of 1 to \(LetterDesk.mostIds) ids of dead letters")
        }
        var seen: Set<String> = []
        return given.filter { seen.insert($0).inserted }
    }

    // MARK: Traces

    private func trace(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller(.operator)
        try call.expectNoQuery()
        let id = call["id"]
        let messages: [TraceView]
        do throws(ReadModelError) { messages = try model.trace(id) } catch { throw Problem(error) }
        guard !messages.isEmpty, let actor = Actor(caller.actor) else { throw Problem(.notFound) }
        let reader = caller.userId ?? actor.id
        events.tell(TraceRead(userId: reader, traced: id), key: reader, actor: actor, user: caller.userId)
        var writer = JSONWriter()
        writer.raw(#"{"items":"#)
        messages.writeJSON(&writer)
        writer.raw("}")
        return .json(writer.bytes)
    }

    private func asked(_ body: () throws(ReadModelError) -> HTTPResponse) throws(Problem) -> HTTPResponse {
        do throws(ReadModelError) { return try body() } catch { throw Problem(error) }
    }
}
