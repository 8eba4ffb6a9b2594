import CommandLine
import Contracts
import Crypto
import JSON
import Kafka
import OrderImports
import Partners
import Runtime
import TestSupport
import Testing

@testable import CLI

/// Imports into a real Kafka, without services: what stands on `daifa.orders` afterwards.
@Suite(
    .serialized, .enabled(if: Broker.canBeStarted, "needs a broker of its own: set KAFKA_HOME to a folder with the start script `kafka`"))
struct ImportKafkaTests {
    private let kafka: KafkaConfiguration
    private let broker: Broker
    private let secret = MergeSecret(bytes: [UInt8](repeating: 7, count: 32))

    /// A broker of its own: the names of the topics are fixed.
    init() throws {
        broker = try Broker.start()
        kafka = broker.configuration
    }

    private func makeTopics() throws {
        let admin = try Admin(kafka)
        try admin.createTopics([
            NewTopic(name: Topics.orders, partitions: 3),
            NewTopic(name: Table.keys.topic, partitions: 3, config: ["cleanup.policy": "compact"]),
        ])
        let row = KeyRow(
            service: .waybill, keyId: "k1", purpose: .recipient, publicKey: Base64.encode(try HPKE.generateKeyPair().publicKey), version: 1)
        let producer = try Producer(kafka)
        try producer.send(topic: Table.keys.topic, key: Array(row.key.utf8), value: row.json)
        try producer.flush(timeout: 30)
        producer.close()
    }

    private func run(_ changes: [String: String], withoutRecipients: Bool = false) throws -> ImportReport {
        let left = withoutRecipients ? ["收货人", "手机", "省", "市", "区", "街道", "是否异常"] : []
        return try ImportRun(merchantShopId: "shop-1", kafka: kafka, keyWait: 30, mergeSecret: secret)
            .run(try OrderExport.read(Array(OneOrderExport.text(changes, without: left).utf8)))
    }

    private func facts() throws -> [Kafka.Message] {
        let reader = try TopicReader(kafka, topics: [Topics.orders])
        var messages: [Kafka.Message] = []
        while !reader.atEnd { messages += try reader.next(timeout: 5) }
        return messages
    }

    @Test func importsAgainAsCopiesAndTellsOnlyOfKnownOrders() throws {
        try makeTopics()
        // Nothing is known of the order yet.
        let early = try run(["订单状态": "已取消"])
        #expect(early.factsSent == 0 && early.known == 0 && early.notToShip == ["已取消": 1])

        let first = try run(["是否异常": "是"])
        #expect(first.placed == 1 && first.factsSent == 2)
        let sent = try facts()
        #expect(sent.map { $0.header(EnvelopeHeader.type) } == [RiskHeld.type, OrderPlaced.type])
        #expect(sent.allSatisfy { $0.key == Array("pdd:251111-012345678901234".utf8) })
        #expect(sent.allSatisfy { $0.header(EnvelopeHeader.actor) == "merchant:shop-1" })
        let clear = sent.contains { message in
            let text = String(decoding: message.value ?? [], as: UTF8.self)
            return text.contains("张三") || text.contains("13800000000") || text.contains("仓前")
        }
        #expect(!clear)

        _ = try run(["是否异常": "是"])
        let twice = try facts()
        #expect(twice.map { $0.header(EnvelopeHeader.id) } == (sent + sent).map { $0.header(EnvelopeHeader.id) })
        #expect(twice.map { $0.header(EnvelopeHeader.time) } == (sent + sent).map { $0.header(EnvelopeHeader.time) })

        // Masked by now: not to be placed again, but what holds it counts.
        let masked = try run(["收货人": "张*", "售后状态": "退款中"])
        #expect(masked.problems.isEmpty && masked.known == 1 && masked.factsSent == 1)
        let late = try run(["订单状态": "已取消", "收货人": ""])
        #expect(late.known == 1 && late.factsSent == 1)
        #expect(try facts().suffix(2).map { $0.header(EnvelopeHeader.type) } == [AfterSaleOpened.type, OrderCancelled.type])

        // An export without recipients: it tells of the known order, and reports the other.
        let known = try run(["订单状态": "已取消"], withoutRecipients: true)
        #expect(known.known == 1 && known.factsSent == 1 && known.problems.isEmpty)
        let other = try run(["订单号": "251111-000000000000009"], withoutRecipients: true)
        #expect(other.factsSent == 0 && other.problems.map(\.orderNumber) == ["251111-000000000000009"])
        try broker.stop()
    }

    @Test func withoutWaybillsKeyItSaysWhatToDo() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try ImportRun(merchantShopId: "shop-1", kafka: kafka, keyWait: 1, mergeSecret: secret).run(try OneOrderExport.read())
        }
        #expect(failure?.code == .unavailable && failure?.description.contains("start the services") == true)
        try broker.stop()
    }
}
