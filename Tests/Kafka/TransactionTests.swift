import Kafka
import TestSupport
import Testing
import Threads

extension BrokerSuite {
    @Suite(.enabled(if: Broker.isApacheKafka, "needs Apache Kafka: noida-db does not do what is tested")) struct TransactionTests {
        private static func producer(_ broker: Broker, _ identifier: String = uniqueName("tx")) throws -> TransactionalProducer {
            let producer = try TransactionalProducer(broker.configuration, transactionalId: identifier)
            try producer.initTransactions(timeout: 30)
            return producer
        }

        /// Waits until a topic that was empty has something in its log.
        private static func awaitRecords(in topic: String, on broker: Broker) throws {
            let admin = try Admin(broker.configuration)
            let partitions = (0..<2).map { TopicPartition(topic: topic, partition: $0) }
            let deadline = Deadline.after(30)
            while try admin.endOffsets(partitions, timeout: 10).allSatisfy({ $0.offset == 0 }) {
                try #require(!deadline.hasPassed)
            }
        }

        @Test func onlyWhatIsCommittedIsRead() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("commits")
                try makeTopics([topic], on: broker)
                let producer = try Self.producer(broker)
                defer { producer.close() }
                try producer.begin()
                try producer.produce(topic, key: "k", value: "aborted")
                try Self.awaitRecords(in: topic, on: broker)
                try producer.abort()
                try producer.begin()
                try producer.produce(topic, key: "k", value: "committed")
                try producer.produce(topic, key: "k", value: nil)
                try producer.commit()
                let reader = try TopicReader(broker.configuration, topics: [topic])
                var texts: [String?] = []
                let deadline = Deadline.after(30)
                while texts.count < 2 || !reader.atEnd, !deadline.hasPassed { texts += try reader.next(timeout: 1).map(\.text) }
                #expect(texts == ["committed", nil])
            }
        }

        /// One record, and the marker of its transaction behind it: a reader is at 2, not at 1.
        @Test func theEndLiesBehindTheMarker() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("marked")
                try makeTopics([topic], partitions: 1, on: broker)
                let producer = try Self.producer(broker)
                defer { producer.close() }
                try producer.begin()
                try producer.produce(topic, key: "k", value: "committed")
                try producer.commit()
                let member = try Member(broker, group: uniqueName("group"), topics: [topic])
                defer { member.close(leaveGroup: true) }
                #expect(member.seen.wait(until: .after(30)) { $0.messages.count == 1 && $0.ends.last == 2 })
            }
        }

        @Test func aPackedBatchArrivesWhole() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topics = [uniqueName("packed-a"), uniqueName("packed-b")]
                try makeTopics(topics, partitions: 3, on: broker)
                let producer = try Self.producer(broker)
                defer { producer.close() }
                var packer = RecordPacker()
                for number in 0..<3000 {
                    bytes("key-\(number)").withUnsafeBytes {
                        packer.begin(topicIndex: UInt8(number % 2), partition: number % 2 == 0 ? -1 : 2, key: $0)
                    }
                    number % 100 == 0 ? packer.value(nil) : bytes("value-\(number)").withUnsafeBytes { packer.value($0) }
                    packer.header(name: "number", value: "x")
                    packer.header(name: "none", value: UnsafeRawBufferPointer?.none)
                    packer.end()
                }
                // in the order of the records' topic indices, not of their numbers
                let numbers = try [producer.topic(topics[1]), producer.topic(topics[0])].reversed() as [Int32]
                try producer.begin()
                try packer.withBytes { try producer.produceBatch($0, topics: numbers) }
                try producer.commit()

                let first = try readAll([topics[0]], atLeast: 1500, on: broker)
                let second = try readAll([topics[1]], atLeast: 1500, on: broker)
                #expect(first.count == 1500)
                #expect(second.count == 1500)
                #expect(second.allSatisfy { $0.partition == 2 })
                #expect(first.allSatisfy { $0.partition == Partitioner.partition(forKey: $0.keyText ?? "", count: 3) })
                #expect(first.count { $0.value == nil } == 30)
                #expect(first.allSatisfy { $0.headers == [.init(name: "number", value: bytes("x")), .init(name: "none", value: nil)] })
                let order = second.compactMap { $0.keyText.flatMap { Int($0.dropFirst(4)) } }
                #expect(order == order.sorted())
            }
        }

        @Test func corruptBytesAreRefused() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("corrupt")
                try makeTopics([topic], on: broker)
                let producer = try Self.producer(broker)
                defer { producer.close() }
                var packer = RecordPacker()
                packer.begin(topicIndex: 0, key: nil)
                packer.value(nil)
                packer.header(name: "h", value: "v")
                packer.end()
                let good = packer.withBytes { Array($0) }
                let number = try producer.topic(topic)
                for length in 1..<good.count {
                    try producer.begin()
                    let error = good.withUnsafeBytes { bytes in
                        #expect(throws: KafkaError.self) {
                            try producer.produceBatch(UnsafeRawBufferPointer(rebasing: bytes[..<length]), topics: [number])
                        }
                    }
                    #expect(error?.code == .malformedRecord)
                    try producer.abort()
                }
                try producer.begin()
                let beyond = good.withUnsafeBytes { bytes in
                    #expect(throws: KafkaError.self) { try producer.produceBatch(bytes, topics: []) }
                }
                #expect(beyond?.code == .malformedRecord)
                try producer.abort()
            }
        }

        @Test func aSecondProducerFencesTheFirst() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("fencing")
                try makeTopics([topic], on: broker)
                let identifier = uniqueName("tx")
                let first = try Self.producer(broker, identifier)
                defer { first.close() }
                try first.begin()
                try first.produce(topic, key: "k", value: "of the first")
                let second = try Self.producer(broker, identifier)
                defer { second.close() }
                let error = #expect(throws: KafkaError.self) { try first.commit(timeout: 30) }
                #expect(error?.isFenced == true, "\(String(describing: error))")
                #expect(error?.isFatal == true)
                try second.begin()
                try second.produce(topic, key: "k", value: "of the second")
                try second.commit()
                #expect(try readAll([topic], on: broker).map(\.text) == ["of the second"])
            }
        }

        @Test func offsetsCarryTheirMetadata() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("offsets")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                let member = try Member(broker, group: group, topics: [topic])
                defer { member.close(leaveGroup: true) }
                try #require(member.owns(2))
                let metadata = try #require(member.seen.withLock { $0.group })
                #expect(metadata.generation >= 1)
                let producer = try Self.producer(broker)
                defer { producer.close() }
                let admin = try Admin(broker.configuration)
                let reader = try ConsumerOfCommitted(broker, group)
                let partitions = (0..<2).map { TopicPartition(topic: topic, partition: $0) }
                // asked right behind each commit, while its markers are being written
                for number in 1...10 as ClosedRange<Int64> {
                    let offset = PartitionOffset(topic: topic, partition: 0, offset: number, metadata: "outbox=订单-\(number)")
                    try producer.begin()
                    try producer.produce(topic, key: "k", value: "v")
                    try producer.sendOffsets([offset], group: metadata, timeout: 30)
                    try producer.commit()
                    let expected = [offset, PartitionOffset(topic: topic, partition: 1, offset: PartitionOffset.none)]
                    if number % 2 == 0 {
                        #expect(try admin.committedOffsets(group: group, partitions, timeout: 30) == expected)
                    } else {
                        #expect(try reader.committed(partitions) == expected)
                    }
                }
            }
        }

        @Test func aZombiesOffsetsAreRefused() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("zombie")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                let first = try Member(broker, group: group, topics: [topic])
                defer { first.close(leaveGroup: true) }
                try #require(first.owns(2))
                let old = try #require(first.seen.withLock { $0.group })
                let second = try Member(broker, group: group, topics: [topic])
                defer { second.close(leaveGroup: true) }
                try #require(second.owns(1) && first.owns(1))
                let current = try #require(first.seen.withLock { $0.group })
                #expect(current.generation > old.generation)
                let producer = try Self.producer(broker)
                defer { producer.close() }
                try producer.begin()
                try producer.produce(topic, key: "k", value: "zombie")
                let error = #expect(throws: KafkaError.self) {
                    try producer.sendOffsets([.init(topic: topic, partition: 0, offset: 1)], group: old, timeout: 30)
                }
                #expect(error?.isFenced == true, "\(String(describing: error))")
                #expect(error?.isAbortable == true)
                try producer.abort()
                try producer.begin()
                try producer.sendOffsets([.init(topic: topic, partition: 0, offset: 1)], group: current, timeout: 30)
                try producer.commit()
            }
        }
    }
}

/// Reads a group's offsets through a consumer that never joins.
private final class ConsumerOfCommitted: RebalanceDelegate {
    private var consumer: GroupConsumer?

    init(_ broker: Broker, _ group: String) throws {
        consumer = try GroupConsumer(broker.configuration, group: group, instance: nil, topics: [], delegate: self)
    }

    func committed(_ partitions: [TopicPartition]) throws -> [PartitionOffset] {
        try consumer?.committed(partitions, timeout: 30) ?? []
    }

    func assigned(_: [TopicPartition], epoch _: Int, group _: GroupMetadata) -> [PartitionOffset] { [] }
    func revoked(_: [TopicPartition], lost _: Bool) {}
}
