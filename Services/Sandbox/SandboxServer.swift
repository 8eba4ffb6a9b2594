import HTTP

/// The sandbox's HTTP port, on loopback.
final class SandboxServer: Sendable {
    private static let maximumBody = 4 << 20
    private let server: HTTPServer

    var port: UInt16 { server.port }

    init(_ sandbox: Sandbox, port: UInt16) throws(HTTPError) {
        server = try HTTPServer(host: "127.0.0.1", port: port, maximumBody: Self.maximumBody) { request in sandbox.answer(request).response
        }
    }

    func stop() { server.stop() }
}
