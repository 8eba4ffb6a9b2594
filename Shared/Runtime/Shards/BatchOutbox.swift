import Contracts
import Crypto
import JSON
import Kafka
import Machines
import Stores
import Threads

/// Collects what leaves the service because of one batch of one shard, in the packed form that is stored and then published.
final class BatchOutbox: Outbox {
    var records = RecordPacker(capacity: 64 * 1024)
    private var body = JSONWriter(capacity: 4096)
    private let service: ServiceName
    private let shard: Int32
    private let partitions: Int32
    private let eventsTopic: UInt8
    private let commandsTopic: UInt8
    let deadTopic: UInt8
    private let source: [UInt8]
    private let actor: [UInt8]
    /// nil: nothing is signed.
    private let keys: ServiceKeys?
    /// Id of the message being written, where it is signed.
    private var id: [UInt8] = []
    private var ids = EventIds()
    private var now = Timestamp(milliseconds: 0)
    private var time: [UInt8] = []

    /// The message that answers are for, and its place in the log, which makes the ids of its events unique.
    private var origin = Origin.absent
    private var place = EventIds.Place()

    private struct StagedItem {
        var destination: Int32
        var type: any InternalItem.Type
        var json: [UInt8]
    }
    private var staged: [StagedItem] = []
    /// The bodies of as many messages as the items need.
    private var coalesced: [CoalescedKey: [[UInt8]]] = [:]
    private var coalescedOrder: [(key: CoalescedKey, type: String)] = []
    private struct CoalescedKey: Hashable {
        var destination: Int32
        var type: ObjectIdentifier
    }

    /// Effects that were scheduled or ended.
    private var effects = BatchEffects()

    /// The declaration of the machine that publishes at present; nil: Runtime itself writes, and may write anything.
    var emits: Emits?
    /// The first output that its machine has not declared: `daifa.waybill.printed.v1, which is not declared`. The batch must not be stored.
    private(set) var mistake: String?

    /// Set when a record is larger than a Kafka message may be.
    private(set) var isOverfull = false
    private(set) var refusals: [RefusalCode] = []

    /// The largest key, value and headers together: librdkafka's `message.max.bytes` less what the protocol adds.
    let maximumBytes: Int

    init(service: ServiceName, shard: Int32, partitions: Int32, maximumBytes: Int, keys: ServiceKeys? = nil) {
        self.keys = keys
        self.service = service
        self.shard = shard
        self.partitions = partitions
        self.maximumBytes = maximumBytes
        eventsTopic = OutboxTopics.index(of: service.events)
        commandsTopic = OutboxTopics.index(of: service.commands)
        deadTopic = OutboxTopics.index(of: service.dead)
        source = Array("/daifa/\(service.rawValue)".utf8)
        actor = Array("service:\(service.rawValue)".utf8)
    }

    var isEmpty: Bool { records.count == 0 && coalesced.isEmpty }
    /// Changes of effects by their id; nil: the effect is over.
    var effectChanges: [String: EffectRow?] { effects.changes(now: Int64(now.milliseconds)) }
    var hasEffects: Bool { !effects.isEmpty }
    var recordCount: Int { records.recordCount }

    // MARK: One batch, one message, one decision

    func reset(now: Timestamp) {
        records.reset()
        staged.removeAll()
        coalesced.removeAll()
        coalescedOrder.removeAll()
        refusals.removeAll()
        effects.removeAll()
        isOverfull = false
        mistake = nil
        self.now = now
        time = Array(now.description.utf8)
    }

    /// Outputs from here on are caused by this record.
    func begin(_ record: RecordView, origin: Origin) {
        place = EventIds.Place(topic: Int32(record.topic), partition: record.partition, offset: record.offset)
        self.origin = origin
    }

    /// Outputs from here on are caused by the answer to an effect, the batch's `index`-th; `sequence` is the one that the batch gets.
    func begin(effect index: Int, sequence: Int64, origin: Origin) {
        place = EventIds.Place(topic: -2, partition: shard, offset: sequence, destination: Int32(clamping: index))
        self.origin = origin
    }

    /// Outputs from here on answer this message (an item of the record that was begun).
    func begin(origin: Origin) { self.origin = origin }

    struct Mark {
        fileprivate var records: RecordPacker.Mark
        fileprivate var index: Int64
        fileprivate var refusals: Int
        fileprivate var effects: BatchEffects.Mark
    }

    func mark() -> Mark {
        isOverfull = false
        return Mark(records: records.mark, index: place.index, refusals: refusals.count, effects: effects.mark)
    }

    /// Takes back what a decision has put here since the mark.
    func rollBack(to mark: Mark) {
        records.truncate(to: mark.records)
        place.index = mark.index
        refusals.removeLast(refusals.count - mark.refusals)
        effects.rollBack(to: mark.effects)
        staged.removeAll()
        isOverfull = false
    }

    /// Keeps what a decision has put here.
    func keep() {
        for item in staged {
            let key = CoalescedKey(destination: item.destination, type: ObjectIdentifier(item.type))
            if coalesced[key] == nil { coalescedOrder.append((key, item.type.type)) }
            Self.append(item.json, to: &coalesced[key, default: []], limit: maximumItemBytes)
        }
        staged.removeAll(keepingCapacity: true)
    }

    private static let itemsStart = Array("{\"items\":[".utf8)

    /// To the last message, or to a new one where it would grow too large.
    private static func append(_ item: [UInt8], to bodies: inout [[UInt8]], limit: Int) {
        let last = bodies.count - 1
        if last >= 0, bodies[last].count + item.count <= limit {
            bodies[last].append(UInt8(ascii: ","))
            bodies[last].append(contentsOf: item)
        } else {
            bodies.append(itemsStart + item)
        }
    }

    /// The largest body of an internal message: room for its key and headers is left.
    private var maximumItemBytes: Int { maximumBytes - 1024 }

    /// The batch's records with the coalesced items at the end; `sequence` makes the ids of internal messages unique.
    func finish(sequence: Int64) -> [UInt8] {
        for (key, type) in coalescedOrder {
            place = EventIds.Place(partition: shard, offset: sequence, destination: key.destination)
            for items in coalesced[key] ?? [] {
                body.reset()
                body.raw(items)
                body.raw("]}")
                origin = .absent
                write(
                    topic: commandsTopic, partition: key.destination, key: "shard:\(key.destination)", type: type,
                    subject: "shard:\(key.destination)", origin: nil, id: nil)
            }
        }
        return records.withBytes { Array($0) }
    }

    // MARK: Outbox

    private func expect(_ isDeclared: (Emits) -> Bool, _ name: @autoclosure () -> String) {
        guard let emits, !isDeclared(emits), mistake == nil else { return }
        mistake = "\(name()), which is not declared"
    }

    /// The declared type under the declared key, which is returned.
    private func expect<Body: Contracts.Message>(_ message: Body, key: String?) -> String {
        expect({ $0.declares(Body.self) }, Body.type)
        let declared = Body.contract.key(of: message)
        let key = key ?? declared ?? ""
        guard emits != nil, mistake == nil else { return key }
        if key.isEmpty {
            mistake = "\(Body.type) without a key"
        } else if let declared, !declared.hasSameBytes(as: key) {
            mistake = "\(Body.type) under another key than its contract's"
        }
        return key
    }

    func event(_ message: some Contracts.Message, key: String?, origin: Origin?) {
        let key = expect(message, key: key)
        body.reset()
        message.writeJSON(&body)
        write(
            topic: eventsTopic, partition: -1, key: key, type: Swift.type(of: message).type, subject: message.subject ?? key,
            origin: origin ?? self.origin, id: nil)
    }

    func refuse(_ refusal: Refusal, origin: Origin) {
        refusals.append(refusal.code)
        body.reset()
        Refused(refusal, of: origin).writeJSON(&body)
        write(
            topic: eventsTopic, partition: -1, key: origin.key, type: Refused.type(of: service), subject: origin.key, origin: origin,
            id: nil)
    }

    func command(_ message: some Contracts.Message, key: String?, id: String, origin: Origin?) {
        let key = expect(message, key: key)
        body.reset()
        message.writeJSON(&body)
        write(
            topic: OutboxTopics.index(of: Swift.type(of: message).contract.topic), partition: -1, key: key,
            type: Swift.type(of: message).type,
            subject: message.subject ?? key,
            origin: origin ?? self.origin, id: id)
    }

    func row(_ row: some TableRow) {
        let key = expect(row, key: nil)
        body.reset()
        row.writeJSON(&body)
        write(
            topic: OutboxTopics.index(of: Swift.type(of: row).table.topic), partition: -1, key: key, type: Swift.type(of: row).type,
            subject: key, origin: origin,
            id: nil)
    }

    func removeRow(_ key: String, of table: Table) {
        expect({ $0.declares(table) }, table.rowType)
        write(
            topic: OutboxTopics.index(of: table.topic), partition: -1, key: key, type: table.rowType, subject: key, origin: origin, id: nil,
            isTombstone: true)
    }

    func tell<Item: InternalItem>(_ item: Item, shardOf key: String, origin: Origin?) {
        expect({ $0.declares(Item.self) }, Item.type)
        body.reset()
        body.raw("{\"origin\":")
        (origin ?? self.origin).writeJSON(&body)
        body.raw(",\"item\":")
        item.writeJSON(&body)
        body.raw("}")
        if body.count + Self.itemsStart.count + 2 > maximumItemBytes { isOverfull = true }
        let destination = Partitioner.partition(forKey: key, count: partitions)
        staged.append(StagedItem(destination: destination, type: Item.self, json: body.bytes))
    }

    func fact(_ message: some Contracts.Message, key: String?, id: String, time: Timestamp) {
        let key = expect(message, key: key)
        body.reset()
        message.writeJSON(&body)
        write(
            topic: OutboxTopics.index(of: Topics.orders), partition: -1, key: key, type: Swift.type(of: message).type,
            subject: message.subject ?? key, origin: nil, id: id, time: time)
    }

    func schedule<Kind: Effect>(_ effect: Kind, due: Timestamp?, origin: Origin?) {
        expect({ $0.declares(Kind.self) }, "the effect \(Kind.kind)")
        effects.schedule(effect, due: due ?? now, now: now, origin: origin ?? self.origin, place)
    }

    /// Schedules an effect in a row of its own.
    func put(_ effect: some Effect, due: Timestamp, origin: Origin) { effects.put(effect, due: due, origin: origin) }

    func cancelEffect(_ id: String) { effects.cancel(id) }

    // MARK: Records

    /// - Returns: false when it is larger than a message may be; then it was not written.
    func carry(_ message: CarriedMessage) -> Bool {
        let mark = records.mark
        let start = records.count
        message.key.withBytes {
            records.begin(topicIndex: OutboxTopics.index(of: message.topic), partition: message.partition, key: $0)
        }
        records.value(message.value)
        for header in message.headers {
            header.name.withUnsafeBytes { name in
                guard let value = header.value else { return records.header(name: name, value: nil) }
                value.withUnsafeBytes { records.header(name: name, value: $0) }
            }
        }
        if message.isProven { sign(message) }
        records.end()
        if records.count - start <= maximumBytes { return true }
        records.truncate(to: mark)
        return false
    }

    private func write(
        topic: UInt8, partition: Int32, key: String, type: String, subject: String?, origin: Origin?, id: String?,
        time: Timestamp? = nil, isTombstone: Bool = false
    ) {
        let start = records.count
        key.withBytes { records.begin(topicIndex: topic, partition: partition, key: $0) }
        if isTombstone {
            records.value(nil)
        } else {
            body.withUnsafeBytes { records.value($0) }
        }
        records.header(name: "ce_specversion", value: "1.0")
        let signedTopic = keys == nil ? nil : OutboxTopics.signed[Int(topic)]
        writeId(id, cause: origin, type: type, key: key, isKept: signedTopic != nil)
        source.withUnsafeBytes { records.header(name: "ce_source", value: $0) }
        header("ce_type", type)
        if let subject { header("ce_subject", subject) }
        if let time {
            header("ce_time", time.description)
        } else {
            self.time.withUnsafeBytes { records.header(name: "ce_time", value: $0) }
        }
        if let origin, !origin.id.isEmpty {
            header("ce_correlationid", origin.correlationId)
            header("ce_causationid", origin.id)
            if let trace = origin.traceparent { header("traceparent", trace) }
            if let behalf = origin.behalf ?? origin.actor { header("ce_behalf", behalf) }
            if let user = origin.user { header("ce_user", user) }
        }
        actor.withUnsafeBytes { records.header(name: "ce_actor", value: $0) }
        if !isTombstone { records.header(name: "content-type", value: "application/json") }
        if let signedTopic {
            body.withUnsafeBytes { body in
                ServiceKeys.Parts.with(topic: signedTopic, key: key, id: self.id, type: type, actor: actor, body: body, sign)
            }
        }
        records.end()
        if records.count - start > maximumBytes { isOverfull = true }
    }

    /// - Parameters:
    ///   - id: nil: a name-based one is made.
    ///   - isKept: whether it is needed once more.
    private func writeId(_ id: String?, cause: Origin?, type: String, key: String, isKept: Bool) {
        if isKept { self.id.removeAll(keepingCapacity: true) }
        if let id {
            header("ce_id", id)
            if isKept { self.id.append(contentsOf: id.utf8) }
            return
        }
        place.index += 1
        ids.make(service: service.rawValue, cause: cause?.id ?? "", type: type, key: key, place: place) { made in
            records.header(name: "ce_id", value: made)
            if isKept { self.id.append(contentsOf: made) }
        }
    }

    /// Signs a carried message for its sender, who is proven to this service: the shard that gets it learns so from this code.
    private func sign(_ message: CarriedMessage) {
        guard keys != nil else { return }
        ServiceKeys.Parts.with(
            topic: Array(message.topic.utf8), key: message.key, id: message.last(EnvelopeHeader.id),
            type: String(decoding: message.last(EnvelopeHeader.type), as: UTF8.self), actor: message.last(EnvelopeHeader.actor),
            body: message.value, sign)
    }

    /// The code is made here, when the message is decided, and lies in the outbox with it: what is published after a crash is the same, byte by
    /// byte, and publishing stays a matter of bytes. A reader may meet it as late as the topic keeps it anyhow, so a key that is rotated has to
    /// verify that long in any case.
    private func sign(_ parts: ServiceKeys.Parts) { keys?.sign(parts) { records.header(name: "daifa-mac", value: $0) } }

    private func header(_ name: StaticString, _ value: Actor) {
        value.kind.rawValue.withBytes { kind in
            value.id.withBytes { records.header(name: name, value: kind, UInt8(ascii: ":"), $0) }
        }
    }

    func header(_ name: StaticString, _ value: String) {
        value.withBytes { records.header(name: name, value: $0) }
    }
}
