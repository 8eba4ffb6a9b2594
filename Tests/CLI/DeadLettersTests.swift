import CommandLine
import Contracts
import DeadLetters
import JSON
import Kafka
import Runtime
import TestSupport
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
        let message = try letters[0].replay(.none)
        #expect(message.topic == "daifa.waybill.commands" && message.partition == -1)
        #expect(message.key == Array("o1".utf8) && message.value == [0x7B, 0xFF, 0x00])
        #expect(message.headers == [header("ce_id", "a"), header("ce_type", "daifa.waybill.obtain.v1"), header("other", "kept")])
    }

    @Test func whatShardsSayToEachOtherGoesBackToItsPartition() throws {
        #expect(try letter(1, id: "a", reason: "invalid", type: "daifa.waybill.internal.take.v1").replay(.none).partition == 5)
    }

    @Test func whatIsNotWholeOrNotOursIsRefused() {
        #expect(throws: DeadLetter.Irreplayable.self) {
            try letter(1, id: "a", reason: "x", more: [header("x-dead-truncated", "9")]).replay(.none)
        }
        // the last of several headers counts
        #expect(throws: DeadLetter.Irreplayable.self) {
            try letter(1, id: "a", reason: "x", more: [header("x-dead-topic", "payments")]).replay(.none)
        }
        #expect(throws: DeadLetter.Irreplayable.self) {
            try letter(1, id: "a", reason: "x", more: [header("x-dead-offset", "?")]).replay(.none)
        }
    }

    /// Its token is not kept, so the deployment's key speaks for the one who has shown that he sent it; for nobody else.
    @Test func aReplayIsSignedForWhoHasShownThatHeSentIt() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let proof = try SenderProof.keys(in: file.path)
        let claimed = header("ce_actor", "service:shipping")
        let proven = letter(1, id: "a", reason: "not-json", more: [claimed, header("x-dead-actor", "merchant:m1")])
        let message = try proven.replay(proof)
        #expect(message.header("ce_actor") == "merchant:m1" && message.headers.filter { $0.name == "ce_actor" }.count == 1)
        #expect(message.header("ce_id") == "a" && message.key == Array("o1".utf8))
        #expect(key.hasSigned(Received(message: message)))
        let refusal = try #require(throws: DeadLetter.Irreplayable.self) { try proven.replay(.none) }
        #expect(refusal.description.contains("DAIFA_SERVICE_KEY_FILE") && refusal.description.contains("merchant:m1"))

        let unproven = try letter(2, id: "b", reason: "not-json", more: [claimed]).replay(proof)
        #expect(unproven.header("daifa-mac") == nil && unproven.header("ce_actor") == "service:shipping", "as it was: services judge")
        #expect(throws: DeadLetter.Irreplayable.self) { try letter(3, id: "c", reason: "unauthorized", more: [claimed]).replay(proof) }
        withExtendedLifetime(file) {}
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
