/// What a page may load and do (Content Security Policy Level 3). Begins with nothing.
public struct ContentSecurityPolicy: Sendable, Equatable {
    /// An origin or keyword that a directive allows.
    public struct Source: Sendable, Equatable {
        let text: String

        public static let own = Source(text: "'self'")
        public static let data = Source(text: "data:")
        public static let blob = Source(text: "blob:")

        /// A host elsewhere: `ws://127.0.0.1:5000`.
        /// - Returns: nil for anything but `scheme://host` or `scheme://host:port` (a port may be `*`).
        public init?(origin: String) {
            let parts = origin.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["http", "https", "ws", "wss"].contains(parts[0]), parts[1].hasPrefix("//") else { return nil }
            let host = parts[1].dropFirst(2)
            let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:*[]".utf8
            guard !host.isEmpty, host.utf8.allSatisfy({ allowed.contains($0) }) else { return nil }
            text = origin
        }

        private init(text: String) { self.text = text }
    }

    public var scripts: [Source] = []
    public var styles: [Source] = []
    public var images: [Source] = []
    /// `fetch`, `EventSource`, `WebSocket`.
    public var connections: [Source] = []
    public var frames: [Source] = []
    /// Where forms may be sent, also after a redirect.
    public var forms: [Source] = []
    /// The only Trusted Types policy that a script may make; nil: none, and markup cannot be inserted by a script.
    public var trustedTypes: String?

    /// Allows nothing: of errors and what is no page.
    public init() {}

    /// Of pages: everything of ours, nothing of others.
    public static let page: ContentSecurityPolicy = {
        var policy = ContentSecurityPolicy()
        policy.scripts = [.own]
        policy.styles = [.own]
        policy.images = [.own]
        policy.connections = [.own]
        policy.forms = [.own]
        policy.trustedTypes = "fragment"
        return policy
    }()

    /// The header's value.
    public var text: String {
        var parts = ["default-src 'none'"]
        let directives = [
            ("script-src", scripts), ("style-src", styles), ("img-src", images), ("connect-src", connections), ("frame-src", frames),
        ]
        for (name, sources) in directives where !sources.isEmpty {
            parts.append("\(name) \(sources.map(\.text).joined(separator: " "))")
        }
        parts.append("form-action \(forms.isEmpty ? "'none'" : forms.map(\.text).joined(separator: " "))")
        parts += ["base-uri 'none'", "frame-ancestors 'none'"]
        let policy = trustedTypes.map { $0.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } } ?? ""
        parts += ["trusted-types \(policy.isEmpty ? "'none'" : policy)", "require-trusted-types-for 'script'"]
        return parts.joined(separator: "; ")
    }
}
