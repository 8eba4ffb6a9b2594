/// What one user of Kafka may do there, as far as the contract says it: Kafka's own access lists are made from it, so that events and tables have
/// one writer each (contract, section 2), whoever else can reach the brokers.
public struct Access: Sendable {
    /// Kafka's operations that are granted; to read or to write is to see that a thing is there, too.
    public enum Operation: String, Sendable {
        case read = "Read"
        case write = "Write"
        case describe = "Describe"
        case describeConfigs = "DescribeConfigs"
    }

    /// A consumer group or a transactional id: its name, or how names begin.
    public enum Name: Sendable, Equatable {
        case exactly(String)
        case prefix(String)
    }

    /// The name that it logs in with.
    public let user: String
    /// For people.
    public let summary: String
    public let reads: [String]
    public let writes: [String]
    /// Groups in which it may read, or at which it may look.
    public let groups: [(operation: Operation, name: Name)]
    public let transactionalIds: Name?

    /// The five services and the console, then examples of others: an operator, a system that writes facts, one that reads events.
    public static let all: [Access] = ServiceName.domainServices.map { service($0) } + [console, `operator`, connector, reader]

    /// What every user's name, and every group of a service, begins with.
    public static let prefix = "daifa-"

    /// The user of a service or of the console: `daifa-allocation`. A service's group has the same name.
    public static func user(of service: ServiceName) -> String { prefix + service.rawValue }

    private static func service(_ name: ServiceName) -> Access {
        Access(
            user: user(of: name), summary: "the service \(name.rawValue)", reads: inOrder(topics(readBy: name)),
            writes: inOrder(topics(writtenBy: name)), groups: [(.read, .exactly(user(of: name)))],
            transactionalIds: .prefix(user(of: name) + "-"))
    }

    private static func topics(readBy service: ServiceName) -> Set<String> {
        Set(Catalog.entries.filter { $0.readers.contains(service) }.map(\.topic) + [service.commands])
    }

    private static func topics(writtenBy service: ServiceName) -> Set<String> {
        let sent = Catalog.entries.filter { $0.actors.contains(service.actor) }.map(\.topic)
        // What lies in a wrong partition is carried to the right one by the service that acts on it.
        let carried = Catalog.entries.filter { $0.kind == .fact && $0.readers.contains(service) }.map(\.topic)
        let downloaded = service == .authorization ? [Topics.orders] : []
        return Set(sent + carried + downloaded + [service.commands, service.events, service.dead, Table.health.topic])
    }

    /// It sends for people and partners, and what it is told is what it shows; its group is none.
    private static let console = Access(
        user: user(of: .console), summary: "the console", reads: Topics.all,
        writes: inOrder(Set(sendable + [ServiceName.console.events, Table.health.topic] + keysOfConsole)), groups: [],
        transactionalIds: nil)

    private static let keysOfConsole = ServiceName.console.keyPurposes.isEmpty ? [] : [Table.keys.topic]
    /// What others than one service write: facts, and the commands of all.
    private static let sendable = [Topics.orders] + ServiceName.domainServices.map(\.commands)
    /// What others may know: nothing that is sealed for a service.
    private static let open = Topics.all.filter { $0 != Table.credentials.topic }

    private static let `operator` = Access(
        user: prefix + "operator", summary: "a person with the command line: sends, watches, replays, looks at lag", reads: open,
        writes: sendable, groups: [(.describe, .prefix(prefix))], transactionalIds: nil)

    private static let connector = Access(
        user: prefix + "connector", summary: "another system that writes facts, sealed for waybill", reads: [Table.keys.topic],
        writes: [Topics.orders], groups: [], transactionalIds: nil)

    private static let reader = Access(
        user: prefix + "reader", summary: "another system that reads what has happened",
        reads: inOrder(
            Set(ServiceName.domainServices.map(\.events) + Topics.tables).subtracting([Table.credentials, .keys, .health].map(\.topic))),
        writes: [], groups: [(.read, .prefix(prefix + "reader-"))], transactionalIds: nil)

    private static func inOrder(_ topics: Set<String>) -> [String] { Topics.all.filter { topics.contains($0) } }
}

extension Access {
    /// Arguments of Apache Kafka's `kafka-acls.sh --add`, one call each; a call takes a second or two.
    public var calls: [[String]] {
        typealias Resource = (kind: String, name: String)
        func call(_ operation: Operation, _ resources: [Resource], isPrefix: Bool = false) -> [[String]] {
            resources.isEmpty ? [] : [Self.call([user], operation, resources, isPrefix: isPrefix)]
        }
        var exact: [Operation: [Resource]] = [.read: reads.map { ("topic", $0) }, .write: writes.map { ("topic", $0) }]
        var prefixed: [[String]] = []
        for (operation, kind, name) in groups.map({ ($0.operation, "group", $0.name) })
            + (transactionalIds.map { [(.write, "transactional-id", $0)] } ?? [])
        {
            switch name {
            case .exactly(let name): exact[operation, default: []].append((kind, name))
            case .prefix(let name): prefixed += call(operation, [(kind, name)], isPrefix: true)
            }
        }
        return [Operation.read, .write, .describe].flatMap { call($0, exact[$0] ?? []) } + prefixed
    }

    private static func call(
        _ users: [String], _ operation: Operation, _ resources: [(kind: String, name: String)], isPrefix: Bool
    ) -> [String] {
        users.flatMap { ["--allow-principal", "User:\($0)"] } + ["--operation", operation.rawValue]
            + resources.flatMap { ["--\($0.kind)", $0.name] } + (isPrefix ? ["--resource-pattern-type", "prefixed"] : [])
    }

    /// A process looks whether tables are compacted.
    private static var describing: [String] { call(all.map(\.user), .describeConfigs, [("topic", "daifa.")], isPrefix: true) }

    /// `deploy/kafka/acls`: the arguments of each call on a line.
    public static var file: String {
        "# Written by `daifa acls > deploy/kafka/acls`: arguments of kafka-acls.sh --add, one call a line.\n"
            + (all.flatMap(\.calls) + [describing]).map { $0.joined(separator: " ") + "\n" }.joined()
    }

    /// `deploy/kafka/ACCESS.md`: who may read and write which topic.
    public static var markdown: String {
        func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        func quoted(_ name: Name) -> String {
            switch name {
            case .exactly(let name): "`\(name)`"
            case .prefix(let name): "`\(name)…`"
            }
        }
        var text = """
            # Who may do what with Kafka

            Written by `daifa acls --markdown > deploy/kafka/ACCESS.md`, from the contract. How it is applied: [README.md](README.md).


            """
        text += row(["user", "who", "groups", "transactional ids"]) + row(["---", "---", "---", "---"])
        for access in all {
            let groups = access.groups.map { "\($0.operation.rawValue.lowercased()) \(quoted($0.name))" }.joined(separator: ", ")
            text += row(["`\(access.user)`", access.summary, groups, access.transactionalIds.map { quoted($0) } ?? ""])
        }
        text += "\n`r` reads, `w` writes; all may see how the topics are set up.\n\n"
        text += row(["topic"] + all.map { String($0.user.dropFirst(prefix.count)) }) + row(["---"] + all.map { _ in ":-:" })
        for topic in Topics.all {
            text += row(
                ["`\(topic)`"]
                    + all.map { ($0.reads.contains(topic) ? "r" : "") + ($0.writes.contains(topic) ? "w" : "") })
        }
        return text
    }
}
