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
    /// Who has sent it, as `ShardWork.identify` found out.
    var sender = Sender.unknown

    enum Sender {
        /// It names nobody, or is an event, of which nobody is asked for proof.
        case unknown
        case known(Actor)
        /// Proof is required, and it has none.
        case refused(Refusal)
    }

    init(record: RecordView, key: String, data: UnsafeRawBufferPointer, attributes: Attributes, type: String) {
        self.record = record
        self.key = key
        self.data = data
        self.attributes = attributes
        origin = Origin(
            id: attributes.id, type: type, key: key, correlationId: attributes.correlationId, traceparent: attributes.traceparent)
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
        do throws(JSONError) { body = try Body.decode(message.data) } catch {
            // Other data under an id that is answered is a copy, also where it cannot be read whole.
            if kind == .command, let part = Body.decodeWhatFits(message.data), work.isAnswered(message, by: aggregate(part, message.key)) {
                return work.copy()
            }
            return work.unreadable(message, kind, error)
        }
        // Without the id that is the key, the machine refuses the message by the field's name.
        let expected = key(body) ?? message.key
        guard expected.isSame(as: message.key), message.record.partition == work.partition(of: message.key) else {
            return work.misrouted(message, kind, expected: expected)
        }
        let actor: Actor
        do throws(Refusal) { actor = try work.actor(of: message, kind) } catch {
            if kind == .command { return work.refuseUnrouted(message, error) }
            return work.deadLetter(message.record, .unauthorized, error.detail)
        }
        if kind == .fact, work.isFromTheFuture(message) { return }
        let remembers = kind == .command || kind == .fact
        let identity = remembers ? work.identity(of: message, kind) : MessageIdentity(high: 0, low: 0)
        let aggregate = work.aggregate(aggregate(body, message.key), Machine.self)
        if remembers, aggregate.answered.contains(identity) { return work.copy() }
        if kind == .command, work.wasRefusedUnrouted(message, identity) { return work.copy() }
        let context = work.context(origin: message.origin, actor: actor, time: message.time)
        switch work.run(Machine.self, on: aggregate, input(body), context) {
        case .changed: if remembers { work.remember(identity, aggregate) }
        case .unchanged: break
        case .refused(let refusal, let reason):
            if kind == .command { return work.refuse(message, identity, aggregate, refusal) }
            work.deadLetter(message.record, refusal.code == .forbidden ? .notAllowed : reason, refusal.detail)
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
        switch message.sender {
        case .refused(let refusal): return work.deadLetter(message.record, .unauthorized, refusal.detail)
        case .known(own): break
        case .known, .unknown: return work.refuseUnrouted(message, Refusal(.forbidden, "internal messages come from \(own) alone"))
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

/// Another service's refusals. Most answer somebody else's commands: only those of commands that this service has sent reach the machine, which
/// compares their ids with those that it has kept.
final class RefusalRoute<Machine: StateMachine>: Route {
    private let aggregate: (String) -> String
    private let input: (Refused, _ key: String) -> Machine.Input

    init(
        service: ServiceName, aggregate: @escaping (String) -> String, input: @escaping (Refused, _ key: String) -> Machine.Input
    ) {
        self.aggregate = aggregate
        self.input = input
        super.init(type: Refused.type(of: service), kind: .event)
    }

    override func handle(_ message: Incoming, _ work: ShardWork) {
        let body: Refused
        do throws(JSONError) { body = try Refused.decode(message.data) } catch { return work.unreadable(message, kind, error) }
        let own = Actor(.service, work.service.rawValue)
        guard body.actor == own else { return }
        let context = work.context(origin: message.origin, actor: own, time: message.time)
        if case .refused(let refusal, let reason) = work.run(
            Machine.self, on: work.aggregate(aggregate(message.key), Machine.self), input(body, message.key), context)
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
