import CommandLine
import Contracts
import Glibc
import JSON
import Kafka
import Observability
import Runtime
import Stores
import Threads

/// `daifa adopt`: makes a store go on with a log that it does not belong to.
struct Adopt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Compare a service's store with Kafka's log, and set it to the log on purpose.",
        discussion: """
            A service ends with 78 when its store and the log do not belong together (a store deleted or restored, brokers wiped or changed,
            offsets expired): going on would lose or double silently. The better cure is the store or the log that belongs to the other.
            Without --yes this shows, for each shard, what both say, and changes nothing. With --yes, shards that do not fit are set to the
            log as it is now: read on from where the group has read, else from the log's beginning (--skip: its end); what the outbox holds
            beyond Kafka's position is published. The group's offsets are set together with the store, and both are looked at once more
            before it is said that they fit. State of orders that the store does not have is not brought back.
            The service must be stopped, on every host; a member that ended without leaving is waited for, up to a minute.
            """,
        examples: [
            .init("daifa adopt --service waybill --data ./data", "what both say"),
            .init("daifa adopt --service waybill --data ./data --yes"),
        ])

    @Option(name: .shortAndLong, help: "The service.", completion: .list(ServiceName.domainServiceNames)) var service: String
    @Option(help: "Folder of 'daifa up': the store is <data>/<service>.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The store itself, as in DAIFA_STORE.", valueName: "store", completion: .directory) var store: String?
    @Flag(help: "Where neither side knows a place, read from the log's end, not its beginning.") var skip = false
    @Flag(help: "Set what does not fit.") var yes = false
    @Flag(help: "One JSON object for each shard.") var json = false

    func validate() throws {
        try ServiceName.check(domainService: service)
        _ = try StorePlace(service, data, store)
    }

    func run() throws {
        guard let service = ServiceName(rawValue: service) else { return }
        let kafka = try CommandLineKafka.configuration()
        _ = try CommandLineKafka.existing([service.commands], kafka)
        let log = try AdoptLog(service, kafka)
        let opened = try open(StorePlace(service.rawValue, data, store), service)
        defer { opened.locks?.release() }
        let store = opened.store
        let present = Set(store?.shards() ?? [])
        var plans: [AdoptPlan] = []
        for number in present.union(0..<Int(log.partitions)).sorted() {
            // A shard that is not there says nothing; it is made only when something is set.
            let shard = present.contains(number) ? try store?.shard(number) : nil
            defer { shard?.close() }
            let plan = try log.plan(shard: number, claim: try shard?.claim() ?? .empty, skips: skip)
            if yes, !plan.findings.isEmpty, let store { try adopt(plan, in: store, log, shard) }
            plans.append(plan)
        }
        report(plans)
    }

    /// The store, while no instance of the service runs on it; nil: there is none yet.
    private func open(_ place: StorePlace, _ service: ServiceName) throws -> (store: (any Store)?, locks: StoreLocks?) {
        switch place {
        case .folder(let folder):
            var status = stat()
            let exists = stat(folder, &status) == 0
            guard exists || yes || data == nil || stat(data ?? "", &status) == 0 else {
                throw CommandFailure(.configuration, "\(folder): there is no such folder; name the one of DAIFA_STORE")
            }
            let locks = try StoreLocks(folder: folder, isThere: exists)
            return (exists || yes ? try SQLiteStore(folder: folder) : nil, locks)
        case .database(_, let location):
            let store = PostgreSQLStore(location, owner: service.rawValue, instance: "adopt")
            do throws(StoreError) { try store.holdAlone() } catch {
                throw CommandFailure(error.kind == .instanceInUse ? .temporary : .configuration, "\(error)")
            }
            return (store, nil)
        }
    }

    /// Sets store and group, and looks at both again.
    private func adopt(_ plan: AdoptPlan, in store: any Store, _ log: AdoptLog, _ open: (any ShardStore)?) throws {
        let shard = try open ?? store.shard(plan.check.shard)
        defer { if open == nil { shard.close() } }
        if open == nil { _ = try shard.claim() }
        // Positions first: should this be cut short, what is left differs still, and the service does not go on.
        try shard.adopt(published: plan.published, positions: plan.positions)
        try log.set(plan)
        try shard.identify(plan.check.identity)
        let after = try log.plan(shard: plan.check.shard, claim: try shard.claim(), skips: skip)
        guard after.findings.isEmpty else {
            throw CommandFailure(
                .unavailable,
                "shard \(plan.check.shard) was set and does not fit all the same: \(after.findings.joined(separator: "; ")); "
                    + "is the service running somewhere? Stop it and start this again")
        }
    }

    private func report(_ plans: [AdoptPlan]) {
        let wrong = plans.filter { !$0.findings.isEmpty }
        if json {
            for plan in plans { Terminal.write(jsonLine(Self.object(plan, isAdopted: yes && !plan.findings.isEmpty))) }
            return
        }
        for plan in plans { Terminal.writeLine(Self.text(plan)) }
        switch (wrong.isEmpty, yes) {
        case (true, _): Terminal.writeLine("Store and log belong together; nothing to adopt.")
        case (false, true):
            Terminal.writeLine(
                "\(wrong.count) of \(plans.count) shards set to the log, store and group alike; they fit now. Start the service again.")
        case (false, false):
            Terminal.writeLine(
                "\(wrong.count) of \(plans.count) shards do not fit; nothing was changed. --yes sets them as shown; see --help for what that means."
            )
        }
    }

    static func text(_ plan: AdoptPlan) -> String {
        let claim = plan.check.claim
        let identity = claim.identity.map { "cluster \($0.clusterId), group \($0.group)" } ?? "no cluster yet"
        var lines = [
            "shard \(plan.check.shard)",
            "  store: \(identity), outbox up to \(claim.highestSequence), published up to \(claim.publishedThrough)",
            "  Kafka: cluster \(plan.check.identity.clusterId), group \(plan.check.identity.group), "
                + "published up to \(plan.check.kafkaPublished.map { "\($0)" } ?? "(none known)")",
        ]
        let target = plan.positions
        for topic in plan.check.topics {
            let own = claim.positions[topic].map { "\($0)" } ?? "-"
            let read = plan.check.committed[topic].map { "\($0)" } ?? "-"
            let log = plan.check.logs[topic].map { "\($0.low) to \($0.high)" } ?? "no log"
            lines.append(
                "  \(topic): store \(own), committed \(read), log \(log)\(plan.findings.isEmpty ? "" : " -> \(target[topic] ?? 0)")")
        }
        if plan.check.hasForgottenOffsets {
            lines.append(
                "  Kafka has forgotten the group's offsets; the store was closed in order, so the service writes them anew by itself")
        }
        lines += plan.findings.map { "  ! \($0)" }
        if !plan.findings.isEmpty { lines.append("  adopting: published up to \(plan.published), read on from where '->' points") }
        return lines.joined(separator: "\n")
    }

    static func object(_ plan: AdoptPlan, isAdopted: Bool) -> [(String, JSONValue)] {
        let target = plan.positions
        let topics = plan.check.topics.map { topic -> JSONValue in
            var members: [(String, JSONValue)] = [("topic", .string(topic))]
            if let own = plan.check.claim.positions[topic] { members.append(("store", .int(Int(own)))) }
            if let read = plan.check.committed[topic] { members.append(("committed", .int(Int(read)))) }
            if let log = plan.check.logs[topic] { members += [("low", .int(Int(log.low))), ("high", .int(Int(log.high)))] }
            return .object(members + [("target", .int(Int(target[topic] ?? 0)))])
        }
        return [
            ("shard", .int(plan.check.shard)), ("fits", .bool(plan.findings.isEmpty)), ("adopted", .bool(isAdopted)),
            ("highestSequence", .int(Int(plan.check.claim.highestSequence))),
            ("publishedThrough", .int(Int(plan.check.claim.publishedThrough))),
            ("kafkaPublished", plan.check.kafkaPublished.map { .int(Int($0)) } ?? .null), ("topics", .array(topics)),
            ("findings", .array(plan.findings.map { .string($0) })),
        ]
    }
}

/// Kafka's side of a service's shards.
private struct AdoptLog {
    private static let patience = 30.0

    let partitions: Int32
    private let identity: StoreIdentity
    private let admin: Admin
    private let kafka: KafkaConfiguration
    /// Topics that a shard may read.
    private let topics: [String]
    private let counts: [String: Int32]

    init(_ service: ServiceName, _ kafka: KafkaConfiguration) throws {
        let group = "daifa-\(service.rawValue)"
        admin = try Admin(kafka)
        self.kafka = kafka
        let metadata = try admin.metadata(timeout: Self.patience)
        guard let cluster = metadata.clusterId else {
            throw CommandFailure(.temporary, "\(kafka.bootstrapServers) does not tell the cluster's id: try again")
        }
        identity = StoreIdentity(clusterId: cluster, group: group)
        partitions = metadata.topics[service.commands] ?? 0
        counts = metadata.topics
        topics = ([Topics.orders] + ServiceName.domainServices.flatMap { [$0.commands, $0.events] }).filter { metadata.topics[$0] != nil }
    }

    func plan(shard: Int, claim: StoreClaim, skips: Bool) throws -> AdoptPlan {
        let names = Set(topics).union(claim.positions.keys).filter { counts[$0].map { shard < $0 } ?? false }.sorted()
        let places = names.map { TopicPartition(topic: $0, partition: Int32(shard)) }
        let committed = try committed(places)
        var marks: [TopicPartition: LogMark] = [:]
        for place in places { marks[place] = claim.marks[place.topic] }
        let found = try LogMark.read(at: marks, kafka, timeout: Self.patience)
        var logs: [String: StoreLogCheck.LogRange] = [:]
        for place in try admin.beginningOffsets(places, timeout: Self.patience) {
            let atMark = found[place.topicPartition].map(StoreLogCheck.LogRange.AtMark.record) ?? .notRead
            logs[place.topic] = .init(low: place.offset, high: place.offset, atMark: atMark)
        }
        for place in try admin.endOffsets(places, timeout: Self.patience) { logs[place.topic]?.high = place.offset }
        let check = StoreLogCheck(shard: shard, claim: claim, identity: identity, committed: committed, logs: logs)
        return AdoptPlan(check: check, skipsUnknown: skips)
    }
}

extension AdoptLog {
    /// Seconds for which a member that ended without leaving is waited for: longer than its session's time-out.
    private static let memberPatience = 60.0

    /// Sets what the group has committed.
    func set(_ plan: AdoptPlan) throws {
        let deadline = Clock.seconds + Self.memberPatience
        var isTold = false
        while true {
            do throws(KafkaError) {
                return try admin.setCommittedOffsets(group: identity.group, plan.groupOffsets, timeout: Self.patience)
            } catch {
                guard Self.passing.contains(error.code) || error.code == .unknownMemberId || error.code == .nonEmptyGroup else {
                    throw error
                }
                guard Clock.seconds < deadline else {
                    throw CommandFailure(
                        .temporary, "the group \(identity.group) still has a member: stop the service on every host, then start this again")
                }
                if !isTold {
                    Terminal.writeError("waiting until the group \(identity.group) has forgotten a member that ended without leaving …")
                }
                isTold = true
                usleep(500_000)
            }
        }
    }

    /// Errors of a coordinator that is on its way.
    private static let passing: Set<KafkaError.Code> = [
        .notCoordinator, .coordinatorLoadInProgress, .coordinatorNotAvailable, .waitingForCoordinator, .timedOut,
    ]

    private func committed(_ places: [TopicPartition]) throws(KafkaError) -> [PartitionOffset] {
        let deadline = Clock.seconds + Self.patience
        while true {
            do throws(KafkaError) { return try admin.committedOffsets(group: identity.group, places, timeout: Self.patience) } catch {
                guard Self.passing.contains(error.code), Clock.seconds < deadline else { throw error }
                usleep(200_000)
            }
        }
    }
}

/// Keeps the instances that ran on a store folder from running while it is looked at: to look at a shard is to claim it.
struct StoreLocks {
    private var files: [Int32] = []

    /// - Throws: when one of them runs.
    init(folder: String, isThere: Bool) throws(CommandFailure) {
        guard isThere else { return }
        guard let directory = opendir(folder) else {
            throw CommandFailure(.configuration, "\(folder): cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard name.hasPrefix("instance-"), name.hasSuffix(".lock") else { continue }
            let file = open("\(folder)/\(name)", O_RDWR | O_CLOEXEC)
            guard file >= 0 else {
                let reason = String(cString: strerror(errno))
                release()
                throw CommandFailure(.configuration, "\(folder)/\(name): cannot be opened: \(reason)")
            }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                close(file)
                release()
                let instance = name.dropFirst("instance-".count).dropLast(".lock".count)
                throw CommandFailure(.temporary, "\(instance) is running on \(folder): stop the service first")
            }
            files.append(file)
        }
    }

    func release() { for file in files { close(file) } }
}
