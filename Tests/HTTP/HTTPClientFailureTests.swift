import HTTP
import Synchronization
import Testing

/// What is thrown, and what it says of whether the server may have done what was asked.
@Suite struct HTTPClientFailureTests {
    private func failure(_ request: HTTPClientRequest, of client: HTTPClient? = nil) async throws -> HTTPClientError? {
        let client = try client ?? HTTPClient()
        return await #expect(throws: HTTPClientError.self) { try await client.send(request) }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
    func aServerThatDoesNotAnswerInTimeIsATimeOut(_ beginning: String) async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.send(beginning)
            _ = connection.readRequest()
        }
        let error = try await failure(HTTPClientRequest(url: server.url + "/?token=secret", timeout: 0.3))
        #expect(error?.kind == .timeout)
        #expect(error?.mayHaveRun == true)
        #expect(error?.message.hasPrefix("GET \(server.url): no whole answer within 0.3 s") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nX-Head", "<html>no HTTP</html>",
        "HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n",
    ])
    func anAnswerThatEndsEarlyOrMakesNoSenseIsBroken(_ answer: String) async throws {
        let server = RawServer.answering(answer)
        let error = try await failure(HTTPClientRequest(method: "POST", url: server.url, body: [1, 2, 3]))
        #expect(error?.kind == .broken)
        #expect(error?.mayHaveRun == true)
        #expect(server.connections == 1)
    }

    @Test func aConnectionThatIsResetIsBroken() async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.resetWhenClosed()
        }
        #expect(try await failure(HTTPClientRequest(url: server.url))?.kind == .broken)
    }

    @Test(arguments: ["GET", "POST"])
    func aKeptConnectionThatEndsAtTheNextRequestSendsNothingASecondTime(_ method: String) async throws {
        let requests = Mutex(0)
        let server = RawServer { connection in
            for _ in 0..<2 where !connection.readRequest().isEmpty {
                let count = requests.withLock { count in
                    count += 1
                    return count
                }
                if count == 2 { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let client = try HTTPClient()
        let request = HTTPClientRequest(method: method, url: server.url)
        #expect(try await client.send(request).status == 200)
        #expect(try await failure(request, of: client)?.kind == .broken)
        #expect(requests.withLock { $0 } == 2)
    }

    @Test func whereNothingListensThereIsNoConnection() async throws {
        let port = UnusedPort()
        let error = try await failure(HTTPClientRequest(url: "http://127.0.0.1:\(port.number)/?token=secret"))
        #expect(error?.kind == .connection)
        #expect(error?.mayHaveRun == false)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aServerThatDoesNotGetAsFarAsTLSInTimeIsNoConnection() async throws {
        let server = RawServer { _ = $0.readToEnd() }
        var limits = HTTPClient.Limits()
        limits.connectSeconds = 0.3
        let client = try HTTPClient(limits: limits)
        #expect(try await failure(HTTPClientRequest(url: "https://127.0.0.1:\(server.port)"), of: client)?.kind == .connection)
        // The time for the whole exchange ends first.
        #expect(try await failure(HTTPClientRequest(url: "https://127.0.0.1:\(server.port)", timeout: 0.1))?.kind == .connection)
    }

    @Test(arguments: [
        ("Content-Length: 101\r\n\r\n", "", 0), ("\r\n", "a", 101), ("Transfer-Encoding: chunked\r\n\r\n", "5\r\naaaaa\r\n", 21),
        ("", "X-Header: 0123456789\r\n", 20_000),
    ])
    func anAnswerThatIsTooLargeIsGivenUp(_ beginning: String, _ piece: String, _ times: Int) async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n" + beginning + String(repeating: piece, count: times))
            _ = connection.readToEnd()
        }
        let error = try await failure(HTTPClientRequest(url: server.url, maximumBody: 100))
        #expect(error?.kind == .tooLarge)
        #expect(error?.mayHaveRun == true)
    }

    @Test func anAnswerOfJustTheLargestSizeIsTaken() async throws {
        let server = RawServer.answering("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 100))
        #expect(try await HTTPClient().send(HTTPClientRequest(url: server.url, maximumBody: 100)).body.count == 100)
    }

    @Test func aCertificateMustBeTrustedAndBeTheHosts() async throws {
        let server = try TLSServer()
        let right = HTTPClientRequest(url: "https://localhost:\(server.port)/")
        let untrusted = try await failure(right)
        #expect(untrusted?.kind == .connection)
        #expect(untrusted?.message.contains("certificate") == true, "\(untrusted?.message ?? "")")
        var limits = HTTPClient.Limits()
        limits.certificateAuthorities = server.certificate
        let client = try HTTPClient(limits: limits)
        let answer = try await client.send(right)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("TLSv1.3"))
        #expect(try await failure(HTTPClientRequest(url: "https://127.0.0.1:\(server.port)/"), of: client)?.kind == .connection)
        limits.certificateAuthorities = "/no/such/file"
        #expect(try await failure(right, of: HTTPClient(limits: limits))?.kind == .connection)
    }

    @Test(arguments: [
        "", "nonsense", "/path", "https://", "https://:443/", "https://host:0/", "https://host:99999/", "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://192.0.2.1/?token=secret", "http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://0.0.0.0/",
        "http://[::]/", "http://[::ffff:192.0.2.1]/", "https://user:secret@localhost/", "https://localhost/a b",
        "https://localhost/a\r\nX: secret", "https://localhost/代", "http://127.0.0.256/", "http://127.+0.0.1/",
    ])
    func whatMustNotBeCalledIsRefusedBeforeAnythingIsSent(_ url: String) async throws {
        let error = try await failure(HTTPClientRequest(url: url, timeout: 2))
        #expect(error?.kind == .url, "\(error?.message ?? "")")
        #expect(error?.mayHaveRun == false)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func nothingIsSmuggledIntoTheHead() async throws {
        let server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let bad: [HTTPClientRequest] = [
            HTTPClientRequest(method: "GET / HTTP/1.1\r\nX: secret", url: server.url), HTTPClientRequest(method: "", url: server.url),
            HTTPClientRequest(url: server.url, headers: [("X", "secret\r\nY: b")]),
            HTTPClientRequest(url: server.url, headers: [("X", "a\n")]),
            HTTPClientRequest(url: server.url, headers: [("X", "a\0b")]), HTTPClientRequest(url: server.url, headers: [("X: a\r\nY", "b")]),
            HTTPClientRequest(url: server.url, headers: [("", "b")]),
            HTTPClientRequest(url: server.url, headers: [("Content-Length", "5")]),
            HTTPClientRequest(url: server.url, headers: [("transfer-encoding", "chunked")]),
        ]
        for request in bad {
            let error = try await failure(request)
            #expect(error?.kind == .url)
            #expect(error?.message.contains("secret") == false)
        }
        #expect(server.connections == 0)
    }
}
