import Contracts

/// The properties that a topic of the contract must have (contract, section 1), and how a person mends one that has others.
struct TopicExpectation {
    let partitions: Int32
    /// `KAFKA_BOOTSTRAP_SERVERS`, for the commands that mend.
    let servers: String

    /// nil: it is as it must be. Else one line: the topic, what is, what must be, and the command of Apache Kafka's that mends it.
    func fault(of topic: String, partitions count: Int32) -> String? {
        guard count != partitions else { return nil }
        let mend =
            count < partitions
            ? "kafka-topics.sh --bootstrap-server \(servers) --alter --topic \(topic) --partitions \(partitions)"
            : "kafka-topics.sh --bootstrap-server \(servers) --delete --topic \(topic) (while nothing stands in it; it is made anew)"
        return "the topic \(topic) has \(count) partitions, and must have \(partitions) like all others (DAIFA_PARTITIONS): \(mend); "
            + "or set DAIFA_PARTITIONS=\(count), if all topics were made so on purpose"
    }

    /// The same of the topic's `cleanup.policy`. A table whose rows are deleted by age loses what is still in force; another topic that is
    /// compacted loses messages that nobody has read.
    func fault(of topic: String, cleanupPolicy policy: String) -> String? {
        let expected = Topics.tables.contains(topic) ? "compact" : "delete"
        let found = policy.split(separator: ",").map { $0.filter { $0 != " " } }
        guard found.isEmpty ? expected == "compact" : found != [expected] else { return nil }
        return "the topic \(topic) has cleanup.policy=\(policy), and must have cleanup.policy=\(expected): kafka-configs.sh "
            + "--bootstrap-server \(servers) --alter --entity-type topics --entity-name \(topic) --add-config cleanup.policy=\(expected)"
    }
}
