/// How one field is read, checked and written at its place in the object. The functions know the type; the object's code does not.
///
/// A final class of functions that capture nothing but the rule: no copy, no retain, and specialised where the field is declared.
@usableFromInline
final class FieldCodec: Sendable {
    @usableFromInline typealias Read = @Sendable (inout JSONReader, UnsafeMutableRawPointer) throws(JSONError) -> Bool
    @usableFromInline typealias Check = @Sendable (inout JSONReader) throws(JSONError) -> CheckedField
    @usableFromInline typealias Write = @Sendable (UnsafeRawPointer, UnsafeRawBufferPointer, inout JSONWriter) -> Void

    let name: StaticString
    /// Where the property is in the object, in bytes.
    let offset: Int
    let isRequired: Bool
    let schema: Schema
    /// Reads the value to its place; false when it was null and may be absent.
    let read: Read
    let check: Check
    /// Writes the member (its name with comma and colon is given) if there is a value.
    let write: Write

    @usableFromInline
    init(
        _ name: StaticString, _ offset: Int?, required: Bool, schema: Schema, read: @escaping Read, check: @escaping Check,
        write: @escaping Write
    ) {
        guard let offset else { preconditionFailure("the declared field \(name) is not a stored property") }
        precondition(Self.isPlain(name), "the name of the declared field \(name) is to be ASCII without quotes, \\ and control characters")
        self.name = name
        self.offset = offset
        isRequired = required
        self.schema = schema
        self.read = read
        self.check = check
        self.write = write
    }

    // So that a name's bytes in a document are the name, and its quotation needs no escapes.
    private static func isPlain(_ name: StaticString) -> Bool {
        name.hasPointerRepresentation
            && "\(name)".utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    @inlinable
    static func required<Value, Accepted: FieldRule<Value>>(_ name: StaticString, _ offset: Int?, _ rule: Accepted) -> FieldCodec {
        FieldCodec(
            name, offset, required: true, schema: rule.describe(Value.schema),
            read: { (reader, place) throws(JSONError) in
                place.assumingMemoryBound(to: Value.self).pointee = try rule.read(&reader)
                return true
            },
            check: { (reader) throws(JSONError) in CheckedField(present: true, asWritten: try rule.pass(&reader)) },
            write: { (place, name, writer) in
                writer.raw(name)
                Value.writeJSON(at: place.assumingMemoryBound(to: Value.self), &writer)
            })
    }

    @inlinable
    static func optional<Value, Accepted: FieldRule<Value>>(_ name: StaticString, _ offset: Int?, _ rule: Accepted) -> FieldCodec {
        FieldCodec(
            name, offset, required: false, schema: rule.describe(Value.schema),
            read: { (reader, place) throws(JSONError) in
                if try reader.readNull() {
                    place.assumingMemoryBound(to: Value?.self).pointee = nil
                    return false
                }
                place.assumingMemoryBound(to: Value?.self).pointee = try rule.read(&reader)
                return true
            },
            check: { (reader) throws(JSONError) in
                if try reader.readNull() { return CheckedField(present: false, asWritten: false) }
                return CheckedField(present: true, asWritten: try rule.pass(&reader))
            },
            write: { (place, name, writer) in
                guard let value = place.assumingMemoryBound(to: Value?.self).pointee else { return }
                writer.raw(name)
                value.writeJSON(&writer)
            })
    }
}

/// The result of a check: a value (or null), and whether its bytes are as they would be written.
@usableFromInline
struct CheckedField {
    @usableFromInline let present: Bool
    @usableFromInline let asWritten: Bool

    @usableFromInline
    init(present: Bool, asWritten: Bool) {
        self.present = present
        self.asWritten = asWritten
    }
}

/// The declared fields of one type, laid out so that going through them neither copies nor counts references.
///
/// Owned by `Fields`, which must outlive every use.
@usableFromInline
struct FieldTable: @unchecked Sendable {
    struct Entry {
        // The name is a literal: its bytes live as long as the program.
        let name: UnsafeRawBufferPointer
        /// `,"name":`
        let member: UnsafeRawBufferPointer
        let offset: Int
        let codec: Unmanaged<FieldCodec>
    }

    let entries: UnsafeMutableBufferPointer<Entry>
    /// A bit for each required field.
    let required: UInt64

    init(_ codecs: [FieldCodec]) {
        precondition(codecs.count <= 64, "an object declares at most 64 fields")
        entries = .allocate(capacity: codecs.count)
        var required: UInt64 = 0
        for (index, codec) in codecs.enumerated() {
            let member = UnsafeMutableRawBufferPointer.allocate(byteCount: codec.name.utf8CodeUnitCount + 4, alignment: 1)
            member.copyBytes(from: ",\"\(codec.name)\":".utf8)
            entries.initializeElement(
                at: index,
                to: Entry(
                    name: UnsafeRawBufferPointer(start: codec.name.utf8Start, count: codec.name.utf8CodeUnitCount),
                    member: UnsafeRawBufferPointer(member), offset: codec.offset, codec: .passRetained(codec)))
            if codec.isRequired { required |= 1 << UInt64(index) }
        }
        self.required = required
    }

    func deallocate() {
        for entry in entries {
            entry.member.deallocate()
            entry.codec.release()
        }
        entries.deallocate()
    }
}
