import CWebSockets
import Glibc
import Synchronization
import Threads

/// libwebsockets on one thread of its own, for any number of connections.
final class WebSocketLoop: Sendable {
    private struct Inbox {
        var tasks: [@Sendable () -> Void] = []
        var isClosed = false
    }

    /// A server's answer to a client that asks to connect: a link, or the HTTP status of a refusal.
    enum Verdict {
        case accepted(WebSocketLink)
        case refused(Int)
    }

    private let inbox = Mutex(Inbox())
    /// On the thread; nil once it has ended: what it holds may hold connections of this loop.
    private nonisolated(unsafe) var judge: (@Sendable (WebSocketLoop, OpaquePointer) -> Verdict)?
    /// libwebsockets' own, on the thread only, but for waking it while the inbox is locked and not closed.
    private nonisolated(unsafe) var context: OpaquePointer?
    private let thread = Mutex<NamedThread?>(nil)
    /// For servers.
    private(set) nonisolated(unsafe) var port: UInt16 = 0
    /// Virtual hosts of files of certificates, on the thread only.
    private nonisolated(unsafe) var trusts: [String: OpaquePointer] = [:]

    /// - Parameters:
    ///   - listen: nil: it only connects.
    ///   - judge: asked on the thread for each client that wants to connect.
    /// - Throws: `portInUse`, `unavailable`.
    init(
        _ name: String, listen: (host: String, port: UInt16)? = nil,
        judge: @escaping @Sendable (WebSocketLoop, OpaquePointer) -> Verdict = { _, _ in .refused(404) }
    ) throws(HTTPError) {
        self.judge = judge
        var port = listen?.port ?? 0
        let owner = Unmanaged.passUnretained(self).toOpaque()
        guard let context = daifa_ws_start(handle, owner, listen?.host, &port) else {
            let place = listen.map { " on \($0.host):\($0.port)" } ?? ""
            throw HTTPError(
                kind: errno == EADDRINUSE ? .portInUse : .unavailable,
                message: "WebSockets\(place): \(String(cString: strerror(errno))): check host and port, free memory and descriptors")
        }
        self.context = context
        self.port = port
        do throws(HTTPError) {
            // The thread holds on to the loop until it ends.
            let thread = try HTTPError.startingThread(name) { self.run() }
            self.thread.withLock { $0 = thread }
        } catch {
            daifa_ws_destroy(context)
            throw error
        }
    }

    /// Runs a task on the thread, soon.
    /// - Returns: false when the loop has ended: it will not run.
    @discardableResult func perform(_ task: @escaping @Sendable () -> Void) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isClosed, let context else { return false }
            inbox.tasks.append(task)
            daifa_ws_wake(context)
            return true
        }
    }

    /// Closes all connections and waits for the thread to end. A second call does nothing.
    func stop() {
        inbox.withLock { inbox in
            if !inbox.isClosed, let context { daifa_ws_wake(context) }
            inbox.isClosed = true
        }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func run() {
        guard let context else { return }
        while true {
            let (tasks, isClosed) = inbox.withLock { inbox in
                defer { inbox.tasks = [] }
                return (inbox.tasks, inbox.isClosed)
            }
            for task in tasks { task() }
            if isClosed { break }
            if daifa_ws_serve(context) < 0 {
                inbox.withLock { $0.isClosed = true }
                break
            }
        }
        daifa_ws_destroy(context)
        self.context = nil
        judge = nil
    }

    /// On the thread.
    func connect(_ target: inout daifa_ws_target, trusting certificates: String?, _ link: UnsafeMutableRawPointer) -> OpaquePointer? {
        guard let context else { return nil }
        if let certificates {
            if trusts[certificates] == nil { trusts[certificates] = daifa_ws_trust(context, "trust-\(trusts.count)", certificates) }
            guard let trust = trusts[certificates] else { return nil }
            target.trust = trust
        }
        return daifa_ws_connect(context, &target, link)
    }

    fileprivate func asked(_ socket: OpaquePointer) -> Int32 {
        switch judge?(self, socket) ?? .refused(503) {
        case .accepted(let link):
            link.attach(socket)
            return 0
        case .refused(let status):
            return Int32(clamping: (300...599).contains(status) ? status : 500)
        }
    }
}

private let handle: daifa_ws_handler = { owner, connection, socket, event, bytes, size in
    guard let owner, let socket else { return 0 }
    if event == daifa_ws_asked { return Unmanaged<WebSocketLoop>.fromOpaque(owner).takeUnretainedValue().asked(socket) }
    // Sockets that are no WebSocket yet, or never become one.
    guard let connection else { return 0 }
    let link = Unmanaged<WebSocketLink>.fromOpaque(connection).takeUnretainedValue()
    return link.handle(event, socket, UnsafeMutableRawBufferPointer(start: bytes, count: size)) ? 0 : -1
}
