import HTTP
import Synchronization
import Testing
import Threads

/// Answers that go out in pieces, over real connections.
@Suite struct StreamTests {
    /// A server whose only answer is a stream that the test writes.
    private struct Served {
        let server: HTTPServer
        let ended: Monitor<[HTTPStream.End]>
        let streams: Monitor<[HTTPStream]>

        init(mostBytes: Int = 1 << 20, mostPieces: Int = 256, farewell: String = "", _ change: (inout HTTPServer.Limits) -> Void = { _ in })
            throws
        {
            var limits = HTTPServer.Limits()
            change(&limits)
            let (ended, streams) = (Monitor<[HTTPStream.End]>([]), Monitor<[HTTPStream]>([]))
            (self.ended, self.streams) = (ended, streams)
            server = try HTTPServer(port: 0, limits: limits) { request in
                if request.path == "/plain" { return .text("plain") }
                let stream = HTTPStream(mostBytes: mostBytes, mostPieces: mostPieces, farewell: Array(farewell.utf8)) { end in
                    ended.update { $0.append(end) }
                }
                streams.update { $0.append(stream) }
                return .streaming(stream, headers: [("Content-Type", "text/event-stream")])
            }
        }

        func open(_ method: String = "GET", version: String = "1.1") -> RawConnection {
            let connection = RawConnection(port: server.port)
            connection.send("\(method) / HTTP/\(version)\r\nHost: a\r\n\r\n")
            return connection
        }

        func stream(_ number: Int = 1) throws -> HTTPStream {
            try #require(streams.wait(until: .after(10)) { $0.count >= number ? $0[number - 1] : nil })
        }

        func end() throws -> HTTPStream.End { try #require(ended.wait(until: .after(10)) { $0.first }) }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func whatIsWrittenArrivesAtOnceAndTheConnectionServesAgain() throws {
        let served = try Served()
        defer { served.server.stop() }
        let connection = served.open()
        let stream = try served.stream()
        let head = connection.read(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 ") && head.lowercased().contains("transfer-encoding: chunked"))
        for text in ["one", "two", "three"] {
            #expect(stream.write(bytes(text)))
            #expect(connection.read(until: "\(text)\r\n").hasSuffix(text + "\r\n"))
        }
        stream.close()
        #expect(try served.end() == .closed)
        #expect(!stream.write(bytes("late")))
        #expect(connection.read(until: "0\r\n\r\n") == "0\r\n\r\n")
        connection.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.read(until: "\r\n\r\nplain").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aBodyThatFailsIsSeenToBeBroken() throws {
        let served = try Served()
        defer { served.server.stop() }
        let connection = served.open()
        let stream = try served.stream()
        stream.write(bytes("half"))
        _ = connection.read(until: "half\r\n")
        stream.fail()
        #expect(connection.readToEnd() == "")
        #expect(try served.end() == .failed)
    }

    @Test func aClientThatLeavesIsNoticedWithoutAWrite() throws {
        let served = try Served { $0.graceSeconds = 0.2 }
        defer { served.server.stop() }
        do {
            let connection = served.open()
            try served.stream().write(bytes("x"))
            _ = connection.read(until: "x\r\n")
        }
        #expect(try served.end() == .clientGone)
    }

    @Test func aClientThatStopsReadingIsGoneAfterTheGrace() throws {
        let served = try Served(mostBytes: 64 << 20, mostPieces: .max) { $0.graceSeconds = 0.4 }
        defer { served.server.stop() }
        let connection = served.open()
        let stream = try served.stream()
        let piece = [UInt8](repeating: 0x61, count: 64 << 10)
        // More than the kernel takes for it.
        for _ in 0..<400 where stream.end == nil { stream.write(piece) }
        #expect(try served.end() == .clientGone)
        withExtendedLifetime(connection) {}
    }

    @Test func aSilentStreamIsKept() throws {
        let served = try Served {
            $0.graceSeconds = 0.1
            $0.headerSeconds = 0.3
            $0.idleSeconds = 1
        }
        defer { served.server.stop() }
        let connection = served.open()
        let stream = try served.stream()
        stream.write(bytes("a"))
        _ = connection.read(until: "a\r\n")
        // Another connection runs into its limits meanwhile, twice.
        for _ in 0..<2 { #expect(RawConnection(port: served.server.port).readToEnd() == "") }
        #expect(stream.write(bytes("b")))
        #expect(connection.read(until: "b\r\n").hasSuffix("b\r\n"))
    }

    @Test func whoIsTooSlowGetsTheFarewell() throws {
        let served = try Served(mostBytes: 1000, mostPieces: 4, farewell: "farewell") { $0.graceSeconds = 10 }
        defer { served.server.stop() }
        let connection = served.open()
        let stream = try served.stream()
        var written = 0
        while written < 100_000, stream.write(bytes(String(repeating: "x", count: 999) + "\n")) { written += 1 }
        #expect(try served.end() == .overflowed)
        #expect(connection.read(until: "0\r\n\r\n").contains("farewell\r\n"))
    }

    @Test func stoppingTheServerEndsStreamsWaitingAndNot() throws {
        let served = try Served()
        let connections = (0..<5).map { _ in served.open() }
        let streams = try (1...5).map { try served.stream($0) }
        for (stream, connection) in zip(streams, connections).prefix(2) {
            stream.write(bytes("x"))
            _ = connection.read(until: "x\r\n")
        }
        served.server.stop()
        for connection in connections { #expect(!connection.readToEnd().hasSuffix("0\r\n\r\n")) }
        for stream in streams { #expect(!stream.write(bytes("late"))) }
        #expect(served.ended.withLock { $0 }.count == 5)
    }

    @Test func headOfAStreamHasAKnownSizeAndTheStreamEnds() throws {
        let served = try Served()
        defer { served.server.stop() }
        let connection = served.open("HEAD")
        let head = connection.read(until: "\r\n\r\n")
        #expect(head.contains("Content-Length: 0\r\n") && head.contains("text/event-stream"))
        #expect(try served.end() == .unsent)
        connection.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.read(until: "\r\n\r\nplain").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func anOldClientGetsAStreamThatEndsWithTheConnection() throws {
        let served = try Served()
        defer { served.server.stop() }
        let connection = served.open(version: "1.0")
        let stream = try served.stream()
        stream.write(bytes("all"))
        stream.close()
        #expect(connection.readToEnd().hasSuffix("\r\n\r\nall"))
    }

    @Test func moreStreamsThanMayBeAreRefusedOthersAreNot() throws {
        let served = try Served { $0.streams = 2 }
        defer { served.server.stop() }
        let open = (0..<2).map { _ in served.open() }
        for (number, connection) in open.enumerated() {
            try served.stream(number + 1).write(bytes("x"))
            _ = connection.read(until: "x\r\n")
        }
        let refused = served.open()
        #expect(refused.read(until: "\r\n").hasPrefix("HTTP/1.1 503 "))
        #expect(try served.end() == .unsent)
        refused.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(refused.read(until: "\r\n\r\nplain").contains("HTTP/1.1 200 "))
        try served.stream(1).close()
        _ = open[0].read(until: "0\r\n\r\n")
        let next = served.open()
        try served.stream(4).write(bytes("y"))
        #expect(next.read(until: "y\r\n").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aProducerMayWriteMoreThanMemoryHoldsAndWaitsForItsClient() throws {
        let ahead = Atomic(0)
        let server = try HTTPServer(port: 0) { _ in
            .producing { body in
                for number in 0..<400_000 {
                    try body.write("line \(number)\n")
                    ahead.store(number, ordering: .relaxed)
                }
            }
        }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.0\r\n\r\n")
        let text = connection.readToEnd()
        #expect(text.hasSuffix("\nline 399999\n"))
        #expect(text.utf8.count > 4_000_000)
        #expect(ahead.load(ordering: .relaxed) == 399_999)
    }

    @Test func aProducerThatThrowsBreaksTheBody() throws {
        struct Gone: Error {}
        let server = try HTTPServer(port: 0) { _ in
            .producing { body in
                try body.write(String(repeating: "x", count: 100_000))
                throw Gone()
            }
        }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!connection.readToEnd().hasSuffix("0\r\n\r\n"))
    }

    @Test func aProducerEndsWhenItsClientLeavesOrTheServerStops() throws {
        let ended = Monitor(0)
        var limits = HTTPServer.Limits()
        limits.producers = 2
        let server = try HTTPServer(port: 0, limits: limits) { request in
            request.path == "/plain"
                ? .text("plain")
                : .producing { body in
                    defer { ended.update { $0 += 1 } }
                    while true { try body.write("more and more\n") }
                }
        }
        func open(_ path: String = "/") -> RawConnection {
            let connection = RawConnection(port: server.port)
            connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            return connection
        }
        /// One whose body comes; a thread that has just ended may count for a moment still.
        func producing() -> RawConnection {
            while true {
                let connection = open()
                if connection.read(until: "\r\n").hasPrefix("HTTP/1.1 200 ") { return connection }
            }
        }
        do {
            let leaves = producing()
            _ = leaves.read(count: 1000)
        }
        #expect(ended.wait(until: .after(10)) { $0 == 1 })
        let held = [producing(), producing()]
        #expect(open().read(until: "\r\n").hasPrefix("HTTP/1.1 503 "))
        #expect(open("/plain").read(until: "\r\n\r\nplain").hasPrefix("HTTP/1.1 200 "))
        withExtendedLifetime(held) {}
        server.stop()
        #expect(ended.withLock { $0 } == 3)
    }

    @Test func headDoesNotRunAProducer() throws {
        let server = try HTTPServer(port: 0) { _ in .producing(headers: [("X-A", "b")]) { _ in Issue.record("it runs") } }
        defer { server.stop() }
        let connection = RawConnection(port: server.port)
        connection.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(connection.readToEnd().contains("X-A: b\r\n"))
    }

    @Test func aStreamThatIsAnsweredTooLateEnds() throws {
        let held = Monitor<HTTPServer.Responder?>(nil)
        let server = try HTTPServer(port: 0) { _, responder in held.update { $0 = responder } }
        let connection = RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let responder = try #require(held.wait(until: .after(10)) { $0 })
        server.stop()
        let stream = HTTPStream()
        #expect(!responder.send(.streaming(stream)))
        #expect(stream.end == .unsent)
    }

    @Test func manyStreamsWrittenFromManyThreadsWhileClientsComeAndGo() throws {
        let served = try Served { $0.connections = 64 }
        let writers = try (0..<4).map { writer in
            try NamedThread("writer") {
                for round in 0..<300 {
                    for stream in served.streams.withLock({ $0 }) where stream.end == nil {
                        stream.write(Array("\(writer) \(round)\n".utf8))
                        if round % 50 == 49 { stream.close() }
                    }
                }
            }
        }
        for number in 0..<200 {
            let connection = served.open()
            if number % 3 != 0 { _ = connection.read(count: 20) }
        }
        for writer in writers { writer.join() }
        served.server.stop()
        let opened = served.streams.withLock { $0.count }
        #expect(served.ended.wait(until: .after(10)) { $0.count == opened })
    }
}
