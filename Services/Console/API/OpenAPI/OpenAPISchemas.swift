import Contracts
import JSON

/// The schemas of the document: each named one, and those that it is made of, said once.
struct OpenAPISchemas {
    private var definitions = SchemaDocuments.Definitions(at: "#/components/schemas/")
    private var named: [(String, JSONValue)] = []

    var members: [(String, JSONValue)] { named + definitions.found }

    mutating func add(_ name: String, _ schema: Schema) { add(name, schema.document) }
    mutating func add(_ name: String, _ schema: JSONValue) { named.append((name, .object(definitions.root(schema)))) }

    /// The data of a command as a request may give it: an optional field may also be null.
    mutating func add(input entry: CatalogEntry) {
        guard case .object(let members) = Self.input(entry.schema) else { return }
        let choices = Self.keys(entry).map { names -> JSONValue in
            let texts = names.map { ($0, JSONValue.object([("type", .string("string"))])) }
            return .object([("properties", .object(texts)), ("required", .array(names.map { .string($0) }))])
        }
        add(entry.type, .object(members + (choices.isEmpty ? [] : [("anyOf", .array(choices))])))
    }

    /// Fields of which a command gives one group at least, or nobody knew whom it is for.
    private static func keys(_ entry: CatalogEntry) -> [[String]] {
        switch entry.key {
        case .either(let first, let second): [[first], [second]]
        case .account where entry.schema["properties"]?["pin"] != nil: [["channelId"], ["provider", "pin"]]
        default: []
        }
    }

    private static func input(_ schema: JSONValue) -> JSONValue {
        guard case .object(let members) = schema else { return schema }
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        return .object(
            members.map { name, value in
                switch (name, value) {
                case ("properties", .object(let properties)):
                    (
                        name,
                        .object(properties.map { ($0, required.contains($0) ? input($1) : optional(input($1))) })
                    )
                case ("items", _), ("additionalProperties", _): (name, input(value))
                // What may be null is another schema than that of the same name in answers.
                case ("title", .string(let title)): (name, .string("\(title)Input"))
                default: (name, value)
                }
            })
    }

    /// The schema of a field that is never taken, and that of any value, stay as they are.
    private static func optional(_ schema: JSONValue) -> JSONValue {
        guard case .object(let members) = schema, let type = schema["type"]?.string, schema["pattern"]?.string != "(?!)" else {
            return schema
        }
        if type == "object" { return .object([("anyOf", .array([schema, .object([("type", .string("null"))])]))]) }
        return .object(
            members.map { name, value in
                switch (name, value) {
                case ("type", _): (name, .array([value, .string("null")]))
                case ("enum", .array(let values)): (name, .array(values + [.null]))
                default: (name, value)
                }
            })
    }
}
