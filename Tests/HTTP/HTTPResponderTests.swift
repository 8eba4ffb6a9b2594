import Foundation
import HTTP
import Synchronization
import Testing

@Suite struct HTTPResponderTests {
    /// Requests that wait until a test answers them.
    private final class Shelf: Sendable {
        let arrived: AsyncStream<(request: HTTPRequest, responder: HTTPServer.Responder)>
        private let arrival: AsyncStream<(request: HTTPRequest, responder: HTTPServer.Responder)>.Continuation

        init() { (arrived, arrival) = AsyncStream.makeStream() }

        func put(_ request: HTTPRequest, _ responder: HTTPServer.Responder) { arrival.yield((request, responder)) }
    }

    private func server(_ shelf: Shelf, limits: HTTPServer.Limits = .init()) throws -> HTTPServer {
        try HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { shelf.put($0, $1) }
    }

    private func get(_ server: HTTPServer, _ path: String = "/") -> RawConnection {
        let connection = RawConnection(port: server.port)
        connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return connection
    }

    @Test func aBodyThatIsTooLargeIsAnsweredAsTheServerLikes() throws {
        var refusals = HTTPServer.Refusals()
        refusals.tooLarge = { .text("less at \($0), please", status: 413) }
        let server = try HTTPServer(host: "127.0.0.1", port: 0, maximumBody: 4, refusals: refusals) {
            $1.send(.text("taken \($0.body.count)"))
        }
        defer { server.stop() }
        for (body, answer) in [("1234", "taken 4"), ("12345", "less at /a, please")] {
            let connection = RawConnection(port: server.port)
            connection.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            #expect(connection.read(until: answer).hasSuffix(answer))
        }
    }

    @Test func requestsAreAnsweredLaterInAnyOrderAndOtherRequestsGoOnMeanwhile() async throws {
        let shelf = Shelf()
        let server = try server(shelf)
        defer { server.stop() }
        var requests = shelf.arrived.makeAsyncIterator()
        let first = get(server, "/first")
        let one = try #require(await requests.next())
        let second = get(server, "/second")
        let two = try #require(await requests.next())
        #expect(two.responder.send(.text(two.request.path)))
        #expect(second.read(until: "/second").hasPrefix("HTTP/1.1 200 "))
        #expect(one.responder.send(.text(one.request.path)))
        #expect(first.read(until: "/first").hasPrefix("HTTP/1.1 200 "))
        // The same connections serve again.
        first.send("POST /third HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
        let three = try #require(await requests.next())
        #expect(three.request.body == Array("body".utf8))
        three.responder.send(.text(three.request.path))
        #expect(first.read(until: "/third").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func onlyTheFirstAnswerCounts() async throws {
        let shelf = Shelf()
        let server = try server(shelf)
        defer { server.stop() }
        let connection = get(server)
        let came = try #require(await shelf.arrived.first { _ in true })
        #expect(came.responder.send(.text("one")))
        #expect(!came.responder.send(.text("two")))
        #expect(connection.read(until: "\r\n\r\none").hasPrefix("HTTP/1.1 200 "))
        #expect(!came.responder.send(.text("three")))
    }

    @Test(arguments: [true, false])
    func aConnectionMayBeClosedWithoutAnAnswerAtOnceAndLater(_ atOnce: Bool) async throws {
        let shelf = Shelf()
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { request, responder in
            if atOnce { responder.close() }
            shelf.put(request, responder)
        }
        defer { server.stop() }
        let connection = get(server)
        let came = try #require(await shelf.arrived.first { _ in true })
        #expect(came.responder.close() == !atOnce)
        #expect(!came.responder.send(.text("too late")))
        #expect(connection.readToEnd() == "")
    }

    @Test(arguments: ["GET", "HEAD"])
    func anAnswerWithinTheHandlerGoesOutAtOnceHEADHasHeadersOnly(_ method: String) throws {
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { request, responder in
            responder.send(.text(request.method, status: 201))
        }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("\(method) / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let answer = connection.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 201 "))
        #expect(answer.contains("Content-Length: \(method.utf8.count)\r\n"))
        #expect(answer.hasSuffix(method == "GET" ? "\r\n\r\nGET" : "\r\n\r\n"))
    }

    @Test(arguments: [true, false]) func aResponderThatIsLetGoAnswers500(_ later: Bool) async throws {
        let shelf = Shelf()
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { if later { shelf.put($0, $1) } }
        defer { server.stop() }
        let connection = get(server)
        if later { #expect(await shelf.arrived.first { _ in true } != nil) }
        #expect(connection.read(until: "did not answer.\n").hasPrefix("HTTP/1.1 500 "))
    }

    @Test func anAnswerThatHTTPDoesNotAllowBecomesA500() async throws {
        let shelf = Shelf()
        let server = try server(shelf)
        defer { server.stop() }
        let connection = get(server)
        try #require(await shelf.arrived.first { _ in true }).responder.send(HTTPResponse(status: 7))
        #expect(connection.read(until: "cannot be sent.\n").hasPrefix("HTTP/1.1 500 "))
    }

    @Test func aBodyThatIsTooLargeIsRefusedWithoutTheHandler() throws {
        let calls = Mutex(0)
        let server = try HTTPServer(host: "127.0.0.1", port: 0, maximumBody: 3) { _, responder in
            calls.withLock { $0 += 1 }
            responder.send(HTTPResponse())
        }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody")
        #expect(connection.readToEnd().hasPrefix("HTTP/1.1 413 "))
        #expect(calls.withLock { $0 } == 0)
    }

    @Test func stoppingEndsThoseThatWaitAnAnswerAfterThatIsNoHarm() async throws {
        let shelf = Shelf()
        let server = try server(shelf)
        var requests = shelf.arrived.makeAsyncIterator()
        let connections = (0..<10).map { get(server, "/\($0)") }
        var responders: [HTTPServer.Responder] = []
        for _ in 0..<10 { responders.append(try #require(await requests.next()).responder) }
        #expect(responders[0].send(.text("in time")))
        server.stop()
        for connection in connections[1...] { #expect(connection.readToEnd().isEmpty) }
        for responder in responders { #expect(!responder.send(.text("late"))) }
        #expect(!RawConnection(port: server.port).isConnected)
    }

    @Test func aClientThatGoesAwayWhileItWaitsIsNoHarm() async throws {
        let shelf = Shelf()
        var limits = HTTPServer.Limits()
        limits.connections = 1
        let server = try server(shelf, limits: limits)
        defer { server.stop() }
        var requests = shelf.arrived.makeAsyncIterator()
        _ = get(server, "/gone")
        let gone = try #require(await requests.next())
        let next = get(server, "/next")
        gone.responder.send(.text("for nobody"))
        // The only connection that may be open is free again.
        let came = try #require(await requests.next())
        #expect(came.request.path == "/next")
        came.responder.send(.text("next"))
        #expect(next.read(until: "\r\n\r\nnext").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aWaitingRequestOutlivesTheLimitForIdleConnections() async throws {
        let shelf = Shelf()
        var limits = HTTPServer.Limits()
        limits.idleSeconds = 1
        let server = try server(shelf, limits: limits)
        defer { server.stop() }
        var requests = shelf.arrived.makeAsyncIterator()
        let waiting = get(server, "/waiting")
        let came = try #require(await requests.next())
        // Another connection that does nothing is closed meanwhile: so much time has passed.
        let idle = RawConnection(port: server.port)
        idle.send("GET / HTTP/1.1\r\nHost")
        _ = idle.readToEnd()
        came.responder.send(.text("still here"))
        #expect(waiting.read(until: "still here").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func manyRequestsAnsweredFromManyThreadsWhileOthersCome() async throws {
        var limits = HTTPServer.Limits()
        limits.connections = 64
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { request, responder in
            DispatchQueue.global().async { responder.send(.text("\(request.path) \(request.body.count)")) }
        }
        defer { server.stop() }
        var clientLimits = HTTPClient.Limits()
        clientLimits.concurrentTransfers = 48
        let client = try HTTPClient(limits: clientLimits)
        let port = server.port
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let request = HTTPClientRequest(
                        method: "POST", url: "http://127.0.0.1:\(port)/\(number)", body: .init(repeating: 1, count: number), timeout: 60)
                    let answer = try? await client.send(request)
                    return answer.map { String(decoding: $0.body, as: UTF8.self) } == "/\(number) \(number)"
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 1000)
    }

    @Test func stoppingUnderLoadLeavesNoRequestHanging() async throws {
        for _ in 0..<20 {
            let server = try HTTPServer(host: "127.0.0.1", port: 0) { _, responder in
                DispatchQueue.global().async { responder.send(.text("yes")) }
            }
            let client = try HTTPClient()
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/", timeout: 60)
            let kinds = await withTaskGroup(of: HTTPClientError.Kind?.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        do throws(HTTPClientError) {
                            _ = try await client.send(request)
                            return nil
                        } catch { return error.kind }
                    }
                }
                var kinds: [HTTPClientError.Kind?] = []
                for await kind in group {
                    kinds.append(kind)
                    if kinds.count == 1 { server.stop() }
                }
                return kinds
            }
            #expect(kinds.count == 100)
            #expect(kinds.first == .some(nil))
            #expect(kinds.allSatisfy { $0 == nil || $0 == .broken || $0 == .connection })
        }
    }
}
