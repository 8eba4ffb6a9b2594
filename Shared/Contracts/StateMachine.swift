public import JSON

/// One kind of aggregate: a decider. No I/O, no clock, no randomness: the same state, input and context give the same answer.
public protocol StateMachine {
    /// What is stored of an aggregate; `State()` is one that does not exist yet.
    associatedtype State: Declared, Equatable
    /// The messages it answers.
    associatedtype Input: Sendable
    /// What happened: public events, and what only changes the state or speaks to another aggregate.
    associatedtype Event: Publishable

    /// What the input leads to: events (none: it changes nothing), or a refusal.
    static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event>
    /// The state after the event. Total: an event that does not fit leaves the state as it is.
    static func evolve(_ state: inout State, _ event: Event)
}

public enum Decision<Event> {
    case accept([Event])
    case refuse(Refusal)

    /// The input is understood and changes nothing.
    public static var ignore: Decision { .accept([]) }
}

/// An event says itself what leaves the service because of it.
public protocol Publishable: Sendable {
    func publish(to outbox: some Outbox)
}

/// Where events put what leaves the service. `origin` is the message that is answered; nil: the one being handled.
public protocol Outbox: AnyObject {
    /// To the service's own events topic.
    func event(_ message: some Message, key: String, origin: Origin?)
    /// A refusal of a command that was accepted for the time being; its key is the command's.
    func refuse(_ refusal: Refusal, origin: Origin)
    /// A command to another service (or the same one), with an id that the sender chooses: unique, the same for the same request.
    func command(_ message: some Message, to service: ServiceName, key: String, id: String, origin: Origin?)
    /// A row of a table that this service writes.
    func row(_ row: some TableRow)
    /// A tombstone.
    func removeRow(_ key: String, of table: Table)
    /// An item for another aggregate of this service, which lives in the shard of `key`.
    func tell(_ item: some InternalItem, shardOf key: String, origin: Origin?)
}

extension Outbox {
    public func event(_ message: some Message, key: String) { event(message, key: key, origin: nil) }
    public func tell(_ item: some InternalItem, shardOf key: String) { tell(item, shardOf: key, origin: nil) }
}

/// What a decision may know beside state and input.
public struct Context: Sendable {
    /// The message being handled; for an internal item, the message that began the conversation.
    public var origin: Origin
    /// Who sent it; for an internal item the service itself.
    public var actor: Actor
    /// `ce_time` of the message.
    public var time: Timestamp
    /// The time of this batch.
    public var now: Timestamp
    public var tables: any Tables

    public init(origin: Origin, actor: Actor, time: Timestamp, now: Timestamp, tables: any Tables) {
        self.origin = origin
        self.actor = actor
        self.time = time
        self.now = now
        self.tables = tables
    }

    /// Refuses everyone but this actor.
    public func require(_ kind: Actor.Kind, _ id: String) throws(Refusal) {
        guard actor.kind == kind, actor.id == id else {
            throw Refusal(.forbidden, "only \(kind.rawValue):\(id) may do this, not \(actor)")
        }
    }
}

/// The compacted tables as a replica has them in memory.
public protocol Tables: AnyObject, Sendable {
    func participant(_ shopId: String) -> ParticipantRow?
    func binding(merchant: String, factory: String) -> BindingRow?
    func warehouse(_ warehouseId: String) -> WarehouseRow?
    /// The merchant's rules, lowest priority number first, then by ruleId.
    func rules(of merchantShopId: String) -> [RuleRow]
}
