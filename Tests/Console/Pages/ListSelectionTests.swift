import HTTP
import Identity
import ReadModel
import Testing
import Threads
import Web

@testable import Console

/// What is chosen in a list lasts while its pages are turned, and is what a step is done with.
@Suite struct ListSelectionTests {
    private static let form = "application/x-www-form-urlencoded"

    /// Merchant m1 with so many open orders, the newest first in the list.
    private static func records(_ count: Int) -> [LogRecord] {
        (1...count).map { number in
            let id = "o-\(number)"
            let json =
                #"{"orderId":"\#(id)","merchantShopId":"m1","platform":"pinduoduo","platformOrderNumber":"N-\#(number)","placedAt":"2026-01-01T00:00:00Z","remark":"r","lines":[{"lineId":"1","sku":"s","name":"n","spec":"","quantity":1,"unitPrice":{"amountMinor":1,"currency":"CNY"}}],"recipient":{"province":"浙江省","city":"杭州市","district":"西湖区","sealed":{"keyId":"k","enc":"e","ciphertext":"c"}}}"#
            let registered =
                #"{"orderId":"\#(id)","merchantShopId":"m1","platform":"pinduoduo","platformOrderNumber":"N-\#(number)","holds":[]}"#
            return [
                record("daifa.orders", id, "daifa.order.placed.v1", json, number),
                record("daifa.allocation.events", id, "daifa.allocation.order-registered.v1", registered, number),
            ]
        }.flatMap { $0 }
    }

    private static func record(_ topic: String, _ key: String, _ type: String, _ json: String, _ number: Int) -> LogRecord {
        let time = Timestamp(milliseconds: 1_764_000_000_000 + number)
        let headers = [("ce_id", "\(topic)-\(number)"), ("ce_type", type), ("ce_time", time.description)]
        return LogRecord(
            topic: topic, partition: 0, offset: Int64(number - 1), time: time, key: Array(key.utf8),
            headers: headers.map { LogRecord.Header($0.0, Array($0.1.utf8)) }, value: Array(json.utf8))
    }

    private static func values(_ name: String, _ page: String) -> [String] {
        page.components(of: "name=\"\(name)\" value=\"").dropFirst().map { String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&") }
    }

    private struct Person {
        let scene: ConsoleScene
        let session: NewSession

        init(_ orders: Int) throws {
            scene = try ConsoleScene(records: ListSelectionTests.records(orders))
            session = try scene.session("anna", [("merchant:m1", .owner)])
        }

        func open(_ path: String) -> String { scene.ask("GET", path, as: Guest(session)).text }

        /// Sends the list's form with these boxes ticked.
        func send(_ path: String, on page: String, ticks: [String], _ button: (String, String)? = nil) -> SceneAnswer {
            var fields = [("csrf", session.open.maskedCSRF)]
            for name in ["shown", "selection", "here"] {
                fields += ListSelectionTests.values(name, page).prefix(name == "shown" ? 500 : 1).map { (name, $0) }
            }
            fields += ticks.map { ("order", $0) }
            if let button { fields.append(button) }
            let body = fields.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
            return scene.ask("POST", path, as: Guest(session), body: body, type: ListSelectionTests.form)
        }
    }

    @Test func ticksGoAlongWithThePagesAndAreAllDoneWith() throws {
        let person = try Person(60)
        let first = person.open("/m/m1/orders?limit=25&state=open&order=newest")
        #expect(Self.values("shown", first).count == 25 && Self.values("shown", first).first == "o-60")
        let older = try #require(Self.values("go", first).first { $0.contains("after=") })
        let turned = person.send("/m/m1/orders/select", on: first, ticks: ["o-60", "o-59"], ("go", older))
        let next = try #require(turned.header("location"))
        #expect(turned.status == 303 && next.contains("selection=") && next.contains("after=") && next.contains("state=open"))
        let second = person.open(next)
        #expect(second.contains("2 selected") && second.contains("2 of them are not in this view"))
        let step = person.send("/m/m1/orders/deallocate", on: second, ticks: ["o-35"])
        // Nothing of them is allocated: all three are named as left out.
        #expect(step.status == 200 && step.text.contains("3 will be skipped"))
        let allocate = person.send("/m/m1/orders/allocate", on: second, ticks: ["o-35", "o-34"])
        let wanted: Set<String> = ["o-60", "o-59", "o-35", "o-34"]
        #expect(allocate.status == 200 && allocate.text.contains("4 will be skipped"), "these come to be in no state that allows it")
        // On another page a box is taken away again, and the selection is shown alone.
        let back = person.open("/m/m1/orders?limit=25&selection=\(Self.values("selection", second)[0])")
        #expect(back.contains(#"value="o-60" data-select-row="" checked"#))
        let less = person.send("/m/m1/orders/select", on: back, ticks: ["o-60"], ("go", "/m/m1/orders?chosen=1"))
        let alone = person.open(try #require(less.header("location")))
        #expect(Set(Self.values("shown", alone)) == wanted.subtracting(["o-59"]) && alone.contains("3 selected"))
        let clear = person.send("/m/m1/orders/select", on: alone, ticks: [], ("clear", "1"))
        #expect(clear.header("location") == "/m/m1/orders")
    }

    @Test func allThatMatchIsAStepOfItsOwn() throws {
        let person = try Person(60)
        let page = person.open("/m/m1/orders?limit=25&state=open")
        #expect(page.contains("Select all 60 that match"))
        let all = person.send("/m/m1/orders/select", on: page, ticks: [], ("all", "1"))
        let chosen = person.open(try #require(all.header("location")))
        #expect(chosen.contains("60 selected") && chosen.contains("35 of them are not in this view"))
        let narrow = person.open("/m/m1/orders?limit=25&text=N-6")
        #expect(!narrow.contains("Select all"), "there are no more than are shown")
    }

    @Test func anothersOrAnOldSelectionHasEnded() throws {
        let person = try Person(3)
        let page = person.open("/m/m1/orders")
        let target = try #require(person.send("/m/m1/orders/select", on: page, ticks: ["o-1"], ("go", "/m/m1/orders")).header("location"))
        #expect(person.open(target).contains("1 selected"))
        let carl = try person.scene.user("carl", [("merchant:m1", .clerk)])
        #expect(person.scene.ask("GET", target, as: carl).text.contains("This selection is more than 12 hours old"))
        let elsewhere = person.send("/m/m1/orders/select", on: page, ticks: ["o-1"], ("go", "https://evil.example/"))
        #expect(elsewhere.header("location") == "/m/m1/orders")
    }
}

extension String {
    /// The parts between a text.
    fileprivate func components(of separator: String) -> [Substring] { split(separator: separator, omittingEmptySubsequences: false) }
}
