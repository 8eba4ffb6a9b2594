/// The texts that a field accepts. Lengths count UTF-8 bytes as the text is stored. A rule that takes no empty text takes no blank one
/// either: one character at least is visible (``VisibleText``).
public struct TextRule: Sendable {
    public var lengths: ClosedRange<Int>
    public var format: String?
    public var pattern: String?
    /// The expectation, as an error tells it to a person.
    public var expectation: String
    /// A further check; nil when lengths are all.
    public var accepts: (@Sendable (UnsafeBufferPointer<UInt8>) -> Bool)?

    /// - Parameter pattern: what a JSON Schema says of the text; nil: that it has a visible character, unless it may be empty.
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
    /// 1 to `maximum` bytes, one visible character at least.
    public static func filled(_ maximum: Int) -> TextRule {
        TextRule(1...maximum, expectation: "expected text of 1 to \(maximum) bytes with a visible character")
    }

    /// Whether a text of our own making would be accepted.
    public func allows(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { fits($0) }
    }

    func check(_ text: String) throws(JSONError) {
        var text = text
        guard text.withUTF8({ fits($0) }) else { throw .invalid(expectation) }
    }

    @inline(__always)
    private func fits(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= lengths.lowerBound, text.count <= lengths.upperBound else { return false }
        guard lengths.lowerBound == 0 || VisibleText.isIn(text) else { return false }
        guard let accepts else { return true }
        return accepts(text)
    }
}

extension TextRule: FieldRule {
    @usableFromInline
    func read(_ reader: inout JSONReader) throws(JSONError) -> String {
        let text = try reader.scanText()
        if text.hasEscapes {
            let value = reader.string(text)
            if reader.checksRules { try check(value) }
            return value
        }
        // Without escapes the document's bytes are the text: a wrong one is never built.
        guard !reader.checksRules || fits(reader.bytes(text)) else { throw .invalid(expectation) }
        return reader.string(text)
    }

    @usableFromInline
    func pass(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        let text = try reader.scanText()
        if text.hasEscapes {
            if reader.checksRules { try check(reader.string(text)) }
            return false
        }
        guard !reader.checksRules || fits(reader.bytes(text)) else { throw .invalid(expectation) }
        return true
    }

    @usableFromInline
    func describe(_ schema: Schema) -> Schema {
        var schema = schema
        if lengths != Self.any.lengths { schema.lengths = lengths }
        schema.format = format
        schema.pattern = pattern ?? (lengths.lowerBound > 0 ? VisibleText.pattern : nil)
        return schema
    }
}
