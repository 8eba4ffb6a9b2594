public import JSON

/// Partners' JSON as it was seen on the wire: numbers as strings, scalars as arrays of one, list elements wrapped as `{"v1": …}`
/// (JD's Java SDK and two public integrations show all of these). A value is found in each of them.
extension JSONValue {
    /// Without the wrappers: an array of one scalar is the scalar, `{"v1": x}` is x without its own.
    public var unwrapped: JSONValue {
        switch self {
        case .array(let elements) where elements.count == 1:
            switch elements[0] {
            case .array, .object: return self
            default: return elements[0]
            }
        case .object(let members) where members.count == 1 && members[0].0 == "v1": return members[0].1.unwrapped
        default: return self
        }
    }

    /// A text, or a number as text; nil for null, an empty text, and anything else.
    public var wireText: String? {
        switch unwrapped {
        case .string(let text): text.isEmpty ? nil : text
        case .int(let number): String(number)
        case .double(let number): "\(number)"
        default: nil
        }
    }

    /// A whole number, also as text (`"12"`, `12.0`).
    public var wireInt: Int? {
        switch unwrapped {
        case .int(let number): return number
        case .double(let number): return Int(exactly: number)
        case .string(let text):
            if let number = Int(text) { return number }
            return Double(text).flatMap { Int(exactly: $0) }
        default: return nil
        }
    }

    /// A truth value, also as `1`, `"1"`, `"true"`.
    public var wireBool: Bool? {
        switch unwrapped {
        case .bool(let value): value
        case .int(let number): number == 1 ? true : number == 0 ? false : nil
        case .string(let text): text == "true" || text == "1" ? true : text == "false" || text == "0" ? false : nil
        default: nil
        }
    }

    /// The elements of a list, each unwrapped; one object stands for a list of one; empty for anything else.
    public var wireList: [JSONValue] {
        switch self {
        case .array(let elements): elements.map(\.unwrapped)
        case .object(let members) where members.count == 1 && members[0].0 == "v1": members[0].1.wireList
        case .object: [self]
        default: []
        }
    }
}
