import HTTP
import JSON
import Testing

@testable import Sandbox

@Suite struct MessageTests {
    private let merchant = "900000001"

    /// The address as an application makes it.
    private func url(_ socket: MessageSocket, secret: String = "pdd-secret") -> String {
        let now = BeijingTime.now
        let sign = Signatures.messageSocket(clientId: "pdd-app", milliseconds: "\(now)", secret: secret)
        return "ws://127.0.0.1:\(socket.port)/message/pdd-app/\(now)/\(FormText.encode(sign))"
    }

    private func announce(_ sandbox: RunningSandbox, _ tid: String) async throws {
        try await sandbox.control(
            "message", ["mallId": .string(merchant), "type": "pdd_trade_TradeConfirmed", "content": ["tid": .string(tid)]])
    }

    private func start() async throws -> (RunningSandbox, MessageSocket) {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        _ = try await sandbox.pdd("pdd.pmc.user.permit", [:], token: token)
        try await sandbox.control("settings", ["messageRedelivery": 0.2])
        return (sandbox, try MessageSocket(sandbox.sandbox, port: 0))
    }

    /// The next frame with a message.
    private func next(_ client: WebSocketClient) async throws -> JSONValue {
        while true {
            guard case .text(let text) = await client.next() else { throw RunningSandbox.Failure(description: "the socket closed") }
            let frame = try JSONValue.decode(text)
            if frame["commandType"]?.string == "Common" { return frame }
        }
    }

    private func ack(_ frame: JSONValue, type: JSONValue? = nil) -> String {
        let ack: JSONValue = [
            "commandType": "Ack", "time": .int(BeijingTime.now), "id": frame["id"] ?? .null, "sendTime": frame["sendTime"] ?? .null,
            "type": type ?? frame.at("message", "type") ?? .null, "mallID": frame.at("message", "mallID") ?? .null,
        ]
        return String(decoding: ack.json, as: UTF8.self)
    }

    @Test func aMessageComesAgainUntilItIsAcknowledgedAsItWas() async throws {
        let (sandbox, socket) = try await start()
        defer { socket.stop() }
        try await announce(sandbox, "1")
        let client = try await WebSocketClient.connect(url(socket))
        let first = try await next(client)
        #expect(first["id"]?.int ?? 0 > 1 << 53)
        #expect(first.at("message", "mallID")?.int == 900_000_001)
        #expect(first.at("message", "content")?.string == #"{"tid":"1"}"#)
        client.send(ack(first, type: "other"))
        let again = try await next(client)
        #expect(again["id"] == first["id"])
        client.send(ack(again))
        try await announce(sandbox, "2")
        // What was acknowledged may be on its way once more.
        var second = try await next(client)
        while second["id"] == first["id"] { second = try await next(client) }
        #expect(second.at("message", "content")?.string == #"{"tid":"2"}"#)
        #expect(try await sandbox.control("messages")[0]?["isAcknowledged"]?.bool == true)
    }

    @Test func heartbeatsAreAnswered() async throws {
        let (_, socket) = try await start()
        defer { socket.stop() }
        let client = try await WebSocketClient.connect(url(socket))
        client.send(#"{"commandType":"HeartBeat","time":1}"#)
        guard case .text(let text) = await client.next() else {
            Issue.record("no answer")
            return
        }
        #expect(text.contains("HeartBeat"))
    }

    @Test func aWrongSignatureIsRefused() async throws {
        let (_, socket) = try await start()
        defer { socket.stop() }
        let error = await #expect(throws: WebSocketClosed.self) { try await WebSocketClient.connect(url(socket, secret: "wrong")) }
        #expect(error?.kind == .refused && error?.code == 403)
    }

    @Test func afterAReconnectWhatWasNotAcknowledgedComesAtOnce() async throws {
        let (sandbox, socket) = try await start()
        defer { socket.stop() }
        try await sandbox.control("settings", ["messageRedelivery": 3600])
        try await announce(sandbox, "1")
        try await sandbox.fault("pdd.message", "drop")
        let first = try await WebSocketClient.connect(url(socket))
        await #expect(throws: RunningSandbox.Failure.self) { try await next(first) }
        let second = try await WebSocketClient.connect(url(socket))
        #expect(try await next(second).at("message", "content")?.string == #"{"tid":"1"}"#)
    }

    @Test func duplicatesAndOvertakingOnDemand() async throws {
        let (sandbox, socket) = try await start()
        defer { socket.stop() }
        try await sandbox.control("settings", ["messageRedelivery": 3600])
        try await sandbox.fault("pdd.message", "reorder", [("seconds", 0.4)])
        try await sandbox.fault("pdd.message", "duplicate")
        for tid in ["1", "2"] { try await announce(sandbox, tid) }
        let client = try await WebSocketClient.connect(url(socket))
        var contents: [String?] = []
        for _ in 0..<3 { contents.append(try await next(client).at("message", "content")?.string) }
        #expect(contents == [#"{"tid":"2"}"#, #"{"tid":"2"}"#, #"{"tid":"1"}"#])
    }
}
