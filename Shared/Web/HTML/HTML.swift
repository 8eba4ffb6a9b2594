/// A piece of a page: bytes of UTF-8 in which every text is escaped.
///
/// A `String` becomes one only by escaping; elements are made by the functions in this module (`div`, `table` …), whose attributes are a closed
/// list. There is no way in for markup that is written as text.
public struct HTML: Sendable, Equatable {
    /// As they are sent.
    public private(set) var bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nothing.
    public static let empty = HTML(bytes: [])

    /// A text, in which `& < > " '` are escaped.
    public init(_ text: String) {
        bytes = []
        Self.escape(text, &bytes)
    }

    /// The pieces behind each other.
    public init(_ pieces: [HTML]) {
        bytes = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.bytes.count })
        for piece in pieces { bytes.append(contentsOf: piece.bytes) }
    }

    /// Several pieces, as in the elements.
    public init(@HTMLBuilder _ content: () -> HTML) { self = content() }

    public var isEmpty: Bool { bytes.isEmpty }

    /// As text, for tests.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public static func + (left: HTML, right: HTML) -> HTML { HTML(bytes: left.bytes + right.bytes) }

    /// For this module: bytes that ``HTML`` has written.
    mutating func append(_ written: [UInt8]) { bytes.append(contentsOf: written) }

    /// Constants of this module only.
    init(markup: StaticString) { bytes = markup.withUTF8Buffer { Array($0) } }

    /// - Parameter name: as it is written.
    init(element name: StaticString, _ attributes: [Attribute], _ content: HTML?) {
        bytes = []
        bytes.reserveCapacity((content?.bytes.count ?? 0) + 64)
        bytes.append(UInt8(ascii: "<"))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        for attribute in attributes { attribute.write(&bytes) }
        bytes.append(UInt8(ascii: ">"))
        guard let content else { return }
        bytes.append(contentsOf: content.bytes)
        bytes.append(UInt8(ascii: "<"))
        bytes.append(UInt8(ascii: "/"))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: ">"))
    }

    /// Also in attributes, which are always quoted. What HTML does not allow at all (control characters) becomes U+FFFD.
    static func escape(_ text: String, _ bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { text in
            var start = 0
            for index in text.indices {
                guard let escaped = escaped(text[index]) else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                escaped.withUTF8Buffer { bytes.append(contentsOf: $0) }
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
    }

    /// nil: it stays as it is.
    @inline(__always) private static func escaped(_ byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        // A browser reads CR as LF unless it is escaped.
        case 0x0D: "&#13;"
        case 0x09, 0x0A: nil
        case 0..<0x20, 0x7F: "\u{FFFD}"
        default: nil
        }
    }
}

/// Gathers what stands in an element: texts, which are escaped, and elements; `if`, `switch` and `for`.
@resultBuilder public enum HTMLBuilder {
    public static func buildExpression(_ piece: HTML) -> HTML { piece }
    public static func buildExpression(_ text: String) -> HTML { HTML(text) }
    public static func buildExpression(_ pieces: [HTML]) -> HTML { HTML(pieces) }
    public static func buildExpression(_ piece: HTML?) -> HTML { piece ?? .empty }
    public static func buildBlock() -> HTML { .empty }
    public static func buildBlock(_ only: HTML) -> HTML { only }
    public static func buildBlock(_ pieces: HTML...) -> HTML { HTML(pieces) }
    public static func buildOptional(_ piece: HTML?) -> HTML { piece ?? .empty }
    public static func buildEither(first: HTML) -> HTML { first }
    public static func buildEither(second: HTML) -> HTML { second }
    public static func buildArray(_ pieces: [HTML]) -> HTML { HTML(pieces) }
}
