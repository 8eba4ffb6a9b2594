public import Contracts
public import JSON
public import Threads

/// One kind of aggregate: a decider. No I/O, no clock, no randomness: the same state, input and context give the same answer.
public protocol StateMachine: SendableMetatype {
    /// The stored state of an aggregate; `State()` is that of one that does not exist yet.
    associatedtype State: DefaultInitializable, Equatable
    /// The messages it answers.
    associatedtype Input: Sendable
    /// Its events: public ones, and those that only change the state or speak to another aggregate.
    associatedtype Event: Publishable

    /// The key in the store of the aggregate with this id; mostly the id is the Kafka key of the messages that it answers.
    static func aggregate(_ id: String) -> String
    /// The messages that go to the aggregate of their key; others are routed by the service, which knows their aggregate.
    static var accepts: [Accepts<Self>] { get }
    /// Everything that its events publish, by type.
    static var emits: Emits { get }
    /// Decides what follows from an input: events (none: it changes nothing), or a refusal.
    static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event>
    /// The state after the event. Total: an event that does not fit leaves the state as it is.
    static func evolve(_ state: inout State, _ event: Event)
}

extension StateMachine {
    public static var accepts: [Accepts<Self>] { [] }
}

public enum Decision<Event> {
    case accept([Event])
    case refuse(Refusal)

    /// The input is understood and changes nothing.
    public static var ignore: Decision { .accept([]) }
}

/// An event that writes what leaves the service because of it (messages, rows, items, effects) to an `Outbox`.
public protocol Publishable: Sendable {
    func publish(to outbox: some Outbox)
}

/// Where events put what leaves the service. `origin` is the message that is answered; nil: the one being handled.
public protocol Outbox: AnyObject {
    /// To the service's own events topic. `key` is the Kafka key of the message; nil: the one that its contract names.
    func event(_ message: some Message, key: String?, origin: Origin?)
    /// A refusal of a command that was accepted for the time being; its key is the command's.
    func refuse(_ refusal: Refusal, origin: Origin)
    /// A command to the service that its contract names, with an id that the sender chooses: unique, the same for the same request.
    func command(_ message: some Message, key: String?, id: String, origin: Origin?)
    /// A row of a table that this service writes.
    func row(_ row: some TableRow)
    /// A tombstone.
    func removeRow(_ key: String, of table: Table)
    /// An item for another aggregate of this service, which lives in the shard of `key`.
    func tell(_ item: some InternalItem, shardOf key: String, origin: Origin?)
    /// A fact on `daifa.orders`, with an id that the same fact always has. `time` is when it became so: of two facts that contradict one
    /// another the newer counts. It belongs to no conversation: facts that were seen together have nothing else in common.
    func fact(_ message: some Message, key: String?, id: String, time: Timestamp)
    /// Carries out the effect, at `due` at the earliest (nil: at once). It replaces one with the same id. `origin` is the message that its
    /// answer will answer.
    func schedule(_ effect: some Effect, due: Timestamp?, origin: Origin?)
    /// Drops an effect that was scheduled; an answer that is on its way is dropped too. One that is not there is no error.
    func cancelEffect(_ id: String)
}

extension Outbox {
    public func schedule(_ effect: some Effect) { schedule(effect, due: nil, origin: nil) }
    public func schedule(_ effect: some Effect, due: Timestamp) { schedule(effect, due: due, origin: nil) }

    /// An event under the key that its contract names.
    public func event(_ message: some Message, origin: Origin? = nil) {
        event(message, key: nil, origin: origin)
    }

    /// A command under the key that its contract names.
    public func command(_ message: some Message, id: String, origin: Origin? = nil) {
        command(message, key: nil, id: id, origin: origin)
    }

    /// A fact under the key that its contract names.
    public func fact(_ message: some Message, id: String, time: Timestamp) {
        fact(message, key: nil, id: id, time: time)
    }

    public func tell(_ item: some InternalItem, shardOf key: String) { tell(item, shardOf: key, origin: nil) }
}

/// Everything that a decision may know beside state and input.
public struct Context: Sendable {
    /// The message being handled; for an internal item, the message that began the conversation.
    public var origin: Origin
    /// The sender of the message; for an internal item the service itself.
    public var actor: Actor
    /// `ce_time` of the message.
    public var time: Timestamp
    /// The time of this batch.
    public var now: Timestamp
    /// Whether what cannot be undone may rest on `now`: false for a while after the clock has leapt.
    public var isClockSteady: Bool
    public var tables: any Tables
    public var settings: Settings
    public var secrets: any SecretOpener

    public init(
        origin: Origin, actor: Actor, time: Timestamp, now: Timestamp, isClockSteady: Bool = true, tables: any Tables,
        settings: Settings = .standard,
        secrets: any SecretOpener = NoSecrets.shared
    ) {
        self.origin = origin
        self.actor = actor
        self.time = time
        self.now = now
        self.isClockSteady = isClockSteady
        self.tables = tables
        self.settings = settings
        self.secrets = secrets
    }

    /// Refuses everyone but this actor.
    public func require(_ kind: Actor.Kind, _ id: String) throws(Refusal) {
        guard actor.kind == kind, actor.id.hasSameBytes(as: id) else {
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
    func channel(_ channelId: String) -> ChannelRow?
    /// The channels whose owner is this shop, by channelId.
    func channels(of shopId: String) -> [ChannelRow]
    /// The channels to this shop of a platform, by channelId.
    func channels(to platformShopId: String, on platform: Platform) -> [ChannelRow]
    /// The warehouses of a merchant, by warehouseId.
    func warehouses(of merchantShopId: String) -> [WarehouseRow]
    /// The row of `daifa.credentials` for this service; nil where there is none, or the table is not read.
    func credential(_ authorizationId: String, _ service: ServiceName) -> CredentialRow?
}
