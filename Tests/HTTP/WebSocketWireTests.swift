import HTTP
import Synchronization
import Testing

/// Client and server, each against bytes.
@Suite struct WebSocketWireTests {
    typealias Frame = RawWebSocket.Frame

    private func closed(_ event: WebSocketEvent?) -> WebSocketClosed? {
        if case .closed(let why) = event { why } else { nil }
    }

    private func failure(_ url: String, headers: [(name: String, value: String)] = [], _ limits: WebSocketClient.Limits = .init()) async
        -> WebSocketClosed?
    {
        await #expect(throws: WebSocketClosed.self) { try await WebSocketClient.connect(url, headers: headers, limits: limits) }
    }

    private func url(_ server: RawServer) -> String { "ws://127.0.0.1:\(server.port)" }

    @Test func theHandshakeSaysWhatWasAskedFor() async throws {
        let (heads, arrive) = AsyncStream.makeStream(of: String.self)
        let server = RawWebSocket.server { arrive.yield($0.head) }
        let socket = try await WebSocketClient.connect(url(server) + "/message/id/1/a%3D?x=%2F", headers: [("X-Key", "a b")])
        let lines = try #require(await heads.first { _ in true }).split(separator: "\r\n").map(String.init)
        #expect(lines.first == "GET /message/id/1/a%3D?x=%2F HTTP/1.1")
        for line in ["Host: 127.0.0.1:\(server.port)", "X-Key: a b", "User-Agent: daifa", "Sec-WebSocket-Version: 13"] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(!lines.contains { $0.hasPrefix("Origin") || $0.hasPrefix("Sec-WebSocket-Protocol") })
        #expect(closed(await socket.next())?.kind == .broken)
    }

    @Test func theClientPutsFragmentsTogetherAndAnswersPingsBetweenThem() async throws {
        let (answers, answer) = AsyncStream.makeStream(of: Frame?.self)
        let server = RawWebSocket.server { socket in
            socket.send(Frame(.text, "one ", isFinal: false))
            socket.send(Frame(.ping, "are you there?"))
            answer.yield(socket.read())
            socket.send(Frame(.more, "two ", isFinal: false))
            socket.send(Frame(.more, "three"))
            socket.send(Frame(.text, "four"))
            answer.yield(socket.read())
            _ = socket.read()
        }
        let socket = try await WebSocketClient.connect(url(server))
        #expect(await socket.next() == .text("one two three"))
        #expect(await socket.next() == .text("four"))
        socket.send("five")
        var frames = answers.makeAsyncIterator()
        #expect(await frames.next() == .some(Frame(.pong, "are you there?")))
        #expect(await frames.next() == .some(Frame(.text, "five")))
    }

    @Test func theServerPutsFragmentsTogetherAndAnswersPingsBetweenThem() async throws {
        let (events, happens) = AsyncStream.makeStream(of: WebSocketEvent.self)
        let server = try WebSocketServer(port: 0) { happens.yield($1) }
        defer { server.stop() }
        let socket = RawWebSocket(connecting: server.port, path: "/")
        // The example of RFC 6455, section 1.3.
        #expect(socket.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        socket.send(Frame(.text, "one ", isFinal: false))
        socket.send(Frame(.ping, "?"))
        #expect(socket.read() == Frame(.pong, "?"))
        socket.send(Frame(.more, "two"))
        socket.send(Frame(.close))
        #expect(socket.read()?.kind == .close)
        var all: [WebSocketEvent] = []
        for await event in events {
            all.append(event)
            if closed(event) != nil { break }
        }
        #expect(all.first == .opened)
        #expect(all.dropFirst().first == .text("one two"))
        #expect(closed(all.last)?.kind == .peer)
        #expect(closed(all.last)?.code == 1005)
        #expect(all.count == 3)
    }

    @Test func fragmentsThatBecomeTooLargeAreRefusedBeforeTheyAreWhole() async throws {
        let (codes, close) = AsyncStream.makeStream(of: [UInt8].self)
        let server = RawWebSocket.server { socket in
            socket.send(Frame(.text, String(repeating: "a", count: 600), isFinal: false))
            socket.send(Frame(.more, String(repeating: "a", count: 600), isFinal: false))
            close.yield(socket.read()?.payload ?? [])
        }
        var limits = WebSocketClient.Limits()
        limits.maximumMessage = 1000
        let socket = try await WebSocketClient.connect(url(server), limits: limits)
        #expect(closed(await socket.next())?.kind == .tooLarge)
        #expect(await codes.first { _ in true } == [3, 241])
    }

    @Test func aFrameThatAnnouncesTooMuchIsRefusedBeforeItIsThere() async throws {
        let (ends, end) = AsyncStream.makeStream(of: [UInt8].self)
        let server = RawWebSocket.server { socket in
            // 100,000 bytes of text, of which 20,000 come.
            socket.connection.send([0x81, 127, 0, 0, 0, 0, 0, 0x01, 0x86, 0xA0] + [UInt8](repeating: 65, count: 20_000))
            end.yield(socket.read()?.payload ?? [])
        }
        var limits = WebSocketClient.Limits()
        limits.maximumMessage = 50_000
        let socket = try await WebSocketClient.connect(url(server), limits: limits)
        #expect(closed(await socket.next())?.kind == .tooLarge)
        #expect(await ends.first { _ in true } == [3, 241])
    }

    /// The sum of what is there and what is announced does not fit into an `Int`.
    @Test func aFragmentThatAnnouncesTheLargestNumberEndsTheConnectionAndNotTheProcess() async throws {
        let (ends, end) = AsyncStream.makeStream(of: [UInt8].self)
        let server = RawWebSocket.server { socket in
            socket.send(Frame(.text, String(repeating: "a", count: 600), isFinal: false))
            socket.connection.send([0x00, 127, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [UInt8](repeating: 65, count: 20_000))
            end.yield(socket.read()?.payload ?? [])
        }
        let socket = try await WebSocketClient.connect(url(server))
        let kind = closed(await socket.next())?.kind
        #expect(kind == .tooLarge || kind == .broken)
        #expect(await ends.first { _ in true } != nil)
    }

    @Test func whoDoesNotTakeWhatComesIsSentNoMore() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Int.self)
        let text = String(repeating: "a", count: 50_000)
        let server = RawWebSocket.server { socket in
            socket.connection.limitSending()
            var sent = 0
            while sent < 2000, socket.send(Frame(.text, text)) { sent += 1 }
            end.yield(sent)
        }
        var limits = WebSocketClient.Limits()
        limits.maximumMessage = 100_000
        let socket = try await WebSocketClient.connect(url(server), limits: limits)
        let sent = try #require(await ends.first { _ in true })
        #expect(sent < 2000)
        for _ in 0..<sent { #expect(await socket.next() == .text(text)) }
        #expect(closed(await socket.next())?.kind == .broken)
    }

    @Test(arguments: [(Frame.Kind.binary, [65], 1003), (.text, [0xC3, 0x28], 1007)] as [(Frame.Kind, [UInt8], Int)])
    func whatIsNoTextIsRefused(_ kind: Frame.Kind, _ bytes: [UInt8], _ code: Int) async throws {
        let (codes, close) = AsyncStream.makeStream(of: [UInt8].self)
        let server = RawWebSocket.server { socket in
            var frame = Frame(kind)
            frame.payload = bytes
            socket.send(frame)
            close.yield(socket.read()?.payload ?? [])
        }
        let socket = try await WebSocketClient.connect(url(server))
        #expect(closed(await socket.next())?.kind == .malformed)
        #expect(await codes.first { _ in true } == [UInt8(code >> 8), UInt8(code & 255)])
    }

    @Test func aPeerThatFallsSilentIsGivenUp() async throws {
        let (ends, end) = AsyncStream.makeStream(of: String.self)
        let server = RawWebSocket.server { end.yield($0.connection.readToEnd()) }
        var limits = WebSocketClient.Limits()
        limits.idleSeconds = 0.3
        let socket = try await WebSocketClient.connect(url(server), limits: limits)
        #expect(closed(await socket.next())?.kind == .idle)
        #expect(await ends.first { _ in true } != nil)
    }

    @Test func aPeerThatSaysNothingButAnswersPingsIsNot() async throws {
        let server = RawWebSocket.server { socket in
            // Each third of the time one: by then more than the time has passed.
            for _ in 0..<5 {
                guard let ping = socket.read(), ping.kind == .ping else { return }
                var pong = ping
                pong.kind = .pong
                socket.send(pong)
            }
            socket.send(Frame(.text, "still here"))
            _ = socket.read()
        }
        var limits = WebSocketClient.Limits()
        limits.idleSeconds = 2
        let socket = try await WebSocketClient.connect(url(server), limits: limits)
        #expect(await socket.next() == .text("still here"))
    }

    @Test func aServerThatDoesNotAnswerTheHandshakeInTime() async throws {
        let server = RawServer { _ = $0.readToEnd() }
        var limits = WebSocketClient.Limits()
        limits.connectSeconds = 0.3
        for scheme in ["ws", "wss"] {
            let error = await failure("\(scheme)://127.0.0.1:\(server.port)", limits)
            #expect(error?.kind == .timeout, "\(error?.message ?? "")")
        }
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .refused), ("", .connection), ("nonsense\r\n\r\n", .connection),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
                .connection
            ),
        ] as [(String, WebSocketClosed.Kind)])
    func aServerThatIsNone(_ answer: String, _ kind: WebSocketClosed.Kind) async throws {
        let server = RawServer.answering(answer)
        #expect(await failure(url(server))?.kind == kind)
        #expect(server.connections == 1)
    }

    @Test func whereNothingListensThereIsNoConnection() async throws {
        let port = UnusedPort()
        let error = await failure("ws://localhost:\(port.number)/?token=secret")
        #expect(error?.kind == .connection)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aPlainRequestToAWebSocketServerIsNotFound() throws {
        let server = try WebSocketServer(port: 0) { _, _ in }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
    }

    @Test func aCertificateMustBeTrustedAndBeTheHosts() async throws {
        let server = try TLSServer()
        let right = "wss://localhost:\(server.port)/"
        #expect(await failure(right)?.kind == .connection)
        var limits = WebSocketClient.Limits()
        limits.certificateAuthorities = server.certificate
        // It is no WebSocket server, but that it says over TLS.
        let refusal = await failure(right, limits)
        #expect(refusal?.kind == .refused)
        #expect(refusal?.code == 200)
        #expect(await failure("wss://127.0.0.1:\(server.port)/", limits)?.kind == .connection)
        #expect(await failure(right)?.kind == .connection)
    }

    @Test(arguments: [
        "", "ws://192.0.2.1/", "ws://localhost.example.com/", "http://127.0.0.1/", "https://127.0.0.1/", "wss://u:secret@localhost/",
    ])
    func whatMustNotBeCalledIsRefusedBeforeAnythingIsSent(_ url: String) async throws {
        let error = await failure(url)
        #expect(error?.kind == .url)
        #expect(error?.message.contains("secret") == false)
    }

    @Test(arguments: [
        ("X", "secret\r\nY: b"), ("X\r\nY", "secret"), ("Host", "secret"), ("Upgrade", "secret"), ("Sec-WebSocket-Key", "secret"),
    ])
    func nothingIsSmuggledIntoTheHead(_ name: String, _ value: String) async throws {
        let server = RawServer.answering("")
        let error = await failure(url(server), headers: [(name, value)])
        #expect(error?.kind == .url)
        #expect(error?.message.contains("secret") == false)
        #expect(server.connections == 0)
    }
}
