public import Contracts
import JSON
import Kafka
public import Machines

/// What a service is: the topics it reads, the state machines that answer their messages, the tables it looks things up in.
/// Everything else (consuming, recognising copies, storing, publishing, retries, hand-over, health) is Runtime.
public struct ServiceDescription {
    let name: ServiceName
    let inputs: [String]
    let strictInputs: Set<String>
    let tables: [Table]
    let outputs: Set<String>
    let announces: [KeyPurpose]
    let routes: [Route]
    let effects: @Sendable (ServiceEnvironment) -> [EffectRoute]
    let residents: @Sendable (ServiceEnvironment) -> [Resident]

    /// - Parameters:
    ///   - facts: whether it reads `daifa.orders`.
    ///   - reads: services whose events it reads.
    ///   - commands: services that it sends commands to.
    ///   - sendsFacts: whether it writes `daifa.orders`.
    ///   - writes: tables that it writes.
    ///   - announces: what its public keys in `daifa.keys` are for.
    ///   - effects: how its effects are carried out; asked once, when everything else is ready.
    ///   - residents: what runs once for the whole service; asked once, like its effects.
    public init(
        _ name: ServiceName, facts: Bool = false, reads: [ServiceName] = [], commands: [ServiceName] = [], sendsFacts: Bool = false,
        tables: [Table] = [], writes: [Table] = [], announces: [KeyPurpose] = [], routes: [Route],
        effects: @escaping @Sendable (ServiceEnvironment) -> [EffectRoute] = { _ in [] },
        residents: @escaping @Sendable (ServiceEnvironment) -> [Resident] = { _ in [] }
    ) {
        self.name = name
        inputs = (facts ? [Topics.orders] : []) + [name.commands] + reads.map(\.events)
        strictInputs = facts ? [Topics.orders, name.commands] : [name.commands]
        self.tables = announces.isEmpty || tables.contains(.keys) ? tables : tables + [.keys]
        outputs = Set(
            [name.events, name.commands, name.dead] + commands.map(\.commands) + writes.map(\.topic)
                + (announces.isEmpty ? [] : [Table.keys.topic]) + (sendsFacts ? [Topics.orders] : []))
        self.announces = announces
        self.routes = routes
        self.effects = effects
        self.residents = residents
    }

    /// Every topic that it reads or writes.
    var topics: [String] { Array(outputs.union(inputs).union(tables.map(\.topic))).sorted() }
    /// Its consumer group.
    public var group: String { "daifa-\(name.rawValue)" }
}

/// Declares which machine answers a message: `Routes<OrderMachine>.command(Allocate.self, key: \.orderId, …)`.
public enum Routes<Machine: StateMachine> {
    /// - Parameters:
    ///   - key: the Kafka key that the sender must use (contract, section 4).
    ///   - aggregate: the key of the aggregate in the store.
    public static func command<Body: Contracts.Message>(
        _: Body.Type, key: @escaping (Body) -> String?, aggregate: @escaping (Body) -> String, _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .command, key: key, aggregate: { body, _ in aggregate(body) }, input: input) }

    /// A command that does not name its aggregate: its Kafka key does.
    public static func command<Body: Contracts.Message>(
        _: Body.Type, key: @escaping (Body) -> String? = { _ in nil }, aggregateOfKey: @escaping (String) -> String,
        _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .command, key: key, aggregate: { aggregateOfKey($1) }, input: input) }

    public static func fact<Body: Contracts.Message>(
        _: Body.Type, key: @escaping (Body) -> String?, aggregate: @escaping (Body) -> String, _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .fact, key: key, aggregate: { body, _ in aggregate(body) }, input: input) }

    public static func event<Body: Contracts.Message>(
        _: Body.Type, key: @escaping (Body) -> String?, aggregate: @escaping (Body) -> String, _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .event, key: key, aggregate: { body, _ in aggregate(body) }, input: input) }

    /// A refusal by another service of a command that this one sent; it belongs to the aggregate of its key.
    public static func refusal(
        by service: ServiceName, aggregate: @escaping (String) -> String, _ input: @escaping (Refused) -> Machine.Input
    ) -> Route { RefusalRoute<Machine>(service: service, aggregate: aggregate, input: input) }

    public static func item<Item: InternalItem>(_: Item.Type, of service: ServiceName, _ input: @escaping (Item) -> Machine.Input) -> Route
    {
        ItemRoute<Item, Machine>(service: service, input: input)
    }
}

/// Declares which of two machines answers a message, by what is in it:
/// `Choice<PullStatus>.command(Orders.command(PullStatus.self, …), when: { $0.orderId != nil }, else: Inbound.command(PullStatus.self, …))`.
public enum Choice<Body: Contracts.Message> {
    /// - Parameters:
    ///   - first: also answers what cannot be read.
    ///   - isFirst: whether `first` answers this message.
    public static func command(_ first: Route, when isFirst: @escaping (Body) -> Bool, else second: Route) -> Route {
        ChoiceRoute<Body>(first, second) { message in (try? Body.decode(message.data)).map(isFirst) ?? true }
    }

    /// By the message's Kafka key.
    public static func command(_ first: Route, whenKey isFirst: @escaping (String) -> Bool, else second: Route) -> Route {
        ChoiceRoute<Body>(first, second) { isFirst($0.key) }
    }
}

extension Route {
    /// A command of the contract that is not carried out yet.
    public static func unavailable(_ type: String, because reason: String) -> Route { UnavailableRoute(type: type, reason: reason) }
}
