import Foundation
import HTTP
import Synchronization
import Testing

/// Client and server with each other.
@Suite struct WebSocketTests {
    typealias Connection = WebSocketServer.Connection

    private final class Counter: Sendable { let value = Mutex(0) }

    /// Says what it hears, and tells the test what happens.
    private final class Echo: Sendable {
        let server: WebSocketServer
        let events: AsyncStream<(Connection, WebSocketEvent)>
        private let closes = Counter()

        /// Connections that were closed so far.
        var closed: Int { closes.value.withLock { $0 } }

        init(port: UInt16 = 0, maximumMessage: Int = 1 << 20) throws {
            let (events, happens) = AsyncStream.makeStream(of: (Connection, WebSocketEvent).self)
            self.events = events
            let closes = closes
            server = try WebSocketServer(port: port, maximumMessage: maximumMessage, accept: { $0.query("refuse").flatMap { Int($0) } }) {
                happens.yield(($0, $1))
                if case .closed = $1 { closes.value.withLock { $0 += 1 } }
                if case .text(let text) = $1 { $0.send("\($0.request.path): \(text)") }
            }
        }

        deinit { server.stop() }

        var url: String { "ws://127.0.0.1:\(server.port)" }

        /// The first that is open.
        func connection() async -> Connection? {
            for await (connection, event) in events where event == .opened { return connection }
            return nil
        }

        func nextClosed() async -> WebSocketClosed? {
            for await (_, event) in events { if case .closed(let why) = event { return why } }
            return nil
        }
    }

    private func closed(_ event: WebSocketEvent?) -> WebSocketClosed? {
        if case .closed(let why) = event { why } else { nil }
    }

    @Test func textsComeBackWholeAndInOrderOfAnySize() async throws {
        let echo = try Echo()
        let socket = try await WebSocketClient.connect(echo.url + "/a%20b?x=1&y=%E4%BB%A3%3D&flag")
        let request = try #require(await echo.connection()).request
        #expect(request.path == "/a b")
        #expect(request.query == [.init("x", "1"), .init("y", "代="), .init("flag", "")])
        let texts = (0..<200).map { "\($0) 单" } + ["", String(repeating: "0123456789", count: 90_000)]
        for text in texts { #expect(socket.send(text)) }
        for text in texts { #expect(await socket.next() == .text("/a b: " + text)) }
    }

    @Test func manyConnectionsAtOnce() async throws {
        let echo = try Echo()
        let right = await withTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    guard let socket = try? await WebSocketClient.connect(echo.url + "/\(number)") else { return 0 }
                    var right = 0
                    for text in (0..<20).map(String.init) {
                        socket.send(text)
                        if await socket.next() == .text("/\(number): \(text)") { right += 1 }
                    }
                    return right
                }
            }
            return await group.reduce(0, +)
        }
        #expect(right == 1000)
    }

    @Test func aThreadMayUseItToo() throws {
        let echo = try Echo()
        let socket = try WebSocketClient("ws://localhost:\(echo.server.port)")
        #expect(socket.next(timeout: 20) == .opened)
        #expect(socket.next(timeout: 0.05) == nil)
        socket.send("hello")
        #expect(socket.next(timeout: 20) == .text("/: hello"))
        socket.close()
        #expect(closed(socket.next(timeout: 20))?.kind == .closed)
        #expect(closed(socket.next(timeout: 20))?.kind == .closed)
        #expect(!socket.send("late"))
    }

    @Test(arguments: [401, 403, 503, 302]) func aServerMayRefuseWithAStatus(_ status: Int) async throws {
        let echo = try Echo()
        let error = await #expect(throws: WebSocketClosed.self) {
            try await WebSocketClient.connect(echo.url + "/?refuse=\(status)&token=secret")
        }
        #expect(error?.kind == .refused)
        #expect(error?.code == status)
        #expect(error?.message.contains("secret") == false)
        let socket = try await WebSocketClient.connect(echo.url)
        socket.send("still there")
        #expect(await socket.next() == .text("/: still there"))
    }

    @Test func closingSendsWhatIsQueuedAndTheServerHearsOfIt() async throws {
        let echo = try Echo()
        let socket = try await WebSocketClient.connect(echo.url)
        for number in 0..<50 { socket.send("\(number)") }
        socket.close()
        var heard = 0
        for await (_, event) in echo.events {
            if case .text(let text) = event, text == "\(heard)" { heard += 1 }
            if let why = closed(event) {
                #expect(why.kind == .peer)
                #expect(why.code == 1000)
                break
            }
        }
        #expect(heard == 50)
    }

    @Test func aClientThatNobodyHoldsCloses() async throws {
        let echo = try Echo()
        _ = try await WebSocketClient.connect(echo.url)
        #expect(await echo.nextClosed()?.code == 1000)
    }

    @Test func aServersCloseComesWithItsCodeBehindWhatItSent() async throws {
        let echo = try Echo()
        let socket = try await WebSocketClient.connect(echo.url)
        let connection = try #require(await echo.connection())
        connection.send("last words")
        connection.close(code: 4001)
        #expect(await socket.next() == .text("last words"))
        let why = closed(await socket.next())
        #expect(why?.kind == .peer)
        #expect(why?.code == 4001)
        #expect(!socket.send("late"))
    }

    @Test func afterADroppedConnectionOneConnectsAgain() async throws {
        let echo = try Echo()
        for _ in 0..<5 {
            let socket = try await WebSocketClient.connect(echo.url)
            let connection = try #require(await echo.connection())
            connection.drop()
            #expect(closed(await socket.next())?.kind == .broken)
            #expect(!connection.send("late"))
        }
    }

    @Test func stoppingCutsAllConnectionsAndFreesThePort() async throws {
        let echo = try Echo()
        let port = echo.server.port
        var sockets: [WebSocketClient] = []
        for _ in 0..<5 { sockets.append(try await WebSocketClient.connect(echo.url)) }
        echo.server.stop()
        echo.server.stop()
        #expect(echo.closed == 5)
        for socket in sockets { #expect([.broken, .peer].contains(closed(await socket.next())?.kind)) }
        let next = try Echo(port: port)
        let socket = try await WebSocketClient.connect(next.url)
        socket.send("next")
        #expect(await socket.next() == .text("/: next"))
    }

    @Test func aPortInUseIsNamed() throws {
        let echo = try Echo()
        let error = #expect(throws: HTTPError.self) { try WebSocketServer(port: echo.server.port) { _, _ in } }
        #expect(error?.kind == .portInUse)
        #expect(error?.message.contains("\(echo.server.port)") == true)
    }

    @Test func aMessageThatIsTooLargeForTheServerIsRefusedOneOfTheLimitIsNot() async throws {
        let echo = try Echo(maximumMessage: 10_000)
        let socket = try await WebSocketClient.connect(echo.url)
        socket.send(String(repeating: "a", count: 10_000))
        #expect(await socket.next() == .text("/: " + String(repeating: "a", count: 10_000)))
        socket.send(String(repeating: "a", count: 10_001))
        #expect(await echo.nextClosed()?.kind == .tooLarge)
        let why = closed(await socket.next())
        #expect(why?.kind == .peer)
        #expect(why?.code == 1009)
    }

    @Test func aMessageThatIsTooLargeForTheClientIsRefused() async throws {
        let echo = try Echo()
        var limits = WebSocketClient.Limits()
        limits.maximumMessage = 1000
        let socket = try await WebSocketClient.connect(echo.url, limits: limits)
        socket.send(String(repeating: "a", count: 998))
        #expect(closed(await socket.next())?.kind == .tooLarge)
        let why = await echo.nextClosed()
        #expect(why?.kind == .peer)
        #expect(why?.code == 1009)
    }

    @Test func whoTakesLateWhatComesLosesNothingWhoTakesNothingIsGivenUp() async throws {
        let echo = try Echo()
        var limits = WebSocketClient.Limits()
        limits.maximumMessage = 100_000
        let socket = try await WebSocketClient.connect(echo.url, limits: limits)
        let connection = try #require(await echo.connection())
        let filler = String(repeating: ".", count: 50_000)
        var sent = 0
        // What the sockets do not hold waits at the server, up to its limit: then it gives the client up.
        while sent < 200 {
            #expect(connection.send("\(sent) \(filler)"))
            sent += 1
        }
        for number in 0..<sent { #expect(await socket.next() == .text("\(number) \(filler)")) }
        while connection.send(filler), sent < 10_000 { sent += 1 }
        #expect(sent < 10_000)
        #expect(await echo.nextClosed()?.kind == .broken)
    }

    @Test func cancellingTheTaskThatWaitsClosesTheConnection() async throws {
        let echo = try Echo()
        let socket = try await WebSocketClient.connect(echo.url)
        let task = Task { await socket.next() }
        task.cancel()
        #expect(closed(await task.value)?.kind == .closed)
        #expect(await echo.nextClosed()?.code == 1000)
    }

    /// Seconds of the processor that the servers' threads of this process have taken.
    private func serverSeconds() throws -> Double {
        let ticks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").reduce(0) { sum, thread in
            // One that has ended meanwhile takes nothing.
            guard let stat = try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8), stat.contains("(ws-server)")
            else { return sum }
            let fields = stat.split(separator: " ")
            return sum + (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    @Test func aClientThatSaysNothingCostsNothing() async throws {
        let echo = try Echo()
        let socket = try await WebSocketClient.connect(echo.url)
        _ = try #require(await echo.connection())
        let before = try serverSeconds()
        // What is measured is a time in which nothing happens.
        try await Task.sleep(for: .seconds(1))
        #expect(try serverSeconds() - before < 0.2)
        #expect(socket.send("still there"))
        #expect(await socket.next() == .text("/: still there"))
    }
}
