import Threads

/// A WebSocket to a server elsewhere, for text messages. One thread serves all of a process.
///
/// From a task: `connect`, then `next()` until it gives `.closed`. From a thread of one's own: `init`, which returns at once, then
/// `next(timeout:)`, whose first event is `.opened`, or `.closed` with why it did not open. Take either, one at a time. A reader that
/// does not take its events holds the peer up; nothing is dropped.
///
/// Pings of the peer are answered; certificates are always verified; no proxy is used; a redirect is a refusal.
public final class WebSocketClient: Sendable {
    public struct Limits: Sendable {
        /// For address, TLS and handshake. Looking the name up is bounded by the name service's own time-outs, and counts.
        public var connectSeconds = 10.0
        /// Bytes of a message, however many fragments it comes in.
        public var maximumMessage = 1 << 20
        /// The connection is given up when nothing was heard for so long. Each third of it a ping goes out, whose answer counts.
        public var idleSeconds = 60.0
        /// A file of certificates (PEM) that are trusted besides the system's.
        public var certificateAuthorities: String?

        public init() {}
    }

    private static let loop = Result { () throws(HTTPError) in try WebSocketLoop("websockets") }
    /// Times are cut there: no clock overflows.
    private static let longest = 1e6

    private let link: WebSocketLink
    private let events: WebSocketQueue

    /// Begins to connect.
    /// - Parameters:
    ///   - url: `wss`, or `ws` on loopback; percent-encoded.
    ///   - headers: for the handshake.
    /// - Throws: `url`; `connection` when the system has no thread or memory left.
    public init(_ url: String, headers: [(name: String, value: String)] = [], limits: Limits = Limits()) throws(WebSocketClosed) {
        let deadline = ContinuousClock.now + .seconds(limits.connectSeconds > 0 ? min(limits.connectSeconds, Self.longest) : 0)
        let dial = try WebSocketDial(url, headers: headers, deadline: deadline, certificates: limits.certificateAuthorities)
        let queue = WebSocketQueue(limit: max(1, limits.maximumMessage))
        do throws(HTTPError) {
            let idle: Duration? = limits.idleSeconds < Self.longest ? .seconds(max(0.001, limits.idleSeconds)) : nil
            let link = WebSocketLink(
                try Self.loop.get(), maximumMessage: limits.maximumMessage, idleTime: idle, emit: { queue.put($0) })
            (events, self.link) = (queue, link)
            try HTTPError.startingThread("ws-look-up") {
                dial.lookUp()
                link.loop.perform { link.connect(dial) }
            }.detach()
        } catch { throw WebSocketClosed(.connection, error.message) }
    }

    deinit { close() }

    /// Connects, and waits for it. Cancelling the task gives the connection up.
    /// - Throws: why it did not open.
    public static func connect(
        _ url: String, headers: [(name: String, value: String)] = [], limits: Limits = Limits()
    ) async throws(WebSocketClosed) -> WebSocketClient {
        let client = try WebSocketClient(url, headers: headers, limits: limits)
        if case .closed(let why) = await client.next() { throw why }
        return client
    }

    /// The next event; after `.closed` that again. Cancelling the task closes the connection.
    public func next() async -> WebSocketEvent {
        await withTaskCancellationHandler {
            await events.next(relieved: link.resume)
        } onCancel: {
            close()
        }
    }

    /// The same for a thread, which it blocks. Nil when nothing comes in time.
    public func next(timeout seconds: Double) -> WebSocketEvent? { events.next(timeout: seconds, relieved: link.resume) }

    /// Queues a message; it may be called from any thread.
    /// - Returns: false when the connection is closed, or is being closed because the peer does not read what is sent.
    @discardableResult public func send(_ text: String) -> Bool { link.send(text) }

    /// Sends what is queued and says goodbye (code 1000). Events that still wait can be taken, then comes `.closed`.
    public func close() { link.close(1000) }
}
