public import Contracts
import JSON
import Kafka
public import Machines

/// Describes a service: the state machines that answer its messages, the tables it looks things up in, and how its effects are carried out.
/// The topics that it reads and writes follow from the messages' contracts and from what the machines declare.
/// Everything else (consuming, recognising copies, storing, publishing, retries, hand-over, health) is Runtime.
public struct ServiceDescription {
    let name: ServiceName
    /// `daifa.orders` where facts are answered, the service's commands, then other services' events in the order of the routes.
    let inputs: [String]
    let strictInputs: Set<String>
    let tables: [Table]
    /// Also the topics of commands and facts that it reads: what lies in a wrong partition is carried to the right one.
    let outputs: Set<String>
    /// Tables of which it writes rows by itself.
    let announced: [Table]
    let routes: [Route]
    let resources: any ServiceResources.Type
    /// Makes its resources, and what it does with them.
    let equip: @Sendable (ServiceEnvironment, Configuration) throws(ConfigurationError) -> Equipment

    /// A service's resources, and what it does with them; effects and singletons are asked for once, when everything else is ready.
    struct Equipment {
        let resources: any ServiceResources
        let effects: () -> [EffectRoute]
        let singletons: () -> [SingletonTask]
    }

    /// - Parameters:
    ///   - resources: what has its tables and its secrets.
    ///   - tables: the tables that it looks things up in.
    ///   - effects: how its effects are carried out.
    ///   - singletons: what runs once for the whole service.
    public init<Resources: ServiceResources>(
        _ name: ServiceName, resources: Resources.Type, tables: [Table] = [], routes: [Route],
        effects: @escaping @Sendable (Resources) -> [EffectRoute] = { _ in [] },
        singletons: @escaping @Sendable (Resources) -> [SingletonTask] = { _ in [] }
    ) {
        self.name = name
        let facts = routes.contains { $0.kind == .fact } ? [Topics.orders] : []
        var inputs = facts + [name.commands]
        for route in routes where route.kind == .event && !inputs.contains(route.topic) { inputs.append(route.topic) }
        self.inputs = inputs
        strictInputs = Set(facts + [name.commands])
        let announced = resources.announced(by: name)
        self.announced = announced
        self.tables = tables + announced.filter { !tables.contains($0) }
        outputs = Set(
            [name.events, name.commands, name.dead] + facts + routes.flatMap(\.emits).flatMap(\.topics)
                + announced.map(\.topic) + [Table.health.topic])
        self.routes = routes
        self.resources = resources
        equip = { (environment, configuration) throws(ConfigurationError) in
            let made = try resources.init(environment, configuration)
            return Equipment(resources: made, effects: { effects(made) }, singletons: { singletons(made) })
        }
    }

    /// Every topic that it reads or writes.
    var topics: [String] { Array(outputs.union(inputs).union(tables.map(\.topic))).sorted() }
    /// Its consumer group.
    public var group: String { "daifa-\(name.rawValue)" }
}

/// Declares which machine answers a message. `Routes<OrderMachine>.all` is everything that a machine accepts by itself; a message whose
/// aggregate is not the one of its Kafka key is routed here: `Routes<PairMachine>.command(Approve.self, of: { … }) { .approve($0) }`.
public enum Routes<Machine: StateMachine> {
    /// Everything that the machine accepts.
    public static var all: [Route] { Machine.accepts.map { $0.build(with: RouteBuilder<Machine>()) } }

    /// - Parameters:
    ///   - id: the id of the aggregate, where the Kafka key is not it.
    ///   - memory: where ids are remembered, when a sender may address several aggregates under one key.
    public static func command<Body: Contracts.Message>(
        _: Body.Type, of id: @escaping (Body) -> String, remembering memory: IdMemory? = nil, _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .command, id: { body, _ in id(body) }, memory: memory, input: input) }

    /// - Parameter id: the id of the aggregate, of the Kafka key.
    public static func command<Body: Contracts.Message>(
        _: Body.Type, ofKey id: @escaping (String) -> String = { $0 }, _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .command, id: { id($1) }, input: input) }

    /// - Parameter id: the id of the aggregate, where the Kafka key is not it.
    public static func event<Body: Contracts.Message>(
        _: Body.Type, of id: @escaping (Body) -> String, _ input: @escaping (Body) -> Machine.Input
    ) -> Route { MachineRoute<Body, Machine>(kind: .event, id: { body, _ in id(body) }, input: input) }

    /// A refusal by another service of a command that this one sent; it belongs to the aggregate of its key.
    /// - Parameter input: of the refusal and its key: an id says nothing of whom it is about.
    public static func refusal(by service: ServiceName, _ input: @escaping (Refused, _ key: String) -> Machine.Input) -> Route {
        RefusalRoute<Machine>(service: service, input: input)
    }
}

/// The routes of what a machine accepts.
private struct RouteBuilder<Machine: StateMachine>: AcceptsBuilder {
    func message<Body: Contracts.Message>(_: Body.Type, _ input: @escaping @Sendable (Body) -> Machine.Input) -> Route {
        MachineRoute<Body, Machine>(kind: MessageKind(Body.contract.kind), id: { $1 }, input: input)
    }

    func item<Item: InternalItem>(_: Item.Type, _ input: @escaping @Sendable (Item) -> Machine.Input) -> Route {
        ItemRoute<Item, Machine>(input: input)
    }
}

extension MessageKind {
    /// The role of a message of the contract for a service that acts on it.
    fileprivate init(_ kind: CatalogEntry.Kind) {
        switch kind {
        case .command: self = .command
        case .fact: self = .fact
        case .event, .refusal, .row: self = .event
        case .internal: self = .item
        }
    }
}

/// Declares which of two machines answers a message, by what is in it:
/// `EitherRoute<PullStatus>.command(Orders.command(PullStatus.self, …), when: { $0.orderId != nil }, else: Inbound.command(PullStatus.self, …))`.
public enum EitherRoute<Body: Contracts.Message> {
    /// - Parameters:
    ///   - first: also answers what cannot be read.
    ///   - isFirst: whether `first` answers this message.
    public static func command(_ first: Route, when isFirst: @escaping (Body) -> Bool, else second: Route) -> Route {
        EitherMachineRoute<Body>(first, second) { message in (try? Body.decode(message.data)).map(isFirst) ?? true }
    }

    /// Chooses by the message's Kafka key.
    public static func command(_ first: Route, whenKey isFirst: @escaping (String) -> Bool, else second: Route) -> Route {
        EitherMachineRoute<Body>(first, second) { isFirst($0.key) }
    }
}
