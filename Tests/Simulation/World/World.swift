import Contracts
import Machines
import Threads

@testable import Kafka
@testable import Runtime
@testable import Stores

/// Services, Kafka, stores, senders and faults, all by one seed: one step after the other, nothing beside it.
///
/// While faults last, processes die at named points, stop for seconds, lose their sessions and names, wait for locked stores, and get no
/// answers; then the faults end, and everything has to get through.
final class World {
    struct Finding: Error, CustomStringConvertible {
        var seed: UInt64
        var step: Int
        var what: String
        var trace: [String]

        var description: String { "seed \(seed), step \(step): \(what)\n" + trace.map { "    " + $0 }.joined(separator: "\n") }
    }

    enum CommitOutcome { case answered, unanswered, late, lost }

    static let partitions: Int32 = 3
    private static let tracedLines = 60
    private static let replicas = 2
    /// Steps that everything may take once faults have ended.
    static let patience = 25_000

    let seed: UInt64
    private let broken: Set<Break>
    var chance: Chance
    let time = SimulatedTime()
    let kafka = SimulatedKafka(partitions: partitions)
    let services: [SimulatedService]
    let partner = SimulatedPartner()
    let ledger = Ledger()
    private(set) var replicas: [Replica] = []
    private(set) var steps = 0
    /// By service and point.
    private(set) var crashes: [ServiceName: [CrashPoint: Int]] = [:]
    private(set) var faults = true
    private var armed: (service: ServiceName, point: CrashPoint)?
    private var startsAt: [String: Double] = [:]
    private var readTo: [TopicPartition: Int64] = [:]
    private var copies: [(Ledger.Stage, String)] = []
    private var lines: [String] = []
    private(set) var end: (instance: String, error: ExitError)?
    private var began = 0
    private var limit: Int
    /// A process is to end by itself.
    var expectsEnd = false

    var now: Double { time.now }

    func isBroken(_ place: Break) -> Bool { broken.contains(place) }

    /// - Parameter scripts: how many senders' scripts begin, one after the other.
    init(seed: UInt64, scripts limit: Int, broken: Set<Break> = []) {
        self.seed = seed
        self.broken = broken
        kafka.readsUncommitted = broken.contains(.readUncommitted)
        kafka.leavesOpen = broken.contains(.noInitTransactions)
        partner.isNeverAsked = broken.contains(.effectNotAskedFor)
        self.limit = limit
        chance = Chance(seed: seed)
        services = SimulatedService.all(tables: Scripts.tables(), partner: partner, time: time, partitions: Self.partitions)
        for service in services {
            for number in 0..<Self.replicas { replicas.append(Replica(self, service, "\(service.name.rawValue)-\(number)")) }
        }
    }

    // MARK: What may go wrong

    func crashes(_ service: ServiceName, at point: CrashPoint) -> Bool {
        guard faults, let armed, armed.service == service, armed.point == point else { return false }
        self.armed = nil
        crashes[service, default: [:]][point, default: 0] += 1
        return true
    }

    func storeFault() -> SimulatedShard.Fault {
        guard faults, chance.isHit(in: 30) else { return .none }
        return [.busy, .unavailableBefore, .unavailableAfter][chance.below(3)]
    }

    func kafkaFails() -> Bool { faults && chance.isHit(in: 80) }

    func commitOutcome() -> CommitOutcome {
        guard faults, chance.isHit(in: 20) else { return .answered }
        return [.unanswered, .late, .lost][chance.below(3)]
    }

    func batchMaximum() -> Int { chance.isHit(in: 4) ? 1 : 1 + chance.below(20) }

    func ended(_ replica: Replica, _ error: ExitError) {
        trace("\(replica.instance): ends with \(error.code): \(error.description)")
        end = (replica.instance, error)
        replica.isDead = true
    }

    func trace(_ line: @autoclosure () -> String) {
        lines.append("\(steps) \(Int(now * 1000)) ms \(line())")
        if lines.count > 2 * Self.tracedLines { lines.removeFirst(Self.tracedLines) }
    }

    // MARK: Steps

    /// Runs with faults for so many steps, then without them until nothing is left to do.
    func run(steps count: Int) throws(Finding) {
        while steps < count { try step() }
        faults = false
        let last = steps + Self.patience
        while began < limit || ledger.open > 0 || !copies.isEmpty {
            try step()
            if steps > last { throw finding("lost, or stuck: \(ledger.missing.prefix(5))") }
        }
        // Nothing more comes of it.
        for _ in 0..<2000 { try step() }
        for (allocation, number) in partner.created where number > 1 { throw finding("the partner has \(number) orders of \(allocation)") }
    }

    /// Lets further scripts begin, and runs without faults until all are over.
    func add(scripts count: Int) throws(Finding) {
        limit += count
        try run(steps: steps)
    }

    /// Ends all processes of a service at once; they start again.
    func kill(_ name: ServiceName) { for replica in replicas where replica.service.name == name { replica.isDead = true } }

    /// Runs until a process ends by itself; nil: none does.
    func awaitEnd() throws(Finding) -> ExitError? {
        expectsEnd = true
        for _ in 0..<Self.patience where end == nil { try step() }
        return end?.error
    }

    private func finding(_ what: String) -> Finding {
        Finding(seed: seed, step: steps, what: what, trace: lines.suffix(Self.tracedLines) + replicas.map(\.summary))
    }

    private func step() throws(Finding) {
        steps += 1
        time.now += Double(chance.below(6)) / 1000
        let actor = chance.below(replicas.count * 5 + 3)
        switch actor {
        case 0: send()
        case 1: pass()
        case 2: if faults { fault() }
        default:
            let replica = replicas[(actor - 3) / 5]
            if replica.isDead { restart((actor - 3) / 5) } else if actor % 5 < 3 { replica.step() } else { replica.publishStep() }
        }
        if steps % 16 == 0 {
            readEvents()
            if let verdict = ledger.verdicts.first { throw finding("\(verdict)") }
            if let end, !expectsEnd { throw finding("\(end.instance) ended with \(end.error.code): \(end.error.description)") }
        }
    }

    private func pass() {
        kafka.pass(now, &chance)
        for replica in replicas where !replica.isDead && replica.pausedUntil <= now {
            if let consumer = replica.consumer { replica.group.beat(replica.instance, consumer.member, at: now) }
        }
        for service in services { service.group.pass(now) }
    }

    private func fault() {
        switch chance.below(12) {
        case 0, 1, 2:
            let service = services[chance.below(services.count)]
            let point = CrashPoint.allCases[chance.below(CrashPoint.allCases.count)]
            // Few services have effects, and few steps are theirs.
            let effect = chance.isHit(in: 4) ? [CrashPoint.effectBegun, .effectDone][chance.below(2)] : nil
            armed = (service.name, service.effects.isEmpty ? point : effect ?? point)
        case 3:
            let replica = replicas[chance.below(replicas.count)]
            replica.pausedUntil = now + [0.5, 3, 12, 25][chance.below(4)]
            trace("\(replica.instance): stands still until \(Int(replica.pausedUntil * 1000)) ms")
        case 4:
            // In order: it publishes, and tells the group.
            let replica = replicas[chance.below(replicas.count)]
            if !replica.isDead, replica.isIdle {
                trace("\(replica.instance): is told to stop")
                replica.stop()
            }
        case 5: time.now += [1, 4, 11][chance.below(3)]
        case 8:
            // Within a decision: what it has in hand is somebody else's by the time it goes on.
            anyone { $0.isDeciding }?.pausedUntil = now + [12, 25][chance.below(2)]
        case 6: anyone { _ in true }?.publishingPausedUntil = now + [0.3, 1, 4][chance.below(3)]
        case 10:
            // The group gives shards anew while a transaction hangs.
            guard let busy = anyone(where: { $0.isPublishing }) else { return }
            busy.publishingPausedUntil = now + 4
            replicas.first { $0.service === busy.service && $0 !== busy && !$0.isDead && $0.isIdle }?.stop()
        case 7, 9: anyone { $0.isPublishing }?.publishingPausedUntil = now + [0.3, 1, 4][chance.below(3)]
        default: break
        }
    }

    /// One of those that live and are where a fault is to find them, by chance.
    private func anyone(where isThere: (Replica) -> Bool) -> Replica? {
        let first = chance.below(replicas.count)
        return (replicas[first...] + replicas[..<first]).first { !$0.isDead && isThere($0) }
    }

    private func restart(_ index: Int) {
        let dead = replicas[index]
        guard let at = startsAt[dead.instance] else {
            startsAt[dead.instance] = now + (faults ? [0.05, 0.5, 3, 15][chance.below(4)] : 0.05)
            return
        }
        guard now >= at else { return }
        startsAt[dead.instance] = nil
        trace("\(dead.instance): starts again")
        replicas[index] = Replica(self, dead.service, dead.instance)
    }

    // MARK: Senders

    private func send() {
        if !copies.isEmpty, chance.isHit(in: 3) {
            let (stage, id) = copies.remove(at: chance.below(copies.count))
            append(stage, id)
        }
        if began < limit, ledger.open < 40, chance.isHit(in: 2) {
            ledger.add(Scripts.order(began, kind: chance.below(8), time.wall))
            began += 1
        }
        guard let (stage, id) = ledger.next() else { return }
        append(stage, id)
        if chance.isHit(in: 6) { copies.append((stage, id)) }
    }

    private func append(_ stage: Ledger.Stage, _ id: String) {
        var packer = RecordPacker(capacity: 1024)
        Array(stage.key.utf8).withUnsafeBytes { packer.begin(topicIndex: 0, key: $0) }
        stage.body.withUnsafeBytes { packer.value($0) }
        packer.header(name: "ce_specversion", value: "1.0")
        packer.header(name: "ce_source", value: "/model")
        for (name, value) in [
            ("ce_id", id), ("ce_type", stage.type), ("ce_time", "\(time.wall)"), ("ce_actor", stage.actor?.description ?? ""),
        ] {
            Array(name.utf8).withUnsafeBytes { name in Array(value.utf8).withUnsafeBytes { packer.header(name: name, value: $0) } }
        }
        packer.end()
        kafka.append(packer.withBytes { Array($0) }, topics: [stage.topic])
    }

    /// Records that nobody was to expect there, without a meaning for anybody.
    func writeStrangers(_ count: Int, to place: TopicPartition) {
        for number in 0..<count {
            var packer = RecordPacker(capacity: 128)
            Array("stranger-\(number)".utf8).withUnsafeBytes { packer.begin(topicIndex: 0, partition: place.partition, key: $0) }
            packer.value(nil)
            packer.end()
            kafka.append(packer.withBytes { Array($0) }, topics: [place.topic])
        }
    }

    private func readEvents() {
        for service in services {
            for topic in [service.name.events, service.name.dead] {
                for partition in 0..<Self.partitions {
                    let place = TopicPartition(topic: topic, partition: partition)
                    let (records, next) = kafka.read(place, from: readTo[place] ?? 0, maximum: 1000)
                    readTo[place] = next
                    for record in records {
                        note(RecordView(record: record, topicObjects: nil, topicCount: 0).message(), isDead: topic == service.name.dead)
                    }
                }
            }
        }
    }

    private func note(_ message: Kafka.Message, isDead: Bool) {
        if isDead { trace("a dead letter: \(message.header("x-dead-detail") ?? "")") }
        let id = message.headers.last("ce_id") ?? []
        let correlation = message.header("ce_correlationid") ?? String(decoding: id, as: UTF8.self)
        ledger.saw(type: isDead ? "dead letter" : message.header("ce_type") ?? "", id: id, correlation: correlation)
    }
}
