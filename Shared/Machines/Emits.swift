public import Contracts

/// Everything that leaves a service because of one machine, by type. A machine that publishes anything else is stopped before it is stored,
/// and the topics that a service writes follow from its machines' declarations.
public final class Emits: Sendable {
    public let events: [any Message.Type]
    public let commands: [any Message.Type]
    public let rows: [any TableRow.Type]
    public let items: [any InternalItem.Type]
    public let facts: [any Message.Type]
    public let effects: [any Effect.Type]
    /// A dozen at most: going through them is quicker than hashing, and it is done for every message that leaves.
    private let types: [ObjectIdentifier]
    private let tables: Set<Table>

    /// - Parameters:
    ///   - events: told on the service's own events topic. Refusals need no declaration.
    ///   - commands: sent to the service that each is for.
    ///   - rows: written to, and removed from, the tables that they belong to.
    ///   - items: told to other aggregates of the service.
    ///   - facts: written to `daifa.orders`.
    ///   - effects: scheduled, and cancelled.
    public init(
        events: [any Message.Type] = [], commands: [any Message.Type] = [], rows: [any TableRow.Type] = [],
        items: [any InternalItem.Type] = [], facts: [any Message.Type] = [], effects: [any Effect.Type] = []
    ) {
        self.events = events
        self.commands = commands
        self.rows = rows
        self.items = items
        self.facts = facts
        self.effects = effects
        types =
            (events + commands + facts).map { ObjectIdentifier($0) } + rows.map { ObjectIdentifier($0) }
            + items.map { ObjectIdentifier($0) } + effects.map { ObjectIdentifier($0) }
        tables = Set(rows.map { $0.table })
    }

    /// The union of several declarations.
    public convenience init(_ parts: [Emits]) {
        self.init(
            events: parts.flatMap(\.events), commands: parts.flatMap(\.commands), rows: parts.flatMap(\.rows),
            items: parts.flatMap(\.items), facts: parts.flatMap(\.facts), effects: parts.flatMap(\.effects))
    }

    public func declares(_ type: Any.Type) -> Bool { types.contains(ObjectIdentifier(type)) }
    public func declares(_ table: Table) -> Bool { tables.contains(table) }

    /// The topics that are written, beside the service's own; an effect may report a command while it is carried out.
    public var topics: Set<String> {
        var topics = Set(rows.map { $0.table.topic })
        for type in commands + facts + effects.flatMap({ $0.reports }) { topics.insert(type.topic) }
        return topics
    }
}

extension Message {
    /// The topic that its contract names.
    static var topic: String { contract.topic }
}
