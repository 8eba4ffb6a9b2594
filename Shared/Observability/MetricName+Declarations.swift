extension MetricName {
    private func declare(
        _ kind: MetricDeclaration.Kind, _ unit: MetricDeclaration.Unit, labels: [String] = [],
        of processes: MetricDeclaration.Processes = .services, _ help: String
    ) -> MetricDeclaration { MetricDeclaration(rawValue, kind, unit, labels: labels, of: processes, help) }

    var ofProcesses: MetricDeclaration {
        switch self {
        case .buildInfo: declare(.gauge, .truth, labels: ["version"], of: .all, "1, with the version of the process as a label.")
        case .processCPU: declare(.counter, .seconds, of: .all, "Processor time that the process has used.")
        case .processMemory: declare(.gauge, .bytes, of: .all, "Memory of the process that is in use.")
        case .processStart: declare(.gauge, .time, of: .all, "When the process was started.")
        case .processFiles: declare(.gauge, .files, of: .all, "Files and sockets that the process has open.")
        case .spansExported: declare(.counter, .spans, of: .tracing, "Spans of traces that the collector has taken.")
        case .spansDropped:
            declare(.counter, .spans, of: .tracing, "Spans that were dropped: the queue was full, or the collector took them not.")
        default: declare(.gauge, .truth, of: .all, "1 when the process is ready, as /health/ready says.")
        }
    }

    var ofShards: MetricDeclaration {
        switch self {
        case .partitions: declare(.gauge, .partitions, "Partitions of each topic, as the process is set: so many shards the service has.")
        case .shards:
            declare(
                .gauge, .shards, labels: ["state"],
                "Shards that the group gives this replica: owned; pending, while they cannot be claimed; incomplete, when only some of "
                    + "their inputs are given.")
        case .epochs: declare(.counter, .claims, "Claims of shards.")
        case .outbox: declare(.gauge, .batches, labels: ["shard"], "Stored batches that are not known to be published.")
        case .outboxOldest:
            declare(.gauge, .time, labels: ["shard"], "When the oldest stored batch that is not known to be published was stored; 0: none.")
        default: declare(.gauge, .records, labels: ["shard", "topic"], "Records behind the end of the input, every 5 s.")
        }
    }

    var ofMessages: MetricDeclaration {
        switch self {
        case .skipped: declare(.counter, .records, "Records of types that this service has no use for.")
        case .copies: declare(.counter, .copies, "Copies of commands and facts that were answered before.")
        case .carried:
            declare(.counter, .records, "Commands and facts that lay in another partition than their key's, and were carried there.")
        case .batchSize: declare(.sizes, .records, "Records per poll.")
        case .recordAge:
            declare(.ages, .seconds, "Age of the first record of a shard's batch, from its own time to when what came of it was stored.")
        case .decideSeconds: declare(.quick, .seconds, "Duration of deciding a shard's batch.")
        case .storeSeconds: declare(.quick, .seconds, "Duration of one store transaction.")
        case .publishSeconds: declare(.quick, .seconds, "Duration of one Kafka transaction.")
        case .published: declare(.counter, .records, "Records published in committed Kafka transactions.")
        case .publishFailures: declare(.counter, .transactions, "Kafka transactions that did not commit, or whose outcome was open.")
        case .refusals: declare(.counter, .commands, labels: ["code"], "Refused commands by code.")
        case .deadLetters: declare(.counter, .letters, labels: ["reason"], "Messages that could not be read or handled.")
        case .unreadableState:
            declare(.counter, .states, labels: ["kind"], "Stored aggregates and effects that could not be read again, each counted once.")
        default: declare(.counter, .records, "Records read from input topics.")
        }
    }

    var ofEffects: MetricDeclaration {
        switch self {
        case .effects:
            declare(.gauge, .effects, labels: ["shard"], "Effects and timers that are due within the hour or under way.")
        case .effectStates:
            declare(
                .gauge, .effects, labels: ["state"],
                "Effects and timers that are due within the hour or under way, by what they wait for: waiting, running, retrying.")
        case .effectAttempts:
            declare(
                .counter, .attempts, labels: ["kind", "outcome"],
                "Attempts to carry out an effect, by what came of them: answered, dropped, or why it is tried again.")
        case .effectSeconds: declare(.slow, .seconds, "Duration of one attempt to carry out an effect.")
        case .partnerCalls:
            declare(
                .counter, .calls, labels: ["partner", "operation", "result"], of: .callers,
                "Calls to partners, by what came of them: ok, or the kind of the error.")
        case .partnerSeconds:
            declare(
                .slow, .seconds, labels: ["partner"], of: .callers,
                "Duration of one call to a partner, from the wait for its turn to the reading of its answer.")
        case .socketMessages:
            declare(.counter, .messages, labels: ["outcome"], of: .authorization, "Messages of Pinduoduo's socket, by what came of them.")
        case .socketConnected:
            declare(.gauge, .truth, of: .authorization, "1 while this replica holds Pinduoduo's message socket.")
        case .socketBacklog:
            declare(
                .gauge, .messages, of: .authorization,
                "Messages of the last seven days that wait for us at Pinduoduo, as told by who holds the socket.")
        default:
            declare(
                .counter, .rows, of: .authorization, "Rows of platforms' lists that break a rule of the platform or of the contract.")
        }
    }

    var ofConsole: MetricDeclaration {
        switch self {
        case .requests:
            declare(
                .counter, .requests, labels: ["route", "status"], of: .console,
                "Answered requests, by the name of their route (none: a path that leads nowhere) and status.")
        case .requestSeconds:
            declare(
                .quick, .seconds, labels: ["route"], of: .console,
                "Time from a request to its answer's head, by the name of its route.")
        case .streams: declare(.gauge, .streams, of: .console, "Open streams: events, exports, lists.")
        default: declare(.gauge, .seconds, of: .console, "Age of the last record that the read model took, when it took it.")
        }
    }
}
