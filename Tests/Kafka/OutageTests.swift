import Kafka
import TestSupport
import Testing
import Threads

extension BrokerSuite {
    /// One broker that hangs, dies, and comes back.
    @Suite(.enabled(if: Broker.canBeStarted, "needs brokers of its own: set KAFKA_HOME to a folder with the start script `kafka`"))
    struct OutageTests {
        @Test(arguments: [true, false]) func everybodyGoesOn(paused: Bool) async throws {
            try await onThread {
                let broker = try Broker.start()
                defer { try? broker.kill() }
                let input = uniqueName("input")
                let tableTopic = uniqueName("table")
                try makeTopics([input], on: broker)
                try makeTopics([tableTopic], partitions: 1, config: ["cleanup.policy": "compact"], on: broker)
                let member = try Member(broker, group: uniqueName("group"), instance: "a", topics: [input])
                defer { member.close(leaveGroup: false) }
                let table = try TableReaderTests.Table(broker, [tableTopic])
                defer { table.reader.stop() }
                let plain = try Producer(broker.configuration, overrides: ["message.timeout.ms": "60000"])
                defer { plain.close() }
                let identifier = uniqueName("tx")
                var producer = try TransactionalProducer(broker.configuration, transactionalId: identifier)
                defer { producer.close() }
                try producer.initTransactions(timeout: 30)
                try #require(member.owns(2))

                func write(_ text: String) throws {
                    try plain.send(topic: tableTopic, key: bytes("k"), value: bytes(text))
                    try plain.flush(timeout: 60)
                    // what the Runtime does: after any error a new producer, whose initTransactions settles the outcome
                    let deadline = Deadline.after(60)
                    while true {
                        do {
                            try producer.begin()
                            try producer.produce(input, key: "k", value: text)
                            return try producer.commit()
                        } catch  where !deadline.hasPassed {
                            producer.close()
                            producer = try TransactionalProducer(broker.configuration, transactionalId: identifier)
                            while true {
                                do {
                                    try producer.initTransactions(timeout: 5)
                                    break
                                } catch  where !deadline.hasPassed { continue }
                            }
                        }
                    }
                }
                func seen(_ text: String) -> Bool {
                    member.seen.wait(until: .after(60)) { $0.messages.contains { $0.text == text } }
                        && table.rows.wait(until: .after(60)) { $0["0/k"] == text }
                }

                try write("before")
                try #require(seen("before"))
                if paused {
                    try broker.pause()
                    // long enough to see requests fail, short of the session
                    #expect(!table.reader.barrier(timeout: 3))
                    try broker.resume()
                } else {
                    try broker.kill()
                    #expect(!table.reader.barrier(timeout: 1))
                    try broker.restart()
                }
                try write("after")
                #expect(seen("after"))
                #expect(table.reader.barrier(timeout: 30))
                #expect(member.seen.withLock { $0.failure } == nil)
            }
        }

        @Test func closingDoesNotWaitForABrokerThatIsGone() async throws {
            try await onThread {
                let broker = try Broker.start()
                let topic = uniqueName("gone")
                try makeTopics([topic], on: broker)
                let producer = try TransactionalProducer(broker.configuration, transactionalId: uniqueName("tx"))
                try producer.initTransactions(timeout: 30)
                let plain = try Producer(broker.configuration)
                let member = try Member(broker, group: uniqueName("group"), instance: "a", topics: [topic])
                try #require(member.owns(2))
                try broker.kill()
                try producer.begin()
                try producer.produce(topic, key: "k", value: "never delivered")
                try plain.send(topic: topic, key: nil, value: bytes("never delivered"))
                let start = ContinuousClock.now
                producer.close()
                plain.close()
                #expect(ContinuousClock.now - start < .seconds(3))
                member.close(leaveGroup: true)
                #expect(ContinuousClock.now - start < .seconds(18))
                #expect(member.seen.withLock { $0.revocations.count } == 1)
            }
        }
    }
}
