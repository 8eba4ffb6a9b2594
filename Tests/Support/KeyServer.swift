import HTTP
import Synchronization

/// Serves a key set on loopback; 503 until there is one.
public final class KeyServer: Sendable {
    private let document = Mutex<String?>(nil)
    private let server = Mutex<HTTPServer?>(nil)
    private let port = Mutex<UInt16>(0)

    public init() throws {
        let started = try HTTPServer(host: "127.0.0.1", port: 0) { [weak self] _ in
            guard let text = self?.document.withLock({ $0 }) else { return HTTPResponse(status: 503) }
            return HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
        }
        port.withLock { $0 = started.port }
        server.withLock { $0 = started }
    }

    public var url: String { "http://127.0.0.1:\(port.withLock { $0 })/keys" }

    public func serve(_ text: String) { document.withLock { $0 = text } }
}
