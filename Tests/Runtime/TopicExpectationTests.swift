import Contracts
import Testing

@testable import Runtime

/// How a topic that is there has to be, and the advice to a person where it is not.
@Suite struct TopicExpectationTests {
    private static let expectation = TopicExpectation(partitions: 6, servers: "broker:9092")

    @Test func whatIsAsItMustBeHasNoFault() {
        #expect(Self.expectation.fault(of: Topics.orders, partitions: 6) == nil)
        #expect(Self.expectation.fault(of: Topics.orders, cleanupPolicy: "delete") == nil)
        #expect(Self.expectation.fault(of: Table.rules.topic, cleanupPolicy: "compact") == nil)
    }

    @Test(arguments: ["delete", "compact,delete", "delete, compact", ""])
    func aTableMustBeCompactedAndNothingElse(_ policy: String) throws {
        let fault = try #require(Self.expectation.fault(of: Table.rules.topic, cleanupPolicy: policy))
        #expect(fault.contains("daifa.rules has cleanup.policy=\(policy), and must have cleanup.policy=compact"))
        #expect(
            fault.contains(
                "kafka-configs.sh --bootstrap-server broker:9092 --alter --entity-type topics --entity-name daifa.rules "
                    + "--add-config cleanup.policy=compact"))
    }

    @Test(arguments: ["compact", "compact,delete"])
    func messagesMustNotTakeEachOthersPlace(_ policy: String) throws {
        let fault = try #require(Self.expectation.fault(of: Topics.orders, cleanupPolicy: policy))
        #expect(fault.contains("must have cleanup.policy=delete"))
        #expect(Self.expectation.fault(of: Topics.orders, cleanupPolicy: "") == nil, "nothing is deleted at all")
    }

    @Test func partitionsAreChangedOnlyWhereNothingWasWritten() throws {
        let fewer = try #require(Self.expectation.fault(of: Topics.orders, partitions: 1))
        #expect(fewer.contains("kafka-topics.sh --bootstrap-server broker:9092 --alter --topic daifa.orders --partitions 6"))
        let more = try #require(Self.expectation.fault(of: Topics.orders, partitions: 12))
        #expect(more.contains("--delete --topic daifa.orders") && more.contains("DAIFA_PARTITIONS=12"))
        for fault in [fewer, more] {
            #expect(fault.contains("If nothing was ever written to it: kafka-topics.sh") && fault.contains("deploy/RUNBOOK.md"))
        }
    }
}
