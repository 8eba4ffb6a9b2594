/// The events of a WebSocket, in this order: opened, texts, closed. A connection that does not come about only closes.
public enum WebSocketEvent: Sendable, Equatable {
    case opened
    /// A whole message, however many fragments it came in.
    case text(String)
    /// Nothing comes after this.
    case closed(WebSocketClosed)
}

/// Why a WebSocket is closed, or did not come about.
public struct WebSocketClosed: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The URL is malformed, not `wss`, or plain `ws` to another machine; or a header is malformed. Nothing was sent.
        case url
        /// No connection: name, address, refused, TLS.
        case connection
        /// The server answered the handshake with another status; `code` has it.
        case refused
        /// The connection did not open in time.
        case timeout
        /// Nothing was heard for too long, not even an answer to pings.
        case idle
        /// A message is larger than allowed.
        case tooLarge
        /// A message is no text in UTF-8.
        case malformed
        /// The connection broke, or the peer does not read what is sent.
        case broken
        /// The peer closed it; `code` has its reason (RFC 6455, section 7.4; 1005 for none).
        case peer
        /// This side closed it.
        case closed
    }

    public let kind: Kind
    public let code: Int?
    public let message: String

    public init(_ kind: Kind, code: Int? = nil, _ message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
