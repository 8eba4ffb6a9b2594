import CWebSockets
import Synchronization

/// A WebSocket server for this machine: sandboxes and tests. One thread of its own; its closures run there and must not block.
public final class WebSocketServer: Sendable {
    /// A client's request to connect.
    public struct Request: Sendable {
        /// Percent-decoded, without the query.
        public var path: String
        /// Percent-decoded, in order; a name without `=` has an empty value. A `+` stays one.
        public var query: [HTTPRequest.Field]

        /// The first query item of that name.
        public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
    }

    /// One client. Its methods may be called from any thread.
    public final class Connection: Sendable, Identifiable {
        public let id: UInt64
        public let request: Request
        private let connected = Mutex<WebSocketLink?>(nil)

        fileprivate init(id: UInt64, request: Request) {
            self.id = id
            self.request = request
        }

        fileprivate func set(_ link: WebSocketLink?) { connected.withLock { $0 = link } }
        private var link: WebSocketLink? { connected.withLock { $0 } }

        /// False when it is closed, or is being closed because the client does not read what is sent.
        @discardableResult public func send(_ text: String) -> Bool { link?.send(text) ?? false }

        /// Sends what is queued and says goodbye.
        /// - Parameter code: RFC 6455, section 7.4.
        public func close(code: UInt16 = 1000) { link?.close(code) }

        /// Cuts the connection without a word, as a process that dies.
        public func drop() { link?.abandon(WebSocketClosed(.closed, "dropped by this side")) }
    }

    public let port: UInt16
    private let loop: WebSocketLoop

    /// Listens until `stop`.
    /// - Parameters:
    ///   - host: an address of this machine.
    ///   - port: 0 for any that is free; `port` says which.
    ///   - maximumMessage: bytes; who sends a larger one is disconnected.
    ///   - accept: nil to accept, or the HTTP status (300 to 599) with which the client is refused.
    ///   - handler: gets each connection's events in order.
    /// - Throws: `portInUse`, `unavailable`.
    public init(
        host: String = "127.0.0.1", port: UInt16, maximumMessage: Int = 1 << 20,
        accept: @escaping @Sendable (Request) -> Int? = { _ in nil },
        handler: @escaping @Sendable (Connection, WebSocketEvent) -> Void
    ) throws(HTTPError) {
        let last = Atomic<UInt64>(0)
        loop = try WebSocketLoop("ws-server", listen: (host, port)) { loop, socket in
            let request = Request(socket)
            if let status = accept(request) { return .refused(status) }
            let connection = Connection(id: last.add(1, ordering: .relaxed).newValue, request: request)
            let link = WebSocketLink(loop, maximumMessage: maximumMessage, idleTime: nil) { event in
                if case .closed = event { connection.set(nil) }
                handler(connection, event)
                return true
            }
            connection.set(link)
            return .accepted(link)
        }
        self.port = loop.port
    }

    deinit { stop() }

    /// Cuts all connections and waits for the thread to end. Not from its closures. A second call does nothing.
    public func stop() { loop.stop() }
}

extension WebSocketServer.Request {
    /// libwebsockets keeps no longer head.
    private static let longest = 8192

    fileprivate init(_ socket: OpaquePointer) {
        path = Self.text { daifa_ws_path(socket, $0, $1) } ?? "/"
        query = []
        while let item = Self.text({ daifa_ws_query(socket, Int32(query.count), $0, $1) }) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query.append(.init(String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
        }
    }

    private static func text(_ copy: (UnsafeMutablePointer<CChar>?, Int32) -> Int32) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: longest) { buffer in
            let count = copy(buffer.baseAddress, Int32(buffer.count))
            guard count >= 0 else { return nil }
            return String(decoding: UnsafeRawBufferPointer(buffer).prefix(Int(count)), as: UTF8.self)
        }
    }
}
