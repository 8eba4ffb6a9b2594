import Kafka
import TestSupport
import Testing

extension BrokerSuite {
    @Suite struct RoundTripTests {
        @Test func whatIsSentIsRead() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("round-trip")
                try makeTopics([topic], partitions: 1, on: broker)
                let producer = try Producer(broker.configuration)
                let headers = [
                    Header(name: "a", value: bytes("1")), Header(name: "none", value: nil), Header(name: "a", value: bytes("2")),
                    Header(name: "empty", value: []),
                ]
                try producer.send(topic: topic, key: bytes("k"), value: bytes("v"), headers: headers)
                try producer.send(topic: topic, key: bytes("k"), value: nil)
                try producer.send(topic: topic, key: nil, value: bytes("no key"))
                try producer.send(topic: topic, partition: 0, key: [], value: [])
                try producer.flush(timeout: 30)
                producer.close()

                let messages = try readAll([topic], on: broker)
                #expect(messages.map(\.key) == [bytes("k"), bytes("k"), nil, []])
                #expect(messages.map(\.value) == [bytes("v"), nil, bytes("no key"), []])
                #expect(messages[0].headers == headers)
                #expect(messages.map(\.offset) == [0, 1, 2, 3])
                #expect(messages.allSatisfy { $0.timestamp > 1_600_000_000_000 })
            }
        }

        @Test func keysGoWhereThePartitionerSays() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("partitions")
                try makeTopics([topic], partitions: 6, on: broker)
                let producer = try Producer(broker.configuration)
                for number in 0..<200 { try producer.send(topic: topic, key: bytes("订单-\(number)"), value: bytes("\(number)")) }
                try producer.flush(timeout: 30)
                producer.close()
                let messages = try readAll([topic], on: broker)
                #expect(messages.count == 200)
                for message in messages {
                    #expect(message.partition == Partitioner.partition(forKey: try #require(message.keyText), count: 6))
                }
                #expect(Set(messages.map(\.partition)).count == 6)
            }
        }

        @Test func aRecordThatIsTooLargeIsToldAtOnce() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("large")
                try makeTopics([topic], on: broker)
                let producer = try Producer(broker.configuration)
                defer { producer.close() }
                let error = #expect(throws: KafkaError.self) {
                    try producer.send(topic: topic, key: nil, value: .init(repeating: 0, count: 2_000_000))
                }
                #expect(error?.code == .messageTooLarge)
            }
        }

        @Test func aFailedDeliveryIsToldByTheFlush() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("too-small")
                try makeTopics([topic], config: ["max.message.bytes": "1000"], on: broker)
                let producer = try Producer(broker.configuration)
                defer { producer.close() }
                try producer.send(topic: topic, key: nil, value: .init(repeating: 0, count: 5000))
                let error = #expect(throws: KafkaError.self) { try producer.flush(timeout: 30) }
                #expect(error?.code == .messageTooLarge)
                try producer.send(topic: topic, key: nil, value: bytes("small"))
                try producer.flush(timeout: 30)
            }
        }

        @Test func aReaderStartsWhereItIsTold() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("positions")
                try makeTopics([topic], partitions: 1, on: broker)
                let producer = try Producer(broker.configuration)
                defer { producer.close() }
                for number in 0..<5 { try producer.send(topic: topic, key: nil, value: bytes("\(number)")) }
                try producer.flush(timeout: 30)
                let late = try TopicReader(broker.configuration, topics: [topic], from: .end)
                let third = try TopicReader(
                    broker.configuration, topics: [topic], from: .offsets([.init(topic: topic, partition: 0, offset: 3)]))
                try producer.send(topic: topic, key: nil, value: bytes("late"))
                try producer.flush(timeout: 30)
                #expect(try late.next(timeout: 10).map(\.text) == ["late"])
                var rest: [String?] = []
                while rest.count < 3 { rest += try third.next(timeout: 10).map(\.text) }
                #expect(rest == ["3", "4", "late"])
            }
        }

        @Test func topicsAreMadeOnce() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let admin = try Admin(broker.configuration)
                let name = uniqueName("admin")
                try admin.createTopics([.init(name: name, partitions: 3, config: ["cleanup.policy": "compact"])])
                try admin.createTopics([.init(name: name, partitions: 3)])
                let metadata = try admin.metadata(timeout: 10)
                #expect(metadata.topics[name] == 3)
                #expect(metadata.clusterId?.isEmpty == false)
                #expect(try admin.endOffsets([.init(topic: name, partition: 0)], timeout: 10).map(\.offset) == [0])
                try admin.deleteTopics([name])
                try admin.deleteTopics([name])
                let refused = #expect(throws: KafkaError.self) {
                    try admin.createTopics([.init(name: uniqueName("admin"), partitions: 1, config: ["cleanup.policy": "often"])])
                }
                #expect(refused?.description.contains("cleanup.policy") == true)
            }
        }
    }
}
