import CommandLine
import Contracts
import JSON
import Kafka
import Runtime
import Testing

@testable import CLI

private func header(_ name: String, _ value: String) -> Header { Header(name: name, value: Array(value.utf8)) }

private func letter(_ offset: Int64, id: String, reason: String, type: String = "daifa.waybill.obtain.v1", more: [Header] = [])
    -> DeadLetter
{
    DeadLetter(
        Kafka.Message(
            topic: "daifa.waybill.dead", partition: 3, offset: offset, timestamp: 0, key: Array("o1".utf8), value: [0x7B, 0xFF, 0x00],
            headers: [
                header("ce_id", id), header("ce_type", type), header("x-dead-reason", reason),
                header("x-dead-topic", "daifa.waybill.commands"),
                header("x-dead-partition", "5"), header("x-dead-offset", "42"), header("other", "kept"),
            ] + more))
}

@Suite struct DeadLettersTests {
    private let letters = [
        letter(1, id: "a", reason: "invalid"), letter(2, id: "b", reason: "not-json"), letter(3, id: "c", reason: "invalid"),
    ]

    private func chosen(_ selection: DeadSelection) -> [String] { letters.filter { selection.accepts($0) }.compactMap(\.event.id) }

    @Test func selectionsNarrowEachOther() throws {
        #expect(chosen(DeadSelection()) == ["a", "b", "c"])
        #expect(chosen(DeadSelection(reasons: ["invalid"])) == ["a", "c"])
        #expect(chosen(DeadSelection(ids: ["a", "b"], reasons: ["invalid"])) == ["a"])
        let place = try #require(RecordPlace(argument: "daifa.waybill.dead:3:2"))
        #expect(chosen(DeadSelection(places: [place])) == ["b"])
        #expect(chosen(DeadSelection(places: [place], ids: ["c"])) == ["b", "c"])
        let origin = try #require(RecordPlace(argument: "daifa.waybill.commands:5:42"))
        #expect(chosen(DeadSelection(places: [origin])) == ["a", "b", "c"])
        #expect(chosen(DeadSelection(ids: ["none"])).isEmpty)
    }

    @Test func aReplayOfEverythingIsAskedForByName() {
        #expect(DeadSelection().isEmpty && !DeadSelection(isAll: true).isEmpty)
        #expect(Daifa.execute(["dead", "replay"]) == .usage)
        #expect(Daifa.execute(["dead", "replay", "--all", "--reason", "invalid"]) == .usage)
        #expect(Daifa.execute(["dead", "show", "daifa.waybill.dead"]) == .usage)
        #expect(Daifa.execute(["dead", "list", "--service", "console"]) == .usage)
    }

    @Test func aReplayIsTheOriginalMessage() throws {
        let message = try letters[0].replay()
        #expect(message.topic == "daifa.waybill.commands" && message.partition == -1)
        #expect(message.key == Array("o1".utf8) && message.value == [0x7B, 0xFF, 0x00])
        #expect(message.headers == [header("ce_id", "a"), header("ce_type", "daifa.waybill.obtain.v1"), header("other", "kept")])
    }

    @Test func whatShardsSayToEachOtherGoesBackToItsPartition() throws {
        #expect(try letter(1, id: "a", reason: "invalid", type: "daifa.waybill.internal.take.v1").replay().partition == 5)
    }

    @Test func whatIsNotWholeOrNotOursIsRefused() {
        #expect(throws: DeadLetter.Irreplayable.self) {
            try letter(1, id: "a", reason: "x", more: [header("x-dead-truncated", "9")]).replay()
        }
        // the last of several headers counts
        #expect(throws: DeadLetter.Irreplayable.self) {
            try letter(1, id: "a", reason: "x", more: [header("x-dead-topic", "payments")]).replay()
        }
        #expect(throws: DeadLetter.Irreplayable.self) { try letter(1, id: "a", reason: "x", more: [header("x-dead-offset", "?")]).replay() }
    }

    @Test func bytesAreShownAsTextOrAsADump() {
        #expect(BytesText.shown(Array("发货\n".utf8)) == "发货\n")
        #expect(BytesText.shown([]) == "")
        #expect(BytesText.shown([0x7B, 0xFF]) == "00000000  7b ff                                            |{.|")
        #expect(BytesText.dump([UInt8](0x40..<0x51)).split(separator: "\n").last?.hasPrefix("00000010  50 ") == true)
    }

    @Test func showingHidesTokens() {
        let text = DeadShow.text(letter(1, id: "a", reason: "invalid", more: [header("authorization", "Bearer secret")]))
        #expect(text.contains("authorization: (not shown)") && !text.contains("secret") && text.contains("7b ff 00"))
    }

    @Test(arguments: ["a:1", "a:1:2:3", ":1:2", "a:x:2", "a:1:-2", "a:-1:2", ""]) func placesAreChecked(text: String) {
        #expect(RecordPlace(argument: text) == nil)
    }
}
