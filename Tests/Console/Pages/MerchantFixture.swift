import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Runtime
import Texts
import Threads
import Web

@testable import Console
@testable import Identity
@testable import ReadModel

/// The pages of merchant m1 on a read model that a test fills, without a server. What is sent is kept instead of going to Kafka.
final class MerchantFixture: Sendable {
    static let now = FactoryFixture.now
    static let sealing = try? HPKE.generateKeyPair()

    let folder: String
    let model: SQLiteReadModel
    let people: SQLitePeopleStore
    let sent: AnsweredCommands
    private let router: Router<Visit, Problem>
    private let open: OpenSession

    init(_ log: TopicLog = TopicLog(), language: Language = .en, answers: [String: String] = [:]) throws {
        folder = NSTemporaryDirectory() + "pages-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        model = try SQLiteReadModel(path: "\(folder)/model.sqlite", clusterId: "c1")
        _ = try model.apply(log.records)
        people = try SQLitePeopleStore(folder: "\(folder)/people")
        sent = AnsweredCommands(people, answers)
        let user = User(userId: "u1", name: "Wang", passwordHash: nil, language: language, zone: "Asia/Shanghai", created: Self.now)
        let session = Session(
            sessionId: "s1", userId: "u1", created: Self.now, lastUsed: Self.now, address: "", browser: "",
            csrfToken: Base64URL.encode([UInt8](repeating: 7, count: 32)), isOfProvider: false, ends: Self.now.after(seconds: 3600))
        open = OpenSession(session: session, user: user, memberships: [Membership(actor: "merchant:m1", role: .owner)])
        router = try Self.router(model, people, sent, open, language)
        try router.check()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func router(
        _ model: SQLiteReadModel, _ people: SQLitePeopleStore, _ sent: AnsweredCommands, _ open: OpenSession, _ language: Language
    ) throws -> Router<Visit, Problem> {
        let texts = try Texts.load(FactoryFixture.checkout + "/Shared/Texts")
        let clock: @Sendable () -> Timestamp = { now }
        let streams = try EventStreams()
        let kit = PageKit(
            texts: texts, assets: try FactoryFixture.assets(), hub: EventHub(streams: streams, ends: []),
            clock: clock)
        let desk = CommandDesk(
            ledger: people, model: model, pending: PendingCommands([:]), gateway: sent, waiters: AnswerWaiters { $0() }, clock: clock)
        let sessions = StreamSessions(
            people: People(store: people, hasher: try PasswordHasher(), settings: PeopleSettings()),
            streams: streams)
        let publicKey = Base64.encode(sealing?.publicKey ?? [])
        let pages = ShopPages(
            kit: kit, model: model, commands: PageCommands(desk: desk, kit: kit),
            batches: BatchRoutes(desk: desk, watch: BatchWatch(streams: streams, ledger: people), sessions: sessions, texts: texts),
            selections: people,
            sealKey: { KeyRow(service: $0, keyId: "k1", purpose: $1, publicKey: publicKey, version: 1) })
        let asked: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            guard call["shop"] == "m1" else { throw Problem(.notFound) }
            call.context.asker = Asker(open: open, caller: open.caller(for: "merchant:m1"), name: "u1")
            return try next(&call)
        }
        let failure: @Sendable (Problem, Call<Visit>) -> HTTPResponse = { problem, call in kit.frame(call).failure(problem) }
        var router = Router<Visit, Problem>(
            context: { _ in Visit(language: language, client: Client(address: "", browser: "")) },
            refusal: { why, _ in .text("", status: why.status) }, failure: failure)
        router.group("/m/{shop}", behind: [asked]) { (group: inout ConsoleGroup) in
            BatchesPage(pages: pages).add(to: &group)
            ChannelsPage(pages: pages).add(to: &group)
            AuthorizationsPage(pages: pages).add(to: &group)
            MerchantPages(pages: pages, imports: ImportStandIn()).add(to: &group)
        }
        return router
    }

    // MARK: Asking

    func get(_ path: String, _ query: [(String, String)] = []) async -> HTTPResponse {
        await respond(HTTPRequest(method: "GET", path: path, query: query.map { HTTPRequest.Field($0.0, $0.1) }))
    }

    /// A form of this session's.
    func post(_ path: String, _ fields: [(String, String)], csrf: Bool = true) async -> HTTPResponse {
        let pairs = fields + (csrf ? [("csrf", open.maskedCSRF)] : [])
        let body = pairs.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return await respond(
            HTTPRequest(
                method: "POST", path: path, headers: [HTTPRequest.Field("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(body.utf8)))
    }

    private func respond(_ request: HTTPRequest) async -> HTTPResponse {
        await withCheckedContinuation { continuation in router.respond(to: request) { continuation.resume(returning: $0) } }
    }
}

/// Takes commands in Kafka's place, and answers each at once: accepted, or refused as the test says.
final class AnsweredCommands: CommandTransport {
    private let ledger: SQLitePeopleStore
    /// Refusal codes by the command's type without `daifa.` and version.
    private let refusals: [String: String]
    private let all = Locked<[OutgoingCommand]>([])

    init(_ ledger: SQLitePeopleStore, _ refusals: [String: String]) { (self.ledger, self.refusals) = (ledger, refusals) }

    func submit(_ commands: [OutgoingCommand], _ done: @escaping CommandGateway.Done) {
        all.change { $0 += commands }
        let answers = commands.map { command in
            let refusal = refusals[Self.name(command)].map { LedgerRefusal(code: $0, detail: "") }
            return CommandAnswer(
                commandId: command.envelope.id, eventId: "answer-\(command.envelope.id)",
                event: refusal == nil ? Array(#"{"type":"x"}"#.utf8) : nil, refusal: refusal)
        }
        _ = try? ledger.settle(answers)
        done(true)
    }

    private static func name(_ command: OutgoingCommand) -> String {
        command.envelope.type.split(separator: ".").dropFirst().dropLast().joined(separator: ".")
    }

    /// Types without `daifa.` and version, with their keys and data.
    var list: [(type: String, key: String, data: JSONValue)] {
        all.read { commands in
            commands.compactMap { command in (try? JSONValue.decode(command.body)).map { (Self.name(command), command.key, $0) } }
        }
    }
}

/// Takes no file.
struct ImportStandIn: ImportTaking {
    func take(_ order: ImportDesk.Order, _ done: @escaping ImportDesk.Done) throws(Problem) {
        done(.failure(Problem.invalid("file", "it is no order export")))
    }
}

// MARK: A merchant's topics

extension TopicLog {
    private static let area = Area(province: "浙江省", city: "杭州市", district: "西湖区")

    mutating func merchant(addresses: [StoredAddress] = []) {
        row(
            ParticipantRow(
                shopId: "m1", role: .merchant, shopAlias: "Alias", sender: Self.sender, acceptedTerms: Terms.required,
                addresses: addresses, version: 3))
    }

    mutating func placed(_ orderId: String, merchant: String = "m1", name: String = "Mug", remark: String = "", holds: [Hold] = []) {
        let fact = event(
            OrderPlaced(
                orderId: orderId, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "N-\(orderId)",
                placedAt: MerchantFixture.now, remark: remark,
                lines: [PlacedLine(lineId: "1", sku: "SKU-1", name: name, spec: "red", quantity: 2)],
                recipient: PlacedRecipient(province: "浙江省", city: "杭州市", district: "西湖区")))
        event(
            OrderRegistered(
                orderId: orderId, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "N-\(orderId)", holds: holds),
            cause: fact)
    }

    mutating func allocated(_ orderId: String) {
        event(
            Allocated(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", shopAlias: "Alias", target: Target(.factory, "f1"),
                lines: [Line(lineId: "1", sku: "SKU-1", name: "Mug", spec: "red", quantity: 2)], remark: "", area: Self.area,
                allocatedAt: MerchantFixture.now))
    }

    mutating func ready(_ orderId: String, _ number: String) {
        event(
            Ready(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", factoryShopId: "f1", carrier: "SF",
                waybillNumber: number))
    }
}
