import HTTP
import Synchronization
import Testing

/// Cancelling, closing, and waiting for a turn.
@Suite struct HTTPClientEndTests {
    /// A server that has got a request and never answers it; it tells when it has the request, and when the client went away.
    private final class Silent: Sendable {
        let server: RawServer
        let arrived: AsyncStream<Void>
        let left: AsyncStream<Void>

        init() {
            let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
            let (left, leaving) = AsyncStream.makeStream(of: Void.self)
            (self.arrived, self.left) = (arrived, left)
            server = RawServer { connection in
                _ = connection.readRequest()
                arrival.yield()
                if connection.readToEnd().isEmpty { leaving.yield() }
            }
        }

        var request: HTTPClientRequest { HTTPClientRequest(url: server.url, timeout: 20) }
    }

    private func first(_ stream: AsyncStream<Void>) async { for await _ in stream { return } }

    private func kind(_ task: Task<HTTPClientResponse, any Error>) async -> HTTPClientError.Kind? {
        switch await task.result {
        case .success: nil
        case .failure(let error): (error as? HTTPClientError)?.kind
        }
    }

    @Test func aCancelledTaskEndsItsTransferAndTheServerSeesItGo() async throws {
        let silent = Silent()
        let client = try HTTPClient()
        let began = ContinuousClock.now
        let task = Task { try await client.send(silent.request) as HTTPClientResponse }
        await first(silent.arrived)
        task.cancel()
        #expect(await kind(task) == .cancelled)
        await first(silent.left)
        #expect(ContinuousClock.now - began < .seconds(15))
    }

    @Test func aTaskThatIsCancelledBeforeItSendsSendsNothing() async throws {
        let silent = Silent()
        let client = try HTTPClient()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(silent.request) as HTTPClientResponse
        }
        #expect(await kind(task) == .cancelled)
        #expect(silent.server.connections == 0)
    }

    @Test func closingTheClientEndsWhatIsUnderWayAndWhatComesLater() async throws {
        let silent = Silent()
        var limits = HTTPClient.Limits()
        limits.concurrentTransfers = 1
        let client = try HTTPClient(limits: limits)
        let tasks = (0..<3).map { _ in Task { try await client.send(silent.request) as HTTPClientResponse } }
        await first(silent.arrived)
        client.close()
        client.close()
        for task in tasks { #expect(await kind(task) == .cancelled) }
        await first(silent.left)
        #expect(await kind(Task { try await client.send(silent.request) as HTTPClientResponse }) == .cancelled)
        #expect(silent.server.connections == 1)
    }

    @Test func aClientThatNobodyHoldsLetsItsConnectionsGo() async throws {
        let (left, leaving) = AsyncStream.makeStream(of: Void.self)
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            if connection.readToEnd().isEmpty { leaving.yield() }
        }
        #expect(try await HTTPClient().send(HTTPClientRequest(url: server.url)).status == 200)
        await first(left)
        #expect(server.connections == 1)
    }

    @Test func whatFindsNoTurnInTimeWasNotSent() async throws {
        let silent = Silent()
        var limits = HTTPClient.Limits()
        limits.concurrentTransfers = 1
        let client = try HTTPClient(limits: limits)
        let holder = Task { try await client.send(silent.request) as HTTPClientResponse }
        await first(silent.arrived)
        var request = silent.request
        request.timeout = 0.2
        let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
        #expect(error?.kind == .connection)
        #expect(error?.message.contains("1 other transfers") == true)
        // One that is cancelled while it waits leaves at once.
        let waiting = Task { try await client.send(silent.request) as HTTPClientResponse }
        waiting.cancel()
        #expect(await kind(waiting) == .cancelled)
        holder.cancel()
        #expect(await kind(holder) == .cancelled)
        #expect(silent.server.connections == 1)
    }

    @Test func oneSlowServerDoesNotHoldUpTheOthers() async throws {
        let silent = Silent()
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { _ in .text("quick") }
        let client = try HTTPClient()
        let slow = Task { try await client.send(silent.request) as HTTPClientResponse }
        await first(silent.arrived)
        for _ in 0..<20 {
            let answer = try await client.send(HTTPClientRequest(url: "http://127.0.0.1:\(server.port)", timeout: 15))
            #expect(answer.body == Array("quick".utf8))
        }
        slow.cancel()
        #expect(await kind(slow) == .cancelled)
    }
}
