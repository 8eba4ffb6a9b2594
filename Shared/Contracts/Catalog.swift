public import JSON

/// One message of the contract as other systems see it: where it travels, under which key, who may send it, what it holds.
public struct CatalogEntry: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A request to one service, which answers it.
        case command
        /// What a marketplace or an ERP says of an order.
        case fact
        /// What happened.
        case event
        /// The answer to a command that is not carried out.
        case refusal
        /// A row of a compacted topic.
        case row
        /// A conversation between the shards of one service; not for others.
        case `internal`
    }

    /// What the Kafka key of a message must be.
    public enum Key: Sendable, Equatable {
        /// The value of this field.
        case field(String)
        /// The value of the one of two fields that is present.
        case either(String, String)
        /// The values of these fields, joined by `~`.
        case joined([String])
        /// The key of the command that is answered.
        case ofCommand
        /// `<provider>:<account>`, or `channel:<channelId>`: one account at a partner.
        case account
        /// `shard:<p>`, sent to partition p: the one exception to the rule that a key decides on its partition.
        case shard

        /// The fields that make the key.
        public var fields: [String] {
            switch self {
            case .field(let name): [name]
            case .either(let first, let second): [first, second]
            case .joined(let names): names
            case .ofCommand, .shard, .account: []
            }
        }

        /// For a person: `<merchantShopId>~<ruleId>`.
        public var text: String {
            switch self {
            case .field(let name): "<\(name)>"
            case .either(let first, let second): "<\(first)> or <\(second)>"
            case .joined(let names): names.map { "<\($0)>" }.joined(separator: "~")
            case .ofCommand: "the key of the command that is answered"
            case .account: "<provider>:<account>, or channel:<channelId>"
            case .shard: "shard:<partition>"
            }
        }
    }

    /// `ce_type`.
    public let type: String
    public let kind: Kind
    public let topic: String
    public let key: Key
    /// The `ce_actor`s that may send it, `<field>` standing for a field's value; empty: anyone.
    public let actors: [String]
    /// The services that act on it.
    public let readers: [ServiceName]
    /// The types of the events that answer a command; empty while every such command is refused.
    public let answers: [String]
    /// The codes that a command may be refused with, beside ``Catalog/commonRefusals``.
    public let refusals: [RefusalCode]
    /// One sentence.
    public let summary: String
    /// The JSON Schema of its data, from the declared fields.
    public let schema: JSONValue
}

/// Every message of `daifa.orders`, the services and the tables, in the contract's order.
public enum Catalog {
    public static let entries: [CatalogEntry] = orders + authorization + binding + allocation + waybill + shipping + refused + tables

    /// What any command may be refused with (contract, section 3).
    public static let commonRefusals: [RefusalCode] = [.invalid, .unauthorized, .forbidden]

    /// - Returns: nil for a type that the contract does not know.
    public static func entry(_ type: String) -> CatalogEntry? { byType[type] }

    private static let byType = Dictionary(entries.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    private static let refused = ServiceName.five.map { service in
        CatalogEntry(
            type: Refused.type(of: service), kind: .refusal, topic: service.events, key: .ofCommand, actors: [service.actor],
            readers: service == .allocation || service == .waybill ? [.shipping] : [], answers: [], refusals: [],
            summary: "A command to \(service.rawValue) is not carried out.", schema: Refused.schema.document)
    }
}

extension ServiceName {
    /// Its `ce_actor`.
    var actor: String { "service:\(rawValue)" }
}

extension CatalogEntry {
    static func command<Body: Message>(
        _: Body.Type, to service: ServiceName, key: Key, by actors: [String], answers: [any Message.Type] = [],
        refusals: [RefusalCode] = [], _ summary: String
    ) -> CatalogEntry {
        CatalogEntry(
            type: Body.type, kind: .command, topic: service.commands, key: key, actors: actors, readers: [service],
            answers: answers.map { $0.type }, refusals: refusals, summary: summary, schema: Body.schema.document)
    }

    static func event<Body: Message>(
        _: Body.Type, of service: ServiceName, key: Key, readers: [ServiceName] = [], _ summary: String
    ) -> CatalogEntry {
        CatalogEntry(
            type: Body.type, kind: .event, topic: service.events, key: key, actors: [service.actor], readers: readers, answers: [],
            refusals: [], summary: summary, schema: Body.schema.document)
    }

    static func fact<Body: Message>(_: Body.Type, _ summary: String) -> CatalogEntry {
        CatalogEntry(
            type: Body.type, kind: .fact, topic: Topics.orders, key: .field("orderId"), actors: [], readers: [.allocation], answers: [],
            refusals: [], summary: summary, schema: Body.schema.document)
    }

    static func row<Body: TableRow>(
        _: Body.Type, key: Key, by writers: [ServiceName], readers: [ServiceName], _ summary: String
    ) -> CatalogEntry {
        CatalogEntry(
            type: Body.type, kind: .row, topic: Body.table.topic, key: key, actors: writers.map(\.actor), readers: readers, answers: [],
            refusals: [], summary: summary, schema: Body.schema.document)
    }

    /// A message of coalesced items: `{"items": [{"origin": …, "item": …}]}`.
    static func `internal`<Item: InternalItem>(_: Item.Type, _ summary: String) -> CatalogEntry {
        func object(_ properties: [(String, JSONValue)]) -> JSONValue {
            .object([
                ("type", .string("object")), ("properties", .object(properties)), ("required", .array(properties.map { .string($0.0) })),
            ])
        }
        let item = object([("origin", Origin.schema.document), ("item", Item.schema.document)])
        return CatalogEntry(
            type: Item.type, kind: .internal, topic: Item.service.commands, key: .shard, actors: [Item.service.actor],
            readers: [Item.service], answers: [], refusals: [], summary: summary,
            schema: object([("items", .object([("type", .string("array")), ("items", item)]))]))
    }
}
