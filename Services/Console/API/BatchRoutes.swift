import Contracts
import HTTP
import Identity
import JSON
import Runtime
import Texts
import Threads
import Web

/// `/batches` (contract, section 9): up to 5,000 commands of one kind at once, each answered by itself.
struct BatchRoutes: Sendable {
    static let maximumItems = 5000
    static let maximumBody = 16 << 20

    let desk: CommandDesk
    let watch: BatchWatch
    let sessions: StreamSessions
    let texts: Texts

    func add(to group: inout ConsoleGroup) {
        group.on(.post, "/batches", body: .json(Self.maximumBody), name: "send-batch") { (call) throws(Problem) in try send(call) }
        group.get("/batches", name: "list-batches") { (call) throws(Problem) in try list(call) }
        group.get("/batches/{batchId}", name: "show-batch") { (call) throws(Problem) in try show(call) }
        group.get("/batches/{batchId}/events", name: "follow-batch") { (call) throws(Problem) in try follow(call) }
    }

    // MARK: Sending

    private func send(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        try call.expectNoQuery()
        let caller = try call.caller()
        let order = try BatchOrder(call.request.body)
        let (later, wording) = (LaterAnswer(), texts[call.context.language])
        try send(order, caller, try call.idempotencyKey(caller), call.request.traceparent) { answer in
            switch answer {
            case .success(let batch):
                var response = HTTPResponse.json(
                    JSONValue.object([("batchId", .string(batch.batchId)), ("total", .int(order.items.count))]).json, status: 202)
                response.headers.append(("Location", "/api/v1/batches/\(batch.batchId)"))
                later.send(response)
            case .failure(let problem): later.send(problem.response(wording.language, wording))
            }
        }
        return .later(later)
    }

    /// Records a batch, sends what of it can be sent, and tells when Kafka has all.
    func send(
        _ order: BatchOrder, _ caller: Caller, _ key: IdempotencyKey?, _ traceparent: String?,
        _ done: @escaping @Sendable (Result<Batch, Problem>) -> Void
    ) throws(Problem) {
        guard order.name.isForPeople, order.name.mayBeSent(by: caller.role), let actor = Actor(caller.actor) else {
            throw Problem(.forbidden)
        }
        let (batchId, _) = try desk.claim(key)
        let now = desk.clock()
        var commands: [OutgoingCommand] = []
        var items: [BatchItem] = []
        for (index, body) in order.items.enumerated() {
            let id = NamedId.make("batch", batchId, "\(index)")
            let document = try? JSONValue.decode(body)
            var item = BatchItem(
                index: index, commandId: id, orderId: document?["orderId"]?.string, allocationId: document?["allocationId"]?.string)
            do throws(Problem) {
                let key = try desk.key(of: body, order.name, caller)
                commands.append(
                    OutgoingCommand(
                        type: order.name.entry.type, topic: order.name.entry.topic, key: key, body: body, id: id, actor: actor,
                        user: caller.userId, batchId: batchId, at: now, traceparent: traceparent))
            } catch {
                (item.state, item.code, item.field, item.detail) = (.refused, error.code, error.field, error.sentence ?? error.detail?.en)
            }
            items.append(item)
        }
        let batch = Batch(
            batchId: batchId, actor: caller.actor, user: caller.name, service: order.name.service.rawValue,
            command: order.name.command, at: now, retryOf: order.retryOf)
        try desk.keep { (ledger) throws(PeopleError) in try ledger.record(batch, items: items) }
        guard !commands.isEmpty else { return done(.success(batch)) }
        desk.pending.expect(Dictionary(commands.map { ($0.envelope.id, caller.actor) }) { first, _ in first })
        desk.gateway.submit(commands) { isSent in
            done(isSent ? .success(batch) : .failure(.unconfirmed(batchId: batchId)))
        }
    }

    // MARK: Looking

    private func list(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery(but: "limit", "after")
        let range = try call.pageRange()
        if call.wantsSheet {
            return try desk.keep { (ledger) throws(PeopleError) in
                try LedgerSheets(ledger: ledger, clock: desk.clock).batches(of: caller)
            }
        }
        let page = try desk.keep { (ledger) throws(PeopleError) in try ledger.batches(of: caller.actor, range) }
        return .page(page) { BatchDocument($0, refusals: nil).json }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        let batch = try batch(call["batchId"], caller)
        let refused = try desk.keep { (ledger) throws(PeopleError) in try ledger.items(of: batch.batchId, in: .refused) }
        return .json(BatchDocument(batch, refusals: refused).json)
    }

    private func batch(_ id: String, _ caller: Caller) throws(Problem) -> Batch {
        let found = try desk.keep { (ledger) throws(PeopleError) in try ledger.batch(id, of: caller.actor) }
        guard let found else { throw Problem(.notFound) }
        return found
    }

    private func follow(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        try call.expectNoQuery()
        let batch = try batch(call["batchId"], caller)
        guard let response = watch.follow(batch, key: call.streamKey) else { throw Problem(.tooMany) }
        sessions.opened(by: call.context.asker)
        return response
    }
}

/// What a request for a batch says.
struct BatchOrder: Sendable {
    var name: CommandName
    /// The data of each command, as it came.
    var items: [[UInt8]]
    var retryOf: String?

    /// - Throws: 400 with the field that is wrong.
    init(_ body: [UInt8]) throws(Problem) {
        let fields = try BodyFields(body, ["service", "command", "items"])
        guard let service = try fields.optionalText("service") else {
            throw Problem.invalid("service", "name the service that the commands go to")
        }
        guard let command = try fields.optionalText("command"), let name = CommandName(service: service, command: command) else {
            throw Problem.invalid("command", "there is no such command of that service")
        }
        guard let items = fields.array("items"), (1...BatchRoutes.maximumItems).contains(items.count) else {
            throw Problem.invalid("items", "give an array of 1 to \(BatchRoutes.maximumItems) objects, each the data of one command")
        }
        if let retryOf = try fields.optionalText("retryOf") {
            guard (1...128).contains(retryOf.utf8.count) else { throw Problem.invalid("retryOf", "give a batchId") }
            self.retryOf = retryOf
        }
        (self.name, self.items) = (name, items.map(\.json))
    }

    init(_ name: CommandName, items: [[UInt8]], retryOf: String? = nil) {
        (self.name, self.items, self.retryOf) = (name, items, retryOf)
    }
}

/// A batch as the API tells it.
struct BatchDocument {
    private let batch: Batch
    private let refusals: [BatchItem]?

    /// - Parameter refusals: nil: they are not told.
    init(_ batch: Batch, refusals: [BatchItem]?) { (self.batch, self.refusals) = (batch, refusals) }

    var json: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("batchId", .string(batch.batchId)), ("service", .string(batch.service)), ("command", .string(batch.command)),
            ("user", .string(batch.user)), ("at", .string(batch.at.description)),
        ]
        if let retryOf = batch.retryOf { members.append(("retryOf", .string(retryOf))) }
        members += [
            ("total", .int(batch.total)), ("accepted", .int(batch.accepted)), ("refused", .int(batch.refused)),
            ("pending", .int(batch.pending)),
        ]
        if let refusals { members.append(("refusals", .array(refusals.map(Self.refusal)))) }
        return JSONValue.object(members).json
    }

    private static func refusal(_ item: BatchItem) -> JSONValue {
        let texts = [("orderId", item.orderId), ("allocationId", item.allocationId), ("code", item.code), ("field", item.field)]
        return .object(
            [("index", .int(item.index))] + texts.compactMap { name, text in text.map { (name, .string($0)) } }
                + [("detail", .string(item.detail ?? ""))])
    }
}
