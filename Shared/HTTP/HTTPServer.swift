import CMicroHTTPD
import Glibc
import Synchronization
import Threads

/// A small HTTP/1.1 server on libmicrohttpd, with one thread of its own.
///
/// The handler runs on that thread: while it runs, every other request waits. It must not block for long, and must not
/// call `stop`. One that needs time takes the responder and answers later.
public final class HTTPServer: Sendable {
    public struct Limits: Sendable {
        /// Connections at a time; more wait to be accepted, or are answered 503 where some are reserved.
        public var connections = 128
        /// Of these, kept for the paths of ``Refusals/reserved``: a client that is beyond its share, or beyond what everybody may have, gets
        /// one of them, and is answered 503 to anything else. The oldest on which nothing was asked yet makes room for the next.
        public var reserved = 0
        /// Connections of one IPv4 address or one IPv6 network of 64 bits at a time.
        public var perAddress = Int.max
        /// Addresses that may have any number: proxies that limit their own clients.
        public var unlimited = NetworkList()
        /// Seconds for a request's headers, from the connection's beginning or the request before.
        public var headerSeconds = 30.0
        /// The same on a reserved connection.
        public var reservedHeaderSeconds = 2.0
        /// The slowest average pace of a body, and of an answer.
        public var slowestBytesPerSecond = 1024
        /// Seconds of a body or an answer for which its pace does not matter.
        public var graceSeconds = 30.0
        /// A connection on which nothing moves for so long is closed.
        public var idleSeconds = 30
        /// Bytes of a request's line and headers; more are answered 431.
        public var maximumHeaders = 16 * 1024
        /// Memory for a connection's request line, headers and buffers; what does not fit is answered 431 or 414. With the library's
        /// default of 32 KiB some long request lines get no answer and keep their connection.
        public var connectionMemory = 128 * 1024
        /// Answers that go out in pieces, at a time; more are refused as on a full server. nil: half of `connections`.
        public var streams: Int?
        /// Of these, those whose bodies are produced by a thread.
        public var producers = 16
        /// The largest body in bytes, by the request's method and target; nil: the server's `maximumBody` for all.
        public var maximumBody: (@Sendable (_ method: String, _ target: RequestTarget) -> Int)?
        /// Bytes of all bodies that come in or are worked on; a request whose body does not fit is answered as on a full server.
        public var bodyMemory = 512 << 20
        /// Whether the handler answers a request whose body is too large, and was dropped, so that it may refuse it for other reasons
        /// first. A body that is not worth reading to its end is refused by the server still.
        public var handsOverTooLarge = false

        public init() {}
    }

    /// Answers that are given before the handler is asked, and the paths for which connections are reserved.
    public struct Refusals: Sendable {
        /// To a body that is larger than `maximumBody`, by the request's path; nil: a line of text.
        public var tooLarge: (@Sendable (_ path: String) -> HTTPResponse)?
        /// On a reserved connection to what it is not for, by the request's path; nil: a line of text with 503.
        public var busy: (@Sendable (_ path: String) -> HTTPResponse)?
        /// The paths that reserved connections are for.
        public var reserved: @Sendable (_ path: String) -> Bool = { _ in true }

        /// To a connection on which nothing was asked yet, with its status line.
        var busyBytes: [UInt8] {
            let response = busyAnswer(to: "/")
            var head = "HTTP/1.1 \(response.status) Service Unavailable\r\nConnection: close\r\nContent-Length: \(response.body.count)\r\n"
            for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
            return Array((head + "\r\n").utf8) + response.body
        }

        func busyAnswer(to path: String) -> HTTPResponse {
            var response = HTTPResponse.text("There are too many connections: try again later.\n", status: 503)
            response.headers.append(("Retry-After", "5"))
            return busy?(path) ?? response
        }

        public init() {}
    }

    /// The port it listens on.
    public let port: UInt16
    private let exchanges: Exchanges
    /// The daemon's address; 0 once it was stopped.
    private let daemon: Atomic<UInt>
    /// Ends connections that are overdue.
    private let watch: Mutex<NamedThread?>

    /// Listens and answers until `stop`.
    /// - Parameters:
    ///   - host: a name or address of this machine; `0.0.0.0` for all IPv4, `::` for all.
    ///   - port: 0 for any that is free; `port` says which.
    ///   - maximumBody: in bytes; a request with a larger body is answered 413 and the handler not called.
    /// - Throws: `portInUse`, `unavailable`.
    public convenience init(
        host: String = "127.0.0.1", port: UInt16, maximumBody: Int = 65536, refusals: Refusals = Refusals(), limits: Limits = Limits(),
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPError) {
        try self.init(host, port, maximumBody, refusals, limits, .answering(handler))
    }

    /// Listens until `stop`; each request is answered through its responder, when that is told to.
    ///
    /// A request that waits for its answer keeps its connection, and counts among `limits.connections`; it has no time limit.
    /// - Throws: `portInUse`, `unavailable`.
    public convenience init(
        host: String = "127.0.0.1", port: UInt16, maximumBody: Int = 65536, refusals: Refusals = Refusals(), limits: Limits = Limits(),
        responding: @escaping @Sendable (HTTPRequest, Responder) -> Void
    ) throws(HTTPError) {
        try self.init(host, port, maximumBody, refusals, limits, .responding(responding))
    }

    private init(
        _ host: String, _ port: UInt16, _ maximumBody: Int, _ refusals: Refusals, _ limits: Limits, _ handler: RequestHandler
    ) throws(HTTPError) {
        let listening = try ListeningSocket.open(host: host, port: port)
        self.port = listening.port
        let table = ConnectionTable(limits, refusal: { refusals.busyBytes })
        exchanges = Exchanges(maximumBody: maximumBody, limits: limits, refusals: refusals, table: table, handler: handler)
        do throws(ThreadError) { watch = Mutex(try NamedThread("http-limits") { table.watch() }) } catch {
            close(listening.descriptor)
            throw HTTPError(kind: .unavailable, message: "HTTP on \(host):\(port): \(error)")
        }
        let settings = daifa_http_limits(
            connections: UInt32(clamping: table.most), idle_seconds: UInt32(clamping: limits.idleSeconds),
            connection_memory: limits.connectionMemory)
        let calls = daifa_http_calls(
            accept: accept, connection: connection, target: target, handle: handle, completed: complete)
        // The server outlives the daemon's thread: `stop` ends it first.
        let context = Unmanaged.passUnretained(exchanges).toOpaque()
        guard let started = daifa_http_start(listening.descriptor, settings, calls, context) else {
            daemon = Atomic(0)
            throw HTTPError(
                kind: .unavailable,
                message: "HTTP on \(host):\(port): the server's thread did not start: \(String(cString: strerror(errno)))")
        }
        daemon = Atomic(UInt(bitPattern: started))
    }

    deinit { stop() }

    /// Streams that are open.
    public var openStreams: Int { exchanges.streams.count }

    /// Closes all connections, those that wait for an answer or a stream too, and waits for the threads to end, those that produce bodies
    /// too. Not from a producer. A second call does nothing.
    public func stop() {
        exchanges.stop()
        let running = daemon.exchange(0, ordering: .acquiringAndReleasing)
        if let running = OpaquePointer(bitPattern: running) { MHD_stop_daemon(running) }
        exchanges.waitForProducers()
        exchanges.table.stop()
        watch.withLock { watch in
            watch?.join()
            watch = nil
        }
    }
}

private let accept: MHD_AcceptPolicyCallback = { context, address, _ in
    guard let context else { return .NO }
    let exchanges = Unmanaged<Exchanges>.fromOpaque(context).takeUnretainedValue()
    return exchanges.table.admits(address.flatMap { NetworkAddress($0) }) ? .YES : .NO
}

private let connection: MHD_NotifyConnectionCallback = { context, connection, _, code in
    guard let context, let connection else { return }
    let table = Unmanaged<Exchanges>.fromOpaque(context).takeUnretainedValue().table
    if code == .CONNECTION_NOTIFY_STARTED {
        let address = daifa_http_peer(connection).flatMap { NetworkAddress($0) }
        table.opened(UInt(bitPattern: connection), descriptor: daifa_http_descriptor(connection), from: address)
    } else {
        table.closed(UInt(bitPattern: connection))
    }
}

private let target: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
    _, uri, _ in
    guard let uri else { return nil }
    let bytes = UnsafeRawBufferPointer(start: uri, count: strlen(uri))
    return Unmanaged.passRetained(Exchange(RequestTarget(bytes))).toOpaque()
}

private let handle: MHD_AccessHandlerCallback = { context, connection, _, method, _, upload, uploadSize, state in
    guard let context, let connection, let method, let uploadSize, let kept = state?.pointee else { return .NO }
    let exchanges = Unmanaged<Exchanges>.fromOpaque(context).takeUnretainedValue()
    let exchange = Unmanaged<Exchange>.fromOpaque(kept).takeUnretainedValue()
    // The first call has the headers only, the next ones a piece of the body each, the last one no more.
    guard exchange.hasBegun else { return exchanges.begin(connection, exchange, method: String(cString: method)) }
    if uploadSize.pointee > 0 {
        let piece = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
        uploadSize.pointee = 0
        return exchanges.receive(piece, for: exchange, connection)
    }
    return exchanges.answer(exchange, connection)
}

private let complete: MHD_RequestCompletedCallback = { context, connection, state, _ in
    guard let context, let connection, let state, let kept = state.pointee else { return }
    let exchange = Unmanaged<Exchange>.fromOpaque(kept).takeRetainedValue()
    Unmanaged<Exchanges>.fromOpaque(context).takeUnretainedValue().end(exchange, connection)
    state.pointee = nil
}
