import Foundation

/// A WebSocket of bytes: what no library sends (RFC 6455).
final class RawWebSocket {
    struct Frame: Equatable {
        enum Kind: UInt8 { case more, text, binary, close = 8, ping, pong }

        var kind: Kind
        var isFinal = true
        var payload: [UInt8]

        init(_ kind: Kind, _ text: String = "", isFinal: Bool = true) {
            (self.kind, self.payload, self.isFinal) = (kind, Array(text.utf8), isFinal)
        }
    }

    let connection: RawConnection
    /// The head of what the other side asked or answered.
    let head: String
    private let isClient: Bool

    /// Connects and asks.
    init(connecting port: UInt16, path: String) {
        connection = RawConnection(port: port)
        connection.send(
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        head = connection.read(until: "\r\n\r\n")
        isClient = true
    }

    /// Reads what a client asks, and accepts.
    init(accepting connection: RawConnection) throws {
        self.connection = connection
        head = connection.readRequest()
        isClient = false
        let key = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key: ") }?.dropFirst(19) ?? ""
        connection.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(try Self.accept(String(key)))\r\n\r\n")
    }

    private static func accept(_ key: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "dgst", "-sha1", "-binary"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        try input.fileHandleForWriting.close()
        return (try output.fileHandleForReading.readToEnd() ?? Data()).base64EncodedString()
    }

    /// A server that does with each WebSocket what a test says, on a thread of its own.
    static func server(_ serve: @escaping @Sendable (RawWebSocket) -> Void) -> RawServer {
        RawServer { connection in
            if let socket = try? RawWebSocket(accepting: connection) { serve(socket) }
        }
    }

    @discardableResult func send(_ frame: Frame) -> Bool {
        let count = frame.payload.count
        var bytes = [frame.kind.rawValue | (frame.isFinal ? 0x80 : 0)]
        let masked: UInt8 = isClient ? 0x80 : 0
        bytes += count < 126 ? [masked | UInt8(count)] : [masked | 126, UInt8(count >> 8), UInt8(count & 255)]
        // A mask of zeros changes nothing.
        if isClient { bytes += [0, 0, 0, 0] }
        return connection.send(bytes + frame.payload)
    }

    /// The next frame of up to 64 KiB; nil when the other side has closed.
    func read() -> Frame? {
        let start = connection.read(count: 2)
        guard start.count == 2, let kind = Frame.Kind(rawValue: start[0] & 15) else { return nil }
        var count = Int(start[1] & 127)
        if count == 126 { count = connection.read(count: 2).reduce(0) { $0 << 8 | Int($1) } }
        let mask = start[1] & 0x80 != 0 ? connection.read(count: 4) : [0, 0, 0, 0]
        var frame = Frame(kind, isFinal: start[0] & 0x80 != 0)
        frame.payload = connection.read(count: count).enumerated().map { $1 ^ mask[$0 % 4] }
        return frame
    }
}
