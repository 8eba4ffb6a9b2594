import Contracts
import Crypto
import Foundation
import HTTP
import Identity
import JSON
import Kafka
import Observability
import OrderImports
import ReadModel
import Runtime
import Synchronization
import TestSupport
import Testing
import Texts
import Threads
import Web

@testable import Console

/// The routes of imports with a people's store and a read model of their own; Kafka is played: what is sent is in the model at once.
final class ImportScene: Sendable {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let ledger: SQLitePeopleStore
    let model: SQLiteReadModel
    let desk: ImportDesk
    let log = PlayedLog()
    private let folder: TemporaryFolder
    private let router: Router<Visit, Problem>
    /// Of answers.
    let language = Locked(Language.en)
    let texts: Texts

    /// - Parameters:
    ///   - actor: of whoever asks.
    ///   - hasKey: whether waybill has announced its key.
    ///   - registers: whether allocation is there.
    init(actor: String = "merchant:shop-1", hasKey: Bool = true, patience: Double = 60, registers: Bool = true) throws {
        folder = try TemporaryFolder(uniqueName("imports"))
        ledger = try SQLitePeopleStore(folder: "\(folder.url.path)/people")
        model = try SQLiteReadModel(path: "\(folder.url.path)/model.db", clusterId: "c1")
        let key = RecipientKey(keyId: "k1", publicKey: try HPKE.generateKeyPair().publicKey)
        let (model, log) = (model, log)
        log.register(registers)
        desk = try ImportDesk(
            ImportDesk.Surroundings(
                ledger: ledger, model: model, recipientKey: { hasKey ? key : nil },
                mergeSecret: MergeSecret(bytes: [UInt8](repeating: 7, count: 32)), send: { log.take($0, into: model) },
                settle: { _ in true },
                logger: Logger(label: "test", level: .critical), clock: { Timestamp(milliseconds: 1_790_000_000_000) },
                patience: patience, registering: registers ? 10 : 0))
        texts = try Texts.load(Self.checkout.appendingPathComponent("Shared/Texts").path)
        var router = Router<Visit, Problem>(
            context: { [language] _ in
                Visit(language: language.read { $0 }, client: Client(address: "192.0.2.1", browser: "test"))
            },
            refusal: { why, _ in .text("", status: why.status) }, failure: { problem, call in problem.response() })
        let knows: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            call.context.asker = Asker(open: nil, caller: Caller(userId: "u1", actor: actor, role: .owner), name: "u1")
            return try next(&call)
        }
        let (desk, ledger, words) = (desk, ledger, texts)
        router.group("/api/v1", behind: [knows]) { (group: inout ConsoleGroup) in
            ImportRoutes(desk: desk, ledger: ledger, texts: words, clock: { Timestamp(milliseconds: 1_790_000_000_000) }).add(to: &group)
        }
        self.router = router
    }

    deinit { desk.stop() }

    /// Asks, and waits for the answer. Blocking.
    func ask(
        _ method: String, _ target: String, _ body: [UInt8] = [], key: String? = nil
    ) throws -> (status: Int, json: JSONValue, text: String) {
        let headers = key.map { [HTTPRequest.Field("Idempotency-Key", $0)] } ?? []
        let request = HTTPRequest(method: method, target: RequestTarget(target), headers: headers, body: body)
        let box = Monitor<HTTPResponse?>(nil)
        router.respond(to: request) { response in box.update { $0 = response } }
        let response = try #require(box.wait(until: .after(60)) { $0 })
        let bytes = try response.wholeBody()
        return (response.status, (try? JSONValue.decode(bytes)) ?? .null, String(decoding: bytes, as: UTF8.self))
    }

    func post(_ file: [UInt8], merchant: String = "shop-1", key: String? = nil) throws -> (status: Int, json: JSONValue, text: String) {
        try ask("POST", "/api/v1/imports?merchant=\(merchant)", file, key: key)
    }

    /// Imports a file, and gives its document once it is over.
    func imported(_ file: [UInt8]) throws -> JSONValue {
        let answer = try post(file)
        try #require(answer.status == 202, "\(answer.text)")
        return try finished(try #require(answer.json["importId"]?.string))
    }

    /// Its carrier has one thread: what is submitted now runs after it.
    func finished(_ id: String) throws -> JSONValue {
        let end = Deadline.after(60)
        while !end.hasPassed {
            let document = try ask("GET", "/api/v1/imports/\(id)").json
            if document["state"]?.string != "running" { return document }
            usleep(2000)
        }
        Issue.record("the import does not end")
        return .null
    }

    static func file(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: checkout.appendingPathComponent("Tests/Partners/Pinduoduo/Cases/\(name)")))
    }

    /// An export with one record for each number.
    static func export(_ numbers: [Int], quantity: String = "1") -> [UInt8] {
        var text = "商品,订单号,订单状态,商品总价(元),商品数量(件),收货人,手机,省,市,区,街道,商家编码-SKU维度,售后状态,是否异常\n"
        for number in numbers {
            text += "抽纸,\(orderNumber(number)),待发货,59.70,\(quantity),张三,13800000000,浙江省,杭州市,余杭区,仓前街道1号,CZ-20,无售后或售后取消,否\n"
        }
        return Array(text.utf8)
    }

    static func orderNumber(_ number: Int) -> String { "251111-01234567\(1_000_000 + number)" }
}

/// A Kafka whose records the model has at once.
final class PlayedLog: Sendable {
    private struct State {
        var sent: [OutgoingCommand] = []
        var isAway = false
        var registers = true
        /// While true, whoever sends waits.
        var isHeld = false
    }

    private let state = Monitor(State())

    var sent: [OutgoingCommand] { state.withLock { $0.sent } }
    func register(_ registers: Bool) { state.update { $0.registers = registers } }
    func goAway(_ away: Bool = true) { state.update { $0.isAway = away } }
    func hold(_ held: Bool) { state.update { $0.isHeld = held } }

    func take(_ messages: [OutgoingCommand], into model: SQLiteReadModel) -> Bool {
        let first = state.wait { state -> Int?? in
            if state.isHeld { return nil }
            if state.isAway { return .some(nil) }
            defer { state.sent += messages }
            return .some(state.sent.count)
        }
        guard let first = first.flatMap({ $0 }) else { return false }
        var records: [LogRecord] = []
        for (index, message) in messages.enumerated() {
            let headers = message.envelope.headers.compactMap { header in header.value.map { LogRecord.Header(header.name, $0) } }
            records.append(
                LogRecord(
                    topic: message.topic, partition: 0, offset: Int64(first + index), time: message.envelope.time,
                    key: Array(message.key.utf8), headers: headers, value: message.body))
            guard state.withLock({ $0.registers }) else { continue }
            records.append(Self.registered(message, offset: first + index))
        }
        return (try? model.apply(records)) != nil
    }

    /// Allocation's answer to a fact `placed`; to others something that nobody looks at.
    private static func registered(_ message: OutgoingCommand, offset: Int) -> LogRecord {
        let merchant = message.envelope.actor.id
        let body =
            #"{"orderId":"\#(message.key)","merchantShopId":"\#(merchant)","platform":"pinduoduo","platformOrderNumber":"N","holds":[]}"#
        let isPlaced = message.envelope.type == OrderPlaced.type
        let headers = [
            (EnvelopeHeader.id, "r\(offset)"), (EnvelopeHeader.type, isPlaced ? OrderRegistered.type : "daifa.allocation.nothing.v1"),
            (EnvelopeHeader.time, message.envelope.time.description), (EnvelopeHeader.causationId, message.envelope.id),
        ]
        return LogRecord(
            topic: ServiceName.allocation.events, partition: 0, offset: Int64(offset), time: message.envelope.time,
            key: Array(message.key.utf8), headers: headers.map { LogRecord.Header($0.0, Array($0.1.utf8)) }, value: Array(body.utf8))
    }
}
