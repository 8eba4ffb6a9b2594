public import HTTP
import Synchronization
public import Threads

/// One event of a stream (WHATWG HTML, section 9.2.5).
public struct ServerSentEvent: Sendable, Equatable {
    public var id: String?
    public var event: String?
    public var data: String

    public init(id: String? = nil, event: String? = nil, data: String) { (self.id, self.event, self.data) = (id, event, data) }

    /// As they are sent. Line breaks in the data begin a line each; in id and event, which cannot have them, they are left out, as is an id
    /// with U+0000, which browsers ignore.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        if let id, !id.utf8.contains(0) { Self.line("id: ", id.utf8, &bytes) }
        if let event { Self.line("event: ", event.utf8, &bytes) }
        var rest = Array(data.utf8)[...]
        while true {
            let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
            Self.line("data: ", line, &bytes)
            rest = rest[line.endIndex...]
            guard let ending = rest.popFirst() else { break }
            if ending == 0x0D, rest.first == 0x0A { rest.removeFirst() }
        }
        bytes.append(0x0A)
        return bytes
    }

    private static func line(_ name: StaticString, _ text: some Sequence<UInt8>, _ bytes: inout [UInt8]) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: text.lazy.filter { $0 != 0x0A && $0 != 0x0D })
        bytes.append(0x0A)
    }

    /// A line that browsers leave unread: a sign of life.
    public static let comment: [UInt8] = Array(": \n\n".utf8)
}

/// The event streams of a server: a sign of life for each every so often, so many for each key, ended with their key.
///
/// libmicrohttpd notices that a client has left only when it writes; a stream that is silent would stay for ever.
public final class EventStreams: Sendable {
    /// One client's. From any thread.
    public final class Stream: Sendable {
        let stream: HTTPStream

        init(_ stream: HTTPStream) { self.stream = stream }

        /// The answer to the request; it has to be sent once.
        public var response: HTTPResponse {
            .streaming(
                stream,
                headers: [
                    ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                    // A proxy that gathers would hold events back.
                    ("X-Accel-Buffering", "no"),
                ])
        }

        /// - Returns: false when the stream is over, or is by this, because too many events wait.
        @discardableResult public func send(_ event: ServerSentEvent) -> Bool { stream.write(event.bytes) }

        /// Ends after what was sent.
        public func close() { stream.close() }

        /// nil while events can be sent.
        public var end: HTTPStream.End? { stream.end }
    }

    private struct State {
        var streams: [UInt64: (key: String, stream: HTTPStream)] = [:]
        var last: UInt64 = 0
        var isStopped = false
    }

    /// Shared with the thread, which does not keep the whole alive.
    private let state: Monitor<State>
    private let mostOfKey: Int
    private let mostWaiting: Int
    private let mostBytes: Int
    private let thread: Mutex<NamedThread?>

    /// - Parameters:
    ///   - heartbeat: seconds between two signs of life.
    ///   - mostOfKey: streams of one key at a time.
    ///   - mostWaiting: events that wait for one client.
    ///   - mostBytes: of these.
    /// - Throws: when the system gives no thread.
    public init(heartbeat: Double = 15, mostOfKey: Int = 6, mostWaiting: Int = 256, mostBytes: Int = 1 << 20) throws(ThreadError) {
        (self.mostOfKey, self.mostWaiting, self.mostBytes) = (mostOfKey, mostWaiting, mostBytes)
        let state = Monitor(State())
        self.state = state
        thread = Mutex(
            try NamedThread("web-events") {
                while !state.wait(until: .after(heartbeat), { $0.isStopped }) {
                    for (_, stream) in state.withLock({ Array($0.streams.values) }) { stream.write(ServerSentEvent.comment) }
                }
            })
    }

    deinit { stop() }

    /// - Parameters:
    ///   - key: whose it is: of a session, or an address.
    ///   - farewell: what a client gets for whom too many events wait, before its stream ends.
    ///   - ended: called once, when no more can be sent, on whatever thread brought it about: it must not block.
    /// - Returns: nil when the key has too many already, or this was stopped.
    public func open(
        key: String, farewell: ServerSentEvent? = nil, ended: @escaping @Sendable (HTTPStream.End) -> Void = { _ in }
    ) -> Stream? {
        let number = state.withLock { state -> UInt64? in
            guard !state.isStopped else { return nil }
            state.last += 1
            return state.last
        }
        guard let number else { return nil }
        let stream = HTTPStream(mostBytes: mostBytes, mostPieces: mostWaiting, farewell: farewell?.bytes ?? []) { [state] end in
            _ = state.withLock { $0.streams.removeValue(forKey: number) }
            ended(end)
        }
        let isRoom = state.withLock { state in
            guard !state.isStopped, state.streams.values.count(where: { $0.key == key }) < mostOfKey else { return false }
            state.streams[number] = (key, stream)
            return true
        }
        return isRoom ? Stream(stream) : nil
    }

    /// Ends all streams of a key: of a session that has ended.
    public func end(key: String) {
        for (_, stream) in state.withLock({ $0.streams.values.filter { $0.key == key } }) { stream.close() }
    }

    public var count: Int { state.withLock { $0.streams.count } }

    /// Ends all streams. A second call does nothing.
    public func stop() {
        let streams = state.update { state in
            state.isStopped = true
            return Array(state.streams.values)
        }
        for (_, stream) in streams { stream.close() }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }
}
