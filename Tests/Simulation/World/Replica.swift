import Contracts
import Machines
import Threads

@testable import Kafka
@testable import Runtime
@testable import Stores

/// One process of a service: carries out what the engine, the publishing queue and the effects' engine say, on the model of Kafka and of the
/// store, one step at a time, as `ServiceLoop`, `Publisher` and `EffectScheduler` do on the real ones.
final class Replica {
    typealias Job = PublishJob<SimulatedMembership>

    /// What the main thread waits for.
    enum Waiting {
        case settle(until: Double)
        case discard
        case prepare(until: Double)
    }

    /// Where the main thread is.
    enum Mode { case loop, claim, leave, stop }

    struct Consumer {
        var member: Int
        var assigned: SimulatedMembership?
        var reads: [TopicPartition: Int64] = [:]
    }

    unowned let world: World
    let service: SimulatedService
    let instance: String
    var isDead = false
    /// Stopped until then, as by SIGSTOP or a long wait for a page.
    var pausedUntil = 0.0
    /// The publisher's call of Kafka takes until then; the main thread goes on.
    var publishingPausedUntil = 0.0

    var engine: ShardEngine
    var queue = PublishQueue<SimulatedMembership>()
    var effects: EffectEngine
    var owned: [Int32: ShardProcessor] = [:]
    var claimed: [Int32: SimulatedShard] = [:]
    var consumer: Consumer?
    var waiting: Waiting?
    var inHand: Batch?
    var mode = Mode.loop
    /// The consumer is being closed; whether the group is told.
    var closing: Bool?
    private var isStopping = false
    var outcomes: [(reference: EffectEngine.Reference, outcome: ErasedOutcome)] = []
    var publishing = Publishing.idle
    var producerEpoch: Int?
    let dispatcher: Dispatcher
    let inputs: UnsafeMutablePointer<OpaquePointer>

    var kafka: SimulatedKafka { world.kafka }
    var group: SimulatedGroup { service.group }

    init(_ world: World, _ service: SimulatedService, _ instance: String) {
        self.world = world
        self.service = service
        self.instance = instance
        engine = ShardEngine(
            inputs: service.inputs, partitions: world.kafka.partitions,
            identity: StoreIdentity(clusterId: "model", group: "daifa-\(service.name.rawValue)"))
        effects = EffectEngine(service.effects.mapValues { .init(partner: $0.partner, needsSteadyClock: $0.needsSteadyClock) })
        dispatcher = Dispatcher(service.routes, isStrict: service.inputs.map { !$0.hasSuffix(".events") }, metrics: service.metrics)
        inputs = .allocate(capacity: service.inputs.count)
        for (index, topic) in service.inputs.enumerated() { (inputs + index).initialize(to: world.kafka.maker.topic(topic)) }
    }

    deinit { inputs.deallocate() }

    /// What shards held at the assignment, where the protocol is broken so.
    private(set) var looked: [Int32: StoredShard] = [:]

    func log(_ text: @autoclosure () -> String) { world.trace("\(instance): \(text())") }

    /// Whether the process dies here.
    func dies(at point: CrashPoint) -> Bool {
        guard !isDead, world.crashes(service.name, at: point) else { return isDead }
        log("dies at \(point.rawValue)")
        isDead = true
        return true
    }

    /// Where the process is, in a line.
    var summary: String {
        if isDead { return "\(instance): dead" }
        var parts = ["\(instance): \(mode)"]
        if world.now < pausedUntil { parts.append("stands still") }
        if let waiting { parts.append("waits to \(waiting)") }
        parts.append("member \(consumer?.member ?? -1), assigned \(consumer?.assigned?.generation ?? -1) of \(group.generation)")
        parts.append("owns \(owned.keys.sorted()), pending \(engine.pending.sorted())")
        if !queue.isSettled { parts.append("publishing: \(publishing)") }
        for (place, next) in (consumer?.reads ?? [:]).sorted(by: { "\($0.key)" < "\($1.key)" }) where kafka.stable(place) > next {
            parts.append("\(place.topic) \(place.partition) at \(next) of \(kafka.stable(place))")
        }
        return parts.joined(separator: "; ")
    }

    // MARK: The main thread

    func step() {
        guard !isDead, world.now >= pausedUntil else { return }
        if waiting != nil, !goOn() { return }
        guard !isDead else { return }
        switch mode {
        case .leave:
            if let action = engine.nextOfLeaving() { return carryOut(action) }
            _ = dies(at: .handedOver)
            leftShards()
        case .claim:
            if let action = engine.nextOfClaim(at: world.now) { return carryOut(action) }
            engine.readingBegan()
            read()
            mode = .loop
        case .loop: loop()
        case .stop:
            if let action = engine.nextDue() { return carryOut(action) }
            log("has ended in order")
            isDead = true
        }
    }

    /// Nothing keeps the main thread from hearing that it is to stop.
    var isIdle: Bool { mode == .loop && waiting == nil && pausedUntil <= world.now }

    /// It holds records that it has not stored.
    var isDeciding: Bool { inHand?.byShard.isEmpty == false }

    /// A transaction is open.
    var isPublishing: Bool {
        switch publishing {
        case .produce, .sendOffsets: true
        default: false
        }
    }

    /// As SIGTERM does.
    func stop() {
        isStopping = true
        engine.stop()
        mode = .stop
    }

    private func loop() {
        if let batch = inHand {
            inHand = nil
            return take(batch)
        }
        notePublished()
        if let failure = queue.takeFailure() {
            log("publishing failed: \(failure.reason)")
            if world.isBroken(.goesOnAfterFailure) { queue.prepare() } else { engine.publishFailed(failure) }
        }
        if let action = engine.next(at: world.now) { return carryOut(action) }
        guard queue.hasRoom, engine.pause(at: world.now) <= 0, var consumer else { return }
        switch group.ask(instance, consumer.member, hasAssignment: consumer.assigned != nil) {
        case .nothing: poll()
        case .revoke: revoked(lost: false)
        case .lost:
            consumer.member = group.join(instance, at: world.now)
            self.consumer = consumer
            if consumer.assigned != nil { revoked(lost: true) }
        case .fenced:
            log("its name is another's now")
            engine.consumerFailed(at: world.now)
        case .assign(let shards, let membership):
            log("is given \(shards) in generation \(membership.generation)")
            self.consumer?.assigned = membership
            let partitions = shards.flatMap { shard in service.inputs.map { TopicPartition(topic: $0, partition: shard) } }
            if world.isBroken(.positionsReadBeforeClaim) {
                for shard in shards { looked[shard] = StoredShard(service.stored(shard)) }
            }
            engine.assigned(partitions, at: world.now)
            mode = .claim
        }
    }

    private func revoked(lost: Bool) {
        log("gives its shards back, lost: \(lost)")
        engine.revoked(lost: lost)
        mode = .leave
    }

    /// A revoke has returned.
    private func leftShards() {
        guard !isDead else { return }
        mode = isStopping ? .stop : .loop
        consumer?.assigned = nil
        consumer?.reads = [:]
        guard let consumer else { return }
        group.rejoined(instance, consumer.member)
        if let leaves = closing { close(leaves) }
    }

    private func close(_ leaves: Bool) {
        if leaves, let consumer { group.leave(instance, consumer.member) }
        consumer = nil
        closing = nil
    }

    /// Whether what was waited for has come.
    private func goOn() -> Bool {
        switch waiting {
        case .settle(let deadline):
            guard queue.isSettled || queue.hasFailed || world.now >= deadline else { return false }
            waiting = nil
            _ = engine.settled(queue.isSettled && !queue.hasFailed)
        case .discard:
            guard queue.isSettled else { return false }
            waiting = nil
            _ = queue.takeFailure()
        case .prepare(let deadline):
            switch queue.preparation {
            case .ready:
                waiting = nil
                if dies(at: .producerReady) { return false }
                engine.producerReady()
            case .failed(let error):
                waiting = nil
                claimFailed(error)
            case nil:
                guard world.now >= deadline else { return false }
                waiting = nil
                claimFailed(KafkaError(code: .timedOut, operation: "prepare"))
            }
        case nil: break
        }
        return true
    }

    private var isHasty: Bool { mode == .leave && world.isBroken(.revokeReturnsEarly) }

    func carryOut(_ action: ShardEngine.Action) {
        switch action {
        case .wait: break
        case .makeConsumer:
            consumer = Consumer(member: group.join(instance, at: world.now))
            log("joins as member \(consumer?.member ?? 0)")
        case .closeConsumer(let leaves):
            guard let consumer else { return }
            guard consumer.assigned != nil else { return close(leaves) }
            closing = leaves
            revoked(lost: !leaves)
        case .read: read()
        case .readNothing: consumer?.reads = [:]
        case .settle where isHasty, .discard where isHasty: break
        case .settle(let seconds):
            if mode == .leave { _ = dies(at: .revoking) }
            waiting = .settle(until: world.now + seconds)
        case .discard:
            queue.dropWaiting()
            waiting = .discard
        case .recordPublished: recordPublished()
        case .letGo(let numbers):
            log("lets \(numbers) go")
            for number in numbers { letGo(number) }
        case .giveUp: giveUp()
        case .claimStores(let numbers): claimStores(numbers)
        case .prepareProducer:
            queue.prepare()
            waiting = .prepare(until: world.now + 25)
        case .readCommitted(let places): readCommitted(places)
        case .readMarks(let marks):
            if world.kafkaFails() { return claimFailed(KafkaError(code: .transport, operation: "read marks")) }
            engine.marksRead(Dictionary(uniqueKeysWithValues: marks.map { ($0, kafka.mark($0, $1.offset)) }))
        case .readBounds(let places):
            if dies(at: .logsRead) { return }
            if world.kafkaFails() { return claimFailed(KafkaError(code: .transport, operation: "read bounds")) }
            engine.boundsRead(Dictionary(uniqueKeysWithValues: places.map { ($0, (kafka.low($0), kafka.stable($0))) }))
        case .confirm(let number):
            do throws(StoreError) {
                try claimed[number]?.commit(StoreBatch())
                engine.confirmed()
            } catch { claimFailed(error) }
        case .take(let taking):
            do throws(StoreError) { try take(taking) } catch { claimFailed(error) }
        case .closeStores(let numbers): for number in numbers { claimed.removeValue(forKey: number)?.close() }
        case .end(let error): world.ended(self, error)
        }
    }

    func claimFailed(_ error: any Error) {
        log("cannot claim: \(error)")
        engine.claimFailed(error, leaving: claimed.keys.sorted())
    }

    func letGo(_ number: Int32) {
        guard let work = owned.removeValue(forKey: number) else { return }
        effects.suspended(number)
        work.store.close()
    }

    private func giveUp() {
        effects.dropAll()
        outcomes = []
        for work in owned.values { work.store.close() }
        owned = [:]
    }

    private func read() {
        guard consumer?.assigned != nil else { return }
        var reads: [TopicPartition: Int64] = [:]
        for work in owned.values {
            for (topic, position) in zip(service.inputs, work.positions) {
                let place = TopicPartition(topic: topic, partition: work.number)
                reads[place] = position ?? kafka.low(place)
            }
        }
        consumer?.reads = reads
    }
}
