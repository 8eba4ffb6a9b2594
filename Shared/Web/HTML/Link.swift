public import HTTP

/// Where `href`, `src` and `action` may lead: a path of this server, a place in the page, or an address that passed a check.
public struct Link: Sendable, Hashable, CustomStringConvertible {
    /// Percent-encoded: what stands in the page, and in `Location`.
    public let text: String

    public var description: String { text }

    private init(text: String) { self.text = text }

    /// A path of this server: `Link("m", shop, "orders", query: ["state": "open"])` is `/m/<shop>/orders?state=open`.
    ///
    /// Segments are percent-encoded, a `/` within one is `%2F`. Empty ones are left out, but for the last, which ends the path with `/`. A
    /// segment that browsers would resolve (`.`, `..`) is encoded twice, so that it leads nowhere instead of elsewhere.
    /// - Parameter query: in order; a nil leaves its name out.
    public init(_ segments: String..., query: KeyValuePairs<String, String?> = [:], fragment: String? = nil) {
        self.init(segments: segments, query: query.map { ($0.key, $0.value) }, fragment: fragment)
    }

    /// The same of segments that are gathered, and names that may repeat.
    public init(segments: [String], query: [(name: String, value: String?)] = [], fragment: String? = nil) {
        var path = ""
        for (index, segment) in segments.enumerated() where !segment.isEmpty || index == segments.count - 1 && index > 0 {
            path += "/"
            path += segment == "." ? "%252E" : segment == ".." ? "%252E%252E" : PercentEncoding.encode(segment)
        }
        // Two slashes at the beginning would name a host.
        if path.isEmpty || path == "//" { path = "/" }
        text = path + Self.query(query) + Self.suffix(fragment)
    }

    /// The request's own address, with other values in its query: of sorting, filters, pages. Values that are nil are left out.
    /// - Returns: nil for a path that is malformed.
    public init?(_ target: RequestTarget, query: [(name: String, value: String?)]) {
        guard let segments = target.segments else { return nil }
        self.init(segments: segments, query: query)
    }

    /// A place in the same page, by its id.
    public static func place(_ id: String) -> Link { Link(text: suffix(id)) }

    /// An address elsewhere: `https`, or plain `http` on this machine.
    /// - Throws: what is wrong with it.
    public init(address: String) throws(HTTPClientError) {
        try CallableURL.check(address)
        text = address
    }

    private static func query(_ items: [(name: String, value: String?)]) -> String {
        let given = items.compactMap { name, value in
            value.map { "\(PercentEncoding.encode(name))=\(PercentEncoding.encode($0))" }
        }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }

    private static func suffix(_ fragment: String?) -> String { fragment.map { "#" + PercentEncoding.encode($0) } ?? "" }

    /// Of assets; every name is safe.
    init(checked text: String) { self.text = text }
}
