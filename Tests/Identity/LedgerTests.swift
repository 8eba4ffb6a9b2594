import Testing
import Threads

@testable import Identity

@Suite struct LedgerTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    private func key(_ key: String = "k", user: String = "u", actor: String = "merchant:1", path: String = "/a", _ json: String = "{}")
        throws -> IdempotencyKey
    {
        IdempotencyKey(user: user, actor: actor, key: key, path: path, digest: try RequestDigest.json(Array(json.utf8)))
    }

    @Test func aKeyGivesTheSameIdToTheSameRequestForSevenDays() throws {
        let scene = try Scene()
        let ledger: any RequestLedger = scene.store
        #expect(try ledger.claim(key(), for: "1", now: now) == .new)
        try scene.reopen()
        #expect(try scene.store.claim(key(), for: "2", now: now) == .known("1"))
        #expect(try scene.store.claim(key(user: "v"), for: "3", now: now) == .new)
        #expect(try scene.store.claim(key(actor: "merchant:2"), for: "4", now: now) == .new)
        #expect(refusal { _ = try scene.store.claim(key(path: "/b"), for: "5", now: now) } == .keyReused)
        #expect(refusal { _ = try scene.store.claim(key(#"{"a":1}"#), for: "6", now: now) } == nil)
        #expect(refusal { _ = try scene.store.claim(key("k", #"{"a":1}"#), for: "6", now: now) } == .keyReused)
        let later = now.after(seconds: 7 * 86_400)
        #expect(try scene.store.claim(key(), for: "7", now: Timestamp(milliseconds: later.milliseconds - 1)) == .known("1"))
        #expect(try scene.store.claim(key("k", path: "/b"), for: "7", now: later) == .new)
    }

    @Test func theDigestIsOfTheJSONNotOfItsBytes() throws {
        func digest(_ text: String) throws -> [UInt8] { try RequestDigest.json(Array(text.utf8)) }
        #expect(try digest(#"{"a":[1,2],"b":"\u0041"}"#) == digest(#" { "b" : "A", "a" : [1, 2] }"#))
        #expect(try digest(#"{"a":1,"a":2}"#) == digest(#"{"a":2}"#))
        #expect(try digest(#"{"a":[1,2]}"#) != digest(#"{"a":[2,1]}"#))
        #expect(try digest(#"{"a":1}"#) != digest(#"{"a":"1"}"#))
        #expect(throws: (any Error).self) { try digest("{") }
    }

    private func command(_ id: String, actor: String = "merchant:1") -> SentCommand {
        SentCommand(commandId: id, actor: actor, user: "u", service: "allocation", command: "allocate", key: "order-\(id)", at: now)
    }

    @Test func anAnswerSettlesACommandOnceAndFurtherEventsAreAdded() throws {
        let ledger = try Scene().store
        try ledger.record(command("1"))
        try ledger.record(command("1"))
        #expect(try ledger.command("1", of: "merchant:1")?.state == .pending)
        #expect(try ledger.command("1", of: "merchant:2") == nil)
        let first = CommandAnswer(commandId: "1", eventId: "e1", event: Array(#"{"id":"e1"}"#.utf8))
        #expect(try ledger.settle([first]).commands == ["1"])
        #expect(try ledger.settle([first]) == SettledIds())
        let second = CommandAnswer(commandId: "1", eventId: "e2", event: Array(#"{"id":"e2"}"#.utf8))
        #expect(try ledger.settle([second, first]).commands == ["1"])
        let settled = try #require(try ledger.command("1", of: "merchant:1"))
        #expect(settled.state == .accepted && settled.refusal == nil)
        #expect(settled.events.map { String(decoding: $0, as: UTF8.self) } == [#"{"id":"e1"}"#, #"{"id":"e2"}"#])
        #expect(try ledger.settle([CommandAnswer(commandId: "other", eventId: "e", event: nil)]) == SettledIds())
    }

    @Test func aRefusalIsKeptAsItCame() throws {
        let ledger = try Scene().store
        try ledger.record(command("1"))
        let refusal = LedgerRefusal(code: "not-found", detail: "no such order", field: "orderId", details: Array("{}".utf8))
        try ledger.settle([CommandAnswer(commandId: "1", eventId: "e1", event: nil, refusal: refusal)])
        let settled = try ledger.command("1", of: "merchant:1")
        #expect(settled?.state == .refused && settled?.refusal == refusal && settled?.events == [])
    }

    @Test func commandsAreListedNewestFirstInFullPages() throws {
        let ledger = try Scene().store
        for number in 1...7 { try ledger.record(command("\(number)")) }
        try ledger.record(command("x", actor: "merchant:2"))
        try ledger.settle([CommandAnswer(commandId: "3", eventId: "e", event: nil)])
        var pages: [[String]] = []
        var after: Int?
        repeat {
            let page = try ledger.commands(of: "merchant:1", in: nil, PageRange(limit: 3, after: after))
            pages.append(page.items.map(\.commandId))
            after = page.next
        } while after != nil
        #expect(pages == [["7", "6", "5"], ["4", "3", "2"], ["1"]])
        #expect(try ledger.commands(of: "merchant:1", in: .accepted, PageRange(limit: 3)).items.map(\.commandId) == ["3"])
        let whole = try ledger.commands(of: "merchant:1", in: nil, PageRange(limit: 7))
        #expect(whole.items.count == 7 && whole.next == nil)
        #expect(try ledger.commands(of: "merchant:1", in: nil, PageRange(limit: -1)) == Page(items: [], next: nil))
    }

    @Test func aBatchCountsEachItemOnce() throws {
        let ledger = try Scene().store
        let batch = Batch(
            batchId: "b", actor: "factory:9", user: "u", service: "shipping", command: "ship", at: now, retryOf: "a")
        var items = (0..<4).map { BatchItem(index: $0, commandId: "b-\($0)", orderId: "o\($0)", allocationId: "l\($0)") }
        items.append(BatchItem(index: 4, commandId: "b-4", state: .refused, code: "invalid", field: "carrier", detail: "unknown"))
        try ledger.record(batch, items: items)
        try ledger.record(batch, items: items)
        let refusal = LedgerRefusal(code: "not-found", detail: "none", field: nil)
        let answers = [
            CommandAnswer(commandId: "b-0", eventId: "0", event: nil),
            CommandAnswer(commandId: "b-1", eventId: "1", event: nil, refusal: refusal),
        ]
        #expect(try ledger.settle(answers + answers).batches == ["b"])
        #expect(try ledger.settle(answers) == SettledIds())
        let read = try #require(try ledger.batch("b", of: "factory:9"))
        #expect([read.total, read.accepted, read.refused, read.pending] == [5, 1, 2, 2] && read.retryOf == "a")
        #expect(try ledger.batch("b", of: "factory:8") == nil)
        let refused = try ledger.items(of: "b", in: .refused)
        #expect(refused.map(\.index) == [1, 4] && refused.map(\.code) == ["not-found", "invalid"])
        #expect(refused[0].orderId == "o1" && refused[0].allocationId == "l1" && refused[1].field == "carrier")
        #expect(try ledger.items(of: "b", in: nil).count == 5)
        #expect(try ledger.batches(of: "factory:9", PageRange(limit: 1)) == Page(items: [read], next: nil))
    }

    @Test func badRowsAreKeptInOrderAndReadInParts() throws {
        let ledger = try Scene().store
        try ledger.record(ImportRecord(importId: "i", merchant: "7", user: "u", at: now))
        let rows = (0..<5).map {
            BadRow(line: $0 + 2, orderNumber: $0 == 0 ? nil : "n\($0)", column: "c", reason: "r\($0)", fault: $0 == 1 ? nil : "empty")
        }
        try ledger.update(importId: "i", state: .running, counts: Array(#"{"records":5}"#.utf8), badRows: Array(rows[..<2]))
        try ledger.update(importId: "i", state: .done, counts: Array(#"{"records":9}"#.utf8), badRows: Array(rows[2...]))
        let read = try #require(try ledger.importRecord("i", of: "7"))
        #expect(read.state == .done && read.badRows == 5 && read.counts == Array(#"{"records":9}"#.utf8))
        #expect(try ledger.badRows(of: "i", from: 0, limit: 100) == rows)
        #expect(try ledger.badRows(of: "i", from: 3, limit: 1) == [rows[3]])
        #expect(try ledger.importRecord("i", of: "8") == nil)
        #expect(try ledger.imports(of: "7", PageRange(limit: 10)).items == [read])
        #expect(refusal { try ledger.update(importId: "j", state: .done, counts: [], badRows: []) } == .notFound)
    }

    @Test func anImportThatAProcessLeftRunningHasFailed() throws {
        let ledger = try Scene().store
        for (id, state) in [("1", ImportState.running), ("2", .done)] {
            try ledger.record(ImportRecord(importId: id, merchant: "7", user: "u", at: now, state: state))
        }
        try ledger.failRunningImports()
        #expect(try ledger.imports(of: "7", PageRange(limit: 10)).items.map(\.state) == [.done, .failed])
    }

    @Test func whatIsOlderThanSevenDaysIsForgottenButCountsAndRefusals() throws {
        let ledger = try Scene().store
        _ = try ledger.claim(key(), for: "1", now: now)
        try ledger.record(command("1"))
        try ledger.settle([CommandAnswer(commandId: "1", eventId: "e", event: [1])])
        let batch = Batch(batchId: "b", actor: "factory:9", user: "u", service: "shipping", command: "ship", at: now)
        try ledger.record(batch, items: (0..<2).map { BatchItem(index: $0, commandId: "b-\($0)") })
        try ledger.settle([
            CommandAnswer(commandId: "b-0", eventId: "0", event: nil),
            CommandAnswer(commandId: "b-1", eventId: "1", event: nil, refusal: LedgerRefusal(code: "invalid", detail: "")),
        ])
        try ledger.pruneRequests(now: now.after(seconds: 7 * 86_400 - 1))
        #expect(try ledger.command("1", of: "merchant:1") != nil)
        try ledger.pruneRequests(now: now.after(seconds: 7 * 86_400))
        #expect(try ledger.command("1", of: "merchant:1") == nil)
        #expect(try ledger.batch("b", of: "factory:9")?.accepted == 1)
        #expect(try ledger.items(of: "b", in: nil).map(\.commandId) == ["b-1"])
        try ledger.record(command("1"))
        #expect(try ledger.command("1", of: "merchant:1")?.events == [])
    }
}
