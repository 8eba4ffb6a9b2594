import Contracts
import Crypto
import Foundation
import Kafka
import TestSupport
import Testing
import Threads

@testable import Runtime

@Suite struct ServiceKeysTests {
    /// The parts of a code as texts.
    private struct Message {
        var topic = "daifa.allocation.commands"
        var key = "o1"
        var id = "c1"
        var type = "daifa.allocation.seal.v1"
        var actor = "service:shipping"
        var body = #"{"orderId":"o1"}"#

        func parts<Result>(_ body: (ServiceKeys.Parts) -> Result) -> Result {
            Array(self.body.utf8).withUnsafeBytes { text in
                ServiceKeys.Parts.with(
                    topic: Array(topic.utf8), key: key, id: Array(id.utf8), type: type, actor: Array(actor.utf8), body: text, body)
            }
        }

        func code(_ key: ServiceKey) -> String {
            key.mac(topic: topic, key: Array(self.key.utf8), id: id, type: type, actor: actor, body: Array(body.utf8))
        }
    }

    private static func isValid(_ keys: ServiceKeys, _ code: String, of message: Message) -> Bool {
        message.parts { parts in Array(code.utf8).withUnsafeBytes { keys.isValid($0, of: parts) } }
    }

    private static func sign(_ keys: ServiceKeys, _ message: Message) -> String {
        var code = ""
        message.parts { parts in keys.sign(parts) { code = String(decoding: $0, as: UTF8.self) } }
        return code
    }

    @Test func codesAreThoseOfTheContract() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let keys = try ServiceKeys(path: file.path)
        var message = Message()
        #expect(Self.sign(keys, message) == message.code(key))
        #expect(Self.isValid(keys, message.code(key), of: message))
        message.body = String(repeating: "x", count: 100_000)
        message.actor = ""
        #expect(Self.sign(keys, message) == message.code(key))
    }

    @Test func everyPartCounts() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let keys = try ServiceKeys(path: file.path)
        let good = Message()
        let code = Self.sign(keys, good)
        let changes: [(inout Message) -> Void] = [
            { $0.topic = "daifa.waybill.commands" }, { $0.key = "o2" }, { $0.id = "c2" }, { $0.type = "daifa.allocation.release.v1" },
            { $0.actor = "service:waybill" }, { $0.body = #"{"orderId":"o2"}"# },
            // What moves from one part to the next.
            { ($0.key, $0.id) = ("o", "1c1") }, { ($0.actor, $0.body) = ("", $0.actor + $0.body) },
        ]
        for change in changes {
            var other = good
            change(&other)
            #expect(!Self.isValid(keys, code, of: other), "\(other)")
        }
        for bad in [
            "", ":", "test-1:", String(code.dropLast()), code + "=", "x" + code, code.replacingOccurrences(of: "test-1", with: "test-2"),
            String(code.dropFirst("test-1:".count)), code.lowercased(),
        ] {
            #expect(!Self.isValid(keys, String(bad), of: good), "\(bad)")
        }
    }

    @Test func aRotatedKeyVerifiesAsLongAsItsFileHasIt() throws {
        let (old, new) = (try ServiceKey(id: "old"), try ServiceKey(id: "new"))
        let file = try TemporaryText(old.line)
        let (writer, reader) = (try ServiceKeys(path: file.path), try ServiceKeys(path: file.path))
        let message = Message()
        let before = Self.sign(writer, message)
        try file.replace(new.line + old.line)
        // Another process signs with a key that this one has not seen: it looks at once.
        #expect(Self.isValid(reader, message.code(new), of: message))
        #expect(Self.isValid(reader, before, of: message))
        #expect(Self.sign(reader, message) == message.code(new))
        try file.replace(new.line)
        #expect(Self.isValid(try ServiceKeys(path: file.path), message.code(new), of: message))
        #expect(!Self.isValid(try ServiceKeys(path: file.path), before, of: message))
    }

    @Test func keysThatWereTakenOutAreForgottenWithinSeconds() async throws {
        let (old, new) = (try ServiceKey(id: "old"), try ServiceKey(id: "new"))
        let file = try TemporaryText(old.line)
        let path = file.path
        try await onThread {
            let keys = try ServiceKeys(path: path)
            try file.replace(new.line)
            let deadline = Deadline.after(30)
            while Self.isValid(keys, Message().code(old), of: Message()), !deadline.hasPassed { keys.refresh() }
            #expect(!Self.isValid(keys, Message().code(old), of: Message()))
            #expect(Self.sign(keys, Message()) == Message().code(new))
        }
    }

    @Test func aFileThatCannotBeReadLeavesTheKeysInForce() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let keys = try ServiceKeys(path: file.path)
        try file.replace("half a li")
        #expect(!Self.isValid(keys, Message().code(try ServiceKey(id: "other")), of: Message()))
        #expect(Self.isValid(keys, Message().code(key), of: Message()))
        try FileManager.default.removeItem(atPath: file.path)
        #expect(!Self.isValid(keys, Message().code(try ServiceKey(id: "other")), of: Message()))
        #expect(Self.sign(keys, Message()) == Message().code(key))
        #expect(!FileManager.default.fileExists(atPath: file.path), "it is never made")
    }

    @Test func theLastOfSeveralHeadersCounts() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let keys = try ServiceKeys(path: file.path)
        func header(_ name: String, _ text: String) -> Header { Header(name: name, value: Array(text.utf8)) }
        let message = Message()
        let headers = [
            header("ce_actor", "merchant:m1"), header("ce_id", message.id), header("ce_type", message.type),
            header("ce_actor", message.actor),
            Header(name: "ce_actor", value: nil), header("CE_ACTOR", "merchant:m1"),
        ]
        let made = keys.header(
            topic: message.topic, key: Array(message.key.utf8), headers: headers, body: Array(message.body.utf8))
        #expect(made == header("daifa-mac", message.code(key)))
    }
}

@Suite struct StructuredTokenTests {
    private func removed(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes { StructuredToken.removed(from: $0).map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test func theTokenIsTakenOutAndTheRestStays() {
        #expect(
            removed(#"{"id":"1", "authorization":"Bearer a.b.c","data":{"authorization":"mine"}}"#)
                == #"{"id":"1","data":{"authorization":"mine"}}"#)
        #expect(removed(#"{"Authorization":"Bearer a"}"#) == "{}")
        #expect(removed(#"{"AUTHORIZATION":["Bearer a"],"id":"1"}"#) == #"{"id":"1"}"#)
        #expect(removed("{\"\\u0061uthorization\":\"Bearer a\",\"id\":\"1\"}") == #"{"id":"1"}"#)
    }

    @Test func whatHasNoTokenStaysAsItIs() {
        for text in [#"{ "id" : "1" }"#, "", "[]", "nonsense", #"{"data":{"authorization":"mine"}}"#] {
            #expect(removed(text) == nil, "\(text)")
        }
    }

    @Test func aTokenInWhatIsNoJSONIsBlanked() {
        #expect(removed(#"{"id":"1","authorization": "Bearer a.b.c","data":"#) == #"{"id":"1","authorization": "","data":"#)
        #expect(removed(#"{"Authorization":"Bearer cut off"#) == #"{"Authorization":""#)
        #expect(removed(#"{"authorization":"a\"b","x"#) == #"{"authorization":"","x"#)
    }
}
