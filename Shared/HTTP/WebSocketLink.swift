import CWebSockets
import Synchronization

/// One side of a WebSocket. Lives on its loop's thread; `send`, `close` and `drop` may be called from anywhere.
final class WebSocketLink: @unchecked Sendable {
    private struct Outbox {
        /// Each begins with `daifa_ws_prefix` bytes of room.
        var frames: ArraySlice<[UInt8]> = []
        var bytes = 0
        /// The code of a close that was asked for.
        var closing: UInt16?
        var isOver = false
    }

    /// Bytes that wait to be sent; a peer that reads so little is given up.
    private static let maximumQueued = 16 << 20
    /// How long a close that was asked for waits for what is queued before it.
    private static let closeTime = Duration.seconds(10)

    let loop: WebSocketLoop
    private let maximumMessage: Int
    /// How long nothing may be heard; nil: for ever.
    private let idleTime: Duration?
    /// Pings in that time. They are counted, and not the time: a thread that got no turn for long has not heard what came meanwhile.
    private static let pings = 3
    private let outbox = Mutex(Outbox())

    /// Called on the thread. False: nothing more is read until `resume`. Nil once it is over.
    private var emit: ((WebSocketEvent) -> Bool)?
    private var dial: WebSocketDial?
    private var socket: OpaquePointer?
    private var isOpen = false
    private var isPaused = false
    private var owesPing = false
    /// Since something was heard.
    private var unansweredPings = 0
    /// When a close that was asked for is no longer waited for.
    private var closeBy: ContinuousClock.Instant?
    private var message: [UInt8] = []

    init(_ loop: WebSocketLoop, maximumMessage: Int, idleTime: Duration?, emit: @escaping @Sendable (WebSocketEvent) -> Bool) {
        self.loop = loop
        self.maximumMessage = maximumMessage
        self.idleTime = idleTime
        self.emit = emit
    }

    // MARK: From anywhere

    /// False when it is closed, or the peer does not read.
    func send(_ text: String) -> Bool {
        var text = text
        let frame = text.withUTF8 { [UInt8](repeating: 0, count: daifa_ws_prefix) + $0 }
        let (taken, isFirst, isStuck) = outbox.withLock { outbox in
            if outbox.isOver || outbox.closing != nil { return (false, false, false) }
            if outbox.bytes > 0, outbox.bytes + frame.count > Self.maximumQueued { return (false, false, true) }
            outbox.frames.append(frame)
            outbox.bytes += frame.count
            return (true, outbox.frames.count == 1, false)
        }
        if isFirst { loop.perform { self.askWritable() } }
        if isStuck { abandon(WebSocketClosed(.broken, "the peer does not read: \(Self.maximumQueued) bytes wait to be sent")) }
        return taken
    }

    /// Sends what is queued, and a close.
    func close(_ code: UInt16) {
        let first = outbox.withLock { outbox in
            defer { outbox.closing = outbox.closing ?? code }
            return outbox.closing == nil && !outbox.isOver
        }
        guard first else { return }
        loop.perform {
            self.end(WebSocketClosed(.closed, "closed by this side"))
            self.closeBy = .now + (self.isOpen ? Self.closeTime : .zero)
            self.arm()
            self.askWritable()
            // The peer's own goodbye is behind what it sent.
            self.unpause()
        }
    }

    /// Cuts the connection without a word.
    func abandon(_ why: WebSocketClosed) {
        loop.perform {
            self.end(why)
            self.closeBy = .now
            self.arm()
        }
    }

    /// Reads again.
    func resume() {
        loop.perform { self.unpause() }
    }

    // MARK: On the thread

    /// A socket that a client has asked for.
    func attach(_ socket: OpaquePointer) {
        self.socket = socket
        // Until the socket's last event.
        daifa_ws_give(socket, Unmanaged.passRetained(self).toOpaque())
    }

    /// Connects to one address after the other until one opens.
    func connect(_ dial: WebSocketDial) {
        guard emit != nil else { return }
        self.dial = dial
        guard dial.deadline > .now else { return end(WebSocketClosed(.timeout, "\(dial.origin): no connection in time")) }
        guard dial.isToBeTried else { return end(dial.failure) }
        let held = Unmanaged.passRetained(self)
        dial.isUnderWay = true
        guard let socket = dial.begin(loop, held.toOpaque()) else {
            // libwebsockets may have told the socket's end already.
            if dial.isUnderWay { gone(held) }
            return
        }
        self.socket = socket
        arm()
    }

    /// False closes the socket.
    func handle(_ event: daifa_ws_event, _ socket: OpaquePointer, _ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        switch event {
        case daifa_ws_headers: return dial?.append(to: bytes) ?? true
        case daifa_ws_opened: opened()
        case daifa_ws_received: return received(UnsafeRawBufferPointer(bytes), socket)
        case daifa_ws_ponged: unansweredPings = 0
        case daifa_ws_writable: return write(socket)
        case daifa_ws_timer: return tick()
        case daifa_ws_peer_closes:
            let code = bytes.count < 2 ? 1005 : Int(bytes[0]) << 8 | Int(bytes[1])
            end(WebSocketClosed(.peer, code: code, "the peer closed the connection with code \(code)"))
        case daifa_ws_failed:
            dial?.failed(status: daifa_ws_status(socket), why: String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        case daifa_ws_ended: gone(Unmanaged.passUnretained(self))
        default: break
        }
        return true
    }

    private func opened() {
        isOpen = true
        dial = nil
        if emit == nil { closeBy = .now }
        arm()
        if emit?(.opened) == false { pause() }
        askWritable()
    }

    private func received(_ piece: UnsafeRawBufferPointer, _ socket: OpaquePointer) -> Bool {
        unansweredPings = 0
        guard emit != nil else { return true }
        guard daifa_ws_is_binary(socket) == 0 else {
            return refuse(1003, WebSocketClosed(.malformed, "the peer sent bytes and no text"), socket)
        }
        guard Self.fits(message.count, piece.count, announced: daifa_ws_remaining(socket), within: maximumMessage) else {
            return refuse(1009, WebSocketClosed(.tooLarge, "a message is larger than \(maximumMessage) bytes"), socket)
        }
        message.append(contentsOf: piece)
        guard daifa_ws_is_final(socket) != 0 else { return true }
        guard let text = String(validating: message, as: UTF8.self) else {
            return refuse(1007, WebSocketClosed(.malformed, "a message is no UTF-8"), socket)
        }
        message.removeAll(keepingCapacity: message.capacity <= 1 << 16)
        if emit?(.text(text)) == false { pause() }
        return true
    }

    /// Whether a message may go on. The peer says how much of a frame is still to come, up to 2^63-1: sums may not fit into an `Int`.
    static func fits(_ have: Int, _ piece: Int, announced: Int, within maximum: Int) -> Bool {
        have <= maximum && piece <= maximum - have && announced <= maximum - have - piece
    }

    private func refuse(_ code: UInt16, _ why: WebSocketClosed, _ socket: OpaquePointer) -> Bool {
        end(why)
        daifa_ws_say(socket, code)
        return false
    }

    private func pause() {
        guard let socket else { return }
        isPaused = true
        daifa_ws_read(socket, 0)
    }

    private func unpause() {
        guard isPaused, let socket else { return }
        isPaused = false
        unansweredPings = 0
        daifa_ws_read(socket, 1)
    }

    private func askWritable() {
        if isOpen, let socket { daifa_ws_ask_writable(socket) }
    }

    private func write(_ socket: OpaquePointer) -> Bool {
        if owesPing {
            owesPing = false
            askWritable()
            return daifa_ws_send_ping(socket) >= 0
        }
        let (frame, closing) = outbox.withLock { outbox -> ([UInt8]?, UInt16?) in
            guard let frame = outbox.frames.first else { return (nil, outbox.closing) }
            return (frame, nil)
        }
        if var frame {
            let size = frame.count - daifa_ws_prefix
            guard daifa_ws_send_text(socket, &frame, size) >= 0 else { return false }
            let more = outbox.withLock { outbox in
                outbox.frames.removeFirst()
                outbox.bytes -= frame.count
                return !outbox.frames.isEmpty || outbox.closing != nil
            }
            if more { askWritable() }
        } else if let closing {
            daifa_ws_say(socket, closing)
            return false
        }
        return true
    }

    /// Sets the timer for what is due next.
    private func arm() {
        guard let socket else { return }
        let idle = isOpen ? idleTime.map { ContinuousClock.now + $0 / Self.pings } : nil
        guard let due = [closeBy, dial?.deadline, idle].compactMap({ $0 }).min() else { return daifa_ws_set_timer(socket, -1) }
        daifa_ws_set_timer(socket, Int64(ContinuousClock.now.duration(to: due).milliseconds) * 1000)
    }

    private func tick() -> Bool {
        let now = ContinuousClock.now
        if let closeBy, closeBy <= now { return false }
        if let dial, !isOpen, dial.deadline <= now {
            end(WebSocketClosed(.timeout, "\(dial.origin): no connection in time"))
            return false
        }
        if let idleTime, isOpen {
            // While nothing is read nothing can be heard.
            if isPaused { unansweredPings = 0 }
            if unansweredPings >= Self.pings {
                end(WebSocketClosed(.idle, "nothing was heard for \(idleTime)"))
                return false
            }
            unansweredPings += 1
            owesPing = true
            askWritable()
        }
        arm()
        return true
    }

    /// The socket is no more.
    private func gone(_ held: Unmanaged<WebSocketLink>) {
        let wasOpen = isOpen
        (socket, isOpen) = (nil, false)
        dial?.isUnderWay = false
        if let dial, !wasOpen, dial.mayGoOn, loop.perform({ self.connect(dial) }) {
            // The next address.
        } else {
            end(dial?.failure ?? WebSocketClosed(.broken, "the connection broke"))
        }
        held.release()
    }

    /// Tells why, once.
    private func end(_ why: WebSocketClosed) {
        outbox.withLock { $0.isOver = true }
        let last = emit
        emit = nil
        _ = last?(.closed(why))
    }
}
