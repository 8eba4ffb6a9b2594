import CommandLine
import Contracts
import JSON
import Kafka
import Runtime

/// `daifa topics`: the topics of the contract, as code.
struct TopicsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "List the topics of all processes, and make those that are missing.",
        discussion: "Where the processes may not create topics (DAIFA_CREATE_TOPICS=false), this does it once, as somebody who may.",
        examples: [.init("daifa topics list"), .init("daifa topics apply --partitions 24 --replication 3")],
        subcommands: [TopicsList.self, TopicsApply.self])
}

/// `daifa topics list`.
struct TopicsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the topics; no broker is asked.", examples: [.init("daifa topics list --json")])

    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        for topic in Topics.all {
            let policy = Topics.cleanupPolicy(of: topic)
            Terminal.write(json ? jsonLine([("topic", .string(topic)), ("cleanupPolicy", .string(policy))]) : "\(topic) \(policy)\n")
        }
    }
}

/// `daifa topics apply`.
struct TopicsApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make the topics that are missing, and check the others.",
        discussion: """
            Needs the rights to create topics under daifa. and to describe their configuration. A topic that is there is never changed: one with
            another number of partitions or another cleanup.policy is told, with the command that mends it, and ends this with 65.
            """,
        examples: [
            .init("daifa topics apply --replication 3"), .init("daifa topics apply --check", "makes nothing; 65 when something is missing"),
        ])

    @Option(help: "Partitions of every topic, as DAIFA_PARTITIONS of all processes.", valueName: "number") var partitions = 6
    @Option(help: "Replicas of every partition.", valueName: "number") var replication = 1
    @Flag(help: "Only look.") var check = false

    func validate() throws {
        guard (1...1000).contains(partitions) else { throw UsageError("--partitions: expected 1 to 1000") }
        guard (1...15).contains(replication) else { throw UsageError("--replication: expected 1 to 15") }
    }

    func run() throws {
        let kafka = try CommandLineKafka.configuration()
        let expectation = TopicExpectation(partitions: Int32(partitions), servers: kafka.bootstrapServers)
        let made: [String]
        let faults: [String]
        do throws(KafkaError) {
            let admin = try Admin(kafka)
            let found = try admin.metadata(timeout: CommandLineKafka.patience)
            let there = Topics.all.filter { found.topics[$0] != nil || found.unready.contains($0) }
            let policies = try admin.topicProperty("cleanup.policy", of: there, timeout: CommandLineKafka.patience)
            let missing = Topics.all.filter { !there.contains($0) }
            faults =
                there.flatMap { topic in
                    [
                        found.topics[topic].flatMap { expectation.fault(of: topic, partitions: $0) },
                        policies[topic].flatMap { expectation.fault(of: topic, cleanupPolicy: $0) },
                    ].compactMap(\.self)
                } + (check ? missing.map { "the topic \($0) is missing" } : [])
            made = check ? [] : missing
            try admin.createTopics(made.map { expectation.newTopic($0, replication: Int16(replication)) })
        } catch {
            throw CommandFailure(.unavailable, "topics at \(kafka.bootstrapServers): \(error)")
        }
        for topic in made { Terminal.writeLine("made \(topic)") }
        guard faults.isEmpty else { throw CommandFailure(.badData, faults.joined(separator: "\n")) }
        Terminal.writeLine("\(Topics.all.count) topics are as they must be, \(made.count) of them new")
    }
}

/// `daifa acls`: what each user of Kafka may do, as code.
struct ACLsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acls", abstract: "List what each user of Kafka may do: the services, the console, and examples of others.",
        discussion: """
            Each line is the arguments of one call of Apache Kafka's kafka-acls.sh --add; deploy/kafka/secure makes those calls. librdkafka names
            no transactional ids in access lists, so this program cannot.
            """,
        examples: [.init("daifa acls > deploy/kafka/acls"), .init("daifa acls --markdown > deploy/kafka/ACCESS.md", "a table for people")])

    @Flag(help: "As a table in Markdown.") var markdown = false

    func run() throws { Terminal.write(markdown ? Access.markdown : Access.file) }
}
