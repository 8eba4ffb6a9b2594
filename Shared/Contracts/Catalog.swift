public import JSON

/// One message of the contract as other systems see it: where it travels, under which key, who may send it, what it holds.
public struct CatalogEntry: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A request to one service, which answers it.
        case command
        /// A statement of a marketplace or an ERP about an order.
        case fact
        /// A service's report that something has happened.
        case event
        /// The answer to a command that is not carried out.
        case refusal
        /// A row of a compacted topic.
        case row
        /// A conversation between the shards of one service; not for others.
        case `internal`
    }

    /// The Kafka key that a message must have.
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

        /// The key as text, for people: `<merchantShopId>~<ruleId>`.
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
    /// Whether it is taken with a valid `daifa-mac` alone, whatever `DAIFA_AUTH` says.
    public let needsMAC: Bool
    /// The services that act on it.
    public let readers: [ServiceName]
    /// The types of the events that answer a command; empty while every such command is refused.
    public let answers: [String]
    /// The codes that a command may be refused with, beside ``Catalog/commonRefusals``.
    public let refusals: [RefusalCode]
    /// One sentence.
    public let summary: String
    /// The JSON Schema of its data, from the declared fields. Made when it is asked for: a service, which looks at all entries when it starts,
    /// needs none of them.
    public var schema: JSONValue { makeSchema() }
    fileprivate let makeSchema: @Sendable () -> JSONValue
    /// Reads the data as the services do and gives the Kafka key that the contract asks for; nil when the data does not say it.
    /// - Throws: what is wrong with the data, with the field's path.
    public let readKey: @Sendable ([UInt8]) throws(JSONError) -> String?
}

/// Every message of `daifa.orders`, the services and the tables, in the contract's order: what their types declare.
public enum Catalog {
    public static let entries: [CatalogEntry] =
        orders + authorization + binding + allocation + waybill + shipping + refused
        + console + tables

    /// Codes with which any command may be refused (contract, section 3).
    public static let commonRefusals: [RefusalCode] = [.invalid, .unauthorized, .forbidden]

    /// - Returns: nil for a type that the contract does not know.
    public static func entry(_ type: String) -> CatalogEntry? { byType[type] }

    private static let byType = Dictionary(entries.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    static func messages(_ types: any Message.Type...) -> [CatalogEntry] { types.map { entry(of: $0) } }
    static func items(_ types: any InternalItem.Type...) -> [CatalogEntry] { types.map { entry(ofItem: $0) } }

    private static let refused = ServiceName.domainServices.map { service in
        CatalogEntry(
            type: Refused.type(of: service), kind: .refusal, topic: service.events, key: .ofCommand, actors: [service.actor],
            needsMAC: false,
            readers: Refused.readers(of: service), answers: [], refusals: [],
            summary: "A command to \(service.rawValue) is not carried out.", makeSchema: { Refused.schema.document },
            readKey: { _ in nil })
    }

    private static func entry<Body: Message>(of _: Body.Type) -> CatalogEntry {
        let contract = Body.contract
        return CatalogEntry(
            type: Body.type, kind: contract.kind, topic: contract.topic, key: contract.key.form, actors: contract.actors.map(\.text),
            needsMAC: contract.needsMAC, readers: contract.readers, answers: contract.answers.map { $0.type }, refusals: contract.refusals,
            summary: contract.summary,
            makeSchema: { Body.schema.document }
        ) { data throws(JSONError) in contract.key(of: try Body.decode(data)) }
    }

    /// A message of coalesced items: `{"items": [{"origin": …, "item": …}]}`.
    private static func entry<Item: InternalItem>(ofItem _: Item.Type) -> CatalogEntry {
        CatalogEntry(
            type: Item.type, kind: .internal, topic: Item.service.commands, key: .shard, actors: [Item.service.actor],
            needsMAC: false, readers: [Item.service], answers: [], refusals: [], summary: Item.summary,
            makeSchema: {
                let item = object([("origin", Origin.schema.document), ("item", Item.schema.document)])
                return object([("items", .object([("type", .string("array")), ("items", item)]))])
            }, readKey: { _ in nil })
    }

    private static func object(_ properties: [(String, JSONValue)]) -> JSONValue {
        .object([
            ("type", .string("object")), ("properties", .object(properties)), ("required", .array(properties.map { .string($0.0) })),
        ])
    }
}

extension ServiceName {
    /// Its `ce_actor`.
    public var actor: String { "service:\(rawValue)" }
}

extension CatalogEntry {
    /// The key of a message of this type, as far as its data tell it, which need not be readable as the type; nil when they do not.
    public func key(in data: JSONValue) -> String? {
        if key == .account {
            if let channelId = data["channelId"]?.string { return PartnerAccount.key(ofChannel: channelId) }
            if let provider = data["provider"]?.string.flatMap({ Provider(rawValue: $0) }), let pin = data["pin"]?.string {
                return PartnerAccount.key(provider, pin)
            }
            return data["authorizationId"]?.string
        }
        return key.fields.lazy.compactMap { data[$0]?.string }.first
    }
}
