import Identity
import JSON
import ReadModel
import Runtime
import TestSupport
import Testing
import Threads
import Web

@testable import Console
@testable import HTTP

/// Two consoles, each with a read model of its own, that have the same people: what one was asked, the other knows. Requests go to either, as
/// behind a proxy that takes turns.
@Suite struct TwoConsolesTests {
    private static let batch =
        #"{"service":"allocation","command":"approve-order","items":[\#(Sample.approve),{"orderId":"o2","merchantShopId":"m1"}]}"#

    private let first: ConsoleScene
    private let second: ConsoleScene

    init() throws {
        first = try ConsoleScene(records: SceneRecords.twoPairs)
        second = try ConsoleScene(records: SceneRecords.twoPairs, beside: first)
    }

    /// Names and data of what was sent into a stream so far.
    private static func told(_ answer: SceneAnswer) throws -> [(event: String, data: JSONValue)] {
        let stream = try #require(answer.response.stream)
        stream.write(ServerSentEvent.comment)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
        defer { buffer.deallocate() }
        guard case .bytes(let count) = stream.read(buffer) else { return [] }
        return String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n\n").compactMap { part in
            let lines = part.split(separator: "\n")
            guard let event = lines.first(where: { $0.hasPrefix("event: ") })?.dropFirst(7),
                let data = lines.first(where: { $0.hasPrefix("data: ") })?.dropFirst(6)
            else { return nil }
            return (String(event), (try? JSONValue.decode(Array(data.utf8))) ?? .null)
        }
    }

    @Test func aSessionIsOneAtBothAndEndsAtBoth() throws {
        let guest = try first.user()
        #expect(second.ask("GET", "/api/v1/session", as: guest).status == 200)
        // The token of the one's page is good for the other.
        #expect(second.ask("PUT", "/api/v1/session", as: guest, body: #"{"language":"vi"}"#).status == 200)
        #expect(first.ask("GET", "/api/v1/session", as: guest).json["language"]?.string == "vi")
        #expect(first.ask("GET", "/m/m1/stream", as: guest).status == 200)
        #expect(second.ask("DELETE", "/api/v1/session", as: guest).status == 204)
        #expect(first.ask("GET", "/api/v1/session", as: guest).status == 401, "at once")
        first.parts.streamSessions.look(now: first.clock.now)
        #expect(first.parts.streams.count == 0)
    }

    @Test func aKeyNamesOneRequestAtBoth() throws {
        let guest = try first.user().setting("Idempotency-Key", "k1").setting("Prefer", "wait=0")
        for scene in [first, second] { scene.transport.reply(.silence) }
        let path = "/api/v1/commands/allocation/approve-order"
        let ids = [first, second, first].map { $0.ask("POST", path, as: guest, body: Sample.approve).json["commandId"]?.string }
        #expect(ids[0] != nil && Set(ids).count == 1)
        #expect(Set((first.transport.commands + second.transport.commands).map(\.envelope.id)).count == 1)
        second.transport.answerAll()
        let id = try #require(ids[0])
        #expect(first.ask("GET", "/api/v1/commands/\(id)", as: guest).json["state"]?.string == "accepted")
        let answered = first.ask("POST", path, as: guest, body: Sample.approve)
        #expect(
            answered.status == 200 && answered.json["commandId"]?.string == id && first.transport.commands.count == 2, "nothing is sent")
    }

    @Test func aBatchIsFollowedAtTheOther() throws {
        let guest = try first.user()
        first.transport.reply(.silence)
        let sent = first.ask("POST", "/api/v1/batches", as: guest, body: Self.batch)
        let id = try #require(sent.json["batchId"]?.string)
        let stream = second.ask("GET", "/api/v1/batches/\(id)/events", as: guest)
        #expect(try Self.told(stream).map { $0.data["pending"]?.int } == [2])
        second.parts.watch.look()
        first.transport.answerAll()
        second.parts.watch.look()
        second.parts.watch.look()
        #expect(try Self.told(stream).map { $0.data["pending"]?.int } == [2, 0], "each change once")
        #expect(second.parts.streams.count == 0, "the last one ends it")
    }

    @Test func aSelectionIsOneAtBoth() throws {
        let session = try first.session("anna", [("merchant:m1", .owner)])
        let form = "application/x-www-form-urlencoded"
        let body = "csrf=\(session.open.maskedCSRF)&here=%2Fm%2Fm1%2Forders&shown=o-only-m1&order=o-only-m1&go=%2Fm%2Fm1%2Forders"
        let kept = first.ask("POST", "/m/m1/orders/select", as: Guest(session), body: body, type: form)
        let target = try #require(kept.header("location"))
        #expect(second.ask("GET", target, as: Guest(session)).text.contains("1 selected"))
    }

    /// The answer was heard by the first; the second one's model is behind.
    @Test func aCallersOwnRequestWaitsForTheModelOfTheOther() throws {
        let guest = try first.user()
        let told = Self.renamed(SceneRecords.twoPairs)
        first.transport.reply(.silence)
        let sent = first.ask("POST", "/api/v1/commands/allocation/put-rule", as: guest.setting("Prefer", "wait=0"), body: Self.rule)
        let id = try #require(sent.json["commandId"]?.string)
        let place = AnswerPlace(topic: told.topic, partition: told.partition, offset: told.offset)
        try first.store.settle([CommandAnswer(commandId: id, eventId: "e", event: nil, place: place)])
        #expect(try first.store.command(id, of: "merchant:m1")?.answeredAt == place)
        let (second, asked) = (second, Monitor<SceneAnswer?>(nil))
        let reader = try NamedThread("reader") {
            let answer = second.ask("GET", "/api/v1/rules", as: guest)
            asked.update { $0 = answer }
        }
        #expect(eventually(within: 1.5) { second.parts.own.count == 1 })
        #expect(asked.withLock { $0 == nil })
        try second.model.apply([told])
        let answer = asked.wait(until: .after(20)) { $0 }
        reader.join()
        #expect(answer?.text.contains("r-new") == true && second.parts.own.count == 0)
        // Somebody else waits for nothing.
        #expect(second.ask("GET", "/api/v1/rules", as: try second.token("merchant:m2")).status == 200)
    }

    @Test func whatNeverComesIsNotAwaitedForEver() throws {
        let guest = try first.user()
        first.transport.reply(.silence)
        let sent = first.ask("POST", "/api/v1/commands/allocation/put-rule", as: guest.setting("Prefer", "wait=0"), body: Self.rule)
        let id = try #require(sent.json["commandId"]?.string)
        let never = AnswerPlace(topic: "daifa.rules", partition: 0, offset: 1 << 40)
        try first.store.settle([CommandAnswer(commandId: id, eventId: "e", event: nil, place: never)])
        first.clock.advance(seconds: 61)
        let begun = ContinuousClock.now
        #expect(second.ask("GET", "/api/v1/rules", as: guest).status == 200)
        #expect(begun.duration(to: .now) < .seconds(2))
    }

    /// What was typed is in one console's memory: at the other the page is there, and empty.
    @Test func aFormThatWasKeptIsKeptByOne() throws {
        let session = try first.session("anna", [("merchant:m1", .owner)])
        let headers = Guest.nobody.setting("Host", "daifa.example").setting("Origin", "https://daifa.example")
        let page = "/m/m1/addresses/new?kind=sender"
        let sent = first.ask(
            "POST", "/m/m1/addresses", as: headers.setting("Referer", "https://daifa.example\(page)"),
            body: "by=\(session.open.user.userId)&sender=Typed+here", type: "application/x-www-form-urlencoded")
        let cookie = try #require(sent.cookie)
        let both = headers.setting("Cookie", "daifa_session=\(session.token); daifa_form=\(cookie)")
        let answer = second.ask("GET", page, as: both)
        #expect(answer.status == 200 && !answer.text.contains("Typed here"))
        #expect(first.ask("GET", page, as: both).text.contains("Typed here"))
    }

    private static let rule =
        #"{"merchantShopId":"m1","ruleId":"r-new","match":{"skus":["s"]},"target":{"kind":"factory","id":"f1"},"priority":1}"#

    /// The row of the rule, as the next record of its partition.
    private static func renamed(_ records: [LogRecord]) -> LogRecord {
        let last = records.last {
            $0.topic == "daifa.rules" && $0.key.map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("m1~") == true
        }
        let rows = records.filter { $0.topic == "daifa.rules" && $0.partition == last?.partition }
        return LogRecord(
            topic: "daifa.rules", partition: last?.partition ?? 0, offset: (rows.map(\.offset).max() ?? 0) + 1,
            time: last?.time ?? Timestamp(milliseconds: 0), key: Array("m1~r-new".utf8), headers: last?.headers ?? [],
            value: Array(#"\#(rule.dropLast()),"version":1}"#.utf8))
    }
}
