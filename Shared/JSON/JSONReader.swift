/// Reads JSON (RFC 8259, UTF-8) from bytes that it does not own, one value at a time, without an intermediate tree.
///
/// It accepts what Foundation's `JSONDecoder` accepts (a byte order mark before the document, and whole numbers written `1.0` or `1e2`, too),
/// with the same values, but for:
/// - Trailing commas, which Foundation passes over, are errors (RFC 8259 has none); so is every mistake in a value that Foundation is not asked for.
/// - UTF-16 and UTF-32, which Foundation guesses from the first bytes, are errors (RFC 8259 section 8.1).
/// - Of members with equal names a declared object takes the last (Foundation: the first), and each must fit its field.
/// - Names are compared byte by byte once escapes are read (Foundation: by canonical equivalence, so that U+212A is `K`).
/// - A number from 2^53 with a fraction is no `Int` (Foundation drops the fraction); `-9223372036854775808.0` is one (there it is not).
///
/// The bytes must outlive the reader. Nesting is bounded (`maximumDepth`), so that no document exhausts the stack.
public struct JSONReader {
    /// The depth that Foundation's decoder allows, so that both accept the same documents.
    public static let maximumDepth = 512

    @usableFromInline let base: UnsafePointer<UInt8>
    @usableFromInline let count: Int
    @usableFromInline var position = 0
    @usableFromInline var depth = 0
    /// Whether what fields accept beyond their types is checked (`JSONCodable.decodeStored`).
    @usableFromInline let checksRules: Bool

    /// - Parameter bytes: the document; an empty one fails at the first read.
    public init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, checksRules: true) }

    @usableFromInline
    init(_ bytes: UnsafeRawBufferPointer, checksRules: Bool) {
        self.checksRules = checksRules
        base = bytes.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? Self.nothing
        count = bytes.count
        if count >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF { position = 3 }
    }

    // Never read: a reader of no bytes stops at once.
    nonisolated(unsafe) private static let nothing: UnsafePointer<UInt8> = {
        let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        pointer.pointee = 0
        return UnsafePointer(pointer)
    }()

    /// The next byte that is not white space, or 0 at the end.
    @inline(__always)
    @usableFromInline mutating func next() -> UInt8 {
        if position < count, base[position] > 0x20 { return base[position] }
        return passSpace()
    }

    @inline(never)
    private mutating func passSpace() -> UInt8 {
        while position < count {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return 0
    }

    @inline(never)
    func syntax(_ reason: String) -> JSONError { JSONError(kind: .syntax(offset: position), reason: reason) }

    /// Nothing but white space may follow the document.
    public mutating func finish() throws(JSONError) {
        _ = next()
        if position < count { throw syntax("unexpected bytes after the document") }
    }

    /// The bytes from `start` up to here: what a `skipValue` has just passed.
    @usableFromInline
    func bytes(from start: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + start, count: position - start) }

    // MARK: Literals

    @inline(__always)
    private mutating func literal(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count - position >= length else { return false }
        for index in 0..<length where base[position + index] != text.utf8Start[index] { return false }
        position += length
        return true
    }

    /// Consumes `null` if it is next.
    public mutating func readNull() throws(JSONError) -> Bool {
        guard next() == UInt8(ascii: "n") else { return false }
        guard literal("null") else { throw syntax("expected a value") }
        return true
    }

    public mutating func readBool() throws(JSONError) -> Bool {
        switch next() {
        case UInt8(ascii: "t"): if literal("true") { return true } else { throw syntax("expected a value") }
        case UInt8(ascii: "f"): if literal("false") { return false } else { throw syntax("expected a value") }
        default: throw try mismatch("true or false")
        }
    }

    /// The error for a value of another type; a value that is no JSON at all is a syntax error.
    @inline(never)
    mutating func mismatch(_ expected: String) throws(JSONError) -> JSONError {
        let first = next()
        let start = position
        try skipValue()
        position = start
        return .invalid(first == UInt8(ascii: "n") ? "must not be null; expected \(expected)" : "expected \(expected)")
    }

    // MARK: Containers

    /// Calls `field` for each member with its raw key; `field` must consume the value.
    @inlinable
    public mutating func readObject(
        _ field: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(JSONError) {
        try enter(UInt8(ascii: "{"), "an object")
        if leave(UInt8(ascii: "}")) { return }
        repeat {
            let key = try readKey()
            try field(&self, key)
        } while try another(before: UInt8(ascii: "}"))
    }

    /// Calls `element` for each element with its index; `element` must consume the value.
    @inlinable
    public mutating func readArray(_ element: (inout JSONReader, Int) throws(JSONError) -> Void) throws(JSONError) {
        try enter(UInt8(ascii: "["), "an array")
        if leave(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            try element(&self, index)
            index += 1
        } while try another(before: UInt8(ascii: "]"))
    }

    @usableFromInline
    mutating func enter(_ bracket: UInt8, _ expected: StaticString) throws(JSONError) {
        guard next() == bracket else { throw try mismatch("\(expected)") }
        position += 1
        depth += 1
        if depth > Self.maximumDepth { throw syntax("nested deeper than \(Self.maximumDepth)") }
    }

    @usableFromInline
    mutating func leave(_ bracket: UInt8) -> Bool {
        guard next() == bracket else { return false }
        position += 1
        depth -= 1
        return true
    }

    @usableFromInline
    mutating func another(before bracket: UInt8) throws(JSONError) -> Bool {
        switch next() {
        case UInt8(ascii: ","):
            position += 1
            return true
        case bracket:
            position += 1
            depth -= 1
            return false
        default: throw syntax("expected ',' or '\(Character(UnicodeScalar(bracket)))'")
        }
    }

    @usableFromInline
    mutating func readKey() throws(JSONError) -> JSONKey {
        guard next() == UInt8(ascii: "\"") else { throw syntax("expected a member's name in quotes") }
        let text = try scanString()
        guard next() == UInt8(ascii: ":") else { throw syntax("expected ':'") }
        position += 1
        return JSONKey(bytes: UnsafeRawBufferPointer(bytes(text)), hasEscapes: text.hasEscapes)
    }

    /// Passes over any value, checking that it is JSON.
    public mutating func skipValue() throws(JSONError) {
        switch next() {
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "{"): try readObject { (reader, _) throws(JSONError) in try reader.skipValue() }
        case UInt8(ascii: "["): try readArray { (reader, _) throws(JSONError) in try reader.skipValue() }
        case UInt8(ascii: "t"): if !literal("true") { throw syntax("expected a value") }
        case UInt8(ascii: "f"): if !literal("false") { throw syntax("expected a value") }
        case UInt8(ascii: "n"): if !literal("null") { throw syntax("expected a value") }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try scanNumber()
        default: throw syntax(position < count ? "expected a value" : "the document ends too early")
        }
    }

    /// Whether these bytes are one JSON document.
    public static func isJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var reader = JSONReader(bytes)
        do {
            try reader.skipValue()
            try reader.finish()
            return true
        } catch { return false }
    }
}

/// A member's name as it stands in the document.
public struct JSONKey {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline let hasEscapes: Bool

    @usableFromInline
    init(bytes: UnsafeRawBufferPointer, hasEscapes: Bool) {
        self.bytes = bytes
        self.hasEscapes = hasEscapes
    }

    /// Whether this key is `name` once its escapes are read.
    @inlinable
    public func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        if hasEscapes { return Array(string.utf8).elementsEqual(name) }
        guard bytes.count == name.count else { return false }
        for index in 0..<name.count where bytes[index] != name[index] { return false }
        return true
    }

    /// The name with its escapes read.
    public var string: String { hasEscapes ? JSONReader.unescape(bytes) : String(decoding: bytes, as: UTF8.self) }
}
