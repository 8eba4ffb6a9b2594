import Foundation
import HTTP
import Synchronization
import Testing
import Web

@Suite struct AnswerTests {
    @Test(arguments: [
        (ServerSentEvent(data: "x"), "data: x\n\n"),
        (ServerSentEvent(id: "7", event: "order", data: "{}"), "id: 7\nevent: order\ndata: {}\n\n"),
        (ServerSentEvent(data: "a\nb\r\nc\rd\n"), "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"),
        (ServerSentEvent(data: ""), "data: \n\n"),
        (ServerSentEvent(id: "a\nb", event: "c\r\nd", data: "e"), "id: ab\nevent: cd\ndata: e\n\n"),
        (ServerSentEvent(id: "a\0", data: ""), "data: \n\n"),
    ]) func anEventIsWritten(event: ServerSentEvent, text: String) { #expect(String(decoding: event.bytes, as: UTF8.self) == text) }

    @Test func eachKeyHasSoManyStreamsAndTheyEndWithIt() throws {
        let streams = try EventStreams(mostOfKey: 2)
        defer { streams.stop() }
        let ends = Mutex<[HTTPStream.End]>([])
        let open = (0..<2).compactMap { _ in streams.open(key: "a") { end in ends.withLock { $0.append(end) } } }
        #expect(open.count == 2 && streams.open(key: "a") == nil)
        let other = try #require(streams.open(key: "b"))
        open[0].close()
        #expect(streams.open(key: "a") != nil)
        streams.end(key: "a")
        #expect(ends.withLock { $0 } == [.closed, .closed])
        #expect(!open[1].send(.init(data: "late")))
        #expect(other.send(.init(data: "x")) && streams.count == 1)
        streams.stop()
        #expect(other.end == .closed && streams.count == 0 && streams.open(key: "c") == nil)
    }

    @Test func eventsAndSignsOfLifeArriveOverAConnection() async throws {
        let streams = try EventStreams(heartbeat: 0.02)
        defer { streams.stop() }
        let router = try testRouter { router in
            router.group("") {
                $0.get("/events") { call in
                    guard let stream = streams.open(key: call.request.remoteAddress.map(\.description) ?? "") else {
                        return .text("full", status: 429)
                    }
                    stream.send(ServerSentEvent(id: "1", event: "hello", data: call.request.target.raw))
                    return stream.response
                }
            }
        }
        let dispatcher = try Dispatcher(router, threads: 2, waiting: 4)
        let server = try HTTPServer(port: 0, limits: dispatcher.limits(), responding: dispatcher.handle)
        defer {
            server.stop()
            dispatcher.stop()
        }
        let answer = readAnswer(port: server.port, "GET /events?since=3 HTTP/1.1\r\nHost: a\r\n\r\n", until: ": \n\n")
        #expect(answer.contains("Content-Type: text/event-stream\r\n"))
        #expect(answer.contains("id: 1\nevent: hello\ndata: /events?since=3\n\n"))
        #expect(answer.hasSuffix(": \n\n"))
        let head = readAnswer(port: server.port, "HEAD /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", until: "\r\n\r\n")
        #expect(head.contains("Content-Length: 0\r\n"))
    }

    @Test func aWholeBodyIsWhatItsProducerWrites() throws {
        let response = HTTPResponse.producing { body in for number in 0..<3 { try body.write("\(number),") } }
        #expect(try response.wholeBody() == Array("0,1,2,".utf8))
    }

    @Test func assetsAreServedForEverByTheirDigest() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("pages"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let css = String(repeating: "a { color: red }\n", count: 200)
        try css.write(to: folder.appendingPathComponent("app.css"), atomically: true, encoding: .utf8)
        try "export {}".write(to: folder.appendingPathComponent("pages/a b.js"), atomically: true, encoding: .utf8)
        try "x".write(to: folder.appendingPathComponent(".hidden"), atomically: true, encoding: .utf8)
        let assets = try Assets(folder: folder.path)
        #expect(assets.names == ["app.css", "pages/a b.js"])
        #expect(assets.link("pages/a b.js")?.text == "/assets/\(assets.digest)/pages/a%20b.js")
        #expect(assets.link("other.css") == nil)
        let plain = try #require(assets.response(digest: assets.digest, name: "app.css", to: ask("GET", "/")))
        #expect(plain.text == css && plain.header("content-type") == "text/css; charset=utf-8")
        #expect(
            plain.header("cache-control") == "public, max-age=31536000, immutable" && plain.header("x-content-type-options") == "nosniff")
        let packed = try #require(
            assets.response(digest: assets.digest, name: "app.css", to: ask("GET", "/", headers: [("Accept-Encoding", "br, gzip;q=0.5")])))
        #expect(packed.header("content-encoding") == "gzip" && packed.body.count < 200 && packed.body.starts(with: [0x1F, 0x8B]))
        for encoding in ["gzip;q=0", "br", "*;q=0"] {
            let answer = assets.response(
                digest: assets.digest, name: "app.css", to: ask("GET", "/", headers: [("Accept-Encoding", encoding)]))
            #expect(answer?.header("content-encoding") == nil)
        }
        for (digest, name) in [("x", "app.css"), (assets.digest, "../app.css"), (assets.digest, ".hidden"), (assets.digest, "")] {
            #expect(assets.response(digest: digest, name: name, to: ask("GET", "/")) == nil)
        }
        try "x".write(to: folder.appendingPathComponent("app.css"), atomically: true, encoding: .utf8)
        #expect(try Assets(folder: folder.path).digest != assets.digest)
        try "x".write(to: folder.appendingPathComponent("a.exe"), atomically: true, encoding: .utf8)
        #expect(throws: Assets.Failure.self) { try Assets(folder: folder.path) }
    }

    @Test func aFolderThatIsMissingIsNamed() {
        let error = #expect(throws: Assets.Failure.self) { try Assets(folder: "/nowhere/web") }
        #expect(error?.path == "/nowhere/web" && error?.description.hasPrefix("/nowhere/web: this folder cannot be read") ?? false)
    }

    @Test func aFullPoolRefusesAndStoppingFinishesWhatWaits() throws {
        let gate = DispatchSemaphore(value: 0)
        let done = Mutex(0)
        let pool = try WorkerPool("test", threads: 1, waiting: 2)
        let begun = DispatchSemaphore(value: 0)
        #expect(
            pool.submit {
                begun.signal()
                gate.wait()
                done.withLock { $0 += 1 }
            })
        begun.wait()
        for taken in [true, true, false] { #expect(pool.submit { done.withLock { $0 += 1 } } == taken) }
        gate.signal()
        pool.stop()
        #expect(done.withLock { $0 } == 3)
        #expect(!pool.submit {})
    }
}
