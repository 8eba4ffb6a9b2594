import Contracts
import DeadLetters
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing
import Threads

/// Dead letters of a real allocation, by a real console.
@Suite(.enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need)), .timeLimit(.minutes(5))) struct LetterProcessTests {
    @Test func lettersAreShownWithoutPeopleAndSentAgain() async throws {
        let scene = try await LetterProcesses.start()
        // What its sender may send again by the console, what never leads to anything, and what nobody has shown to have sent.
        let order = try await scene.unreadable()
        let broken = try await scene.letter(of: try scene.broken())
        let stranger = try await scene.letter(of: .fact(scene.cast.placed(uniqueName("order"))))
        #expect(stranger.header("x-dead-reason") == "unauthorized" && broken.header("x-dead-reason") == "not-json")
        let letters = [order, broken, stranger]

        let listed = try await scene.listed(letters)
        for letter in letters {
            let item = try #require(listed.first { $0["id"]?.string == letter.place })
            #expect(item["service"]?.string == "allocation" && item["type"]?.string == letter.type && item["key"]?.string == letter.key)
            #expect(item["reason"]?.string == letter.header("x-dead-reason") && item["topic"]?.string == Topics.orders)
            #expect(item["size"]?.int == letter.message.value?.count && item["bytes"] == nil && item["replayedAt"] == nil)
        }
        #expect(try await scene.ask("GET", "/api/v1/dead-letters", as: "merchant:\(scene.cast.merchant)").status == 403)

        let shown = try await scene.body(order)
        let expected = order.data
        #expect(shown["orderId"] == expected["orderId"] && shown["lines"]?[0]?["quantity"] == expected["lines"]?[0]?["quantity"])
        #expect(shown["remark"]?.string == "***" && shown["recipient"]?["sealed"]?["ciphertext"]?.string == "***")
        let sealed = try #require(expected["recipient"]?["sealed"]?["ciphertext"]?.string)
        for secret in ["张先生", "13655554444", sealed] { #expect(!"\(shown)".contains(secret)) }
        #expect(try await scene.body(broken).int == broken.message.value?.count)

        // None of them by a merchant; each once; those that nobody has shown to have sent not at all.
        let ids = [order.place, broken.place, stranger.place, "daifa.allocation.dead:0:1000000", "nonsense"]
        let body = #"{"ids":[\#(ids.map { "\"\($0)\"" }.joined(separator: ","))]}"#
        #expect(try await scene.ask("POST", "/api/v1/dead-letters/replay", body, as: "factory:f").status == 403)
        for _ in 1...2 {
            let answer = try await scene.ask("POST", "/api/v1/dead-letters/replay", body, headers: [("Idempotency-Key", "k1")])
            let outcome = try JSONValue.decode(answer.body)
            #expect(answer.status == 200 && outcome["replayed"]?.int == 2, "\(outcome)")
            let refused = (outcome["refused"]?.array ?? []).map { "\($0["id"]?.string ?? "") \($0["code"]?.string ?? "")" }
            #expect(refused == ["\(ids[2]) forbidden", "\(ids[3]) not-found", "\(ids[4]) not-found"])
        }
        let other = try await scene.ask(
            "POST", "/api/v1/dead-letters/replay", #"{"ids":["\#(order.place)"]}"#, headers: [("Idempotency-Key", "k1")])
        #expect(other.status == 409)

        // The service believes the console's code for the sender that had shown who he is.
        let registered = try await scene.client.event(OrderRegistered.self, key: order.key ?? "")
        #expect(registered.causationId == order.id)
        let again = try await scene.client.first("the broken one once more") {
            $0.topic == ServiceName.allocation.dead && $0.id == broken.id && $0.place != broken.place
        }
        #expect(again.header("x-dead-reason") == "not-json" && again.header("x-dead-actor") == "connector:test")
        let sent = scene.client.seen { $0.topic == Topics.orders && $0.id == order.id }
        #expect(sent.count == 1 && sent[0].message.value == order.message.value && scene.key.hasSigned(sent[0]))
        #expect(sent[0].actor == "connector:test" && sent[0].header("x-dead-reason") == nil)
        #expect(scene.client.seen { $0.topic == Topics.orders && $0.id == stranger.id }.count == 1, "only its own sender's")
        let replayed = try await scene.replayed(order)
        #expect(replayed["replayedAt"]?.string.flatMap { Timestamp($0) } != nil)
        try await scene.end()
    }
}

extension Received {
    fileprivate var place: String { "\(message.topic):\(message.partition):\(message.offset)" }
}

/// Allocation that asks everybody who he is, and a console, on a broker of their own.
private struct LetterProcesses {
    let bench: Bench
    let service: ServiceProcess
    let console: ConsoleFixture
    let client: Client
    let key: ServiceKey
    let cast = Cast()
    private let issuer: TokenIssuer
    private let files: [TemporaryText]

    static func start() async throws -> LetterProcesses {
        let (key, issuer) = (try ServiceKey(), try TokenIssuer())
        let (keyFile, keySet) = (try TemporaryText(key.line), try TemporaryText(try TokenIssuer.keySet(issuer)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile.path)
        let environment = ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keySet.path, "DAIFA_SERVICE_KEY_FILE": keyFile.path]
        return try await onThread {
            let bench = try Bench()
            let service = try bench.start(.allocation, environment: environment)
            try service.awaitReady()
            let console = try ConsoleFixture(broker: bench.broker, environment: environment)
            return LetterProcesses(
                bench: bench, service: service, console: console, client: console.client, key: key, issuer: issuer,
                files: [keyFile, keySet])
        }
    }

    func end() async throws {
        try await onThread { [self] in try service.stop() }
        try await console.end()
    }

    // MARK: Letters

    /// What its sender has shown to be his, and nobody can read.
    func broken() throws -> Outgoing {
        var fact = try issuer.signed(.fact(cast.placed(uniqueName("order"))))
        fact.value?.removeLast()
        return fact
    }

    /// Sends a message and waits for what the service puts among its dead letters.
    func letter(of record: Outgoing) async throws -> Received {
        try await client.send(record)
        return try await client.first("a dead letter") { $0.topic == ServiceName.allocation.dead && $0.id == record.id }
    }

    /// The letter of an order whose aggregate could not be read when it came, and can be read by now.
    func unreadable() async throws -> Received {
        var placed = cast.placed(uniqueName("order"))
        placed.remark = "送给张先生，电话 13655554444"
        let record = Outgoing.fact(placed)
        let headers = [
            ("reason", "state-unreadable"), ("topic", Topics.orders), ("partition", "0"), ("offset", "0"), ("actor", "connector:test"),
        ]
        return try await letter(
            of: Outgoing(
                topic: ServiceName.allocation.dead, key: record.key, value: record.value,
                headers: record.headers + headers.map { Header(name: "x-dead-\($0.0)", value: Array($0.1.utf8)) }))
    }

    // MARK: The console

    func ask(
        _ method: String, _ path: String, _ body: String = "", as actor: String = "operator:op",
        headers: [(name: String, value: String)] = []
    ) async throws -> HTTPClientResponse {
        try await console.send(
            method, path, headers: [("Authorization", try issuer.bearer(of: actor)), ("Content-Type", "application/json")] + headers,
            body: Array(body.utf8))
    }

    /// The list, once it has these.
    func listed(_ letters: [Received]) async throws -> [JSONValue] {
        try await until { items in letters.allSatisfy { letter in items.contains { $0["id"]?.string == letter.place } } }
    }

    /// The letter, once it is known to have been sent again.
    func replayed(_ letter: Received) async throws -> JSONValue {
        let items = try await until { items in items.contains { $0["id"]?.string == letter.place && $0["replayedAt"] != nil } }
        return try #require(items.first { $0["id"]?.string == letter.place })
    }

    private func until(_ holds: ([JSONValue]) -> Bool) async throws -> [JSONValue] {
        let deadline = Deadline.after(Client.patience)
        while true {
            let answer = try await ask("GET", "/api/v1/dead-letters?service=allocation")
            let items = try JSONValue.decode(answer.body)["items"]?.array ?? []
            if holds(items) || deadline.hasPassed { return items }
            await Task.yield()
        }
    }

    /// `bytes` of one letter.
    func body(_ letter: Received) async throws -> JSONValue {
        let answer = try await ask("GET", "/api/v1/dead-letters/\(letter.place)?bytes=true")
        #expect(answer.status == 200)
        return try #require(try JSONValue.decode(answer.body)["bytes"])
    }
}
