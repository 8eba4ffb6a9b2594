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
    /// As sent: what tells `%2F` from `/`.
    public var target: RequestTarget
    /// Percent-decoded, without the query: `/health/live`.
    public var path: String
    /// Percent-decoded, in order, names as they were written; a name without `=` has an empty value.
    public var query: [Field]
    /// In order; names and values as they came.
    public var headers: [Field]
    public var body: [UInt8]
    /// The body was larger than it may be and is not here; only with ``HTTPServer/Limits/handsOverTooLarge``.
    public var isBodyTooLarge = false
    /// The other end of the connection, maybe a proxy; nil when it is not known.
    public var remoteAddress: NetworkAddress?

    public init(method: String, path: String, query: [Field] = [], headers: [Field] = [], body: [UInt8] = []) {
        self.init(method: method, target: RequestTarget(path: path, query: query), headers: headers, body: body)
        self.path = path
        self.query = query
    }

    /// - Parameter remoteAddress: nil: not known.
    public init(
        method: String, target: RequestTarget, headers: [Field] = [], body: [UInt8] = [], remoteAddress: NetworkAddress? = nil
    ) {
        self.method = method
        self.target = target
        path = target.path
        query = target.query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The first header of that name, in whatever case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// Puts one header in place of all of that name.
    public mutating func setHeader(_ name: String, _ value: String) {
        let replaced = name.lowercased()
        headers.removeAll { $0.name.lowercased() == replaced }
        headers.append(Field(name, value))
    }

    /// The first query item of that name.
    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

/// A server's answer. The server adds `Content-Length`, `Date` and `Connection` by itself.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    /// Empty where it goes out in pieces.
    public var body: [UInt8]
    /// The body where it goes out in pieces.
    public internal(set) var stream: HTTPStream?
    /// What writes into the stream, if the server is to run it.
    var producer: Producer?

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

extension HTTPResponse {
    /// Writes a body; what it throws breaks the body off, so that the client sees that it is not whole.
    public typealias Producer = @Sendable (HTTPBodyWriter) throws -> Void

    /// An answer whose body is what anybody writes into the stream, now and later: server-sent events. It has to be sent once.
    ///
    /// To HEAD it is the headers alone, and a stream that has ended.
    public static func streaming(
        _ stream: HTTPStream, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        var response = HTTPResponse(status: status, headers: headers)
        response.stream = stream
        return response
    }

    /// An answer whose body a producer writes, of any length, on a thread of its own that waits while the client is slow: exports.
    ///
    /// To HEAD it is the headers alone, and the producer does not run.
    public static func producing(
        status: Int = 200, headers: [(name: String, value: String)] = [], _ producer: @escaping Producer
    ) -> HTTPResponse {
        var response = HTTPResponse(status: status, headers: headers)
        response.stream = HTTPStream(mostBytes: producedBytes, mostPieces: .max)
        response.producer = producer
        return response
    }

    /// Bytes that a producer may be ahead of its client.
    private static let producedBytes = 128 * 1024

    /// The whole body of an answer without a stream, or with a producer, which runs here and now: for tests.
    public func wholeBody() throws -> [UInt8] {
        guard let producer else { return body }
        var bytes: [UInt8] = []
        let writer = HTTPBodyWriter {
            bytes += $0
            return true
        }
        try producer(writer)
        try writer.flush()
        return bytes
    }

    /// Nobody gets it: a stream must not wait for ever.
    func isNotSent() { stream?.finish(.unsent) }
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
