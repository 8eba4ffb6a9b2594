import Contracts
import JSON
import Kafka
import TestSupport
import Testing
import Threads

@testable import Runtime

@Suite struct BatchOutboxTests {
    private struct Item: InternalItem, DefaultInitializable {
        var text = ""
        static let service = ServiceName.waybill
        static let name = "test"
        static let summary = "For tests."
        var aggregate: String { text }
        static let fields = Fields<Item>(Field("text", \.text))
    }

    private struct Fact: Contracts.Message, DefaultInitializable {
        static let type = "daifa.waybill.test.v1"
        static let contract: Contract<Fact> = .event(of: .waybill, key: \.text, "For tests.")
        var text = ""
        static let fields = Fields<Fact>(Field("text", \.text))
    }

    /// A command to another service.
    private static var seal: Seal {
        Seal(orderId: "order-1", allocationId: "order-1/1")
    }

    private struct Written {
        var topic: UInt8
        var partition: Int32
        var key: String
        var value: [UInt8]
        var headers: [Header]
        var size: Int { key.utf8.count + value.count + headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) } }
        func header(_ name: String) -> String? {
            headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private static func outbox(maximumBytes: Int = 100_000) -> BatchOutbox {
        let outbox = BatchOutbox(service: .waybill, shard: 2, partitions: 6, maximumBytes: maximumBytes)
        outbox.reset(now: Timestamp(milliseconds: 0))
        outbox.begin(origin: Origin(id: "cause", type: "t", key: "k", correlationId: "conversation"))
        return outbox
    }

    private static func read(_ packed: [UInt8]) throws -> [Written] {
        try packed.withUnsafeBytes { bytes in
            var records = PackedRecords(bytes)
            var written: [Written] = []
            while let record = try records.next() {
                written.append(
                    Written(
                        topic: record.topicIndex, partition: record.partition,
                        key: String(decoding: record.key ?? .init(start: nil, count: 0), as: UTF8.self),
                        value: record.value.map(Array.init) ?? [], headers: record.headers))
            }
            return written
        }
    }

    @Test func anEventCarriesItsCause() throws {
        let outbox = Self.outbox()
        #expect(outbox.isEmpty)
        outbox.event(Fact(text: "a"), key: "order-1", origin: nil)
        outbox.event(Fact(text: "a"), key: "order-1", origin: nil)
        let written = try Self.read(outbox.finish(sequence: 1))
        #expect(written.count == 2)
        #expect(OutboxTopics.names[Int(written[0].topic)] == "daifa.waybill.events")
        #expect(written[0].partition == -1)
        #expect(written[0].key == "order-1")
        #expect(written[0].header("ce_causationid") == "cause")
        #expect(written[0].header("ce_correlationid") == "conversation")
        #expect(written[0].header("ce_actor") == "service:waybill")
        #expect(written[0].header("ce_id") != written[1].header("ce_id"), "no two events share an id")
    }

    @Test func theSameDecisionHasTheSameIds() throws {
        let ids = try (0..<2).map { _ in
            let outbox = Self.outbox()
            for index in 0..<3 { outbox.event(Fact(text: "\(index)"), key: "order-1", origin: nil) }
            return try Self.read(outbox.finish(sequence: 1)).map { $0.header("ce_id") }
        }
        #expect(ids[0] == ids[1])
    }

    @Test func whatIsRolledBackLeavesNothing() throws {
        let outbox = Self.outbox(maximumBytes: 1000)
        outbox.event(Fact(text: "kept"), key: "a", origin: nil)
        let mark = outbox.mark()
        outbox.event(Fact(text: String(repeating: "x", count: 1000)), key: "b", origin: nil)
        outbox.tell(Item(text: "b"), shardOf: "b", origin: nil)
        outbox.refuse(Refusal(.invalid, "no"), origin: .absent)
        #expect(outbox.isOverfull)
        outbox.rollBack(to: mark)
        outbox.keep()
        #expect(!outbox.isOverfull)
        #expect(outbox.refusals.isEmpty)
        #expect(try Self.read(outbox.finish(sequence: 1)).map(\.key) == ["a"])
    }

    @Test func itemsForOneShardComeTogether() throws {
        let outbox = Self.outbox()
        for text in ["a", "b", "a"] {
            outbox.tell(Item(text: text), shardOf: "same", origin: nil)
            outbox.keep()
        }
        let written = try Self.read(outbox.finish(sequence: 1))
        #expect(written.count == 1)
        #expect(written[0].partition == Partitioner.partition(forKey: "same", count: 6))
        #expect(written[0].key == "shard:\(written[0].partition)")
        let items = try JSONValue.decode(written[0].value)["items"]?.array ?? []
        #expect(items.map { $0["item"]?["text"]?.string } == ["a", "b", "a"])
        #expect(items.allSatisfy { $0["origin"]?["id"]?.string == "cause" })
    }

    /// What several may write is signed: commands, items, facts. What has one writer is not.
    @Test func commandsItemsAndFactsAreSigned() throws {
        let key = try ServiceKey()
        let file = try TemporaryText(key.line)
        let outbox = BatchOutbox(
            service: .waybill, shard: 2, partitions: 6, maximumBytes: 100_000, keys: try ServiceKeys(path: file.path))
        outbox.reset(now: Timestamp(milliseconds: 0))
        outbox.begin(origin: Origin(id: "cause", type: "t", key: "k", correlationId: "conversation"))
        outbox.command(Self.seal, key: "order-1", id: "chosen", origin: nil)
        outbox.fact(Fact(text: "b"), key: "order-2", id: "told", time: Timestamp(milliseconds: 5))
        outbox.tell(Item(text: "c"), shardOf: "c", origin: nil)
        outbox.keep()
        outbox.event(Fact(text: "d"), key: "order-1", origin: nil)
        outbox.refuse(Refusal(.invalid, "no"), origin: Origin(id: "x", type: "t", key: "k", correlationId: "x"))
        let written = try Self.read(outbox.finish(sequence: 1))
        #expect(written.count == 5)
        for record in written {
            let topic = OutboxTopics.names[Int(record.topic)]
            let expected = key.mac(
                topic: topic, key: Array(record.key.utf8), id: record.header("ce_id") ?? "", type: record.header("ce_type") ?? "",
                actor: record.header("ce_actor") ?? "", body: record.value)
            #expect(record.header("daifa-mac") == (topic.hasSuffix(".events") ? nil : expected), "\(topic)")
        }
    }

    /// The actor of the command that began it, and the person behind him, through all steps.
    @Test func whatFollowsSaysOnWhoseBehalf() throws {
        let outbox = Self.outbox()
        let merchant = Actor(.merchant, "m1")
        let first = Origin(id: "1", type: "t", key: "k", correlationId: "1", actor: merchant, user: "u-1")
        let step = Origin(
            id: "2", type: "t", key: "k", correlationId: "1", actor: Actor(.service, "shipping"), behalf: merchant, user: "u-1")
        outbox.event(Fact(text: "a"), key: "k", origin: first)
        outbox.command(Self.seal, key: "k", id: "c", origin: first)
        outbox.event(Fact(text: "c"), key: "k", origin: step)
        outbox.refuse(Refusal(.invalid, "no"), origin: step)
        outbox.event(Fact(text: "d"), key: "k", origin: Origin.step("timer", key: "k"))
        let written = try Self.read(outbox.finish(sequence: 1))
        #expect(written.map { $0.header("ce_behalf") } == ["merchant:m1", "merchant:m1", "merchant:m1", "merchant:m1", nil])
        #expect(written.map { $0.header("ce_user") } == ["u-1", "u-1", "u-1", "u-1", nil])
        #expect(written.allSatisfy { $0.header("ce_actor") == "service:waybill" })
        #expect(try Refused.decode(written[3].value).actor == Actor(.service, "shipping"), "who was refused")
        #expect(try Origin.decode(step.json) == step)
    }

    /// A batch of many decisions must not become a message that Kafka refuses, over and over: its shard would stand still.
    @Test func manyItemsBecomeSeveralMessages() throws {
        let outbox = Self.outbox(maximumBytes: 10_000)
        for index in 0..<1000 {
            outbox.tell(Item(text: "\(index)-" + String(repeating: "x", count: 50)), shardOf: "same", origin: nil)
            outbox.keep()
        }
        let written = try Self.read(outbox.finish(sequence: 1))
        #expect(written.count > 10)
        #expect(written.allSatisfy { $0.size <= 10_000 }, "\(written.map(\.size).max() ?? 0)")
        #expect(Set(written.map { $0.header("ce_id") }).count == written.count)
        let texts = try written.flatMap { try JSONValue.decode($0.value)["items"]?.array ?? [] }.compactMap { $0["item"]?["text"]?.string }
        #expect(texts.map { $0.prefix { $0 != "-" } } == (0..<1000).map { "\($0)" })
    }
}
