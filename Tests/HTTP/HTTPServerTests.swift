import Foundation
import HTTP
import Synchronization
import Testing

@Suite struct HTTPServerTests {
    /// Answers with what it understood of the request.
    private static func echo(_ request: HTTPRequest) -> HTTPResponse {
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
        return HTTPResponse(
            status: 202, headers: [("X-Method", request.method), ("X-Custom", request.header("x-custom") ?? "none")],
            body: Array("\(request.path) [\(query)] ".utf8) + request.body)
    }

    private func server(maximumBody: Int = 65536, limits: HTTPServer.Limits = .init()) throws -> HTTPServer {
        try HTTPServer(host: "127.0.0.1", port: 0, maximumBody: maximumBody, limits: limits, handler: Self.echo)
    }

    private func curl(_ server: HTTPServer, _ path: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "-s", "-i", "--max-time", "20"] + arguments + ["http://127.0.0.1:\(server.port)\(path)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }

    @Test func methodPathQueryAndHeadersArriveDecoded() throws {
        let server = try server()
        let answer = try curl(server, "/a%20b/%E5%8D%95?x=1&x=%E4%BB%A3+2&flag", "-H", "X-CUSTOM: yes")
        #expect(answer.hasPrefix("HTTP/1.1 202 "))
        #expect(answer.contains("X-Method: GET\r\n"))
        #expect(answer.contains("X-Custom: yes\r\n"))
        #expect(answer.hasSuffix("/a b/单 [x=1|x=代 2|flag=] "))
    }

    @Test(arguments: ["Content-Length: 60000", "Transfer-Encoding: chunked"])
    func aBodyArrivesWhole(_ framing: String) throws {
        let server = try server()
        let file = NSTemporaryDirectory() + UUID().uuidString
        let body = String(repeating: "0123456789", count: 6_000)
        try body.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let answer = try curl(server, "/upload", "--data-binary", "@\(file)", "-H", framing)
        #expect(answer.contains("X-Method: POST\r\n"))
        #expect(answer.hasSuffix("/upload [] " + body))
    }

    @Test func headHasHeadersAndNoBody() throws {
        let answer = try curl(try server(), "/abc", "-I")
        #expect(answer.hasPrefix("HTTP/1.1 202 "))
        #expect(answer.contains("Content-Length: 8\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func aBodyOfTheLargestSizeIsTakenOneMoreByteIs413HoweverItComes() throws {
        let server = try server(maximumBody: 1000)
        let (fits, large) = (String(repeating: "a", count: 1000), String(repeating: "a", count: 1001))
        #expect(try curl(server, "/", "-d", fits).hasPrefix("HTTP/1.1 202 "))
        for extra in ["X-A: b", "Transfer-Encoding: chunked", "Expect: 100-continue"] {
            let answer = try curl(server, "/", "-d", large, "-H", extra)
            #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(extra): \(answer)")
            #expect(answer.contains("1000 bytes"))
        }
        #expect(try curl(server, "/still-there").contains("/still-there"))
    }

    @Test func aBodyThatNeverEndsIsCutOff() throws {
        let server = try server(maximumBody: 10)
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "10000\r\n" + String(repeating: "a", count: 0x10000) + "\r\n"
        var sent = 0
        while sent < 1000, connection.send(chunk) { sent += 1 }
        #expect(sent < 1000)
    }

    @Test func anAnnouncedBodyThatIsNotWorthReadingIsRefusedAtOnce() throws {
        let server = try server()
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n")
        #expect(connection.readToEnd().hasPrefix("HTTP/1.1 413 "))
    }

    @Test func severalRequestsGoOverOneConnection() throws {
        let server = try server()
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        for path in ["/first", "/second", "/third"] {
            connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(connection.read(until: "\(path) [] ").hasPrefix("HTTP/1.1 202 "))
        }
        connection.send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(connection.readToEnd().hasSuffix("/last [] "))
    }

    @Test(arguments: ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"])
    func whatIsNoHTTPIsRefused(_ request: String) throws {
        let server = try server()
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send(request)
        let answer = connection.readToEnd()
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"), "\(answer)")
        #expect(!answer.contains("X-Method"))
    }

    @Test func headersThatAreTooLargeAreRefused() throws {
        let server = try server()
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n")
        #expect(connection.readToEnd().hasPrefix("HTTP/1.1 431 "))
    }

    @Test(arguments: [
        HTTPResponse(status: 200, headers: [("X", "a\r\nSet-Cookie: b")]), HTTPResponse(status: 7), HTTPResponse(status: 1000),
    ])
    func anAnswerThatHTTPDoesNotAllowBecomesA500(_ response: HTTPResponse) throws {
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { _ in response }
        let answer = try curl(server, "/")
        #expect(answer.hasPrefix("HTTP/1.1 500 "))
        #expect(!answer.contains("Set-Cookie"))
    }

    @Test func aConnectionOnWhichNothingMovesIsClosed() throws {
        var limits = HTTPServer.Limits()
        limits.idleSeconds = 1
        let server = try server(limits: limits)
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost")
        #expect(!connection.readToEnd().contains("X-Method"))
    }

    @Test func connectionsBeyondTheLimitWaitTheirTurn() throws {
        var limits = HTTPServer.Limits()
        limits.connections = 2
        let server = try server(limits: limits)
        defer { server.stop() }
        let port = server.port
        let held = [RawConnection(port: port), RawConnection(port: port)]
        for connection in held {
            connection.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(connection.read(until: "/held [] ").hasPrefix("HTTP/1.1 202 "))
        }
        let waiting = RawConnection(port: port)
        waiting.send("GET /waiting HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        held[0].send("GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(held[0].readToEnd().hasSuffix("/end [] "))
        #expect(waiting.readToEnd().hasSuffix("/waiting [] "))
    }

    @Test func manyClientsAtOnce() async throws {
        let calls = Mutex(0)
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { request in
            calls.withLock { $0 += 1 }
            return .text(request.path)
        }
        let port = server.port
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let connection = RawConnection(port: port)
                    connection.send("GET /\(number) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    return connection.readToEnd().hasSuffix("\r\n\r\n/\(number)")
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 100)
        #expect(calls.withLock { $0 } == 100)
        server.stop()
    }

    @Test func aPortInUseIsNamed() throws {
        let first = try server()
        let error = #expect(throws: HTTPError.self) {
            try HTTPServer(host: "127.0.0.1", port: first.port) { _ in HTTPResponse() }
        }
        #expect(error?.kind == .portInUse)
        #expect(error?.message.contains("\(first.port) is in use") == true)
        #expect(try curl(first, "/alive").contains("/alive"))
    }

    @Test(arguments: ["203.0.113.1", "no-such-host.invalid"])
    func aHostThatIsNotOursIsUnavailable(_ host: String) throws {
        let error = #expect(throws: HTTPError.self) { try HTTPServer(host: host, port: 0) { _ in HTTPResponse() } }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains(host) == true)
    }

    @Test func afterStopNothingAnswersAndThePortIsFree() throws {
        let server = try server()
        let port = server.port
        let open = RawConnection(port: port)
        open.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(open.read(until: "/open [] ").hasPrefix("HTTP/1.1 202 "))
        server.stop()
        server.stop()
        #expect(open.readToEnd().isEmpty)
        #expect(!RawConnection(port: port).isConnected)
        let next = try HTTPServer(host: "127.0.0.1", port: port, handler: Self.echo)
        #expect(try curl(next, "/next").contains("/next"))
    }

    @Test func iPv6() throws {
        let server = try HTTPServer(host: "::", port: 0, handler: Self.echo)
        #expect(server.port > 0)
        let connection = RawConnection(port: server.port)
        connection.send("GET /over-v4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(connection.readToEnd().hasSuffix("/over-v4 [] "))
    }
}
