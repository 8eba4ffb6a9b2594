/// What a request asks for, as its first line says it (RFC 9112, section 3.2): `/orders/a%2Fb?state=open`.
///
/// Read from the bytes that were sent, because libmicrohttpd's own path no longer tells `%2F` from `/` and ends at `%00`, and its names of
/// query items ignore case. Of the absolute form (`GET http://host/path`) scheme and host are left out.
public struct RequestTarget: Sendable, Equatable {
    /// As sent; bytes that are no UTF-8 as `%XX`.
    public let raw: String

    public init(_ raw: String) { self.raw = raw }

    init(_ bytes: UnsafeRawBufferPointer) {
        if let text = String(validating: bytes, as: UTF8.self) {
            raw = text
        } else {
            raw = String(decoding: bytes.flatMap { $0 < 0x80 ? [$0] : PercentEncoding.escape($0) }, as: UTF8.self)
        }
    }

    /// The target of a decoded path, whose every `/` parts two segments.
    init(path: String, query: [HTTPRequest.Field]) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.encode(String($0)) }
        let items = query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        raw = parts.joined(separator: "/") + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    /// Percent-encoded, without the query: `/orders/a%2Fb`.
    public var rawPath: Substring {
        let rest = raw.prefix { $0 != "?" }
        guard !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") else { return rest }
        return rest[scheme.upperBound...].firstIndex(of: "/").map { rest[$0...] } ?? "/"
    }

    /// Percent-encoded, without its `?`; nil when there is none.
    public var rawQuery: Substring? { raw.firstIndex(of: "?").map { raw[raw.index(after: $0)...] } }

    /// Percent-decoded as a whole: what cannot be decoded stays as it is.
    public var path: String { PercentEncoding.decodeLeniently(rawPath.utf8, plusIsBlank: false) }

    /// The path's parts between its `/`, each decoded by itself: of `/a/b%2Fc/` they are `a`, `b/c` and an empty one, of `/` one that is
    /// empty. nil when the path does not begin with `/`, or holds an escape that is none, `%00`, or what is no UTF-8.
    public var segments: [String]? {
        let path = rawPath
        guard path.hasPrefix("/") else { return nil }
        var segments: [String] = []
        for part in path.dropFirst().utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentEncoding.decode(part, plusIsBlank: false) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// Decoded, in order, names as they were written; a name without `=` has an empty value, `+` is a blank. What cannot be decoded stays as
    /// it is: ``isQueryWellFormed`` tells.
    public var query: [HTTPRequest.Field] {
        items.map { name, value in
            HTTPRequest.Field(
                PercentEncoding.decodeLeniently(name, plusIsBlank: true), PercentEncoding.decodeLeniently(value, plusIsBlank: true))
        }
    }

    /// Whether the query holds no escape that is none, no `%00` and only UTF-8.
    public var isQueryWellFormed: Bool {
        items.allSatisfy { PercentEncoding.decode($0, plusIsBlank: true) != nil && PercentEncoding.decode($1, plusIsBlank: true) != nil }
    }

    private typealias Bytes = Substring.UTF8View.SubSequence

    private var items: [(name: Bytes, value: Bytes)] {
        guard let query = rawQuery else { return [] }
        return query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            guard let equals = item.firstIndex(of: UInt8(ascii: "=")) else { return (item, item[item.endIndex...]) }
            return (item[..<equals], item[item.index(after: equals)...])
        }
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
public enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Everything but letters, digits and `-._~` is escaped: fit for one segment of a path, and for names and values of a query.
    public static func encode(_ text: String) -> String {
        String(decoding: text.utf8.flatMap { isUnreserved($0) ? [$0] : escape($0) }, as: UTF8.self)
    }

    /// Decodes strictly.
    /// - Parameter plusIsBlank: as in queries and forms.
    /// - Returns: nil for an escape that is none, for a byte 0, and for what is no UTF-8.
    public static func decode(_ text: some Sequence<UInt8>, plusIsBlank: Bool) -> String? {
        guard let bytes = bytes(text, plusIsBlank, isStrict: true), !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    static func decodeLeniently(_ text: some Sequence<UInt8>, plusIsBlank: Bool) -> String {
        String(decoding: bytes(text, plusIsBlank, isStrict: false) ?? [], as: UTF8.self)
    }

    static func escape(_ byte: UInt8) -> [UInt8] { [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func bytes(_ text: some Sequence<UInt8>, _ plusIsBlank: Bool, isStrict: Bool) -> [UInt8]? {
        let text = Array(text)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            let byte = text[at]
            at += 1
            guard byte == UInt8(ascii: "%") else {
                decoded.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            if at + 1 < text.count, let high = value(text[at]), let low = value(text[at + 1]) {
                decoded.append(high << 4 | low)
                at += 2
            } else if isStrict {
                return nil
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
