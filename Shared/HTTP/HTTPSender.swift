/// Sends one HTTP request and waits for its answer. Partners' clients are written against this; ``HTTPClient`` is the real one.
public protocol HTTPSender: Sendable {
    /// Any status is an answer: only what gave no whole answer is thrown.
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse
}

/// A request to a server elsewhere.
public struct HTTPClientRequest: Sendable {
    public var method: String
    /// Absolute, `https` (plain `http` on loopback only), already percent-encoded.
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Seconds for the whole exchange.
    public var timeout: Double
    /// Bytes of the answer's body at most.
    public var maximumBody: Int
    /// Plain `http` to another machine is let through: for what may be read on the way.
    public var allowsPlain = false

    public init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [], timeout: Double = 10,
        maximumBody: Int = 4 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumBody = maximumBody
    }
}

/// An answer, whole. Redirects are not followed: they are answers like any other.
public struct HTTPClientResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in whatever case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// Why there is no whole answer.
public struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The URL is malformed, not `https`, or plain `http` to another machine. Nothing was sent.
        case url
        /// No connection: name, address, refused, TLS. The server has not seen the request.
        case connection
        /// No whole answer in time. The server may have done what was asked.
        case timeout
        /// The connection broke, or the answer ended early or made no sense. The server may have done what was asked.
        case broken
        /// The answer is larger than allowed. The server may have done what was asked.
        case tooLarge
        /// The task was cancelled, or the client closed.
        case cancelled
    }

    public let kind: Kind
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether the server may have seen the request.
    public var mayHaveRun: Bool { kind == .timeout || kind == .broken || kind == .tooLarge }
    public var description: String { message }
}
