import Kafka
import TestSupport
import Testing
import Threads

extension BrokerSuite {
    @Suite(.enabled(if: Broker.isApacheKafka, "needs Apache Kafka: noida-db does not do what is tested")) struct TableReaderTests {
        /// What a reader has passed on, by topic and key.
        final class Table: Sendable {
            let rows = Monitor<[String: String]>([:])
            let reader: TableReader

            init(_ broker: Broker, _ topics: [String]) throws {
                reader = try TableReader(broker.configuration, topics: topics) { [rows] topic, key, value in
                    rows.update {
                        $0["\(topic)/\(String(decoding: key, as: UTF8.self))"] = value.map { String(decoding: $0, as: UTF8.self) }
                    }
                }
            }

            var contents: [String: String] { rows.withLock { $0 } }
        }

        @Test func aTableIsReadWhole() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topics = [uniqueName("table"), uniqueName("table")]
                try makeTopics(topics, partitions: 3, config: ["cleanup.policy": "compact"], on: broker)
                let producer = try Producer(broker.configuration)
                defer { producer.close() }
                for number in 0..<50 { try producer.send(topic: topics[0], key: bytes("\(number)"), value: bytes("a")) }
                for number in 0..<50 where number % 2 == 0 { try producer.send(topic: topics[0], key: bytes("\(number)"), value: nil) }
                try producer.flush(timeout: 30)
                let table = try Table(broker, topics)
                defer { table.reader.stop() }
                #expect(table.reader.waitUntilCaughtUp(timeout: 30))
                #expect(table.reader.isCaughtUp)
                #expect(table.contents.count == 25)
                #expect(table.contents["0/1"] == "a")
                try producer.send(topic: topics[1], key: bytes("k"), value: bytes("later"))
                try producer.flush(timeout: 30)
                #expect(table.reader.barrier(timeout: 30))
                #expect(table.contents["1/k"] == "later")
            }
        }

        @Test func aBarrierSeesWhatWasCommitted() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("barrier")
                try makeTopics([topic], partitions: 2, config: ["cleanup.policy": "compact"], on: broker)
                let table = try Table(broker, [topic])
                defer { table.reader.stop() }
                #expect(table.reader.waitUntilCaughtUp(timeout: 30), "an empty table is read at once")
                let producer = try TransactionalProducer(broker.configuration, transactionalId: uniqueName("tx"))
                defer { producer.close() }
                try producer.initTransactions(timeout: 30)
                let admin = try Admin(broker.configuration)
                func written() throws -> Int64 {
                    let partitions = (0..<2).map { TopicPartition(topic: topic, partition: $0) }
                    return try admin.endOffsets(partitions, timeout: 10).reduce(0) { $0 + $1.offset }
                }
                for number in 0..<20 {
                    try producer.begin()
                    for key in 0..<4 { try producer.produce(topic, key: "\(key)", value: "\(number)") }
                    try producer.commit()
                    #expect(table.reader.barrier(timeout: 30))
                    #expect(table.contents == ["0/0": "\(number)", "0/1": "\(number)", "0/2": "\(number)", "0/3": "\(number)"])
                    // the log ends with what nobody may see
                    let before = try written()
                    try producer.begin()
                    for key in 0..<4 { try producer.produce(topic, key: "\(key)", value: "aborted") }
                    let deadline = Deadline.after(30)
                    while try written() < before + 4 { try #require(!deadline.hasPassed) }
                    try producer.abort()
                    #expect(table.reader.barrier(timeout: 30))
                }
                try producer.begin()
                try producer.produce(topic, key: "0", value: nil)
                try producer.commit()
                #expect(table.reader.barrier(timeout: 30))
                #expect(table.contents == ["0/1": "19", "0/2": "19", "0/3": "19"])
            }
        }

        @Test func anOpenTransactionHoldsTheBarrier() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("open")
                try makeTopics([topic], partitions: 1, config: ["cleanup.policy": "compact"], on: broker)
                let producer = try TransactionalProducer(broker.configuration, transactionalId: uniqueName("tx"))
                defer { producer.close() }
                try producer.initTransactions(timeout: 30)
                try producer.begin()
                try producer.produce(topic, key: "k", value: "open")
                let admin = try Admin(broker.configuration)
                let partition = TopicPartition(topic: topic, partition: 0)
                let deadline = Deadline.after(30)
                while try admin.endOffsets([partition], timeout: 10)[0].offset == 0, !deadline.hasPassed {}
                let table = try Table(broker, [topic])
                defer { table.reader.stop() }
                #expect(table.reader.waitUntilCaughtUp(timeout: 30), "an open transaction is not waited for at the start")
                #expect(!table.reader.barrier(timeout: 0.5))
                try producer.commit()
                #expect(table.reader.barrier(timeout: 30))
                #expect(table.contents == ["0/k": "open"])
            }
        }

        @Test func aTopicIsReadOnFromPositions() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("positions")
                try makeTopics([topic], partitions: 3, on: broker)
                let producer = try Producer(broker.configuration)
                defer { producer.close() }
                for partition in Int32(0)..<3 {
                    for number in 0..<5 {
                        try producer.send(topic: topic, partition: partition, key: bytes("k"), value: bytes("\(partition)-\(number)"))
                    }
                }
                try producer.flush(timeout: 30)
                // In the middle, beyond the end of the log, and none.
                let positions = [
                    PartitionOffset(topic: topic, partition: 0, offset: 3), PartitionOffset(topic: topic, partition: 1, offset: 99),
                ]
                let seen = Monitor<[String]>([])
                let reader = try TableReader(broker.configuration, topics: [topic], from: positions) { records in
                    seen.update { $0 += records.map { "\(String(decoding: $0.value ?? [], as: UTF8.self))@\($0.offset)" } }
                }
                defer { reader.stop() }
                #expect(reader.waitUntilCaughtUp(timeout: 30))
                let all = { (partition: Int, numbers: Range<Int>) in numbers.map { "\(partition)-\($0)@\($0)" } }
                #expect(seen.withLock { Set($0) } == Set(all(0, 3..<5) + all(1, 0..<5) + all(2, 0..<5)))
                #expect(seen.withLock { $0.count } == 12)
                try producer.send(topic: topic, partition: 0, key: bytes("k"), value: bytes("later"))
                try producer.flush(timeout: 30)
                // The barrier waits for the handler, not for the records alone.
                #expect(reader.barrier(timeout: 30))
                #expect(seen.withLock { $0.last } == "later@5")
            }
        }

        @Test func aTopicIsWaitedFor() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("not-yet")
                let table = try Table(broker, [topic])
                defer { table.reader.stop() }
                #expect(!table.reader.waitUntilCaughtUp(timeout: 0.3))
                try makeTopics([topic], on: broker)
                #expect(table.reader.waitUntilCaughtUp(timeout: 30))
            }
        }

        @Test func aStoppedReaderAnswersNo() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let table = try Table(broker, [uniqueName("never")])
                table.reader.stop()
                table.reader.stop()
                #expect(!table.reader.barrier(timeout: 30))
                #expect(!table.reader.waitUntilCaughtUp(timeout: 30))
            }
        }
    }
}
