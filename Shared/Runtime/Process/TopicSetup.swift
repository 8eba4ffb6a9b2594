import Contracts
import Kafka
import Observability

/// The topics of a process: created when they are missing, or waited for; all with the same number of partitions.
struct TopicSetup {
    private static let retryInterval = 0.5

    private let topics: [String]
    private let context: ProcessContext
    private var configuration: Configuration { context.configuration }

    init(_ topics: [String], _ context: ProcessContext) {
        self.topics = topics
        self.context = context
    }

    /// For `--check`: the brokers answer, and what is there has the right number of partitions.
    func check() throws(ExitError) {
        let found: [String: Int32]
        do throws(KafkaError) { found = try Admin(configuration.kafka).metadata(timeout: 10).topics } catch {
            throw .configuration("KAFKA_BOOTSTRAP_SERVERS=\(configuration.kafka.bootstrapServers): \(error)")
        }
        try verify(found)
        context.logger.info("configuration and connections are good")
    }

    /// Creates the topics that are missing, or waits for them. Returns the cluster's id; nil when told to stop meanwhile.
    func prepare() throws(ExitError) -> String? {
        let admin: Admin
        do throws(KafkaError) { admin = try Admin(configuration.kafka) } catch { throw .configuration("\(error)") }
        var complained = ""
        while !context.status.isStopping {
            do throws(KafkaError) {
                if let clusterId = try ready(admin) { return clusterId }
                continue
            } catch {
                let text = "\(error)"
                if text != complained {
                    context.logger.warning(
                        "waiting for Kafka",
                        ["bootstrap": configuration.kafka.bootstrapServers, "variable": "KAFKA_BOOTSTRAP_SERVERS", "reason": text])
                }
                complained = text
            }
            context.status.wait(Self.retryInterval)
        }
        return nil
    }

    /// The cluster's id when every topic is there; nil when some were created just now.
    private func ready(_ admin: Admin) throws(KafkaError) -> String? {
        let metadata = try admin.metadata(timeout: 5)
        do throws(ExitError) { try verify(metadata.topics) } catch { context.status.end(error) }
        if let unready = topics.first(where: { metadata.unready.contains($0) }) {
            throw KafkaError(
                code: .leaderNotAvailable, operation: "read metadata", reason: "\(unready) has no leader yet", isRetriable: true)
        }
        let missing = topics.filter { metadata.topics[$0] == nil }
        if missing.isEmpty {
            guard let clusterId = metadata.clusterId else {
                throw KafkaError(
                    code: .transport, operation: "read metadata", reason: "the brokers do not tell the cluster's id", isRetriable: true)
            }
            return clusterId
        }
        guard configuration.createTopics else {
            context.status.end(
                .configuration(
                    "topics are missing: \(missing.joined(separator: ", ")). Create them with \(configuration.partitions) partitions, or set DAIFA_CREATE_TOPICS=true"
                ))
        }
        try admin.createTopics(missing.map { newTopic($0) })
        context.logger.info("topics created", ["topics": missing.joined(separator: " ")])
        return nil
    }

    private func newTopic(_ name: String) -> NewTopic {
        let isTable = Topics.tables.contains(name)
        return NewTopic(
            name: name, partitions: configuration.partitions, replication: configuration.replication,
            config: ["cleanup.policy": isTable ? "compact" : "delete"])
    }

    private func verify(_ found: [String: Int32]) throws(ExitError) {
        for topic in topics {
            if let count = found[topic], count != configuration.partitions {
                throw .configuration(
                    "DAIFA_PARTITIONS is \(configuration.partitions), but the topic \(topic) has \(count) partitions: all topics have the same number; set DAIFA_PARTITIONS=\(count) if they were made so on purpose"
                )
            }
        }
    }
}
