/// A request as it came, with its whole body.
public struct HTTPRequest: Sendable {
    /// A name and what was said for it; names may repeat.
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// As sent, in capitals: `GET`.
    public var method: String
    /// Percent-decoded, without the query: `/health/live`.
    public var path: String
    /// Percent-decoded, in order; a name without `=` has an empty value.
    public var query: [Field]
    public var headers: [Field]
    public var body: [UInt8]

    public init(method: String, path: String, query: [Field] = [], headers: [Field] = [], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in whatever case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// The first query item of that name.
    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

/// A server's answer. The server adds `Content-Length`, `Date` and `Connection` by itself.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A text in UTF-8.
    public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
    }
}

/// Why a server or a client could not start.
public struct HTTPError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Something else listens on the port already.
        case portInUse
        /// The address is none of this machine's, the port needs privileges, or there are no descriptors, threads or memory left.
        case unavailable
    }

    public let kind: Kind
    public let message: String

    public init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
