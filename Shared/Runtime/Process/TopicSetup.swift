import Contracts
import Kafka
import Observability

/// The topics of a process: created when they are missing, or waited for; all with the same number of partitions, and tables compacted.
struct TopicSetup {
    private static let retryInterval = 0.5

    private let topics: [String]
    private let context: ProcessContext
    private var configuration: Configuration { context.configuration }
    private var expectation: TopicExpectation {
        TopicExpectation(partitions: configuration.partitions, servers: configuration.kafka.bootstrapServers)
    }

    init(_ topics: [String], _ context: ProcessContext) {
        self.topics = topics
        self.context = context
    }

    /// For `--check`: verifies that the brokers answer and that existing topics have the right number of partitions.
    func check() throws(ExitError) {
        let found: [String: Int32]
        let policies: [String: String]
        do throws(KafkaError) {
            let admin = try Admin(configuration.kafka)
            found = try admin.metadata(timeout: 10).topics
            policies = try cleanupPolicies(admin, found)
        } catch {
            throw .configuration("KAFKA_BOOTSTRAP_SERVERS=\(configuration.kafka.bootstrapServers): \(error)")
        }
        try verify(found, policies)
        context.logger.info("configuration and connections are good")
    }

    /// Creates the topics that are missing, or waits for them. Returns the cluster's id; nil when told to stop meanwhile.
    func prepare() throws(ExitError) -> String? {
        let admin: Admin
        do throws(KafkaError) { admin = try Admin(configuration.kafka) } catch { throw .configuration("\(error)") }
        while !context.status.isStopping {
            do throws(KafkaError) {
                if let clusterId = try ready(admin) { return clusterId }
                continue
            } catch {
                context.status.set(
                    waitingFor: "Kafka", because: "KAFKA_BOOTSTRAP_SERVERS=\(configuration.kafka.bootstrapServers): \(error)")
            }
            context.status.wait(Self.retryInterval)
        }
        return nil
    }

    /// The cluster's id when every topic is there; nil when some were created just now.
    private func ready(_ admin: Admin) throws(KafkaError) -> String? {
        let metadata = try admin.metadata(timeout: 5)
        let policies = try cleanupPolicies(admin, metadata.topics)
        do throws(ExitError) { try verify(metadata.topics, policies) } catch { context.status.end(error) }
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
                    "topics are missing: \(missing.joined(separator: ", ")). Create them with \(configuration.partitions) partitions (daifa topics apply), or set DAIFA_CREATE_TOPICS=true"
                ))
        }
        try admin.createTopics(missing.map { expectation.newTopic($0, replication: configuration.replication) })
        context.logger.info("topics created", ["topics": missing.joined(separator: " ")])
        return nil
    }

    /// `cleanup.policy` of the topics that are there. A broker that does not tell is believed, with one line in the log.
    private func cleanupPolicies(_ admin: Admin, _ found: [String: Int32]) throws(KafkaError) -> [String: String] {
        do throws(KafkaError) {
            return try admin.topicProperty("cleanup.policy", of: topics.filter { found[$0] != nil }, timeout: 10)
        } catch {
            guard error.isDenied || error.code == .unsupported else { throw error }
            context.status.waits.say("whether tables are compacted is not known", because: "\(error)", level: .notice)
            return [:]
        }
    }

    /// A reader on a broker with auto-creation may have made a topic before us, as its defaults have it.
    private func verify(_ found: [String: Int32], _ policies: [String: String]) throws(ExitError) {
        let expectation = expectation
        for topic in topics {
            if let count = found[topic], let fault = expectation.fault(of: topic, partitions: count) { throw .configuration(fault) }
            if let policy = policies[topic], let fault = expectation.fault(of: topic, cleanupPolicy: policy) {
                throw .configuration(fault)
            }
        }
    }
}
