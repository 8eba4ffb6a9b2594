import Foundation

/// A certificate of its own making for `localhost` only, and a server that shows it: `openssl s_server`, which answers every GET with a page.
final class TLSServer {
    let port: UInt16
    /// The certificate, which signs itself.
    let certificate: String
    private let folder: String
    private let process = Process()

    init() throws {
        folder = NSTemporaryDirectory() + "daifa-tls-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        certificate = folder + "/certificate.pem"
        let key = folder + "/key.pem"
        let maker = try Self.start(
            Process(), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
        _ = try maker.readToEnd()
        let output = try Self.start(
            process, "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key", key, "-naccept", "100")
        var said = ""
        while !said.hasSuffix("\n") || !said.contains("ACCEPT") {
            guard let piece = try output.read(upToCount: 1), !piece.isEmpty else { throw CocoaError(.executableLoad) }
            said += String(decoding: piece, as: UTF8.self)
        }
        let line = said.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
        guard let port = line?.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw CocoaError(.formatting) }
        self.port = port
    }

    deinit {
        // SIGTERM is blocked in what a thread of the tests has started.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func start(_ process: Process, _ arguments: String...) throws -> FileHandle {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return output.fileHandleForReading
    }
}
