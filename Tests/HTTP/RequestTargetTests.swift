import HTTP
import Synchronization
import Testing

@Suite struct RequestTargetTests {
    @Test(
        arguments: [
            ("/", [""]), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%2Fb/c?d/e", ["a/b", "c"]),
            ("/%E5%8D%95", ["单"]),
            ("/单", ["单"]), ("/a+b", ["a+b"]), ("http://host:1/a%2fb?x", ["a/b"]), ("http://host", [""]), ("/a:b@c", ["a:b@c"]),
        ] as [(String, [String])]) func aPathIsSplitBeforeItIsDecoded(target: String, segments: [String])
    {
        #expect(RequestTarget(target).segments == segments)
    }

    @Test(arguments: ["", "*", "a/b", "/%", "/%4", "/%4g", "/%00", "/a%00b", "/%FF", "/%C0%AF", "/%ED%A0%80"])
    func aPathThatIsMalformedHasNoSegments(target: String) { #expect(RequestTarget(target).segments == nil) }

    @Test(arguments: [
        ("/?Q=1&q=2", "Q=1|q=2", true), ("/?a=b+c%2B&d", "a=b c+|d=", true), ("/?&&a=&=b", "a=|=b", true), ("/?x=%zz", "x=%zz", false),
        ("/?x=a%00", "x=a\0", false), ("/?x=%FF", "x=\u{FFFD}", false), ("/?x=茶", "x=茶", true), ("/?a=b=c", "a=b=c", true), ("/", "", true),
        ("/?a?b=1", "a?b=1", true),
    ]) func aQueryKeepsTheCaseOfItsNames(target: String, items: String, isWellFormed: Bool) {
        let target = RequestTarget(target)
        #expect(target.query.map { "\($0.name)=\($0.value)" }.joined(separator: "|") == items)
        #expect(target.isQueryWellFormed == isWellFormed)
    }

    @Test func encodingIsUndoneByDecoding() {
        let text = String(String.UnicodeScalarView((1...0x2FF).compactMap { Unicode.Scalar($0) }))
        #expect(PercentEncoding.decode(PercentEncoding.encode(text).utf8, plusIsBlank: true) == text)
        #expect(PercentEncoding.encode("a/b ?&=+%~") == "a%2Fb%20%3F%26%3D%2B%25~")
    }

    @Test func aRequestOfADecodedPathHasATargetOfIt() {
        let request = HTTPRequest(method: "GET", path: "/a b/单", query: [.init("x&", "1 2")])
        #expect(request.target.segments == ["a b", "单"])
        #expect(request.target.query == request.query)
    }

    /// Each on a connection: what arrived is what was sent.
    @Test(arguments: [
        ("/a%2Fb%00c?Q=1&q=2", "/a%2Fb%00c?Q=1&q=2"), ("http://other/x?y", "http://other/x?y"), ("/a?b?c#d", "/a?b?c#d"), ("/%zz", "/%zz"),
    ]) func theTargetComesAsItWasSentWithTheAddressOfThePeer(sent: String, arrived: String) throws {
        let server = try HTTPServer(port: 0) { .text("\($0.target.raw) \($0.remoteAddress.map(\.description) ?? "none")") }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET \(sent) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(connection.readToEnd().hasSuffix("\r\n\r\n\(arrived) 127.0.0.1"))
    }

    @Test func whatIsNoUTF8IsEscaped() throws {
        let server = try HTTPServer(port: 0) { .text("\($0.target.raw) \($0.target.segments == nil)") }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send(Array("GET /a".utf8) + [0xFF] + Array(" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        #expect(connection.readToEnd().hasSuffix("/a%FF true"))
    }

    @Test func theLargestBodyIsOfMethodAndTarget() throws {
        var limits = HTTPServer.Limits()
        limits.maximumBody = { method, target in method == "PUT" && target.path == "/large" ? 100_000 : 3 }
        let server = try HTTPServer(port: 0, limits: limits) { .text("\($0.body.count)") }
        defer { server.stop() }
        for (line, count, status) in [
            ("PUT /large", 100_000, 200), ("PUT /large", 100_001, 413), ("POST /large", 4, 413), ("PUT /", 3, 200),
        ] {
            let connection = RawConnection(port: server.port)
            connection.send("\(line) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(count)\r\n\r\n")
            connection.send([UInt8](repeating: 0x61, count: count))
            #expect(connection.readToEnd().hasPrefix("HTTP/1.1 \(status) "), "\(line) \(count)")
        }
    }

    @Test(arguments: ["", "Expect: 100-continue\r\n"]) func theHandlerMayRefuseABodyThatIsTooLarge(_ header: String) throws {
        var limits = HTTPServer.Limits()
        limits.handsOverTooLarge = true
        let server = try HTTPServer(port: 0, maximumBody: 3, limits: limits) {
            .text("\($0.isBodyTooLarge) \($0.body.count)", status: $0.isBodyTooLarge ? 401 : 200)
        }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(header)Content-Length: 4\r\n\r\nbody")
        let answer = connection.readToEnd()
        #expect(answer.contains("HTTP/1.1 401 ") && answer.hasSuffix("true 0"))
    }

    @Test func bodiesThatDoNotFitTogetherAreRefused() throws {
        var limits = HTTPServer.Limits()
        limits.bodyMemory = 1000
        let first = Mutex<HTTPServer.Responder?>(nil)
        let server = try HTTPServer(port: 0, limits: limits) { request, responder in
            if request.path == "/first" { first.withLock { $0 = responder } } else { responder.send(.text("\(request.body.count)")) }
        }
        defer { server.stop() }
        func post(_ path: String, _ count: Int) -> RawConnection {
            let connection = RawConnection(port: server.port)
            connection.send("POST \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(count)\r\n\r\n")
            connection.send([UInt8](repeating: 0x61, count: count))
            return connection
        }
        let waiting = post("/first", 600)
        #expect(post("/small", 300).readToEnd().hasSuffix("300"))
        #expect(post("/second", 600).readToEnd().hasPrefix("HTTP/1.1 503 "))
        first.withLock { $0 }?.send(.text("done"))
        #expect(waiting.readToEnd().hasSuffix("done"))
        #expect(post("/third", 600).readToEnd().hasSuffix("600"))
    }
}
