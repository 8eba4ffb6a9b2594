/// A type with one form in JSON: it reads, checks, writes and describes itself.
public protocol JSONCodable: Sendable {
    /// Consumes one value.
    static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Self
    /// Consumes one value and throws what `readJSON` would throw, without building it. Returns whether the value's bytes are as
    /// `writeJSON` writes them, so that they can be copied through (`Verbatim`).
    static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool
    func writeJSON(_ writer: inout JSONWriter)
    /// Writes the value at `place` without copying it.
    static func writeJSON(at place: UnsafePointer<Self>, _ writer: inout JSONWriter)
    /// Its JSON Schema.
    static var schema: Schema { get }
}

extension JSONCodable {
    @inlinable
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        _ = try readJSON(&reader)
        return false
    }

    @inlinable
    public static func writeJSON(at place: UnsafePointer<Self>, _ writer: inout JSONWriter) { place.pointee.writeJSON(&writer) }

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

    /// Reads one document that this program (or an older one) has written for itself: by the types of its fields alone.
    ///
    /// Rules say which input is accepted from outside. A value that was accepted once, or put together from accepted ones, is read again
    /// even where it is longer, larger or blank: a rule that became narrower, or that was narrower than its source, makes nothing
    /// unreadable.
    public static func decodeStored(_ bytes: [UInt8]) throws(JSONError) -> Self {
        let result: Result<Self, JSONError> = bytes.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer, checksRules: false)
            do throws(JSONError) {
                let value = try readJSON(&reader)
                try reader.finish()
                return .success(value)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

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
    /// Without escapes: one that we would write, but differently or not at all (`\/`, `\u0041`), is not told from the others.
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        !(try reader.scanText().hasEscapes)
    }
    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) { writer.string(self) }
    public static var schema: Schema { Schema(type: "string") }
}

extension Int: JSONCodable {
    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Int { try reader.readInt() }
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool { try reader.scanInt().asWritten }
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
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        _ = try reader.readBool()
        return true
    }
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
        try passJSON(&reader).asWritten
    }

    @inlinable
    static func passJSON(_ reader: inout JSONReader) throws(JSONError) -> (count: Int, asWritten: Bool) {
        _ = reader.next()
        let start = reader.position
        // Brackets, elements and a comma for each but the last: any more bytes are white space.
        var length = 2
        var count = 0
        var asWritten = true
        try reader.readArray { (reader, index) throws(JSONError) in
            _ = reader.next()
            let elementStart = reader.position
            do throws(JSONError) { if !(try Element.checkJSON(&reader)) { asWritten = false } } catch { throw error.inside(index: index) }
            length += reader.position - elementStart + (index > 0 ? 1 : 0)
            count += 1
        }
        return (count, asWritten && reader.position - start == length)
    }

    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) {
        writer.byte(UInt8(ascii: "["))
        withUnsafeBufferPointer { elements in
            guard let first = elements.baseAddress else { return }
            for index in elements.indices {
                if index > 0 { writer.byte(UInt8(ascii: ",")) }
                Element.writeJSON(at: first + index, &writer)
            }
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

    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        _ = reader.next()
        let start = reader.position
        let value = try readJSON(&reader)
        // Swift compares strings by canonical equivalence, we write these bytes.
        return value.rawValue.utf8.elementsEqual(reader.bytes(from: start).dropFirst().dropLast())
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

    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        try reader.skipValue()
        return true
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
        get throws(JSONError) { try Value.decodeStored(bytes) }
    }

    @inlinable
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Verbatim<Value> {
        _ = reader.next()
        let start = reader
        let asWritten = try Value.checkJSON(&reader)
        if asWritten { return Verbatim(bytes: Array(reader.bytes(from: start.position))) }
        var again = start
        return Verbatim(try Value.readJSON(&again))
    }

    @inlinable
    public static func checkJSON(_ reader: inout JSONReader) throws(JSONError) -> Bool { try Value.checkJSON(&reader) }
    @inlinable
    public func writeJSON(_ writer: inout JSONWriter) { writer.raw(bytes) }
    public static var schema: Schema { Value.schema }
}

extension Verbatim: Equatable { public static func == (left: Verbatim, right: Verbatim) -> Bool { left.bytes == right.bytes } }
