/// A field's way with the values of its type: reads and checks them, or passes over them with the same checks.
///
/// Statically dispatched: each declared field is specialised for its rule.
@usableFromInline
protocol FieldRule<Value>: Sendable {
    associatedtype Value: JSONCodable
    func read(_ reader: inout JSONReader) throws(JSONError) -> Value
    /// Throws what `read` would throw; returns whether the bytes are as `writeJSON` writes them.
    func pass(_ reader: inout JSONReader) throws(JSONError) -> Bool
    func describe(_ schema: Schema) -> Schema
}

/// The values that a field accepts, beyond its type.
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
}

extension Rule: FieldRule {
    @inlinable
    func read(_ reader: inout JSONReader) throws(JSONError) -> Value {
        let value = try Value.readJSON(&reader)
        if let check, reader.checksRules { try check(value) }
        return value
    }

    /// Builds the value only where there is a rule to check it by.
    @inlinable
    func pass(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        guard let check, reader.checksRules else { return try Value.checkJSON(&reader) }
        var again = reader
        let asWritten = try Value.checkJSON(&reader)
        try check(try Value.readJSON(&again))
        return asWritten
    }

    @inlinable
    func describe(_ schema: Schema) -> Schema { constrain(schema) }
}

extension Rule where Value == String {
    public init(_ rule: TextRule) {
        self.init(check: { (text) throws(JSONError) in try rule.check(text) }, constrain: { rule.describe($0) })
    }
}

extension Rule where Value == Int {
    /// A range, both ends included.
    public init(_ range: ClosedRange<Int>) {
        let rule = RangeRule(range: range)
        self.init(check: { (value) throws(JSONError) in try rule.check(value) }, constrain: { rule.describe($0) })
    }
}

extension Rule {
    /// How many elements.
    @inlinable
    public init<Element>(count: ClosedRange<Int>) where Value == [Element] {
        let rule = CountRule<Element>(counts: count)
        self.init(check: { (elements) throws(JSONError) in try rule.check(elements.count) }, constrain: { rule.describe($0) })
    }
}

/// Whole numbers within a range.
@usableFromInline
struct RangeRule: FieldRule {
    let range: ClosedRange<Int>

    func check(_ value: Int) throws(JSONError) {
        guard value >= range.lowerBound, value <= range.upperBound else {
            throw .invalid("expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    @usableFromInline
    func read(_ reader: inout JSONReader) throws(JSONError) -> Int {
        let value = try reader.readInt()
        if reader.checksRules { try check(value) }
        return value
    }

    @usableFromInline
    func pass(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        let (value, asWritten) = try reader.scanInt()
        if reader.checksRules { try check(value) }
        return asWritten
    }

    @usableFromInline
    func describe(_ schema: Schema) -> Schema {
        var schema = schema
        schema.range = range
        return schema
    }
}

/// Arrays of so many elements.
@usableFromInline
struct CountRule<Element: JSONCodable>: FieldRule {
    @usableFromInline let counts: ClosedRange<Int>

    @usableFromInline
    init(counts: ClosedRange<Int>) { self.counts = counts }

    @usableFromInline
    func check(_ count: Int) throws(JSONError) {
        if !counts.contains(count) { throw .invalid("expected \(counts.lowerBound) to \(counts.upperBound) elements") }
    }

    @inlinable
    func read(_ reader: inout JSONReader) throws(JSONError) -> [Element] {
        let elements = try [Element].readJSON(&reader)
        if reader.checksRules { try check(elements.count) }
        return elements
    }

    @inlinable
    func pass(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        let (count, asWritten) = try [Element].passJSON(&reader)
        if reader.checksRules { try check(count) }
        return asWritten
    }

    @usableFromInline
    func describe(_ schema: Schema) -> Schema {
        var schema = schema
        schema.counts = counts
        return schema
    }
}
