import Contracts
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing
import Threads

/// Labels from a real waybill service, by a real console.
@Suite(.enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need)), .timeLimit(.minutes(5))) struct LabelProcessTests {
    @Test func aLabelIsPrintedAndItsRecipientIsNowhereElse() async throws {
        let scene = try await LabelProcesses.start()
        let somebody = Recipient(
            name: "欧阳不落地", phone: "13655554444",
            address: Address(country: "CN", province: "广东省", city: "深圳市", district: "南山区", detail: "无痕大道77号3栋1单元502"))
        let parcels = try await scene.obtain([somebody, somebody])
        let body = #"{"allocationIds":["\#(parcels[1].id)","\#(parcels[0].id)"],"format":"pdf"}"#
        let response = try await scene.post("/api/v1/labels", body)
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self).prefix(500))")
        #expect(response.header("content-type") == "application/pdf" && response.header("cache-control") == "no-store")
        let printed = try PrintedLabels(response.body)
        #expect(printed.codes.sorted() == parcels.map(\.number).sorted() && printed.pages.count == 2)
        for page in printed.pages {
            for text in [somebody.name, somebody.phone, "广东省深圳市南山区" + somebody.address.detail, "小店", "杯子", "快点"] {
                #expect(page.contains(text), "\(text)")
            }
        }
        #expect(printed.pages[0].contains(parcels[1].number) && printed.pages[1].contains(parcels[0].number))

        // Somebody else's factory, and a repetition under the same key.
        #expect(try await scene.post("/api/v1/labels", body, as: "factory:another").status == 404)
        for _ in 1...2 { #expect(try await scene.post("/api/v1/labels", body, headers: [("Idempotency-Key", "k1")]).status == 200) }
        let changed = body.replacingOccurrences(of: "pdf", with: "png")
        #expect(try await scene.post("/api/v1/labels", changed, headers: [("Idempotency-Key", "k1")]).status == 400)
        let svg = #"{"allocationIds":["\#(parcels[0].id)"],"format":"svg"}"#
        #expect(try await scene.post("/api/v1/labels", svg, headers: [("Idempotency-Key", "k1")]).status == 409)
        #expect(try await scene.post("/api/v1/labels", svg).status == 200)
        #expect(try await scene.post("/api/v1/print-jobs", #"{"allocationIds":["\#(parcels[0].id)"]}"#).status == 400)

        let told = try await scene.client.event(LabelsOpened.self, key: scene.cast.factory).body(LabelsOpened.self)
        #expect(told.allocationIds == [parcels[1].id, parcels[0].id] && told.userId == nil)
        let open = try await scene.client.first("the command") { $0.type == OpenLabel.type }
        #expect(open.actor == "service:console" && scene.key.hasSigned(open))

        let secrets = [somebody.name, somebody.phone, somebody.address.detail].map { Array($0.utf8) }
        let records = scene.client.seen { _ in true }
        #expect(records.contains { $0.type == LabelOpened.type })
        for record in records {
            let bytes = (record.message.value ?? []) + record.message.headers.flatMap { Array($0.name.utf8) + ($0.value ?? []) }
            #expect(!secrets.contains { bytes.holds($0) }, "\(record.type ?? "") holds the recipient")
        }
        let sealed = records.filter { $0.type == LabelOpened.type }.compactMap { $0.data["labelSealed"]?["ciphertext"]?.string }
        try await scene.end { folder, lines in
            for (name, bytes) in folder {
                #expect(!secrets.contains { bytes.holds($0) }, "\(name) holds the recipient")
                #expect(!sealed.contains { bytes.holds(Array($0.utf8)) }, "\(name) holds what is sealed for a job")
            }
            #expect(folder.contains { $0.1.holds(Array("杯子".utf8)) }, "what may be there is found")
            #expect(!secrets.contains { Array(lines.joined().utf8).holds($0) })
        }
    }
}

/// The services that lead to a label, and a console, on a broker of their own.
struct LabelProcesses {
    let bench: Bench
    let services: [ServiceProcess]
    let console: ConsoleFixture
    let client: Client
    let key: ServiceKey
    let cast: Cast
    private let issuer: TokenIssuer
    private let files: [TemporaryText]

    static func start() async throws -> LabelProcesses {
        let (key, issuer, cast) = (try ServiceKey(), try TokenIssuer(), Cast())
        let (keyFile, keySet) = (try TemporaryText(key.line), try TemporaryText(try TokenIssuer.keySet(issuer)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile.path)
        let environment = ["DAIFA_SERVICE_KEY_FILE": keyFile.path]
        return try await onThread {
            let bench = try Bench()
            let services = try [ServiceName.binding, .allocation, .waybill].map { try bench.start($0, environment: environment) }
            for service in services { try service.awaitReady() }
            let console = try ConsoleFixture(
                broker: bench.broker, environment: environment.merging(["DAIFA_AUTH_KEYS": keySet.path]) { $1 })
            return LabelProcesses(
                bench: bench, services: services, console: console, client: console.client, key: key, cast: cast, issuer: issuer,
                files: [keyFile, keySet])
        }
    }

    /// Parcels with a number each, which the console knows.
    func obtain(_ recipients: [Recipient]) async throws -> [(id: String, number: String)] {
        try await accepted(cast.registerMerchant, cast.asMerchant)
        try await accepted(cast.registerFactory, cast.asFactory)
        try await accepted(cast.apply, cast.asMerchant)
        try await accepted(cast.approve, cast.asFactory)
        let first = Int(Cast.digits(10)) ?? 0
        let numbers = [first, first + recipients.count - 1].map { "YT9\(String(repeating: "0", count: 12 - "\($0)".count))\($0)" }
        try await accepted(cast.topUp("YTO", numbers[0], numbers[1]), cast.asFactory)
        let sealer = try await onThread { [bench] in try RecipientSealer(bench.broker.configuration) }
        let parcels = try await withThrowingTaskGroup(of: (Int, String, String).self) { group in
            for (index, recipient) in recipients.enumerated() {
                group.addTask {
                    let orderId = "pdd:\(uniqueName("order"))"
                    var placed = cast.placed(orderId)
                    placed.recipient = Cast.recipient(sealed: try sealer.seal(recipient, for: orderId))
                    try await client.send(.fact(placed))
                    _ = try await client.event(OrderRegistered.self, key: orderId)
                    let id = try await accepted(cast.allocate(orderId), cast.asMerchant).body(Allocated.self).allocationId
                    _ = try await client.event(Opened.self, key: orderId)
                    let obtained = try await accepted(cast.obtain(orderId, id), cast.asFactory).body(Obtained.self)
                    return (index, id, obtained.waybillNumber)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map { (id: $0.1, number: $0.2) }
        }
        let deadline = Deadline.after(Client.patience)
        while try await counted() < recipients.count, !deadline.hasPassed { await Task.yield() }
        return parcels
    }

    /// How many parcels with a number the console knows.
    private func counted() async throws -> Int {
        let response = try await console.send("GET", "/api/v1/parcels/counts", headers: headers("factory:\(cast.factory)"))
        return try JSONValue.decode(response.body)["obtained"]?.int ?? 0
    }

    @discardableResult private func accepted(_ command: some Contracts.Message, _ actor: Actor) async throws -> Received {
        let answer = try await client.answer(to: .command(command, as: actor))
        try #require(!answer.isRefusal, "\(answer.text ?? "")")
        return answer
    }

    private func headers(_ actor: String) throws -> [(name: String, value: String)] {
        [("Authorization", try issuer.bearer(of: actor)), ("Content-Type", "application/json")]
    }

    func post(
        _ path: String, _ body: String, as actor: String? = nil, headers more: [(name: String, value: String)] = []
    ) async throws -> HTTPClientResponse {
        try await console.send(
            "POST", path, headers: try headers(actor ?? "factory:\(cast.factory)") + more, body: Array(body.utf8))
    }

    /// Ends everything; before that shows the files of the console's folder and what it has written.
    func end(_ look: @Sendable ([(String, [UInt8])], [String]) -> Void) async throws {
        try await onThread { [self] in
            try console.process.stop()
            for service in services { try service.stop() }
        }
        var files: [(String, [UInt8])] = []
        for case let file as URL in FileManager.default.enumerator(at: console.store, includingPropertiesForKeys: nil) ?? .init() {
            if let data = try? Data(contentsOf: file) { files.append((file.lastPathComponent, Array(data))) }
        }
        look(files, console.process.errorLines)
        try FileManager.default.removeItem(at: console.store)
    }
}

extension [UInt8] {
    fileprivate func holds(_ needle: [UInt8]) -> Bool { Data(self).range(of: Data(needle)) != nil }
}
