import HTTP

/// The sandbox's HTTP port and what goes on without being asked: pushes, and orders that walk by themselves.
final class SandboxServer: Sendable {
    private static let maximumBody = 4 << 20
    /// Those that wait for an answer that never comes keep theirs.
    private static let connections = 1024

    private let server: HTTPServer
    private let scheduler: SandboxScheduler

    var port: UInt16 { server.port }

    /// - Parameter sender: sends the pushes.
    init(_ sandbox: Sandbox, host: String = "127.0.0.1", port: UInt16, sender: any HTTPSender) throws(HTTPError) {
        var limits = HTTPServer.Limits()
        limits.connections = Self.connections
        server = try HTTPServer(host: host, port: port, maximumBody: Self.maximumBody, limits: limits) { request, responder in
            let answer = sandbox.answer(request)
            guard answer.delay > 0 else { return Self.finish(answer, responder) }
            Task {
                try? await Task.sleep(for: .seconds(answer.delay))
                Self.finish(answer, responder)
            }
        }
        scheduler = SandboxScheduler(sandbox, sender)
    }

    deinit { stop() }

    func stop() {
        scheduler.stop()
        server.stop()
    }

    private static func finish(_ answer: SandboxAnswer, _ responder: HTTPServer.Responder) {
        if answer.isDropped { responder.close() } else { responder.send(answer.response) }
    }
}
