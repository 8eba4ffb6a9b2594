/// A type with one form in JSON: it reads, checks, writes and describes itself.
public protocol JSONCodable: Sendable {
    /// Consumes one value.
    static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Self
    /// Consumes one value and throws what `readJSON` would throw, without building it. Returns whether the value's bytes are as
    /// `writeJSON` writes them, so that they can be copied through (`Verbatim`).
    static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool
    func writeJSON(_ writer: inout JSONWriter)
    /// Its JSON Schema.
    static var schema: Schema { get }
}

extension JSONCodable {
    @inlinable
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        _ = try readJSON(&reader)
        return false
    }

    /// Reads one document.
    @inlinable
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> Self {
        var reader = JSONReader(bytes)
        let value = try readJSON(&reader)
        try reader.finish()
        return value
    }

    public static func decode(_ bytes: [UInt8]) throws(JSONError) -> Self {
        let result: Result<Self, JSONError> = bytes.withUnsafeBytes { buffer in
            do throws(JSONError) { return .success(try decode(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    public static func decode(_ text: String) throws(JSONError) -> Self { try decode(Array(text.utf8)) }

    /// The JSON of this value.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writeJSON(&writer)
        return writer.bytes
    }
}

extension String: JSONCodable {
    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> String { try reader.readString() }
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        _ = try reader.skipString()
        return true
    }
    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) { writer.string(self) }
    public static var schema: Schema { Schema(type: "string") }
}

extension Int: JSONCodable {
    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Int { try reader.readInt() }
    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) { writer.int(self) }
    public static var schema: Schema { Schema(type: "integer") }
}

extension Double: JSONCodable {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Double { try reader.readDouble() }
    public func writeJSON(_ writer: inout JSONWriter) { writer.double(self) }
    public static var schema: Schema { Schema(type: "number") }
}

extension Bool: JSONCodable {
    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool { try reader.readBool() }
    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) { writer.bool(self) }
    public static var schema: Schema { Schema(type: "boolean") }
}

extension Array: JSONCodable where Element: JSONCodable {
    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> [Element] {
        var elements: [Element] = []
        try reader.readArray { (reader, index) throws(JSONError) in
            do throws(JSONError) { elements.append(try Element.readJSON(&reader)) } catch { throw error.inside(index: index) }
        }
        return elements
    }

    @inlinable
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        var canonical = true
        try reader.readArray { (reader, index) throws(JSONError) in
            do throws(JSONError) { canonical = try Element.checkJSON(&reader) && canonical } catch { throw error.inside(index: index) }
        }
        return canonical
    }

    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) {
        writer.byte(UInt8(ascii: "["))
        for index in indices {
            if index > 0 { writer.byte(UInt8(ascii: ",")) }
            self[index].writeJSON(&writer)
        }
        writer.byte(UInt8(ascii: "]"))
    }

    public static var schema: Schema { Schema(type: "array", items: Element.schema) }
}

extension Dictionary: JSONCodable where Key == String, Value: JSONCodable {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> [String: Value] {
        var members: [String: Value] = [:]
        try reader.readObject { (reader, key) throws(JSONError) in
            let name = key.string
            do throws(JSONError) { members[name] = try Value.readJSON(&reader) } catch { throw error.inside(field: name) }
        }
        return members
    }

    /// Members in the order of their names, so that equal values have equal bytes.
    public func writeJSON(_ writer: inout JSONWriter) {
        writer.byte(UInt8(ascii: "{"))
        for (index, member) in sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { writer.byte(UInt8(ascii: ",")) }
            writer.string(member.key)
            writer.byte(UInt8(ascii: ":"))
            member.value.writeJSON(&writer)
        }
        writer.byte(UInt8(ascii: "}"))
    }

    public static var schema: Schema { Schema(type: "object", additional: Value.schema) }
}

/// An enumeration of strings, lower-case with `-`: its cases are all that is accepted.
public protocol JSONEnumeration: JSONCodable, RawRepresentable, CaseIterable, Sendable where RawValue == String {}

extension JSONEnumeration {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Self {
        guard let value = Self(rawValue: try reader.readString()) else {
            throw .invalid("expected one of \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    public func writeJSON(_ writer: inout JSONWriter) { writer.string(rawValue) }
    public static var schema: Schema { Schema(type: "string", values: allCases.map(\.rawValue)) }
}

/// Any JSON value, kept as its bytes.
public struct RawJSON: JSONCodable, Equatable, Sendable {
    public let bytes: [UInt8]

    /// - Parameter bytes: one JSON value.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> RawJSON {
        _ = reader.next()
        let start = reader.position
        try reader.skipValue()
        return RawJSON(bytes: Array(reader.bytes(from: start)))
    }

    public func writeJSON(_ writer: inout JSONWriter) { writer.raw(bytes) }
    public static var schema: Schema { Schema() }
}

/// A value that is checked when it is read, kept as bytes, and copied through when it is written: for what a decision never looks into.
///
/// Members that `Value` does not declare, and white space, do not pass: such bytes are read and written anew.
public struct Verbatim<Value: JSONCodable>: JSONCodable {
    public let bytes: [UInt8]

    public init(_ value: Value) { bytes = value.json }

    @usableFromInline
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The value itself. Its bytes were checked when they were read.
    public var value: Value {
        get throws(JSONError) { try Value.decode(bytes) }
    }

    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Verbatim<Value> {
        let copy = reader
        let canonical = try Value.checkJSON(&reader)
        if canonical { return Verbatim(bytes: Array(reader.compactBytes(after: copy))) }
        var again = copy
        return Verbatim(try Value.readJSON(&again))
    }

    @inlinable
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool { try Value.checkJSON(&reader) }
    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) { writer.raw(bytes) }
    public static var schema: Schema { Value.schema }
}

extension Verbatim: Equatable { public static func == (left: Verbatim, right: Verbatim) -> Bool { left.bytes == right.bytes } }

extension JSONReader {
    /// The bytes of the value that was passed since `earlier`, without the white space before it.
    @usableFromInline
    func compactBytes(after earlier: JSONReader) -> UnsafeRawBufferPointer {
        var start = earlier
        _ = start.next()
        return bytes(from: start.position)
    }
}
