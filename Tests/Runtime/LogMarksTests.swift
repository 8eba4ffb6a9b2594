import Kafka
import Stores
import TestSupport
import Testing
import Threads

@testable import Runtime

extension ProcessSuite {
    /// The records at marks, read again.
    @Suite struct LogMarksTests {
        /// Sends one batch of many records to each partition, some of them in transactions, and gives the last record of each.
        private static func fill(_ topic: String, _ broker: Broker) throws -> [TopicPartition: Int64] {
            let producer = try Producer(broker.configuration, overrides: ["linger.ms": "50"])
            defer { producer.close() }
            for number in 0..<3000 {
                try producer.send(topic: topic, key: Array("key-\(number)".utf8), value: [UInt8](repeating: 7, count: 200))
            }
            try producer.flush(timeout: 30)
            let admin = try Admin(broker.configuration)
            let places = (0..<6).map { TopicPartition(topic: topic, partition: $0) }
            return Dictionary(
                uniqueKeysWithValues: try admin.endOffsets(places, timeout: 10).map { ($0.topicPartition, $0.offset - 1) })
        }

        @Test func theRecordsAtMarksAreFoundWithinASecondOrTwo() async throws {
            try await onThread {
                let broker = try Bench.shared().broker
                let topic = uniqueName("marks")
                try Admin(broker.configuration).createTopics([NewTopic(name: topic, partitions: 6)])
                let last = try Self.fill(topic, broker)
                let asked = last.mapValues { LogMark(offset: $0, fingerprint: 0) }
                let start = Clock.seconds
                let found = try LogMark.read(at: asked, broker.configuration, timeout: 10)
                #expect(found.mapValues { $0?.offset } == last.mapValues { $0 })
                #expect(Clock.seconds - start < 5)
                #expect(try LogMark.read(at: found.compactMapValues { $0 }, broker.configuration, timeout: 10) == found)
                // Behind the end there is nothing, and nobody waits for it.
                let behind = last.mapValues { LogMark(offset: $0 + 1, fingerprint: 0) }
                #expect(try LogMark.read(at: behind, broker.configuration, timeout: 10).values.allSatisfy { $0 == nil })
            }
        }
    }
}
