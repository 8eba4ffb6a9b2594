public import JSON

/// The documents in `Shared/Schemas` that are made from the catalogue: a JSON Schema for each message, and one AsyncAPI document.
/// The same catalogue always gives the same bytes.
public enum SchemaDocuments {
    public struct File: Sendable, Equatable {
        /// Relative to `Shared/Schemas`.
        public var path: String
        public var text: String
    }

    public static var all: [File] {
        [File(path: "asyncapi.json", text: asyncAPI().pretty() + "\n")]
            + Catalog.entries.map { File(path: "json/\($0.type).schema.json", text: jsonSchema($0).pretty() + "\n") }
    }

    /// The data of one message: JSON Schema, draft 2020-12.
    static func jsonSchema(_ entry: CatalogEntry) -> JSONValue {
        var definitions = Definitions(at: "#/$defs/")
        let body = definitions.root(entry.schema)
        return .object(
            [
                ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("$id", .string("urn:daifa:schema:\(entry.type)")),
                ("title", .string(entry.type)), ("description", .string(entry.summary)),
            ] + body + (definitions.found.isEmpty ? [] : [("$defs", .object(definitions.found))]))
    }

    /// Named objects within schemas, each said once and referred to.
    public struct Definitions {
        private let place: String
        public private(set) var found: [(String, JSONValue)] = []

        /// - Parameter place: the JSON pointer of the object that the definitions go into, with a `/` at its end.
        public init(at place: String) { self.place = place }

        /// The members of a message's own schema, but its title, which is a name of the source's.
        public mutating func root(_ schema: JSONValue) -> [(String, JSONValue)] {
            guard case .object(let members) = schema else { return [] }
            return members.filter { $0.0 != "title" }.map { ($0.0, replaced($0.1)) }
        }

        private mutating func replaced(_ value: JSONValue) -> JSONValue {
            switch value {
            case .array(let elements): return .array(elements.map { replaced($0) })
            case .object(let members):
                let copy = JSONValue.object(members.map { ($0.0, replaced($0.1)) })
                guard let name = value["title"]?.string, value["type"]?.string == "object" else { return copy }
                if let known = found.first(where: { $0.0 == name }) {
                    // Two types of one name: the second stays where it is.
                    guard known.1 == copy else { return copy }
                } else {
                    found.append((name, copy))
                }
                return .object([("$ref", .string(place + name))])
            default: return value
            }
        }
    }
}
