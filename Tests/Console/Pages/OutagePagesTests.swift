import Contracts
import HTTP
import Identity
import JSON
import Runtime
import Testing
import Threads
import Web

@testable import Console

/// Kafka goes away between a click and its answer: the page says that it may be carried out all the same, and sends the same command again.
@Suite struct OutagePagesTests {
    private static let form = "application/x-www-form-urlencoded"
    private static let told = "it may still be carried out"

    private let scene: ConsoleScene
    private let merchant: NewSession
    private let factory: NewSession

    init() throws {
        var log = TopicLog()
        log.merchant()
        log.registered()
        log.binding("m1", .active)
        for order in ["o1", "o2"] { log.placed(order, holds: [.awaitingAudit]) }
        for order in ["p1", "p2", "p3"] {
            log.opened(order)
            log.obtained(order, "7777777700\(order.dropFirst())")
        }
        scene = try ConsoleScene(records: log.records)
        merchant = try scene.session("anna", [("merchant:m1", .owner)])
        factory = try scene.session("fang", [("factory:f1", .owner)])
    }

    private func send(_ path: String, _ fields: [(String, String)], as session: NewSession) -> SceneAnswer {
        let fields = fields.filter { $0.0 != "csrf" } + [("csrf", session.open.maskedCSRF)]
        let body = fields.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return scene.ask("POST", path, as: Guest(session), body: body, type: Self.form)
    }

    /// Fields of the first form of a page that leads there, as a browser sends them.
    private func fields(_ page: String, action: String) throws -> [(String, String)] {
        let start = try #require(page.firstRange(of: "action=\"\(action)\"")?.upperBound, "no form in \(page)")
        let rest = page[start...]
        let form = rest[..<(rest.firstRange(of: "</form>")?.lowerBound ?? rest.endIndex)]
        return form.split(separator: "<input ").dropFirst().compactMap { tag in
            guard let name = Self.value("name", tag), !tag.contains("type=\"checkbox\"") || tag.contains(" checked") else { return nil }
            return (name, Self.value("value", tag) ?? "")
        }
    }

    private static func value(_ name: String, _ tag: some StringProtocol) -> String? {
        guard let start = String(tag).firstRange(of: "\(name)=\"")?.upperBound else { return nil }
        return String(String(tag)[start...].prefix { $0 != "\"" })
    }

    private static let address = [
        ("kind", "return"), ("country", "CN"), ("sender", "Lan"), ("phone", "13800000001"), ("province", "浙江省"), ("city", "杭州市"),
        ("district", "西湖区"), ("detail", "文三路 1 号"), ("key", "k1"),
    ]

    private func count(_ type: String) -> (sent: Int, ids: Int) {
        let sent = scene.transport.commands.filter { $0.envelope.type.contains(type) }
        return (sent.count, Set(sent.map(\.envelope.id)).count)
    }

    @Test func aFormComesBackAsItWasAndIsTheSameCommandWhenItIsSentAgain() throws {
        scene.transport.reply(.unconfirmed)
        let path = "/m/m1/addresses"
        let answer = send(path, Self.address, as: merchant)
        #expect(answer.status == 503 && answer.text.contains(Self.told) && !answer.text.contains("nothing was kept"))
        let form = try fields(answer.text, action: path)
        #expect(form.contains { $0 == ("key", "k1") } && form.contains { $0 == ("sender", "Lan") })
        #expect(!form.contains { $0.0 == "csrf" && $0.1 == merchant.open.maskedCSRF }, "the page's own")
        // Kafka is still away, then it is back.
        #expect(try fields(send(path, form, as: merchant).text, action: path).contains { $0 == ("key", "k1") })
        scene.transport.reply(.accept)
        #expect(send(path, form, as: merchant).status == 303)
        #expect(count("put-address") == (3, 1), "the service knows the copies by their id")
        #expect(try scene.store.commands(of: "merchant:m1", in: nil, PageRange(limit: 9)).items.map(\.state) == [.accepted])
        // What was answered is not sent once more.
        #expect(send(path, form, as: merchant).status == 303 && count("put-address").sent == 3)
    }

    @Test func anotherProblemsFormIsANewCommand() throws {
        scene.transport.reply(.refuse(LedgerRefusal(code: "invalid", detail: "no", field: "phone")))
        let answer = send("/m/m1/addresses", Self.address, as: merchant)
        let form = try fields(answer.text, action: "/m/m1/addresses")
        #expect(answer.status == 400 && form.contains { $0.0 == "key" } && !form.contains { $0 == ("key", "k1") })
    }

    @Test func aBatchIsOneBatch() throws {
        scene.transport.reply(.unconfirmed)
        let path = "/m/m1/orders/approve"
        let asked = send(path, [("order", "o1"), ("order", "o2")], as: merchant)
        let first = try fields(asked.text, action: path)
        let answer = send(path, first, as: merchant)
        #expect(answer.status == 503 && answer.text.contains(Self.told))
        let again = try fields(answer.text, action: path)
        #expect(again.first { $0.0 == "key" }?.1 == first.first { $0.0 == "key" }?.1)
        scene.transport.reply(.accept)
        let done = send(path, again, as: merchant)
        #expect(done.status == 303 && done.header("location")?.hasPrefix("/m/m1/batches/") == true)
        #expect(count("approve-order") == (4, 2))
        let batches = try scene.store.batches(of: "merchant:m1", PageRange(limit: 9)).items
        #expect(batches.map(\.total) == [2] && batches.map(\.accepted) == [2])
    }

    @Test func whatHasNoFormOfItsOwnCanBeSentAgainFromThePageThatSaysSo() throws {
        scene.transport.reply(.unconfirmed)
        let path = "/f/f1/print/printed"
        let sent = ["p1", "p2", "p3"].map { ("allocationId", "\($0)/1") } + [("key", "k2")]
        let answer = send(path, sent, as: factory)
        #expect(answer.status == 503 && answer.text.contains(Self.told))
        let again = try fields(answer.text, action: path)
        #expect(again.filter { $0.0 == "allocationId" }.map(\.1) == ["p1/1", "p2/1", "p3/1"] && again.contains { $0 == ("key", "k2") })
        scene.transport.reply(.accept)
        #expect(send(path, again, as: factory).status == 303 && count("mark-printed") == (6, 3))
    }

    @Test func theAPISaysSoTooAndItsKeyIsKept() throws {
        scene.transport.reply(.unconfirmed)
        let guest = try scene.token("merchant:m1").setting("Idempotency-Key", "k3")
        let path = "/api/v1/commands/allocation/approve-order"
        let answer = scene.ask("POST", path, as: guest, body: Sample.approve)
        let id = try #require(answer.json["commandId"]?.string)
        #expect(answer.status == 503 && answer.code == "unavailable" && answer.header("retry-after") != nil)
        #expect(answer.json["title"]?.string?.contains(Self.told) == true)
        #expect(answer.json["detail"]?.string?.contains("Idempotency-Key") == true)
        #expect(scene.ask("GET", "/api/v1/commands/\(id)", as: guest).json["state"]?.string == "pending")
        scene.transport.reply(.accept)
        let again = scene.ask("POST", path, as: guest, body: Sample.approve)
        #expect(again.status == 200 && again.json["commandId"]?.string == id && count("approve-order") == (2, 1))
        let chinese = scene.ask(
            "POST", path, as: guest.setting("Idempotency-Key", "k4").setting("Accept-Language", "zh"), body: Sample.approve)
        #expect(chinese.status == 200)
    }
}
