/// Any JSON value as a tree: for tools and generated documents, not for messages (they declare their fields).
public indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])

    /// The member with this name, or the element, if this is an object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.0 == name }?.1
    }

    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var int: Int? { if case .int(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}

extension JSONValue: Equatable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        // JSON has one kind of number: a whole `Double` is written, and read again, as an `Int`.
        case (.int(let a), .double(let b)), (.double(let b), .int(let a)): a == Int(exactly: b)
        case (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        default: false
        }
    }
}

extension JSONValue: JSONCodable {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
        switch reader.next() {
        case UInt8(ascii: "n"):
            _ = try reader.readNull()
            return .null
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try reader.readBool())
        case UInt8(ascii: "\""): return .string(try reader.readString())
        case UInt8(ascii: "["): return .array(try [JSONValue].readJSON(&reader))
        case UInt8(ascii: "{"):
            var members: [(String, JSONValue)] = []
            try reader.readObject { (reader, key) throws(JSONError) in members.append((key.string, try JSONValue.readJSON(&reader))) }
            return .object(members)
        default:
            let start = reader
            do throws(JSONError) { return .int(try reader.readInt()) } catch {
                if error.isSyntax { throw error }
                reader = start
                return .double(try reader.readDouble())
            }
        }
    }

    public func writeJSON(_ writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.int(value)
        case .double(let value): writer.double(value)
        case .string(let text): writer.string(text)
        case .array(let elements): elements.writeJSON(&writer)
        case .object(let members):
            writer.byte(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { writer.byte(UInt8(ascii: ",")) }
                writer.string(member.0)
                writer.byte(UInt8(ascii: ":"))
                member.1.writeJSON(&writer)
            }
            writer.byte(UInt8(ascii: "}"))
        }
    }

    public static var schema: Schema { Schema() }

    /// The document with two spaces of indentation, as it is committed and shown to people.
    public func pretty(_ indentation: Int = 0) -> String {
        let pad = String(repeating: "  ", count: indentation + 1)
        let end = "\n" + String(repeating: "  ", count: indentation)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { pad + $0.pretty(indentation + 1) }.joined(separator: ",\n") + end + "]"
        case .object(let members) where !members.isEmpty:
            return "{\n"
                + members.map { "\(pad)\(JSONValue.string($0.0).pretty()): \($0.1.pretty(indentation + 1))" }.joined(separator: ",\n") + end
                + "}"
        default: return String(decoding: json, as: UTF8.self)
        }
    }
}
