/// An object whose fields are declared once: reader, writer, validation with the field's path and JSON Schema come from `fields`.
///
/// A field that the type does not declare is ignored. `init()` gives the value that reading starts from.
public protocol Declared: JSONCodable {
    init()
    static var fields: Fields<Self> { get }
}

/// The declared fields of an object, in the order in which they are written.
public final class Fields<Root>: @unchecked Sendable {
    // Immutable after init; codecs hold no state.
    @usableFromInline let all: [FieldCodec]

    public init(_ fields: Field<Root>...) {
        precondition(fields.count <= 64, "an object declares at most 64 fields")
        all = fields.map(\.codec)
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
        let codec = FieldCodec(
            name, MemoryLayout<Root>.offset(of: path), required: true, schema: rule.describe(Value.schema),
            read: { (reader, place) throws(JSONError) in
                let value = try Value.readJSON(&reader)
                try rule.check?(value)
                place.assumingMemoryBound(to: Value.self).pointee = value
                return true
            },
            check: { (reader) throws(JSONError) in CheckedField(present: true, asWritten: try rule.checkJSON(&reader)) },
            isPresent: { _ in true },
            write: { (place, writer) in place.assumingMemoryBound(to: Value.self).pointee.writeJSON(&writer) })
        self.init(codec)
    }

    /// A field that may be absent.
    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, Value?>, rule: Rule<Value> = Rule()) {
        let codec = FieldCodec(
            name, MemoryLayout<Root>.offset(of: path), required: false, schema: rule.describe(Value.schema),
            read: { (reader, place) throws(JSONError) in
                if try reader.readNull() {
                    place.assumingMemoryBound(to: Value?.self).pointee = nil
                    return false
                }
                let value = try Value.readJSON(&reader)
                try rule.check?(value)
                place.assumingMemoryBound(to: Value?.self).pointee = value
                return true
            },
            check: { (reader) throws(JSONError) in
                if try reader.readNull() { return CheckedField(present: false, asWritten: false) }
                return CheckedField(present: true, asWritten: try rule.checkJSON(&reader))
            },
            isPresent: { place in place.assumingMemoryBound(to: Value?.self).pointee != nil },
            write: { (place, writer) in place.assumingMemoryBound(to: Value?.self).pointee?.writeJSON(&writer) })
        self.init(codec)
    }

    public init(_ name: StaticString, _ path: WritableKeyPath<Root, String>, _ rule: TextRule) { self.init(name, path, rule: Rule(rule)) }
    public init(_ name: StaticString, _ path: WritableKeyPath<Root, String?>, _ rule: TextRule) { self.init(name, path, rule: Rule(rule)) }
    public init(_ name: StaticString, _ path: WritableKeyPath<Root, Int>, _ range: ClosedRange<Int>) {
        self.init(name, path, rule: Rule(range))
    }
    public init(_ name: StaticString, _ path: WritableKeyPath<Root, Int?>, _ range: ClosedRange<Int>) {
        self.init(name, path, rule: Rule(range))
    }

    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, [Value]>, count: ClosedRange<Int>) {
        self.init(name, path, rule: Rule(count: count))
    }

    @inlinable
    public init<Value: JSONCodable>(_ name: StaticString, _ path: WritableKeyPath<Root, [Value]?>, count: ClosedRange<Int>) {
        self.init(name, path, rule: Rule(count: count))
    }
}

extension Declared {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Self {
        var value = Self()
        let fields = fields.all
        // The address is used only while `value` is exclusively ours.
        let result: JSONError? = withUnsafeMutableBytes(of: &value) { storage in
            DeclaredObject.read(fields, into: storage.baseAddress, &reader)
        }
        if let result { throw result }
        return value
    }

    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        var canonical = true
        if let error = DeclaredObject.check(fields.all, &reader, &canonical) { throw error }
        return canonical
    }

    public func writeJSON(_ writer: inout JSONWriter) {
        withUnsafeBytes(of: self) { storage in
            guard let start = storage.baseAddress else { return writer.raw("{}") }
            DeclaredObject.write(Self.fields.all, from: start, &writer)
        }
    }

    public static var schema: Schema {
        var schema = Schema(type: "object")
        schema.title = "\(Self.self)"
        schema.properties = fields.all.map { Schema.Property(name: $0.nameText, schema: $0.schema, isRequired: $0.isRequired) }
        return schema
    }
}

enum DeclaredObject {
    /// Reads the members into the object at `start`. Members mostly come in the declared order: the next one is tried first.
    static func read(_ fields: [FieldCodec], into start: UnsafeMutableRawPointer?, _ reader: inout JSONReader) -> JSONError? {
        var seen: UInt64 = 0
        do throws(JSONError) {
            var expected = 0
            try reader.readObject { (reader, key) throws(JSONError) in
                guard let start, let index = find(key, fields, &expected) else { return try reader.skipValue() }
                let field = fields[index]
                do throws(JSONError) {
                    if try field.read(&reader, start + field.offset) { seen |= 1 << UInt64(index) } else { seen &= ~(1 << UInt64(index)) }
                } catch { throw error.inside(field: field.nameText) }
            }
            try complain(fields, seen)
        } catch { return error }
        return nil
    }

    static func check(_ fields: [FieldCodec], _ reader: inout JSONReader, _ canonical: inout Bool) -> JSONError? {
        var seen: UInt64 = 0
        let start = reader
        var plain = true
        do throws(JSONError) {
            var expected = 0
            var length = 2
            var last = -1
            try reader.readObject { (reader, key) throws(JSONError) in
                guard let index = find(key, fields, &expected) else {
                    plain = false
                    return try reader.skipValue()
                }
                let field = fields[index]
                let before = reader
                do throws(JSONError) {
                    let found = try field.check(&reader)
                    if found.present { seen |= 1 << UInt64(index) }
                    if !found.present || !found.asWritten || index <= last { plain = false }
                } catch { throw error.inside(field: field.nameText) }
                last = index
                // Quotes, colon and comma: any more bytes than these are white space.
                length += key.bytes.count + 4 + reader.compactBytes(after: before).count
            }
            try complain(fields, seen)
            if seen != 0 { length -= 1 }
            if plain, reader.compactBytes(after: start).count != length { plain = false }
        } catch { return error }
        canonical = plain
        return nil
    }

    static func write(_ fields: [FieldCodec], from start: UnsafeRawPointer, _ writer: inout JSONWriter) {
        var separator = UInt8(ascii: "{")
        for field in fields where field.isPresent(start + field.offset) {
            writer.byte(separator)
            writer.raw(field.quotedName)
            field.write(start + field.offset, &writer)
            separator = UInt8(ascii: ",")
        }
        if separator == UInt8(ascii: "{") { writer.byte(separator) }
        writer.byte(UInt8(ascii: "}"))
    }

    @inline(__always)
    private static func find(_ key: JSONKey, _ fields: [FieldCodec], _ expected: inout Int) -> Int? {
        let count = fields.count
        var index = expected
        for _ in 0..<count {
            if index >= count { index = 0 }
            if key.matches(fields[index].name) {
                expected = index + 1
                return index
            }
            index += 1
        }
        return nil
    }

    private static func complain(_ fields: [FieldCodec], _ seen: UInt64) throws(JSONError) {
        for (index, field) in fields.enumerated() where field.isRequired && seen & (1 << UInt64(index)) == 0 {
            throw .invalid("is missing; it is required", path: field.nameText)
        }
    }
}
