/// What text a field accepts. Lengths count UTF-8 bytes as the text is stored.
public struct TextRule: Sendable {
    public var lengths: ClosedRange<Int>
    public var format: String?
    public var pattern: String?
    /// What is expected, for a person.
    public var expectation: String
    /// A further check; nil when lengths are all.
    public var accepts: (@Sendable (UnsafeBufferPointer<UInt8>) -> Bool)?

    public init(
        _ lengths: ClosedRange<Int>, expectation: String, format: String? = nil, pattern: String? = nil,
        accepts: (@Sendable (UnsafeBufferPointer<UInt8>) -> Bool)? = nil
    ) {
        self.lengths = lengths
        self.expectation = expectation
        self.format = format
        self.pattern = pattern
        self.accepts = accepts
    }

    public static let any = TextRule(0...Int.max, expectation: "expected a string")
    /// Up to `maximum` bytes, may be empty.
    public static func text(_ maximum: Int) -> TextRule { TextRule(0...maximum, expectation: "expected text of at most \(maximum) bytes") }
    /// 1 to `maximum` bytes.
    public static func filled(_ maximum: Int) -> TextRule { TextRule(1...maximum, expectation: "expected text of 1 to \(maximum) bytes") }

    func check(_ text: String) throws(JSONError) {
        guard lengths != Self.any.lengths || accepts != nil else { return }
        var text = text
        let fits = text.withUTF8 { lengths.contains($0.count) && (accepts?($0) ?? true) }
        guard fits else { throw .invalid(expectation) }
    }

    func describe(_ schema: Schema) -> Schema {
        var schema = schema
        if lengths != Self.any.lengths { schema.lengths = lengths }
        schema.format = format
        schema.pattern = pattern
        return schema
    }
}

/// How one field is read, checked and written at its place in the object. The functions know the type; the object's code does not.
///
/// A final class of functions that capture nothing but the rule: no copy, no retain, and specialised where the field is declared.
@usableFromInline
final class FieldCodec: Sendable {
    @usableFromInline typealias Read = @Sendable (inout JSONReader, UnsafeMutableRawPointer) throws(JSONError) -> Bool
    @usableFromInline typealias Check = @Sendable (inout JSONReader) throws(JSONError) -> CheckedField

    // The name is a literal: its bytes live as long as the program.
    nonisolated(unsafe) let name: UnsafeRawBufferPointer
    let nameText: String
    let quotedName: [UInt8]
    let offset: Int
    let isRequired: Bool
    let schema: Schema
    /// Reads the value to its place; false when it was null and may be absent.
    let read: Read
    let check: Check
    /// Whether there is a value to write.
    let isPresent: @Sendable (UnsafeRawPointer) -> Bool
    let write: @Sendable (UnsafeRawPointer, inout JSONWriter) -> Void

    @usableFromInline
    init(
        _ name: StaticString, _ offset: Int?, required: Bool, schema: Schema, read: @escaping Read, check: @escaping Check,
        isPresent: @escaping @Sendable (UnsafeRawPointer) -> Bool, write: @escaping @Sendable (UnsafeRawPointer, inout JSONWriter) -> Void
    ) {
        guard let offset else { preconditionFailure("the declared field \(name) is not a stored property") }
        self.name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        nameText = "\(name)"
        quotedName = Array("\"\(name)\":".utf8)
        self.offset = offset
        isRequired = required
        self.schema = schema
        self.read = read
        self.check = check
        self.isPresent = isPresent
        self.write = write
    }
}

/// What a check found: a value (or null), and whether its bytes are as they would be written.
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
