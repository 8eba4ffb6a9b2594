import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// The lag of the services' groups, as every tool of Kafka's computes it.
    @Suite struct LagTests {
        /// Of each input and partition: what the group has committed, and the end of the log behind all transaction markers.
        private static func lag(of service: ServiceName, inputs: [String], _ bench: Bench) throws -> [String: Int64?] {
            let admin = try Admin(bench.broker.configuration)
            let partitions = inputs.flatMap { topic in (0..<6).map { TopicPartition(topic: topic, partition: $0) } }
            let ends = try admin.endOffsets(partitions, timeout: 20)
            let committed = try admin.committedOffsets(group: "daifa-\(service.rawValue)", partitions, timeout: 20)
            var lag: [String: Int64?] = [:]
            for partition in partitions {
                let (topic, number) = (partition.topic, partition.partition)
                let end = ends.first { $0.topic == topic && $0.partition == number }?.offset
                let position = committed.first { $0.topic == topic && $0.partition == number }?.offset
                lag["\(topic) \(number)"] = position.flatMap { position in position < 0 ? nil : end.map { $0 - position } }
            }
            return lag
        }

        @Test func itIsANumberFromTheFirstClaimOnAndZeroAtRest() async throws {
            try await onThread {
                // Nobody has ever read there.
                let bench = try Bench()
                let inputs: [(ServiceName, [String])] = [
                    (.allocation, [Topics.orders, ServiceName.allocation.commands]),
                    (.shipping, [ServiceName.shipping.commands, ServiceName.allocation.events, ServiceName.waybill.events]),
                ]
                let processes = try inputs.map { try bench.start($0.0) }
                defer { for process in processes { process.kill() } }
                for process in processes { try process.awaitReady() }
                for (service, topics) in inputs {
                    let isKnown = eventually(within: 20) {
                        let lag = try? Self.lag(of: service, inputs: topics, bench)
                        return lag?.count == topics.count * 6 && lag?.values.allSatisfy { $0 == .some(0) } == true
                    }
                    let lagAtFirst = try Self.lag(of: service, inputs: topics, bench)
                    #expect(isKnown, "\(lagAtFirst)")
                }
                try withOrderFlow(bench, rate: 200) { try $0.awaitMore(300) }
                for (service, topics) in inputs {
                    // Positions that moved over transaction markers alone are committed every five seconds.
                    let isAtRest = eventually(within: 30) {
                        (try? Self.lag(of: service, inputs: topics, bench))?.values.allSatisfy { $0 == .some(0) } == true
                    }
                    let lagAtRest = try Self.lag(of: service, inputs: topics, bench)
                    #expect(isAtRest, "\(lagAtRest)")
                }
                for process in processes { try process.stop() }
            }
        }
    }

    /// Topics that somebody has made before us, as the broker's defaults have it.
    @Suite struct TopicFaultTests {
        private static func expectEnd(_ topic: NewTopic, naming texts: [String]) throws {
            let bench = try Bench()
            try Admin(bench.broker.configuration).createTopics([topic])
            for arguments in [[], ["--check"]] {
                let process = try bench.start(.allocation, arguments: arguments)
                defer { process.kill() }
                #expect(process.awaitExit(timeout: 60) == .status(78), "\(process.errorLines.suffix(5))")
                #expect(process.plainLines.count == 1)
                for text in texts { #expect(process.plainLines.first?.contains(text) == true, "\(process.plainLines)") }
            }
        }

        @Test func aTableThatIsNotCompactedIsNamedWithTheCommandThatMendsIt() async throws {
            try await onThread {
                try Self.expectEnd(
                    NewTopic(name: Table.bindings.topic, partitions: 6, config: ["cleanup.policy": "delete"]),
                    naming: [
                        "daifa.bindings has cleanup.policy=delete", "kafka-configs.sh", "--entity-name daifa.bindings",
                        "--add-config cleanup.policy=compact",
                    ])
            }
        }

        @Test func anotherPartitionCountIsNamedWithTheCommandThatMendsIt() async throws {
            try await onThread {
                try Self.expectEnd(
                    NewTopic(name: ServiceName.allocation.events, partitions: 1),
                    naming: [
                        "daifa.allocation.events has 1 partitions", "must have 6", "--alter --topic daifa.allocation.events --partitions 6",
                    ])
            }
        }
    }
}
