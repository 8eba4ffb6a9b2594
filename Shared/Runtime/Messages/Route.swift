import Contracts
import JSON
import Kafka
import Machines

/// What a message is to a service, which decides what becomes of one that is wrong.
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

    init(type: String, kind: MessageKind) {
        self.type = type
        self.kind = kind
    }

    /// Handles one record's data within the batch of its shard.
    func handle(_ message: Incoming, _ work: ShardWork) {}
}

/// A record on its way to a state machine.
struct Incoming {
    var record: RecordView
    var key: String
    var data: UnsafeRawBufferPointer
    var attributes: Attributes

    var origin: Origin
    var hash: UInt64
    var actor: Actor? { attributes.actor }

    init(record: RecordView, key: String, data: UnsafeRawBufferPointer, attributes: Attributes, type: String) {
        self.record = record
        self.key = key
        self.data = data
        self.attributes = attributes
        origin = Origin(
            id: attributes.id, type: type, key: key, correlationId: attributes.correlationId, traceparent: attributes.traceparent)
        hash = AnsweredIds.hash(attributes.id)
    }

    /// `ce_time`, or the broker's time of the record.
    var time: Timestamp {
        attributes.time ?? Timestamp(milliseconds: Int(record.timestamp))
    }
}

/// A message type answered by one machine.
final class MachineRoute<Body: Contracts.Message, Machine: StateMachine>: Route {
    private let key: (Body) -> String?
    private let aggregate: (Body, _ key: String) -> String
    private let input: (Body) -> Machine.Input

    init(
        kind: MessageKind, key: @escaping (Body) -> String?, aggregate: @escaping (Body, _ key: String) -> String,
        input: @escaping (Body) -> Machine.Input
    ) {
        self.key = key
        self.aggregate = aggregate
        self.input = input
        super.init(type: Body.type, kind: kind)
    }

    override func handle(_ message: Incoming, _ work: ShardWork) {
        let body: Body
        do throws(JSONError) { body = try Body.decode(message.data) } catch { return work.unreadable(message, kind, error) }
        // Without the id that is the key, the machine refuses the message by the field's name.
        let expected = key(body) ?? message.key
        guard expected.isSame(as: message.key), message.record.partition == work.partition(of: message.key) else {
            return work.misrouted(message, kind, expected: expected)
        }
        let actor: Actor
        do throws(Refusal) { actor = try work.actor(of: message, kind) } catch { return work.refuseUnrouted(message, error) }
        // A command's id counts together with who really sent it: nobody can use up the id of somebody else's.
        let hash = kind == .command ? AnsweredIds.hash(message.attributes.id, actor.kind.rawValue, actor.id) : message.hash
        let remembers = kind == .command || kind == .fact
        let aggregate = work.aggregate(aggregate(body, message.key), Machine.self)
        if remembers, aggregate.answered.contains(hash) { return work.copy() }
        if remembers, work.isFull(aggregate) {
            return work.deadLetter(
                message.record, .tooManyIds, "more than \(AnsweredIds.limit) commands and facts about it were answered; replay it later")
        }
        let context = work.context(origin: message.origin, actor: actor, time: message.time)
        switch work.run(Machine.self, on: aggregate, input(body), context) {
        case .changed: if remembers { work.remember(hash, aggregate) }
        case .unchanged: break
        case .refused(let refusal, let reason):
            if kind == .command { return work.refuse(message, hash, aggregate, refusal) }
            work.deadLetter(message.record, reason, refusal.detail)
        }
    }
}

/// A message type answered by one of two machines.
final class ChoiceRoute<Body: Contracts.Message>: Route {
    private let first: Route
    private let second: Route
    private let isFirst: (Incoming) -> Bool

    init(_ first: Route, _ second: Route, _ isFirst: @escaping (Incoming) -> Bool) {
        self.first = first
        self.second = second
        self.isFirst = isFirst
        super.init(type: Body.type, kind: first.kind)
    }

    override func handle(_ message: Incoming, _ work: ShardWork) {
        (isFirst(message) ? first : second).handle(message, work)
    }
}

/// Items of a conversation between shards, answered by one machine.
final class ItemRoute<Item: InternalItem, Machine: StateMachine>: Route {
    private let service: ServiceName
    private let input: (Item) -> Machine.Input

    init(service: ServiceName, input: @escaping (Item) -> Machine.Input) {
        self.service = service
        self.input = input
        super.init(type: Item.type, kind: .item)
    }

    override func handle(_ message: Incoming, _ work: ShardWork) {
        let own = Actor(.service, service.rawValue)
        guard message.actor == own else {
            return work.refuseUnrouted(message, Refusal(.forbidden, "internal messages come from \(own) alone"))
        }
        var reader = JSONReader(message.data)
        do throws(JSONError) {
            try CoalescedItems<Item>.read(&reader) { (origin, item) in
                let aggregate = work.aggregate(item.aggregate, Machine.self)
                let context = work.context(origin: origin, actor: own, time: message.time)
                work.begin(origin)
                if case .refused(let refusal, _) = work.run(Machine.self, on: aggregate, input(item), context) {
                    work.refuse(refusal, origin: origin)
                }
            }
        } catch { work.unreadable(message, .item, error) }
    }
}

/// The body of an internal message: `{"items":[{"origin":{…},"item":{…}}]}`.
enum CoalescedItems<Item: InternalItem> {
    static func read(_ reader: inout JSONReader, _ each: (Origin, Item) -> Void) throws(JSONError) {
        var items: [(Origin, Item)] = []
        try reader.readObject { (reader, key) throws(JSONError) in
            guard key.string == "items" else { return try reader.skipValue() }
            try reader.readArray { (reader, index) throws(JSONError) in
                var origin = Origin()
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
        for (origin, item) in items { each(origin, item) }
    }
}

/// Another service's refusals. Most answer somebody else's commands: only those that name a command of ours reach the machine.
final class RefusalRoute<Machine: StateMachine>: Route {
    private let aggregate: (String) -> String
    private let input: (Refused) -> Machine.Input

    init(service: ServiceName, aggregate: @escaping (String) -> String, input: @escaping (Refused) -> Machine.Input) {
        self.aggregate = aggregate
        self.input = input
        super.init(type: Refused.type(of: service), kind: .event)
    }

    override func handle(_ message: Incoming, _ work: ShardWork) {
        let body: Refused
        do throws(JSONError) { body = try Refused.decode(message.data) } catch { return work.unreadable(message, kind, error) }
        let own = Actor(.service, work.service.rawValue)
        let context = work.context(origin: message.origin, actor: own, time: message.time)
        if case .refused(let refusal, let reason) = work.run(
            Machine.self, on: work.aggregate(aggregate(message.key), Machine.self), input(body), context)
        {
            work.deadLetter(message.record, reason, refusal.detail)
        }
    }
}

/// A command that the contract knows and this version does not carry out: refused `not-found`, whatever its data says.
final class UnavailableRoute: Route {
    private let reason: String

    init(type: String, reason: String) {
        self.reason = reason
        super.init(type: type, kind: .command)
    }

    override func handle(_ message: Incoming, _ work: ShardWork) {
        do throws(JSONError) { _ = try NoState.decode(message.data) } catch { return work.unreadable(message, kind, error) }
        do throws(Refusal) { _ = try work.actor(of: message, kind) } catch { return work.refuseUnrouted(message, error) }
        work.refuseUnrouted(message, Refusal(.notFound, reason))
    }
}

extension String {
    /// Byte by byte: `==` takes é and e with an accent for the same, which lie in different partitions.
    fileprivate func isSame(as other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in right.withUTF8 { right in left.elementsEqual(right) } }
    }
}

extension Refusal {
    /// `x-dead-detail` of what cannot be refused.
    fileprivate var detail: String { "\(code.rawValue): \(field.map { $0 + " " } ?? "")\(message)" }
}
