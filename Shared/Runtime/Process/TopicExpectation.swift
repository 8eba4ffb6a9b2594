import Contracts
public import Kafka

/// The properties that a topic of the contract must have (contract, section 1), and how a person mends one that has others.
public struct TopicExpectation: Sendable {
    let partitions: Int32
    /// `KAFKA_BOOTSTRAP_SERVERS`, for the commands that mend.
    let servers: String

    public init(partitions: Int32, servers: String) {
        self.partitions = partitions
        self.servers = servers
    }

    /// A topic as it is made.
    public func newTopic(_ name: String, replication: Int16) -> NewTopic {
        NewTopic(
            name: name, partitions: partitions, replication: replication, config: ["cleanup.policy": Topics.cleanupPolicy(of: name)])
    }

    /// nil: it is as it must be. Else one line: the topic, what is, what must be, and the command of Apache Kafka's that mends it.
    public func fault(of topic: String, partitions count: Int32) -> String? {
        guard count != partitions else { return nil }
        let mend =
            count < partitions
            ? "kafka-topics.sh --bootstrap-server \(servers) --alter --topic \(topic) --partitions \(partitions)"
            : "kafka-topics.sh --bootstrap-server \(servers) --delete --topic \(topic) (it is made anew)"
        // Keys that are written already would be looked for in other partitions, by shards that know nothing of them.
        return "the topic \(topic) has \(count) partitions, and must have \(partitions) like all others (DAIFA_PARTITIONS). "
            + "If nothing was ever written to it: \(mend). Else leave the topic as it is, and set DAIFA_PARTITIONS=\(count) if all topics "
            + "were made so; the number cannot be changed for topics with messages (deploy/RUNBOOK.md, Change of partition count)"
    }

    /// The same of the topic's `cleanup.policy`. A table whose rows are deleted by age loses what is still in force; another topic that is
    /// compacted loses messages that nobody has read.
    public func fault(of topic: String, cleanupPolicy policy: String) -> String? {
        let expected = Topics.cleanupPolicy(of: topic)
        let found = policy.split(separator: ",").map { $0.filter { $0 != " " } }
        guard found.isEmpty ? expected == "compact" : found != [expected] else { return nil }
        return "the topic \(topic) has cleanup.policy=\(policy), and must have cleanup.policy=\(expected): kafka-configs.sh "
            + "--bootstrap-server \(servers) --alter --entity-type topics --entity-name \(topic) --add-config cleanup.policy=\(expected)"
    }
}
