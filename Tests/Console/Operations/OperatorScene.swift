import Contracts
import DeadLetters
import Foundation
import HTTP
import Identity
import JSON
import Kafka
import Observability
import ReadModel
import Runtime
import Synchronization
import TestSupport
import Testing
import Texts
import Threads
import Web

@testable import Console

/// The operator's routes with a read model of their own; Kafka is played.
final class OperatorScene: Sendable {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    let model: SQLiteReadModel
    let letters: LetterDesk
    let health = HealthBoard()
    let kafka = PlayedKafka()
    private let folder: TemporaryFolder
    private let router: Router<Visit, Problem>

    /// - Parameter keyFile: of the deployment's keys.
    init(actor: String = "operator:op-1", keyFile: String? = nil, records: [Kafka.Message] = []) throws {
        folder = try TemporaryFolder(uniqueName("operator"))
        let ledger = try SQLitePeopleStore(folder: "\(folder.url.path)/people")
        model = try SQLiteReadModel(path: "\(folder.url.path)/model.db", clusterId: "c1")
        try model.apply(records.map { LogRecord($0) })
        kafka.keep(records)
        let (kafka, logger, reading) = (kafka, Logger(label: "test", level: .critical), { @Sendable in Self.now })
        letters = try LetterDesk(
            LetterDesk.Surroundings(
                model: model, ledger: ledger, read: { try kafka.read($0) }, send: { try kafka.send($0) },
                keys: { try keyFile.map { try ServiceKeys(path: $0) } }, logger: logger, clock: reading))
        let texts = try Texts.load(Self.checkout.appendingPathComponent("Shared/Texts").path)
        let routes = OperatorRoutes(
            model: model, health: health, letters: letters, events: ConsoleEvents(gateway: kafka, logger: logger, clock: reading),
            texts: texts, clock: reading)
        var router = Router<Visit, Problem>(
            context: { _ in Visit(language: .en, client: Client(address: "192.0.2.1", browser: "test")) },
            refusal: { why, _ in .text("", status: why.status) }, failure: { problem, call in problem.response() })
        let knows: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            call.context.asker = Asker(open: nil, caller: Caller(userId: "u1", actor: actor, role: .owner), name: "u1")
            return try next(&call)
        }
        router.group("/api/v1", behind: [knows]) { (group: inout ConsoleGroup) in routes.add(to: &group) }
        self.router = router
    }

    deinit { letters.stop() }

    /// Asks, and waits for the answer. Blocking.
    func ask(_ method: String, _ target: String, _ body: String = "", key: String? = nil) throws -> (status: Int, json: JSONValue) {
        var headers = key.map { [HTTPRequest.Field("Idempotency-Key", $0)] } ?? []
        if !body.isEmpty { headers.append(HTTPRequest.Field("Content-Type", "application/json")) }
        let request = HTTPRequest(method: method, target: RequestTarget(target), headers: headers, body: Array(body.utf8))
        let box = Monitor<HTTPResponse?>(nil)
        router.respond(to: request) { response in box.update { $0 = response } }
        let response = try #require(box.wait(until: .after(30)) { $0 })
        return (response.status, (try? JSONValue.decode(response.body)) ?? .null)
    }

    func replay(_ ids: [String], key: String? = nil) throws -> (status: Int, json: JSONValue) {
        let body = JSONValue.object([("ids", .array(ids.map { .string($0) }))]).json
        return try ask("POST", "/api/v1/dead-letters/replay", String(decoding: body, as: UTF8.self), key: key)
    }

    /// A dead letter of waybill.
    static func letter(
        _ offset: Int64, reason: String = "not-json", actor: String? = "merchant:m1", proven: String? = nil,
        body: String = #"{"shopId":"m1","name":"张三"}"#, type: String = PutAddress.type, more: [(String, String)] = []
    ) -> Kafka.Message {
        var headers = [
            ("ce_specversion", "1.0"), ("ce_id", "c\(offset)"), ("ce_type", type), ("ce_time", now.description), ("other", "kept"),
            ("x-dead-reason", reason), ("x-dead-topic", "daifa.waybill.commands"), ("x-dead-partition", "1"), ("x-dead-offset", "9"),
        ]
        if let actor { headers.append(("ce_actor", actor)) }
        if let proven { headers.append(("x-dead-actor", proven)) }
        return Kafka.Message(
            topic: "daifa.waybill.dead", partition: 0, offset: offset, timestamp: Int64(now.milliseconds), key: Array("o1".utf8),
            value: Array(body.utf8), headers: (headers + more).map { Header(name: $0.0, value: Array($0.1.utf8)) })
    }

    static func id(_ offset: Int64) -> String { "daifa.waybill.dead:0:\(offset)" }
}

/// A log with dead letters, which takes what is sent.
final class PlayedKafka: CommandTransport {
    private struct State {
        var records: [RecordPlace: Kafka.Message] = [:]
        var sent: [Kafka.Message] = []
        var told: [OutgoingCommand] = []
        var isAway = false
    }

    private struct Away: Error {}

    private let state = Mutex(State())

    var sent: [Kafka.Message] { state.withLock { $0.sent } }
    /// What the console has told of what people do.
    var told: [OutgoingCommand] { state.withLock { $0.told } }
    func goAway() { state.withLock { $0.isAway = true } }
    func forget() { state.withLock { $0.records = [:] } }

    func keep(_ records: [Kafka.Message]) {
        state.withLock { state in
            for record in records {
                state.records[RecordPlace(topic: record.topic, partition: record.partition, offset: record.offset)] = record
            }
        }
    }

    func read(_ places: Set<RecordPlace>) throws -> [RecordPlace: Kafka.Message] {
        try state.withLock { state in
            if state.isAway { throw Away() }
            return state.records.filter { places.contains($0.key) }
        }
    }

    func submit(_ messages: [OutgoingCommand], _ done: @escaping CommandGateway.Done) {
        state.withLock { $0.told += messages }
        done(true)
    }

    func send(_ messages: [Kafka.Message]) throws {
        try state.withLock { state in
            if state.isAway { throw Away() }
            state.sent += messages
        }
    }
}
