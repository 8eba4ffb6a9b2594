import Kafka
import TestSupport
import Testing
import Threads

extension BrokerSuite {
    @Suite(.enabled(if: Broker.isApacheKafka, "needs Apache Kafka: noida-db does not do what is tested")) struct GroupTests {
        private static func fill(_ topic: String, _ count: Int, on broker: Broker) throws {
            let producer = try Producer(broker.configuration)
            defer { producer.close() }
            for number in 0..<count { try producer.send(topic: topic, key: bytes("\(number)"), value: bytes("\(number)")) }
            try producer.flush(timeout: 30)
        }

        @Test func equalPartitionsOfTwoTopicsComeTogether() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topics = [uniqueName("left"), uniqueName("right")]
                let group = uniqueName("group")
                try makeTopics(topics, partitions: 4, on: broker)
                let first = try Member(broker, group: group, topics: topics)
                defer { first.close(leaveGroup: true) }
                try #require(first.owns(8))
                let second = try Member(broker, group: group, topics: topics)
                defer { second.close(leaveGroup: true) }
                try #require(first.owns(4) && second.owns(4))
                for member in [first, second] {
                    let owned = member.seen.withLock { $0.owned }
                    #expect(
                        Set(owned.filter { $0.topic == topics[0] }.map(\.partition))
                            == Set(owned.filter { $0.topic == topics[1] }.map(\.partition)))
                }
                #expect(first.seen.withLock { $0.epochs } == [1, 2])
                #expect(first.seen.withLock { $0.revocations.map(\.lost) } == [false])
            }
        }

        @Test func everyRecordIsReadWithItsTopic() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topics = [uniqueName("one"), uniqueName("two")]
                try makeTopics(topics, on: broker)
                try Self.fill(topics[0], 500, on: broker)
                try Self.fill(topics[1], 300, on: broker)
                let member = try Member(broker, group: uniqueName("group"), topics: topics)
                defer { member.close(leaveGroup: true) }
                try #require(member.seen.wait(until: .after(30)) { $0.messages.count == 800 })
                let messages = member.seen.withLock { $0.messages }
                #expect(messages.count { $0.topic == topics[0] } == 500)
                #expect(Set(messages.map { "\($0.topic) \($0.text ?? "")" }).count == 800)
            }
        }

        @Test func theNextOwnerWaitsForTheRevoke() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("revoke")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                let first = try Member(broker, group: group, topics: [topic])
                defer { first.close(leaveGroup: true) }
                try #require(first.owns(2))
                first.seen.update { $0.isHeld = true }
                let second = try Member(broker, group: group, topics: [topic])
                defer { second.close(leaveGroup: true) }
                try #require(first.seen.wait(until: .after(30)) { $0.isRevoking })
                // still held: a hand-over takes less than a second otherwise
                #expect(!second.owns(1, within: 1.5))
                #expect(first.seen.withLock { $0.owned.count } == 2)
                first.seen.update { $0.isHeld = false }
                #expect(second.owns(1))
                #expect(first.owns(1))
            }
        }

        @Test func aStaticMemberComesBackWithoutARebalance() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("static")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                let first = try Member(broker, group: group, instance: "a", topics: [topic])
                defer { first.close(leaveGroup: true) }
                try #require(first.owns(2))
                let second = try Member(broker, group: group, instance: "b", topics: [topic])
                try #require(first.owns(1) && second.owns(1))
                let owned = second.seen.withLock { $0.owned }
                second.close(leaveGroup: false)
                let again = try Member(broker, group: group, instance: "b", topics: [topic])
                defer { again.close(leaveGroup: true) }
                try #require(again.owns(1, within: 5))
                #expect(again.seen.withLock { $0.owned } == owned)
                #expect(first.seen.withLock { $0.epochs } == [1, 2])
            }
        }

        @Test func aStaticMemberThatLeavesHandsOver() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("leave")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                // far beyond the bound below: only the leave can hand over in time
                let overrides = ["session.timeout.ms": "60000"]
                let first = try Member(broker, group: group, instance: "a", topics: [topic], overrides: overrides)
                defer { first.close(leaveGroup: true) }
                let second = try Member(broker, group: group, instance: "b", topics: [topic], overrides: overrides)
                try #require(first.owns(1) && second.owns(1))
                // The group may have gone through more than one rebalance until both had their part.
                let before = second.seen.withLock { $0.revocations.count }
                let start = ContinuousClock.now
                second.close(leaveGroup: true)
                #expect(second.seen.withLock { $0.revocations.dropFirst(before).map(\.lost) } == [false])
                try #require(first.owns(2))
                #expect(ContinuousClock.now - start < .seconds(5))
            }
        }

        @Test func theSameInstanceTwiceFencesTheFirst() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("instance")
                let group = uniqueName("group")
                try makeTopics([topic], on: broker)
                let first = try Member(broker, group: group, instance: "a", topics: [topic])
                defer { first.close(leaveGroup: false) }
                try #require(first.owns(2))
                let second = try Member(broker, group: group, instance: "a", topics: [topic])
                defer { second.close(leaveGroup: true) }
                try #require(second.owns(2))
                let failure = try #require(first.seen.wait(until: .after(30)) { $0.failure })
                #expect(failure.code == .fencedInstanceId)
                #expect(failure.isFenced && failure.isFatal)
                try #require(first.seen.wait(until: .after(15)) { $0.isClosed })
                // it held them, so it hears that they are gone
                #expect(first.seen.withLock { $0.revocations.map(\.lost) } == [true])
            }
        }

        @Test func aPositionOutsideOfTheLogIsToldNotRepaired() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("outside")
                try makeTopics([topic], partitions: 1, on: broker)
                try Self.fill(topic, 3, on: broker)
                let far = FixedPositions([.init(topic: topic, partition: 0, offset: 1000)])
                let consumer = try GroupConsumer(
                    broker.configuration, group: uniqueName("group"), instance: nil, topics: [topic], delegate: far)
                defer { consumer.close(leaveGroup: true) }
                let error = #expect(throws: KafkaError.self) {
                    let deadline = Deadline.after(30)
                    while !deadline.hasPassed { _ = try consumer.poll(maximum: 10, timeout: 0.5) }
                }
                #expect([.positionOutsideLog, .offsetOutOfRange].contains(error?.code))
                #expect(try consumer.queryWatermarks(.init(topic: topic, partition: 0), timeout: 10) == (0, 3))
            }
        }

        @Test func anAssignmentIsReplacedAtAnyTime() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("late")
                try makeTopics([topic], partitions: 1, on: broker)
                try Self.fill(topic, 5, on: broker)
                let none = FixedPositions([])
                let consumer = try GroupConsumer(
                    broker.configuration, group: uniqueName("group"), instance: nil, topics: [topic], delegate: none)
                defer { consumer.close(leaveGroup: true) }
                #expect(throws: KafkaError.self) { try consumer.assign([]) }
                let deadline = Deadline.after(30)
                while none.assignments == 0, !deadline.hasPassed {
                    #expect(try consumer.poll(maximum: 10, timeout: 0.2) == nil)
                }
                for start in [2, 0] as [Int64] {
                    try consumer.assign([.init(topic: topic, partition: 0, offset: start)])
                    var offsets: [Int64] = []
                    while offsets.count < 5 - Int(start), !deadline.hasPassed {
                        guard let batch = try consumer.poll(maximum: 10, timeout: 1) else { continue }
                        offsets += (0..<batch.count).map { batch[$0].offset }
                        #expect((0..<batch.count).allSatisfy { batch[$0].topic == 0 })
                    }
                    #expect(offsets == Array(start..<5))
                }
                let cached = try #require(consumer.cachedWatermarks(.init(topic: topic, partition: 0)))
                #expect(cached.high == 5)
            }
        }

        @Test func aBatchOutlivesItsConsumer() async throws {
            try await onThread {
                let broker = try Broker.shared()
                let topic = uniqueName("outlive")
                try makeTopics([topic], partitions: 1, on: broker)
                try Self.fill(topic, 1, on: broker)
                let positions = FixedPositions([.init(topic: topic, partition: 0, offset: 0)])
                let consumer = try GroupConsumer(
                    broker.configuration, group: uniqueName("group"), instance: nil, topics: [topic], delegate: positions)
                var batch: ConsumedBatch?
                let deadline = Deadline.after(30)
                while batch == nil, !deadline.hasPassed { batch = try consumer.poll(maximum: 10, timeout: 1) }
                consumer.close(leaveGroup: true)
                #expect(positions.revocations == 1)
                #expect(try #require(batch)[0].message().text == "0")
                let error = #expect(throws: KafkaError.self) { try consumer.poll(maximum: 1, timeout: 0) }
                #expect(error?.code == .state)
            }
        }
    }
}

/// Assigns always the same.
private final class FixedPositions: RebalanceDelegate {
    let positions: [PartitionOffset]
    var assignments = 0
    var revocations = 0

    init(_ positions: [PartitionOffset]) { self.positions = positions }

    func assigned(_: [TopicPartition], epoch _: Int, group _: GroupMetadata) -> [PartitionOffset] {
        assignments += 1
        return positions
    }

    func revoked(_: [TopicPartition], lost _: Bool) { revocations += 1 }
}
