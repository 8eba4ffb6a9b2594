/// An object whose fields are declared once: reader, writer, validation with the field's path and JSON Schema come from `fields`.
///
/// A field that the type does not declare is ignored; of a field that comes twice, the last counts. Declare `fields` as a `static let`:
/// making it is much dearer than reading an object.
public protocol Declared: JSONCodable {
    /// The value that reading starts from: required fields have no value of their own yet. Builders have no `Blank` to call it with;
    /// they are given an initialiser whose parameters are the required fields.
    init(blank: Blank)
    static var fields: Fields<Self> { get }
}

/// The right to begin with a value that has nothing in its required fields: only this module, which reads them next, can make one.
public struct Blank: Sendable {
    @usableFromInline
    init() {}
}

/// A declared object that may begin empty and be filled step by step: the state of an aggregate that does not exist yet.
public protocol DefaultInitializable: Declared {
    init()
}

extension DefaultInitializable {
    @inlinable
    public init(blank: Blank) { self.init() }
}

/// The declared fields of an object, in the order in which they are written.
public final class Fields<Root>: Sendable {
    @usableFromInline let table: FieldTable

    public init(_ fields: Field<Root>...) { table = FieldTable(fields.map(\.codec)) }

    deinit { table.deallocate() }

    /// The name in JSON of the field that is stored in this property; nil for a path to anything else.
    public func name(of path: PartialKeyPath<Root>) -> String? {
        guard let offset = MemoryLayout<Root>.offset(of: path) else { return nil }
        return table.entries.first { $0.offset == offset }.map { "\($0.codec.takeUnretainedValue().name)" }
    }
}

/// One declared field: its name in JSON, where it is stored, and its rule. A field whose property is optional may be absent or null.
public struct Field<Root> {
    let codec: FieldCodec

    @usableFromInline
    init(_ codec: FieldCodec) { self.codec = codec }

    /// A required field of any type.
    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, Value>, rule: Rule<Value> = Rule()) {
        self.init(.required(name, MemoryLayout<Root>.offset(of: path), rule))
    }

    /// A field that may be absent.
    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, Value?>, rule: Rule<Value> = Rule()) {
        self.init(.optional(name, MemoryLayout<Root>.offset(of: path), rule))
    }

    public init(_ name: StaticString, _ path: WritableKeyPath<Root, String>, _ rule: TextRule) {
        self.init(.required(name, MemoryLayout<Root>.offset(of: path), rule))
    }

    public init(_ name: StaticString, _ path: WritableKeyPath<Root, String?>, _ rule: TextRule) {
        self.init(.optional(name, MemoryLayout<Root>.offset(of: path), rule))
    }

    public init(_ name: StaticString, _ path: WritableKeyPath<Root, Int>, _ range: ClosedRange<Int>) {
        self.init(.required(name, MemoryLayout<Root>.offset(of: path), RangeRule(range: range)))
    }

    public init(_ name: StaticString, _ path: WritableKeyPath<Root, Int?>, _ range: ClosedRange<Int>) {
        self.init(.optional(name, MemoryLayout<Root>.offset(of: path), RangeRule(range: range)))
    }

    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, [Value]>, count: ClosedRange<Int>) {
        self.init(.required(name, MemoryLayout<Root>.offset(of: path), CountRule<Value>(counts: count)))
    }

    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, [Value]?>, count: ClosedRange<Int>) {
        self.init(.optional(name, MemoryLayout<Root>.offset(of: path), CountRule<Value>(counts: count)))
    }
}

extension Declared {
    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Self {
        var value = Self(blank: Blank())
        let fields = fields
        // The address is used only while `value` is exclusively ours.
        let failure = withUnsafeMutablePointer(to: &value) { place in
            withExtendedLifetime(fields) { DeclaredObject.read(fields.table, into: UnsafeMutableRawPointer(place), &reader) }
        }
        if let failure { throw failure }
        return value
    }

    /// Of an object that breaks its rules, the fields that fit; the others are as `init(blank:)` has them. nil: it is no JSON object.
    public static func decodeWhatFits(_ bytes: UnsafeRawBufferPointer) -> Self? {
        var value = Self(blank: Blank())
        var reader = JSONReader(bytes)
        let fields = fields
        let failure = withUnsafeMutablePointer(to: &value) { place in
            withExtendedLifetime(fields) { DeclaredObject.readWhatFits(fields.table, into: UnsafeMutableRawPointer(place), &reader) }
        }
        return failure == nil ? value : nil
    }

    @inlinable
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        let fields = fields
        var asWritten = true
        let failure = withExtendedLifetime(fields) { DeclaredObject.check(fields.table, &reader, &asWritten) }
        if let failure { throw failure }
        return asWritten
    }

    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) {
        withUnsafePointer(to: self) { Self.writeJSON(at: $0, &writer) }
    }

    @inlinable
    public static func writeJSON(at place: UnsafePointer<Self>, _ writer: inout JSONWriter) {
        let fields = fields
        withExtendedLifetime(fields) { DeclaredObject.write(fields.table, from: UnsafeRawPointer(place), &writer) }
    }

    public static var schema: Schema {
        let fields = fields
        var schema = Schema(type: "object")
        schema.title = "\(Self.self)"
        schema.properties = withExtendedLifetime(fields) {
            fields.table.entries.map {
                let codec = $0.codec.takeUnretainedValue()
                return Schema.Property(name: "\(codec.name)", schema: codec.schema, isRequired: codec.isRequired)
            }
        }
        return schema
    }
}
