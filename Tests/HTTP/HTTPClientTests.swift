import HTTP
import Synchronization
import Testing

@Suite struct HTTPClientTests {
    /// Answers with what it understood of the request.
    private static func echo(_ request: HTTPRequest) -> HTTPResponse {
        let headers = request.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
        return HTTPResponse(
            status: 202, headers: [("X-Method", request.method), ("X-Twice", "a"), ("X-Twice", "b")],
            body: Array("\(request.path)?\(request.query.map { "\($0.name)=\($0.value)" }) [\(headers)] ".utf8) + request.body)
    }

    @Test func methodURLHeadersAndBodyGoOutStatusHeadersAndBodyComeBack() async throws {
        let server = try HTTPServer(host: "127.0.0.1", port: 0, handler: Self.echo)
        let client = try HTTPClient()
        let url = "http://127.0.0.1:\(server.port)/a%20b?x=%E4%BB%A3&flag"
        let answer = try await client.send(
            HTTPClientRequest(
                method: "POST", url: url, headers: [("X-Two", "1"), ("X-Two", "2"), ("X-Empty", "")], body: Array("hello".utf8)))
        #expect(answer.status == 202)
        #expect(answer.header("x-method") == "POST")
        #expect(answer.headers.filter { $0.name == "X-Twice" }.map(\.value) == ["a", "b"])
        let body = String(decoding: answer.body, as: UTF8.self)
        #expect(body.hasPrefix(#"/a b?["x=代", "flag="] ["#))
        #expect(body.hasSuffix("] hello"))
        let sent = body.split(separator: "[").last?.split(separator: "]").first?.split(separator: "|").map(String.init) ?? []
        #expect(
            Set(sent) == [
                "Host=127.0.0.1:\(server.port)", "User-Agent=daifa", "Accept=*/*", "X-Two=1", "X-Two=2", "X-Empty=", "Content-Length=5",
            ])
    }

    @Test(
        arguments: [
            ("GET", "", nil), ("HEAD", "", nil), ("DELETE", "", nil), ("OPTIONS", "", nil), ("POST", "", "0"), ("PUT", "", "0"),
            ("PATCH", "", "0"), ("PUT", "body", "4"), ("DELETE", "body", "4"), ("GET", "body", "4"),
        ] as [(String, String, String?)])
    func everyMethodGoesOutAsItIsABodyOrALengthOf0WhereOneBelongs(_ method: String, _ body: String, _ length: String?) async throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { request in
            seen.withLock { $0 = request }
            return .text("the answer")
        }
        let request = HTTPClientRequest(
            method: method, url: "http://localhost:\(server.port)/", body: Array(body.utf8), timeout: 20, maximumBody: 10)
        let answer = try await HTTPClient().send(request)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == (method == "HEAD" ? "" : "the answer"))
        #expect(answer.header("Content-Length") == "10")
        let came = seen.withLock { $0 }
        #expect(came?.method == method)
        #expect(came?.header("content-length") == length)
        #expect(came?.header("content-type") == nil)
        #expect(came.map { String(decoding: $0.body, as: UTF8.self) } == body)
    }

    @Test func aLargeBodyGoesOutWithoutAskingForLeave() async throws {
        let server = try HTTPServer(host: "127.0.0.1", port: 0, maximumBody: 4 << 20) { request in
            .text(
                "\(request.body.count) \(request.header("expect") ?? "no expect") \(request.body == [UInt8](repeating: 7, count: 2 << 20))")
        }
        let body = [UInt8](repeating: 7, count: 2 << 20)
        let answer = try await HTTPClient().send(
            HTTPClientRequest(method: "POST", url: "http://LOCALHOST:\(server.port)", body: body, timeout: 60))
        #expect(String(decoding: answer.body, as: UTF8.self) == "\(2 << 20) no expect true")
    }

    @Test func thePathIsSentAsGivenTheFragmentIsNot() async throws {
        let server = RawServer { connection in
            let line = connection.readRequest().split(separator: "\r\n").first ?? ""
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(line.utf8.count)\r\n\r\n\(line)")
        }
        let answer = try await HTTPClient().send(HTTPClientRequest(url: server.url + "/a/../b/./c?x=%2F;y#part"))
        #expect(String(decoding: answer.body, as: UTF8.self) == "GET /a/../b/./c?x=%2F;y HTTP/1.1")
    }

    @Test func interimAnswersAndTrailersAreNotTheAnswersHeaders() async throws {
        let server = RawServer.answering(
            "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Folded: a\r\n  b \r\nX-Last:  c\t\r\n\r\n"
                + "4\r\nbody\r\n0\r\nX-Trailer: 1\r\n\r\n")
        let answer = try await HTTPClient().send(HTTPClientRequest(url: server.url))
        #expect(answer.status == 200)
        #expect(answer.headers.map { "\($0.name): \($0.value)" } == ["Transfer-Encoding: chunked", "X-Folded: a b", "X-Last: c"])
        #expect(answer.body == Array("body".utf8))
    }

    @Test(arguments: [301, 302, 307]) func aRedirectIsAnAnswer(_ status: Int) async throws {
        let paths = Mutex<[String]>([])
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { request in
            paths.withLock { $0.append(request.path) }
            return HTTPResponse(status: status, headers: [("Location", "/elsewhere")])
        }
        let answer = try await HTTPClient().send(HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/here"))
        #expect(answer.status == status)
        #expect(answer.header("location") == "/elsewhere")
        #expect(paths.withLock { $0 } == ["/here"])
    }

    @Test func connectionsAreKept() async throws {
        let server = RawServer { connection in
            while !connection.readRequest().isEmpty { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
        }
        let client = try HTTPClient()
        for _ in 0..<3 {
            let answer = try await client.send(HTTPClientRequest(method: "POST", url: server.url, body: [1]))
            #expect(answer.status == 200)
        }
        #expect(server.connections == 1)
    }

    @Test func the200RequestsAtOnceOverFewConnections() async throws {
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { .text("\($0.path) \($0.body.count)") }
        var limits = HTTPClient.Limits()
        limits.concurrentTransfers = 16
        let client = try HTTPClient(limits: limits)
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                let request = HTTPClientRequest(
                    method: "POST", url: "http://127.0.0.1:\(server.port)/\(number)", body: .init(repeating: 1, count: number), timeout: 60)
                group.addTask {
                    let answer = try? await client.send(request)
                    return answer.map { String(decoding: $0.body, as: UTF8.self) } == "/\(number) \(number)"
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 200)
    }
}
