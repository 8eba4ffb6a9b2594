import Contracts
import DeadLetters
import JSON
import Kafka
import ReadModel
import Runtime
import TestSupport
import Testing
import Threads

@testable import Console

@Suite(.timeLimit(.minutes(1))) struct OperatorTests {
    private static let paths = [
        ("GET", "/services"), ("GET", "/dead-letters"), ("GET", "/dead-letters/\(OperatorScene.id(1))"), ("GET", "/trace/o1"),
        ("POST", "/dead-letters/replay"),
    ]

    @Test(arguments: ["merchant:m1", "factory:f1"]) func nobodyElseSeesWhatOperatorsSee(actor: String) throws {
        let scene = try OperatorScene(actor: actor, records: [OperatorScene.letter(1)])
        for (method, path) in Self.paths {
            let answer = try scene.ask(method, "/api/v1\(path)", method == "POST" ? #"{"ids":["\#(OperatorScene.id(1))"]}"# : "")
            #expect(answer.status == 403, "\(path)")
        }
        #expect(scene.kafka.sent.isEmpty)
    }

    @Test func servicesStandInAList() throws {
        let scene = try OperatorScene()
        let row = HealthRow(
            service: .waybill, instance: "w-1", ready: true, shards: [], effects: EffectCounts(waiting: 0, running: 0, retrying: 0),
            at: OperatorScene.now, version: 1)
        try scene.health.apply(key: Array(row.key.utf8), value: row.json)
        let items = try scene.ask("GET", "/api/v1/services").json["items"]?.array ?? []
        #expect(items.first { $0["instance"]?.string == "w-1" }?["ready"]?.bool == true)
        #expect(try scene.ask("GET", "/api/v1/services?x=1").json["field"]?.string == "x")
    }

    // MARK: Dead letters

    @Test func lettersAreListedByService() throws {
        let scene = try OperatorScene(records: [OperatorScene.letter(1), OperatorScene.letter(2)])
        let all = try scene.ask("GET", "/api/v1/dead-letters").json["items"]?.array
        #expect(all?.count == 2 && all?.allSatisfy { $0["bytes"] == nil && $0["reason"]?.string == "not-json" } == true)
        #expect(try scene.ask("GET", "/api/v1/dead-letters?service=waybill&limit=1").json["items"]?.array?.count == 1)
        #expect(try scene.ask("GET", "/api/v1/dead-letters?service=shipping").json["items"]?.array?.isEmpty == true)
        #expect(try scene.ask("GET", "/api/v1/dead-letters?service=console").json["field"]?.string == "service")
        #expect(try scene.ask("GET", "/api/v1/dead-letters?reason=x").json["field"]?.string == "reason")
    }

    @Test func bytesAreShownOnlyWhenAskedForAndWithoutPeople() throws {
        let scene = try OperatorScene(records: [OperatorScene.letter(1), OperatorScene.letter(2, body: "张三 138")])
        let plain = try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(1))")
        #expect(plain.status == 200 && plain.json["bytes"] == nil && plain.json["size"]?.int == 31)
        let shown = try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(1))?bytes=true")
        #expect(shown.json["bytes"]?["shopId"]?.string == "m1" && shown.json["bytes"]?["name"]?.string == "***")
        #expect(shown.json["reason"]?.string == "not-json")
        #expect(try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(2))?bytes=true").json["bytes"]?.int == 10)
        #expect(try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(1))?bytes=yes").json["field"]?.string == "bytes")
        #expect(try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(3))").status == 404)
        #expect(try scene.ask("GET", "/api/v1/dead-letters/nonsense?bytes=true").status == 404)
        scene.kafka.forget()
        let lost = try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(1))?bytes=true")
        #expect(lost.status == 200 && lost.json["bytes"] == nil, "the log has deleted it by age")
        scene.kafka.goAway()
        #expect(try scene.ask("GET", "/api/v1/dead-letters/\(OperatorScene.id(1))?bytes=true").status == 503)
    }

    @Test func aReplayIsTheOriginalWithTheConsolesCode() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let scene = try OperatorScene(
            keyFile: file.path, records: [OperatorScene.letter(1), OperatorScene.letter(2, proven: "merchant:m2")])
        let answer = try scene.replay([OperatorScene.id(1), OperatorScene.id(2), OperatorScene.id(1)])
        #expect(answer.status == 200 && answer.json["replayed"]?.int == 2 && answer.json["refused"]?.array?.isEmpty == true)
        let sent = scene.kafka.sent
        #expect(
            sent.map(\.topic) == ["daifa.waybill.commands", "daifa.waybill.commands"] && sent.allSatisfy { $0.key == Array("o1".utf8) })
        #expect(sent.map { $0.header("ce_id") } == ["c1", "c2"] && sent.map { $0.header("ce_actor") } == ["merchant:m1", "merchant:m2"])
        #expect(sent.allSatisfy { key.hasSigned(Received(message: $0)) && $0.header("other") == "kept" })
        #expect(sent.allSatisfy { !$0.headers.contains { $0.name.hasPrefix("x-dead-") } })
        withExtendedLifetime(file) {}
    }

    @Test func whatMayNotBeSentAgainIsRefusedByItsId() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let scene = try OperatorScene(
            keyFile: file.path,
            records: [
                OperatorScene.letter(1, reason: "unauthorized"), OperatorScene.letter(2, more: [("x-dead-truncated", "9")]),
                OperatorScene.letter(3, more: [("x-dead-topic", "payments")]), OperatorScene.letter(4),
                OperatorScene.letter(5, actor: "service:shipping"),
            ])
        let ids = (1...5).map { OperatorScene.id($0) } + ["nonsense", OperatorScene.id(99)]
        let answer = try scene.replay(ids)
        #expect(answer.json["replayed"]?.int == 2)
        let refused = answer.json["refused"]?.array ?? []
        #expect(refused.map { $0["id"]?.string } == [ids[0], ids[1], ids[2], ids[5], ids[6]])
        #expect(refused.map { $0["code"]?.string } == ["forbidden", "invalid", "invalid", "not-found", "not-found"])
        let ofService = try #require(scene.kafka.sent.last)
        #expect(ofService.header("ce_id") == "c5" && ofService.header("daifa-mac") == nil, "nobody has shown that it is shipping's")
        withExtendedLifetime(file) {}
    }

    @Test func idsAreBounded() throws {
        let scene = try OperatorScene(records: [OperatorScene.letter(1)])
        for body in ["{}", #"{"ids":[]}"#, #"{"ids":[1]}"#, #"{"ids":"a"}"#] {
            let answer = try scene.ask("POST", "/api/v1/dead-letters/replay", body)
            #expect(answer.status == 400 && answer.json["field"]?.string == "ids", "\(body)")
        }
        #expect(try scene.replay((0..<501).map { "\($0)" }).json["field"]?.string == "ids")
        #expect(try scene.replay((0..<500).map { "\($0)" }).json["refused"]?.array?.count == 500)
        #expect(try scene.ask("POST", "/api/v1/dead-letters/replay", "nonsense").json["field"]?.string == "body")
    }

    @Test func theSameKeyIsTheSameReplay() throws {
        let scene = try OperatorScene(records: [OperatorScene.letter(1), OperatorScene.letter(2)])
        let first = try scene.replay([OperatorScene.id(1)], key: "k")
        let second = try scene.replay([OperatorScene.id(1)], key: "k")
        #expect(first.json == second.json && scene.kafka.sent.count == 1)
        #expect(try scene.replay([OperatorScene.id(2)], key: "k").json["code"]?.string == "key-reused")
    }

    @Test func whileKafkaIsAwayNothingIsReplayed() throws {
        let scene = try OperatorScene(records: [OperatorScene.letter(1)])
        scene.kafka.goAway()
        let answer = try scene.replay([OperatorScene.id(1)], key: "k")
        #expect(answer.status == 503 && answer.json["code"]?.string == "unavailable")
    }

    @Test func lettersThatLieNearEachOtherAreReadTogether() {
        func place(_ partition: Int32, _ offset: Int64) -> RecordPlace {
            RecordPlace(topic: "daifa.waybill.dead", partition: partition, offset: offset)
        }
        let runs = LetterLog.runs([place(1, 5), place(0, 3000), place(0, 7), place(0, 1)])
        #expect(runs == [[place(0, 1), place(0, 7)], [place(0, 3000)], [place(1, 5)]])
        #expect(LetterLog.runs([]).isEmpty)
    }

    // MARK: Traces

    @Test func aTraceTellsTheWayWithoutContents() throws {
        let placed =
            #"{"orderId":"o/1","merchantShopId":"m1","platform":"pinduoduo","platformOrderNumber":"N","placedAt":"2026-01-01T00:00:00Z","remark":"SECRET","lines":[{"lineId":"1","sku":"s","name":"n","spec":"","quantity":1,"unitPrice":{"amountMinor":1,"currency":"CNY"}}],"recipient":{"province":"p","city":"c","district":"d"}}"#
        let record = Kafka.Message(
            topic: "daifa.orders", partition: 0, offset: 0, timestamp: Int64(OperatorScene.now.milliseconds), key: Array("o/1".utf8),
            value: Array(placed.utf8),
            headers: [
                ("ce_id", "f1"), ("ce_type", OrderPlaced.type), ("ce_time", OperatorScene.now.description), ("ce_actor", "connector:x"),
            ].map { Header(name: $0.0, value: Array($0.1.utf8)) })
        let scene = try OperatorScene(records: [record])
        let answer = try scene.ask("GET", "/api/v1/trace/o%2F1")
        #expect(answer.status == 200 && answer.json["items"]?.array?.count == 1)
        let item = answer.json["items"]?[0]
        #expect(item?["topic"]?.string == "daifa.orders" && item?["type"]?.string == OrderPlaced.type && item?["id"]?.string == "f1")
        #expect(!"\(answer.json)".contains("SECRET"))
        #expect(try scene.ask("GET", "/api/v1/trace/o/1").status == 200)
        #expect(try scene.ask("GET", "/api/v1/trace/none").status == 404)
        // Each reading is told, and nothing but who read what.
        #expect(scene.kafka.told.map(\.topic) == ["daifa.console.events", "daifa.console.events"])
        let told = try TraceRead.decode(try #require(scene.kafka.told.first).body)
        #expect(told.userId == "u1" && told.traced == "o/1" && scene.kafka.told[0].key == "u1")
        #expect("\(scene.kafka.told[0].envelope.actor)" == "operator:op-1")
    }
}
