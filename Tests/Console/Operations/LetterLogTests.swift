import DeadLetters
import Kafka
import TestSupport
import Testing

@testable import Console

/// Dead letters where they lie, on a real Kafka.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LetterLogTests {
    @Test func lettersAreReadByTheirPlacesAndSentToTheirTopics() async throws {
        try await onThread {
            let kafka = try Broker.shared().configuration
            let topic = uniqueName("letters")
            try Admin(kafka).createTopics([NewTopic(name: topic, partitions: 2)])
            let log = LetterLog(kafka: kafka)
            func message(_ number: Int) -> Kafka.Message {
                Kafka.Message(
                    topic: topic, partition: 1, offset: -1, timestamp: -1, key: Array("k".utf8), value: Array("\(number)".utf8),
                    headers: [Header(name: "n", value: Array("\(number)".utf8))])
            }
            try log.send((0..<20).map(message))
            func place(_ partition: Int32, _ offset: Int64) -> RecordPlace {
                RecordPlace(topic: topic, partition: partition, offset: offset)
            }
            let found = try log.read([place(1, 3), place(1, 17), place(1, 20), place(1, 5000), place(0, 0)])
            #expect(Set(found.keys) == [place(1, 3), place(1, 17)])
            #expect(found[place(1, 17)]?.value == Array("17".utf8) && found[place(1, 3)]?.header("n") == "3")
            #expect(try log.read([]).isEmpty)
        }
    }
}
