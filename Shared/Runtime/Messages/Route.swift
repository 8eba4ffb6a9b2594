public import Contracts
import JSON
import Kafka
public import Machines
import Threads

/// The role of a message for a service, on which depends how a wrong one is treated.
public enum MessageKind: Sendable {
    /// A request: every one is answered, copies are recognised.
    case command
    /// A fact from outside: copies are recognised; a wrong one is a dead letter.
    case fact
    /// Another service's event: exactly once already; a wrong one is a dead letter.
    case event
    /// An item of a conversation between shards of this service.
    case item
}

/// One message type that a service answers, and the state machine that does it.
public class Route {
    let type: String
    let kind: MessageKind
    /// The topic that the type travels on.
    let topic: String
    /// The machines that answer it.
    let machines: [any StateMachine.Type]
    /// Everything that those machines publish.
    var emits: [Emits] { machines.map { $0.emits } }

    /// Whether its messages are taken with a valid `daifa-mac` alone, whatever `DAIFA_AUTH` says.
    let needsMAC: Bool

    init(type: String, kind: MessageKind, topic: String, machines: [any StateMachine.Type], needsMAC: Bool = false) {
        self.type = type
        self.kind = kind
        self.topic = topic
        self.machines = machines
        self.needsMAC = needsMAC
    }

    /// Handles one record's data within the batch of its shard.
    func handle(_ message: Incoming, _ work: ShardProcessor) {}

    /// The aggregates that a message with this key most likely concerns: a guess, for what is looked up in advance.
    final func likelyAggregates(of key: String) -> [String] { kind == .item ? [] : machines.map { $0.aggregate(key) } }

    /// The key of a message that came without one, as its data says it; nil when nothing in it does.
    func keyInData(_ message: Incoming) -> String? { nil }

    /// Whether its messages are written by others, whose clients may place keys in another way than ours: they are carried to the shard of
    /// their key.
    var isCarried: Bool { kind == .command || kind == .fact }
}

/// A record on its way to a state machine.
struct Incoming {
    var record: RecordView
    var key: String
    var data: UnsafeRawBufferPointer
    var attributes: Attributes
    /// The attributes stand in the body, not in headers.
    var isStructured: Bool

    var origin: Origin
    /// The sender, as `ShardProcessor.identify` found out.
    var sender = Sender.unknown
    /// The message carries a valid `daifa-mac`, or `DAIFA_AUTH` is off.
    var isSigned = false
    /// Its sender was shown, by more than `ce_actor`.
    var isProven = false

    enum Sender {
        /// It names nobody, or is an event, of which nobody is asked for proof.
        case unknown
        case known(Actor)
        /// Proof is required, and it has none.
        case refused(Refusal)
    }

    init(
        record: RecordView, key: String, data: UnsafeRawBufferPointer, attributes: Attributes, type: String, isStructured: Bool
    ) {
        self.record = record
        self.key = key
        self.data = data
        self.attributes = attributes
        self.isStructured = isStructured
        origin = Origin(
            id: attributes.id, type: type, key: key, correlationId: attributes.correlationId, traceparent: attributes.traceparent)
    }

    /// The same message under the key that its data says.
    func under(key: String) -> Incoming {
        var keyed = self
        keyed.key = key
        keyed.origin.key = key
        return keyed
    }

    /// `ce_time`, or the broker's time of the record.
    var time: Timestamp {
        attributes.time ?? Timestamp(milliseconds: Int(record.timestamp))
    }
}

/// Where the ids of a sender's commands are remembered who may address several aggregates under one Kafka key: a copy is known by its key,
/// whichever of the aggregates it names.
public struct IdMemory: Sendable {
    /// The aggregate that remembers; nil: the one that answers.
    let key: @Sendable (_ message: Incoming) -> String?
    let load: @Sendable (_ key: String, ShardProcessor) -> Aggregate?

    /// The aggregate of the Kafka key, for the commands of whom the key names; others have one aggregate each under it.
    public static func ofKey<Machine: StateMachine>(_: Machine.Type, for owner: Actor.Kind) -> IdMemory {
        IdMemory(
            key: { message in
                guard case .known(let actor) = message.sender, actor == Actor(owner, message.key) else { return nil }
                return Machine.aggregate(message.key)
            },
            load: { $1.aggregate($0, Machine.self) })
    }
}

/// A message type answered by one machine.
final class MachineRoute<Body: Contracts.Message, Machine: StateMachine>: Route {
    private let contract: Contract<Body>
    private let aggregate: (Body, _ key: String) -> String
    private let input: (Body) -> Machine.Input
    private let memory: IdMemory?

    /// - Parameters:
    ///   - id: the id of the aggregate, from the message and its Kafka key.
    ///   - memory: where ids are remembered, if not by the aggregate.
    init(
        kind: MessageKind, id: @escaping (Body, _ key: String) -> String, memory: IdMemory? = nil,
        input: @escaping (Body) -> Machine.Input
    ) {
        contract = Body.contract
        self.memory = memory
        aggregate = { Machine.aggregate(id($0, $1)) }
        self.input = input
        super.init(type: Body.type, kind: kind, topic: contract.topic, machines: [Machine.self], needsMAC: contract.needsMAC)
    }

    override func handle(_ message: Incoming, _ work: ShardProcessor) {
        let body: Body
        do throws(JSONError) { body = try Body.decode(message.data) } catch {
            // Other data under an id that is answered is a copy, also where it cannot be read whole.
            if kind == .command, let part = Body.decodeWhatFits(message.data),
                work.isAnswered(message, by: memory?.key(message) ?? aggregate(part, message.key))
            {
                return work.copy()
            }
            return work.unreadable(message, kind, error)
        }
        // If the body lacks the key field, the record's key counts: the machine then refuses the message and names the missing field.
        if let expected = contract.key(of: body), !expected.hasSameBytes(as: message.key) {
            return work.misrouted(message, kind, .wrongKey, "the key must be \(expected), or absent")
        }
        // A command or fact in another partition was carried away before.
        guard isCarried || message.record.partition == work.partition(of: message.key) else {
            return work.misrouted(message, kind, .wrongPartition, "it must lie in the partition that murmur2 gives its key")
        }
        let actor: Actor
        do throws(Refusal) { actor = try work.actor(of: message, kind) } catch {
            if kind == .command { return work.refuseUnrouted(message, error) }
            return work.deadLetter(message.record, .unauthorized, error.detail)
        }
        if kind == .fact, work.isFromTheFuture(message) { return }
        let remembers = kind == .command || kind == .fact
        let identity = remembers ? work.identity(of: message, kind) : MessageIdentity(high: 0, low: 0)
        let key = aggregate(body, message.key)
        guard let aggregate = work.aggregate(key, Machine.self) else { return work.unreadableState(message, key) }
        if remembers, aggregate.answered.contains(identity) { return work.copy() }
        let memory = self.memory.flatMap { memory in memory.key(message).flatMap { memory.load($0, work) } } ?? aggregate
        if memory !== aggregate, memory.answered.contains(identity) { return work.copy() }
        if kind == .command, work.wasRefusedUnrouted(message, identity) { return work.copy() }
        if remembers, work.isFull(memory) {
            return work.deadLetter(
                message.record, .tooManyIds, "more than \(AnsweredIds.limit) commands and facts about it were answered; replay it later")
        }
        let context = work.context(origin: message.origin, actor: actor, time: message.time)
        switch work.run(Machine.self, on: aggregate, input(body), context) {
        case .changed: if remembers { work.remember(identity, memory) }
        case .unchanged: break
        case .refused(let refusal, let reason):
            if kind == .command { return work.refuse(message, identity, memory, refusal) }
            work.deadLetter(message.record, refusal.code == .forbidden ? .notAllowed : reason, refusal.detail)
        }
    }

    /// The key field's value; where that is missing, the id of the message's aggregate, whose machine then refuses the message by the
    /// field's name.
    override func keyInData(_ message: Incoming) -> String? {
        do throws(JSONError) {
            let body = try Body.decode(message.data)
            return contract.key(of: body) ?? body.subject
        } catch { return UnreadableData.key(of: type, message.data) }
    }
}

/// A message type answered by one of two machines.
final class EitherMachineRoute<Body: Contracts.Message>: Route {
    private let first: Route
    private let second: Route
    private let isFirst: (Incoming) -> Bool

    init(_ first: Route, _ second: Route, _ isFirst: @escaping (Incoming) -> Bool) {
        self.first = first
        self.second = second
        self.isFirst = isFirst
        super.init(
            type: Body.type, kind: first.kind, topic: first.topic, machines: first.machines + second.machines,
            needsMAC: first.needsMAC)
    }

    override func handle(_ message: Incoming, _ work: ShardProcessor) {
        (isFirst(message) ? first : second).handle(message, work)
    }

    override func keyInData(_ message: Incoming) -> String? { (isFirst(message) ? first : second).keyInData(message) }
}

/// Items of a conversation between shards, answered by one machine.
final class ItemRoute<Item: InternalItem, Machine: StateMachine>: Route {
    private let input: (Item) -> Machine.Input

    init(input: @escaping (Item) -> Machine.Input) {
        self.input = input
        super.init(type: Item.type, kind: .item, topic: Item.service.commands, machines: [Machine.self])
    }

    override func handle(_ message: Incoming, _ work: ShardProcessor) {
        let own = Actor(.service, Item.service.rawValue)
        switch message.sender {
        case .refused(let refusal): return work.deadLetter(message.record, .unauthorized, refusal.detail)
        case .known(own): break
        case .known, .unknown: return work.refuseUnrouted(message, Refusal(.forbidden, "internal messages come from \(own) alone"))
        }
        var reader = JSONReader(message.data)
        var kept = CoalescedItems<Item>.Kept()
        do throws(JSONError) {
            try CoalescedItems<Item>.read(&reader, prepare: { work.fetch($0.map(\.aggregate)) }) { (origin, item) in
                guard let aggregate = work.aggregate(item.aggregate, Machine.self) else { return kept.add(origin, item) }
                var origin = origin
                work.trace(&origin, item: type)
                let context = work.context(origin: origin, actor: own, time: message.time)
                work.begin(origin)
                if case .refused(let refusal, _) = work.run(Machine.self, on: aggregate, input(item), context) {
                    work.refuse(refusal, origin: origin)
                }
            }
        } catch { return work.unreadable(message, .item, error) }
        if let first = kept.first { work.unreadableState(message, items: kept.body, first) }
    }
}

/// The body of an internal message: `{"items":[{"origin":{…},"item":{…}}]}`.
enum CoalescedItems<Item: InternalItem> {
    /// Items of a message that could not be taken, as a message of their own.
    struct Kept {
        /// The aggregate of the first.
        private(set) var first: String?
        private var items: [UInt8] = []

        mutating func add(_ origin: Origin, _ item: Item) {
            var writer = JSONWriter()
            writer.raw(first == nil ? "{\"origin\":" : ",{\"origin\":")
            origin.writeJSON(&writer)
            writer.raw(",\"item\":")
            item.writeJSON(&writer)
            writer.raw("}")
            items += writer.bytes
            first = first ?? item.aggregate
        }

        var body: [UInt8] { Array("{\"items\":[".utf8) + items + Array("]}".utf8) }
    }

    /// - Parameter prepare: is given all of them before the first is handed over.
    static func read(
        _ reader: inout JSONReader, prepare: ([Item]) -> Void = { _ in }, _ each: (Origin, Item) -> Void
    ) throws(JSONError) {
        var items: [(Origin, Item)] = []
        try reader.readObject { (reader, key) throws(JSONError) in
            guard key.string == "items" else { return try reader.skipValue() }
            try reader.readArray { (reader, index) throws(JSONError) in
                var origin = Origin.absent
                var item: Item?
                try reader.readObject { (reader, key) throws(JSONError) in
                    switch key.string {
                    case "origin": origin = try Origin.readJSON(&reader)
                    case "item": item = try Item.readJSON(&reader)
                    default: try reader.skipValue()
                    }
                }
                guard let item else { throw .invalid("is missing", path: "items[\(index)].item") }
                items.append((origin, item))
            }
        }
        try reader.finish()
        // All or none: a message that cannot be read to its end changes nothing.
        prepare(items.map(\.1))
        for (origin, item) in items { each(origin, item) }
    }
}

/// Another service's refusals. Most answer somebody else's commands: only those of commands that this service has sent reach the machine, which
/// compares their ids with those that it has kept.
final class RefusalRoute<Machine: StateMachine>: Route {
    private let input: (Refused, _ key: String) -> Machine.Input

    init(service: ServiceName, input: @escaping (Refused, _ key: String) -> Machine.Input) {
        self.input = input
        super.init(type: Refused.type(of: service), kind: .event, topic: service.events, machines: [Machine.self])
    }

    override func handle(_ message: Incoming, _ work: ShardProcessor) {
        let body: Refused
        do throws(JSONError) { body = try Refused.decode(message.data) } catch { return work.unreadable(message, kind, error) }
        let own = Actor(.service, work.service.rawValue)
        guard body.actor == own else { return }
        let context = work.context(origin: message.origin, actor: own, time: message.time)
        let key = Machine.aggregate(message.key)
        guard let aggregate = work.aggregate(key, Machine.self) else { return work.unreadableState(message, key) }
        if case .refused(let refusal, let reason) = work.run(Machine.self, on: aggregate, input(body, message.key), context) {
            work.deadLetter(message.record, reason, refusal.detail)
        }
    }
}

extension Refusal {
    /// `x-dead-detail` of what cannot be refused.
    fileprivate var detail: String { "\(code.rawValue): \(field.map { $0 + " " } ?? "")\(message)" }
}
