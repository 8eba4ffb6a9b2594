import CMicroHTTPD
import Glibc
import Synchronization

/// A small HTTP/1.1 server on libmicrohttpd, with one thread of its own.
///
/// The handler runs on that thread: while it runs, every other request waits. It must not block for long, and must not
/// call `stop`. One that needs time takes the responder and answers later.
public final class HTTPServer: Sendable {
    public struct Limits: Sendable {
        /// Connections at a time; more wait to be accepted.
        public var connections = 128
        /// A connection on which nothing moves for so long is closed.
        public var idleSeconds = 30
        /// Memory for a connection's request line, headers and buffers; what does not fit is answered 431 or 414.
        public var connectionMemory = 16 * 1024

        public init() {}
    }

    /// The port it listens on.
    public let port: UInt16
    private let exchanges: Exchanges
    /// The daemon's address; 0 once it was stopped.
    private let daemon: Atomic<UInt>

    /// Listens and answers until `stop`.
    /// - Parameters:
    ///   - host: a name or address of this machine; `0.0.0.0` for all IPv4, `::` for all.
    ///   - port: 0 for any that is free; `port` says which.
    ///   - maximumBody: in bytes; a request with a larger body is answered 413 and the handler not called.
    /// - Throws: `portInUse`, `unavailable`.
    public convenience init(
        host: String = "0.0.0.0", port: UInt16, maximumBody: Int = 65536, limits: Limits = Limits(),
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPError) {
        try self.init(host, port, maximumBody, nil, limits, .answering(handler))
    }

    /// Listens until `stop`; each request is answered through its responder, when that is told to.
    ///
    /// A request that waits for its answer keeps its connection, and counts among `limits.connections`; it has no time limit.
    /// - Parameter tooLarge: the answer to a body that is larger than `maximumBody`, by the request's path; nil: a line of text.
    /// - Throws: `portInUse`, `unavailable`.
    public convenience init(
        host: String = "0.0.0.0", port: UInt16, maximumBody: Int = 65536,
        tooLarge: (@Sendable (_ path: String) -> HTTPResponse)? = nil, limits: Limits = Limits(),
        responding: @escaping @Sendable (HTTPRequest, Responder) -> Void
    ) throws(HTTPError) {
        try self.init(host, port, maximumBody, tooLarge, limits, .responding(responding))
    }

    private init(
        _ host: String, _ port: UInt16, _ maximumBody: Int, _ tooLarge: (@Sendable (_ path: String) -> HTTPResponse)?, _ limits: Limits,
        _ handler: RequestHandler
    ) throws(HTTPError) {
        let listening = try ListeningSocket.open(host: host, port: port)
        self.port = listening.port
        exchanges = Exchanges(maximumBody: maximumBody, tooLarge: tooLarge, handler: handler)
        let settings = daifa_http_limits(
            connections: UInt32(clamping: limits.connections), idle_seconds: UInt32(clamping: limits.idleSeconds),
            connection_memory: limits.connectionMemory)
        // The server outlives the daemon's thread: `stop` ends it first.
        let context = Unmanaged.passUnretained(exchanges).toOpaque()
        guard let started = daifa_http_start(listening.descriptor, settings, handle, complete, context) else {
            daemon = Atomic(0)
            throw HTTPError(
                kind: .unavailable,
                message: "HTTP on \(host):\(port): the server's thread did not start: \(String(cString: strerror(errno)))")
        }
        daemon = Atomic(UInt(bitPattern: started))
    }

    deinit { stop() }

    /// Closes all connections, those that wait for an answer too, and waits for the thread to end. A second call does nothing.
    public func stop() {
        exchanges.stop()
        let running = daemon.exchange(0, ordering: .acquiringAndReleasing)
        if let running = OpaquePointer(bitPattern: running) { MHD_stop_daemon(running) }
    }
}

private let handle: MHD_AccessHandlerCallback = { context, connection, path, method, _, upload, uploadSize, state in
    guard let context, let connection, let path, let method, let uploadSize, let state else { return .NO }
    let exchanges = Unmanaged<Exchanges>.fromOpaque(context).takeUnretainedValue()
    // The first call has the headers only, the next ones a piece of the body each, the last one no more.
    guard let kept = state.pointee else {
        state.pointee = Unmanaged.passRetained(Exchange()).toOpaque()
        return exchanges.begin(connection, path: String(cString: path))
    }
    let exchange = Unmanaged<Exchange>.fromOpaque(kept).takeUnretainedValue()
    if uploadSize.pointee > 0 {
        let piece = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
        uploadSize.pointee = 0
        return exchanges.receive(piece, for: exchange)
    }
    return exchanges.answer(exchange, connection, path: String(cString: path), method: String(cString: method))
}

private let complete: MHD_RequestCompletedCallback = { context, _, state, _ in
    guard let context, let state, let kept = state.pointee else { return }
    let exchange = Unmanaged<Exchange>.fromOpaque(kept).takeRetainedValue()
    Unmanaged<Exchanges>.fromOpaque(context).takeUnretainedValue().end(exchange)
    state.pointee = nil
}
