/// A JSON Schema (draft 2020-12, also a valid draft 7), in the part that declared fields need.
public struct Schema: Sendable, Equatable {
    public var type: String?
    public var title: String?
    public var description: String?
    public var values: [String]?
    public var format: String?
    public var pattern: String?
    public var lengths: ClosedRange<Int>?
    public var range: ClosedRange<Int>?
    public var counts: ClosedRange<Int>?
    private var nested: [Schema] = []
    public var properties: [Property]?

    public struct Property: Sendable, Equatable {
        public var name: String
        public var schema: Schema
        public var isRequired: Bool
    }

    public var items: Schema? { type == "array" ? nested.first : nil }
    public var additional: Schema? { type == "object" ? nested.first : nil }

    public init(type: String? = nil, values: [String]? = nil, items: Schema? = nil, additional: Schema? = nil) {
        self.type = type
        self.values = values
        nested = [items, additional].compactMap { $0 }
    }

    /// The schema as a tree, members in a fixed order.
    public var document: JSONValue {
        var members: [(String, JSONValue)] = []
        func add(_ name: String, _ value: JSONValue?) { if let value { members.append((name, value)) } }
        add("title", title.map { .string($0) })
        add("description", description.map { .string($0) })
        add("type", type.map { .string($0) })
        add("enum", values.map { .array($0.map { .string($0) }) })
        add("format", format.map { .string($0) })
        add("pattern", pattern.map { .string($0) })
        add("minLength", lengths.flatMap { $0.lowerBound > 0 ? .int($0.lowerBound) : nil })
        add("maxLength", lengths.flatMap { $0.upperBound < .max ? .int($0.upperBound) : nil })
        add("minimum", range.map { .int($0.lowerBound) })
        add("maximum", range.flatMap { $0.upperBound < .max ? .int($0.upperBound) : nil })
        add("minItems", counts.flatMap { $0.lowerBound > 0 ? .int($0.lowerBound) : nil })
        add("maxItems", counts.flatMap { $0.upperBound < .max ? .int($0.upperBound) : nil })
        add("items", items?.document)
        add("additionalProperties", additional?.document)
        if let properties {
            let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
            add("properties", .object(properties.map { ($0.name, $0.schema.document) }))
            if !required.isEmpty { add("required", .array(required)) }
        }
        return .object(members)
    }
}
