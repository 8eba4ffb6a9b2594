import HTTP
import Testing
import Threads

/// Clients that are slow, or many: nobody else waits for them.
@Suite struct SlowClientTests {
    private func server(_ change: (inout HTTPServer.Limits) throws -> Void) throws -> HTTPServer {
        var limits = HTTPServer.Limits()
        try change(&limits)
        var refusals = HTTPServer.Refusals()
        refusals.reserved = { $0.hasPrefix("/health/") }
        return try HTTPServer(host: "127.0.0.1", port: 0, refusals: refusals, limits: limits) { .text("\($0.path) \($0.body.count)") }
    }

    private func ask(_ port: UInt16, _ path: String = "/", close: Bool = true) -> (connection: RawConnection, status: String) {
        let connection = RawConnection(port: port)
        connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(close ? "Connection: close\r\n" : "")\r\n")
        return (connection, String(connection.read(until: "\r\n").prefix(12)))
    }

    /// Sends a byte every so often until the other side closes; false when it does not within the seconds.
    private func drip(_ connection: RawConnection, _ byte: String, within seconds: Double) -> Bool {
        let deadline = Deadline.after(seconds)
        let never = Monitor(())
        while connection.send(byte) {
            if deadline.hasPassed { return false }
            _ = never.wait(until: .after(0.05)) { _ in false }
        }
        return true
    }

    @Test func headersThatComeByteByByteHaveATimeLimit() throws {
        let server = try server { $0.headerSeconds = 0.4 }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nX: ")
        #expect(drip(connection, "x", within: 10))
        // A request after an answered one has the same limit, from that answer on.
        let (kept, status) = ask(server.port, close: false)
        #expect(status == "HTTP/1.1 200")
        #expect(drip(kept, "x", within: 10))
    }

    @Test func aSilentConnectionHasTheSameTimeLimit() throws {
        let server = try server { $0.headerSeconds = 0.3 }
        defer { server.stop() }
        #expect(RawConnection(port: server.port).readToEnd() == "")
    }

    @Test func aBodyHasASlowestPace() throws {
        let server = try server {
            $0.graceSeconds = 0.4
            $0.slowestBytesPerSecond = 10_000
        }
        defer { server.stop() }
        let slow = RawConnection(port: server.port)
        slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
        #expect(drip(slow, "x", within: 10))
        // One that is faster than that may take longer than the grace.
        let fast = RawConnection(port: server.port)
        fast.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\nConnection: close\r\n\r\n")
        let never = Monitor(())
        for _ in 0..<20 {
            fast.send(String(repeating: "x", count: 3000))
            _ = never.wait(until: .after(0.05)) { _ in false }
        }
        #expect(fast.readToEnd().hasSuffix("/ 60000"))
    }

    @Test func aRequestThatItsHandlerHoldsHasNoTimeLimit() throws {
        let held = Monitor<HTTPServer.Responder?>(nil)
        var limits = HTTPServer.Limits()
        (limits.headerSeconds, limits.graceSeconds) = (0.2, 0.2)
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { _, responder in held.update { $0 = responder } }
        defer { server.stop() }
        let waiting = RawConnection(port: server.port)
        waiting.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let responder = try #require(held.wait(until: .after(10)) { $0 })
        // Another connection runs into its limit meanwhile.
        #expect(RawConnection(port: server.port).readToEnd() == "")
        #expect(responder.send(.text("late")))
        #expect(waiting.readToEnd().hasSuffix("late"))
    }

    @Test func oneAddressHasItsShareAndHealthAnswersBeyondIt() throws {
        let server = try server {
            $0.perAddress = 3
            $0.reserved = 2
            $0.connections = 20
        }
        defer { server.stop() }
        let held = (0..<3).map { _ in RawConnection(port: server.port) }
        let (last, status) = ask(server.port)
        #expect(status == "HTTP/1.1 503")
        #expect(last.readToEnd().lowercased().contains("retry-after: 5"))
        #expect(ask(server.port, "/health/ready").status == "HTTP/1.1 200")
        held[0].send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(held[0].readToEnd().hasSuffix("/ 0"))
        #expect(ask(server.port).status == "HTTP/1.1 200")
    }

    @Test func withoutReservedConnectionsOneBeyondTheShareIsClosed() throws {
        let server = try server { $0.perAddress = 1 }
        defer { server.stop() }
        let (held, status) = ask(server.port, close: false)
        #expect(status == "HTTP/1.1 200")
        #expect(ask(server.port).status == "")
        withExtendedLifetime(held) {}
    }

    @Test func aProxyThatIsTrustedMayHaveAnyNumber() throws {
        let server = try server {
            $0.perAddress = 2
            $0.reserved = 2
            $0.unlimited = try NetworkList("127.0.0.0/8")
        }
        defer { server.stop() }
        let held = (0..<10).map { _ in RawConnection(port: server.port) }
        #expect(ask(server.port).status == "HTTP/1.1 200")
        withExtendedLifetime(held) {}
    }

    @Test func whoHoldsEveryConnectionDoesNotHoldHealth() throws {
        let server = try server {
            $0.connections = 12
            $0.reserved = 4
        }
        defer { server.stop() }
        // Many more than there are, and none of them says a word.
        let silent = (0..<60).map { _ in RawConnection(port: server.port) }
        for _ in 0..<3 {
            #expect(ask(server.port, "/health/live").status == "HTTP/1.1 200")
            #expect(ask(server.port, "/other").status == "HTTP/1.1 503")
        }
        withExtendedLifetime(silent) {}
    }

    /// As many at once as no share has room for: those beyond it are answered, not reset.
    @Test(arguments: [1, 20]) func everyConnectionBeyondTheShareIsAnswered503(requestsPerRound: Int) throws {
        let server = try server {
            $0.perAddress = 8
            $0.reserved = 4
            $0.connections = 40
        }
        defer { server.stop() }
        let held = (0..<8).map { _ in RawConnection(port: server.port) }
        for _ in 0..<(200 / requestsPerRound) {
            let burst = (0..<requestsPerRound).map { _ in
                let connection = RawConnection(port: server.port)
                connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                return connection
            }
            let answers = burst.map { $0.readToEnd() }
            #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 503") && $0.lowercased().contains("retry-after: 5") }, "\(answers)")
        }
        withExtendedLifetime(held) {}
    }

    @Test func aReservedConnectionIsForOneRequest() throws {
        let server = try server {
            $0.perAddress = 1
            $0.reserved = 1
        }
        defer { server.stop() }
        let held = ask(server.port, close: false)
        let (health, status) = ask(server.port, "/health/live", close: false)
        #expect(status == "HTTP/1.1 200")
        #expect(health.readToEnd().hasSuffix("/health/live 0"))
        withExtendedLifetime(held) {}
    }

    @Test func headersHaveALargestSize() throws {
        let server = try server { $0.maximumHeaders = 1000 }
        defer { server.stop() }
        for (size, status) in [(500, "HTTP/1.1 200"), (1000, "HTTP/1.1 431"), (100_000, "HTTP/1.1 431")] {
            let connection = RawConnection(port: server.port)
            connection.send("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: size))\r\n\r\n")
            #expect(connection.read(until: "\r\n").hasPrefix(status), "\(size)")
        }
    }
}

@Suite struct NetworkListTests {
    @Test(arguments: ["", "127.0.0.1", "10.0.0.0/8,192.0.2.7", " 10.0.0.0/8 , ::1 ", "2001:db8::/32", "0.0.0.0/0", "::/0"])
    func addressesAndNetworksAreRead(_ text: String) throws { _ = try NetworkList(text) }

    @Test(arguments: ["proxy", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.0/8/8", "10.0.0.0 /8"])
    func whatIsNoneIsNamed(_ text: String) throws {
        let error = #expect(throws: NetworkList.Failure.self) { try NetworkList("::1,\(text)") }
        #expect(error?.part == text)
    }
}
