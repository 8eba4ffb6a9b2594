import Contracts
import HTTP
import Identity
import JSON
import Runtime
import Testing
import Threads

@testable import Console

/// Commands and batches over HTTP (contract, section 9).
@Suite struct CommandTests {
    private static let path = "/api/v1/commands/allocation/approve-order"

    // MARK: One command

    @Test func aCommandIsSentAndAnswered() throws {
        let scene = try ConsoleScene()
        let session = try scene.session("anna", [("merchant:m1", .owner)])
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let answer = scene.ask("POST", Self.path, as: Guest(session).setting("traceparent", trace), body: Sample.approve)
        #expect(answer.status == 200 && answer.json["state"]?.string == "accepted" && answer.header("location") == nil)
        let command = try #require(scene.transport.commands.first)
        #expect(scene.transport.commands.count == 1 && command.topic == "daifa.allocation.commands" && command.key == "o1")
        #expect(command.envelope.type == "daifa.allocation.approve-order.v1" && command.body == Array(Sample.approve.utf8))
        #expect("\(command.envelope.actor)" == "merchant:m1" && command.envelope.user == session.open.user.userId)
        #expect(command.envelope.traceparent == trace && command.envelope.source == "/daifa/console")
        #expect(answer.json["commandId"]?.string == command.envelope.id)
        let event = try #require(answer.json["events"]?.array?.first)
        #expect(event["key"]?.string == "o1" && event["data"]?["orderId"]?.string == "o1")
    }

    @Test func aRefusalIsAProblem() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        for (code, status) in [
            ("invalid", 400), ("forbidden", 403), ("not-found", 404), ("order-cancelled", 409), ("risk-held", 409),
            ("number-pool-empty", 409),
            ("too-many-pending", 409),
        ] {
            scene.transport.reply(
                .refuse(LedgerRefusal(code: code, detail: "a reason", field: "lines[0]", details: Array(#"{"missing":["a"]}"#.utf8))))
            let answer = scene.ask("POST", Self.path, as: guest, body: Sample.approve)
            #expect(answer.status == status && answer.code == code && answer.json["type"]?.string == "urn:daifa:refusal:\(code)")
            #expect(answer.header("content-type") == "application/problem+json" && answer.json["detail"]?.string == "a reason")
            #expect(answer.field == "lines[0]" && answer.json["details"]?["missing"]?.array?.count == 1)
            let known = scene.ask("GET", "/api/v1/commands/\(answer.json["commandId"]?.string ?? "")", as: guest)
            #expect(known.status == 200 && known.json["state"]?.string == "refused")
            #expect(known.json["refusal"]?["code"]?.string == code && known.json["refusal"]?["details"]?["missing"] != nil)
        }
    }

    /// A service that does not believe the console: nothing of which the caller knows or can do anything.
    @Test func aServicesUnauthorizedIsAFaultOfTheDeployment() throws {
        let scene = try ConsoleScene()
        scene.transport.reply(.refuse(LedgerRefusal(code: "unauthorized", detail: "bad mac")))
        let answer = scene.ask("POST", Self.path, as: try scene.token("merchant:m1"), body: Sample.approve)
        #expect(
            answer.status == 503 && answer.code == "unavailable" && answer.header("retry-after") != nil && !answer.text.contains("bad mac"))
    }

    @Test func whileKafkaIsAwayItIs503() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        scene.transport.reply(.away)
        let guest = try scene.token("merchant:m1")
        let answer = scene.ask("POST", Self.path, as: guest, body: Sample.approve)
        #expect(answer.status == 503 && answer.code == "unavailable" && answer.header("retry-after") != nil)
        let batch = scene.ask(
            "POST", "/api/v1/batches", as: guest, body: #"{"service":"allocation","command":"approve-order","items":[\#(Sample.approve)]}"#)
        #expect(batch.status == 503)
        #expect(scene.ask("GET", "/api/v1/orders", as: guest).status == 200, "reading goes on")
        #expect(scene.ask("POST", "/api/v1/session", body: #"{"user":"x","password":"y"}"#).status == 401)
    }

    @Test func preferSaysHowLongToWait() throws {
        let scene = try ConsoleScene()
        scene.transport.reply(.silence)
        let guest = try scene.token("merchant:m1")
        let pending = scene.ask("POST", Self.path, as: guest.setting("Prefer", "wait=0"), body: Sample.approve)
        let id = try #require(pending.json["commandId"]?.string)
        #expect(
            pending.status == 202 && pending.header("location") == "/api/v1/commands/\(id)" && pending.json["state"]?.string == "pending")
        #expect(pending.header("preference-applied") == "wait=0")
        #expect(scene.ask("GET", "/api/v1/commands/\(id)", as: guest).json["state"]?.string == "pending")
        scene.transport.answerAll()
        #expect(scene.ask("GET", "/api/v1/commands/\(id)", as: guest).json["state"]?.string == "accepted")
        #expect(scene.ask("GET", "/api/v1/commands/\(id)", as: try scene.token("merchant:m2")).status == 404)
        scene.transport.reply(.accept)
        for (wish, applied) in [("wait=99", "wait=30"), ("respond-async, wait=5", "wait=5"), ("wait=soon", nil)] as [(String, String?)] {
            let answer = scene.ask("POST", Self.path, as: guest.setting("Prefer", wish), body: Sample.approve)
            #expect(answer.status == 200 && answer.header("preference-applied") == applied, "\(wish)")
        }
    }

    @Test func fieldsThatAreWrongAreNamedAndNothingIsSent() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        for (path, body, field) in [
            ("allocation/approve-order", "{", "body"), ("allocation/approve-order", "[]", "body"),
            ("allocation/approve-order", "{}", "orderId"),
            ("allocation/approve-order", #"{"orderId":7,"merchantShopId":"m1"}"#, "orderId"),
            ("allocation/approve-order", #"{"orderId":"","merchantShopId":"m1"}"#, "orderId"),
            (
                "allocation/allocate",
                #"{"orderId":"o","merchantShopId":"m1","target":{"kind":"factory","id":"f"},"lines":[{"lineId":"1","quantity":0}]}"#,
                "lines[0].quantity"
            ),
            ("authorization/begin", #"{"authorizationId":"a","merchantShopId":"m1","appSecret":"CLEAR"}"#, "appSecret"),
        ] {
            let answer = scene.ask("POST", "/api/v1/commands/\(path)", as: guest, body: body)
            #expect(answer.status == 400 && answer.code == "invalid" && answer.field == field, "\(body): \(answer.text)")
            #expect(!answer.text.contains("CLEAR"))
        }
        #expect(scene.ask("POST", "\(Self.path)?x=1", as: guest, body: Sample.approve).field == "x")
        #expect(scene.transport.commands.isEmpty)
    }

    /// What names an authorization alone goes to its account's key, which only its owner finds.
    @Test func anAuthorizationsKeyIsFound() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let revoke = #"{"authorizationId":"a-only-m1","merchantShopId":"m1"}"#
        let path = "/api/v1/commands/authorization/revoke"
        #expect(scene.ask("POST", path, as: try scene.token("merchant:m1"), body: revoke).status == 200)
        #expect(scene.transport.commands.map(\.key) == ["jd-fulfillment:only-m1"])
        let other = scene.ask("POST", path, as: try scene.token("merchant:m2"), body: revoke)
        #expect(other.status == 404 && other.field == "authorizationId" && scene.transport.commands.count == 1)
    }

    // MARK: Idempotency

    @Test func theSameKeyIsTheSameRequest() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1").setting("Idempotency-Key", "k1")
        let first = scene.ask("POST", Self.path, as: guest, body: Sample.approve)
        // Other blanks and another order of names are the same JSON.
        let again = scene.ask("POST", Self.path, as: guest, body: #"{ "merchantShopId": "m1", "orderId":"o1" }"#)
        #expect(first.status == 200 && again.status == 200 && first.text == again.text && scene.transport.commands.count == 1)
        for (path, body) in [
            (Self.path, #"{"orderId":"o2","merchantShopId":"m1"}"#), ("/api/v1/commands/allocation/remove-rule", Sample.removeRule),
            ("/api/v1/batches", #"{"service":"allocation","command":"approve-order","items":[\#(Sample.approve)]}"#),
        ] {
            let other = scene.ask("POST", path, as: guest, body: body)
            #expect(other.status == 409 && other.code == "key-reused", "\(path)")
        }
        // Another caller's key is another.
        let theirs = scene.ask("POST", Self.path, as: try scene.token("merchant:m2").setting("Idempotency-Key", "k1"), body: Sample.approve)
        #expect(theirs.status == 200 && theirs.json["commandId"] != first.json["commandId"] && scene.transport.commands.count == 2)
        for bad in ["", String(repeating: "k", count: 129)] {
            let answer = scene.ask("POST", Self.path, as: guest.setting("Idempotency-Key", bad), body: Sample.approve)
            #expect(answer.status == 400 && answer.field == "Idempotency-Key")
        }
    }

    /// What was not answered yet goes out again under the same id: services recognise the copy.
    @Test func aRepeatedRequestWithoutAnAnswerHasTheSameId() throws {
        let scene = try ConsoleScene()
        scene.transport.reply(.silence)
        let guest = try scene.token("merchant:m1").setting("Idempotency-Key", "k1").setting("Prefer", "wait=0")
        let first = scene.ask("POST", Self.path, as: guest, body: Sample.approve)
        let again = scene.ask("POST", Self.path, as: guest, body: Sample.approve)
        #expect(first.status == 202 && again.status == 202 && first.json["commandId"] == again.json["commandId"])
        #expect(Set(scene.transport.commands.map(\.envelope.id)).count == 1)
        scene.transport.reply(.away)
        #expect(scene.ask("POST", Self.path, as: guest, body: Sample.approve).json["commandId"] == first.json["commandId"])
    }

    // MARK: Lists

    @Test func commandsAreListed() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        for _ in 0..<3 { #expect(scene.ask("POST", Self.path, as: guest, body: Sample.approve).status == 200) }
        scene.transport.reply(.silence)
        #expect(scene.ask("POST", Self.path, as: guest.setting("Prefer", "wait=0"), body: Sample.approve).status == 202)
        let first = scene.ask("GET", "/api/v1/commands?limit=3", as: guest)
        #expect(first.json["items"]?.array?.count == 3 && first.json["items"]?.array?.first?["state"]?.string == "pending")
        let next = try #require(first.json["next"]?.string)
        let second = scene.ask("GET", "/api/v1/commands?limit=3&after=\(next)", as: guest)
        #expect(second.json["items"]?.array?.count == 1 && second.json["next"] == nil)
        #expect(scene.ask("GET", "/api/v1/commands?state=pending", as: guest).json["items"]?.array?.count == 1)
        for (query, field) in [
            ("state=done", "state"), ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("after=x", "after"),
            ("after=-1", "after"), ("x=1", "x"), ("limit=1&limit=2", "limit"),
        ] {
            let answer = scene.ask("GET", "/api/v1/commands?\(query)", as: guest)
            #expect(answer.status == 400 && answer.field == field, "\(query): \(answer.text)")
        }
    }

    // MARK: Batches

    @Test func aBatchAnswersEachItemByItself() throws {
        let scene = try ConsoleScene()
        let session = try scene.session("anna", [("merchant:m1", .owner)])
        let guest = Guest(session)
        scene.transport.reply(.silence)
        let items = #"[\#(Sample.approve),{"orderId":"o2"},7,{"orderId":"o3","merchantShopId":"m1"}]"#
        let sent = scene.ask(
            "POST", "/api/v1/batches", as: guest, body: #"{"service":"allocation","command":"approve-order","items":\#(items)}"#)
        let id = try #require(sent.json["batchId"]?.string)
        #expect(sent.status == 202 && sent.json["total"]?.int == 4 && sent.header("location") == "/api/v1/batches/\(id)")
        #expect(scene.transport.commands.map(\.key) == ["o1", "o3"] && scene.transport.commands.allSatisfy { $0.envelope.batchId == id })
        let shown = scene.ask("GET", "/api/v1/batches/\(id)", as: guest).json
        #expect(shown["pending"]?.int == 2 && shown["refused"]?.int == 2 && shown["accepted"]?.int == 0)
        #expect(shown["command"]?.string == "approve-order" && shown["user"]?.string == session.open.user.userId)
        let refusals = shown["refusals"]?.array ?? []
        #expect(refusals.map { $0["index"]?.int } == [1, 2] && refusals.allSatisfy { $0["code"]?.string == "invalid" })
        #expect(refusals.first?["orderId"]?.string == "o2" && refusals.first?["field"]?.string == "merchantShopId")
        scene.transport.answerAll()
        let done = scene.ask("GET", "/api/v1/batches/\(id)", as: guest).json
        #expect(done["pending"]?.int == 0 && done["accepted"]?.int == 2)
        let listed = scene.ask("GET", "/api/v1/batches", as: guest).json["items"]?.array?.first
        #expect(listed?["batchId"]?.string == id && listed?["refusals"] == nil)
        #expect(scene.ask("GET", "/api/v1/batches/\(id)", as: try scene.token("merchant:m2")).status == 404)
        #expect(scene.ask("GET", "/api/v1/batches/\(id)", as: try scene.token("merchant:m1")).status == 200, "of the whole shop")
    }

    @Test func aBatchsBounds() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        func send(_ body: String) -> SceneAnswer { scene.ask("POST", "/api/v1/batches", as: guest, body: body) }
        func items(_ count: Int) -> String { "[" + Array(repeating: Sample.approve, count: count).joined(separator: ",") + "]" }
        for (body, field) in [
            (#"{"service":"allocation","command":"approve-order","items":[]}"#, "items"),
            (#"{"service":"allocation","command":"approve-order","items":\#(items(5001))}"#, "items"),
            (#"{"service":"allocation","command":"approve-order"}"#, "items"),
            (#"{"service":"allocation","command":"no","items":[{}]}"#, "command"),
            (#"{"service":"no","command":"approve-order","items":[{}]}"#, "command"),
            (#"{"command":"approve-order","items":[{}]}"#, "service"),
            (#"{"service":"allocation","command":"approve-order","items":[{}],"retryOf":7}"#, "retryOf"), ("[]", "body"), ("{", "body"),
        ] {
            let answer = send(body)
            #expect(answer.status == 400 && answer.field == field, "\(body.prefix(80)): \(answer.text)")
        }
        let forbidden = send(#"{"service":"allocation","command":"seal","items":[{}]}"#)
        #expect(forbidden.status == 403 && scene.transport.commands.isEmpty)
        let whole = send(#"{"service":"allocation","command":"approve-order","items":\#(items(5000))}"#)
        #expect(whole.status == 202 && whole.json["total"]?.int == 5000 && scene.transport.commands.count == 5000)
        #expect(Set(scene.transport.commands.map(\.envelope.id)).count == 5000)
        let id = whole.json["batchId"]?.string ?? ""
        #expect(scene.ask("GET", "/api/v1/batches/\(id)", as: guest).json["accepted"]?.int == 5000)
        let retry = send(#"{"service":"allocation","command":"approve-order","items":\#(items(1)),"retryOf":"\#(id)"}"#)
        let again = scene.ask("GET", "/api/v1/batches/\(retry.json["batchId"]?.string ?? "")", as: guest)
        #expect(again.json["retryOf"]?.string == id)
    }

    @Test func aRepeatedBatchIsOne() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1").setting("Idempotency-Key", "b1")
        let body = #"{"service":"allocation","command":"approve-order","items":[\#(Sample.approve),\#(Sample.approve)]}"#
        let first = scene.ask("POST", "/api/v1/batches", as: guest, body: body)
        let again = scene.ask("POST", "/api/v1/batches", as: guest, body: body)
        #expect(first.status == 202 && again.status == 202 && first.json["batchId"] == again.json["batchId"])
        #expect(Set(scene.transport.commands.map(\.envelope.id)).count == 2)
        let shown = scene.ask("GET", "/api/v1/batches/\(first.json["batchId"]?.string ?? "")", as: guest)
        #expect(shown.json["total"]?.int == 2 && shown.json["accepted"]?.int == 2)
    }
}
