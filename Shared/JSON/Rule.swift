/// What values a field accepts beyond its type.
public struct Rule<Value: JSONCodable>: Sendable {
    /// Throws when the value breaks the rule; nil when there is none.
    public let check: (@Sendable (Value) throws(JSONError) -> Void)?
    @usableFromInline let constrain: @Sendable (Schema) -> Schema

    @inlinable
    public init() {
        check = nil
        constrain = { $0 }
    }

    @usableFromInline
    init(check: @escaping @Sendable (Value) throws(JSONError) -> Void, constrain: @escaping @Sendable (Schema) -> Schema) {
        self.check = check
        self.constrain = constrain
    }

    @usableFromInline
    func describe(_ schema: Schema) -> Schema { constrain(schema) }

    /// Checks without building where there is no rule.
    @inlinable
    func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        guard let check else { return try Value.checkJSON(&reader) }
        let start = reader
        let asWritten = try Value.checkJSON(&reader)
        var again = start
        try check(try Value.readJSON(&again))
        return asWritten
    }
}

extension Rule where Value == String {
    public init(_ rule: TextRule) {
        self.init(check: { (text) throws(JSONError) in try rule.check(text) }, constrain: { rule.describe($0) })
    }
}

extension Rule where Value == Int {
    /// A range, both ends included.
    public init(_ range: ClosedRange<Int>) {
        self.init(
            check: { (value) throws(JSONError) in
                if !range.contains(value) { throw .invalid("expected \(range.lowerBound) to \(range.upperBound)") }
            },
            constrain: {
                var schema = $0
                schema.range = range
                return schema
            })
    }
}

extension Rule {
    /// How many elements.
    @inlinable
    public init<Element>(count: ClosedRange<Int>) where Value == [Element] {
        self.init(
            check: { (elements) throws(JSONError) in
                if !count.contains(elements.count) { throw .invalid("expected \(count.lowerBound) to \(count.upperBound) elements") }
            },
            constrain: {
                var schema = $0
                schema.counts = count
                return schema
            })
    }
}
