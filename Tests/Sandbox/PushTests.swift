import Crypto
import Foundation
import HTTP
import JSON
import Synchronization
import Testing

@testable import Sandbox

@Suite struct PushTests {
    /// A console that takes pushes, or does not.
    private final class Console: Sendable {
        struct Push {
            var headers: [HTTPRequest.Field]
            var body: [UInt8]
            var json: JSONValue? { try? JSONValue.decode(body) }
        }

        private let arrival = NSCondition()
        private let received = Mutex<[Push]>([])
        private let refusals: Mutex<Int>
        private let server = Mutex<HTTPServer?>(nil)

        init(refusing count: Int = 0) throws {
            refusals = Mutex(count)
            let started = try HTTPServer(host: "127.0.0.1", port: 0) { [weak self] request in
                self?.take(request) ?? .text("", status: 503)
            }
            server.withLock { $0 = started }
        }

        deinit { server.withLock { $0?.stop() } }

        var url: String { "http://127.0.0.1:\(server.withLock { $0?.port ?? 0 })/partners/jd-fulfillment/status" }
        var pushes: [Push] { received.withLock { $0 } }

        private func take(_ request: HTTPRequest) -> HTTPResponse {
            arrival.lock()
            received.withLock { $0.append(Push(headers: request.headers, body: request.body)) }
            arrival.broadcast()
            arrival.unlock()
            let isRefused = refusals.withLock { count in
                count -= 1
                return count >= 0
            }
            return isRefused ? .text("", status: 404) : .text(#"{"code":"0"}"#)
        }

        /// Waits until so many have come.
        func await(_ count: Int) async throws -> [Push] {
            try await onThread { [self] in
                let deadline = Date(timeIntervalSinceNow: 20)
                arrival.lock()
                defer { arrival.unlock() }
                while pushes.count < count {
                    guard arrival.wait(until: deadline) else {
                        throw RunningSandbox.Failure(description: "\(pushes.count) pushes, not \(count)")
                    }
                }
                return pushes
            }
        }
    }

    private let add = "jingdong.eclp.order.addOrder"

    private func order(_ sandbox: RunningSandbox, _ console: Console, subscribe: Bool = true) async throws -> String {
        try await sandbox.control("settings", ["pushUrl": .string(console.url)])
        let token = try await sandbox.jdToken(subscribe: subscribe)
        let answer = try await sandbox.jos(add, RunningSandbox.outbound, token: token)
        return try #require(answer.json?.at("jingdong_eclp_order_addOrder_responce", "eclpSoNo")?.string)
    }

    @Test func eachStatusIsPushedOnceSignedWithTheNumberAndTheGoods() async throws {
        let console = try Console()
        let sandbox = try RunningSandbox()
        let number = try await order(sandbox, console)
        try await sandbox.control("advance", ["number": .string(number), "status": "100130", "operateTime": "2026-11-01 08:00:00"])
        let push = try await console.await(2)[1]
        let body = push.json
        #expect(body?["orderNo"]?.string == number)
        #expect(body?["orderType"]?.string == "XSCK")
        #expect(body?["statusCode"]?.string == "100130")
        #expect(body?["operateTime"]?.string == "2026-11-01 08:00:00")
        #expect(body?["wayBill"]?.string?.hasPrefix("JDVA") == true)
        #expect(body?["lines"]?[0]?["isvGoodsNo"]?.string == "TEA-500")
        func header(_ name: String) -> String { push.headers.first { $0.name.lowercased() == name }?.value ?? "" }
        #expect(header("x-jd-app-key") == "jd-app")
        let signed = Array(header("x-jd-timestamp").utf8) + push.body
        #expect(header("x-jd-signature") == Base64.encode(Digest.hmacSHA256(signed, key: Array("jd-secret".utf8))))
        #expect(Set(console.pushes.map { $0.json?["messageId"]?.string }).count == console.pushes.count)
    }

    @Test func aPushThatIsNotTakenComesAgainTheSame() async throws {
        let console = try Console(refusing: 2)
        let sandbox = try RunningSandbox()
        _ = try await order(sandbox, console)
        let pushes = try await console.await(3)
        #expect(Set(pushes.map(\.body)).count == 1)
        let deadline = Date(timeIntervalSinceNow: 10)
        while try await sandbox.control("pushes")[0]?["isDelivered"]?.bool != true, Date() < deadline {}
        #expect(try await sandbox.control("pushes")[0]?["attempts"]?.int == 3)
    }

    @Test func aDuplicateComesAfterItWasTaken() async throws {
        let console = try Console()
        let sandbox = try RunningSandbox()
        try await sandbox.fault("push", "duplicate")
        _ = try await order(sandbox, console)
        let pushes = try await console.await(2)
        #expect(pushes[0].body == pushes[1].body)
    }

    @Test func aPushThatIsHeldBackIsOvertaken() async throws {
        let console = try Console()
        let sandbox = try RunningSandbox()
        let number = try await order(sandbox, console)
        _ = try await console.await(1)
        try await sandbox.fault("push", "reorder", [("seconds", 3.0)])
        try await sandbox.control("advance", ["number": .string(number), "status": "10014"])
        try await sandbox.control("advance", ["number": .string(number), "status": "10015"])
        #expect(try await console.await(3).map { $0.json?["statusCode"]?.string } == ["10010", "10015", "10014"])
    }

    @Test func withoutASubscriptionNothingIsPushed() async throws {
        let console = try Console()
        let sandbox = try RunningSandbox()
        let number = try await order(sandbox, console, subscribe: false)
        try await sandbox.control("advance", ["number": .string(number), "status": "10020"])
        #expect(try await sandbox.control("pushes").array?.isEmpty == true)
    }

    @Test func ordersWalkByThemselvesWhenTheyAreToldTo() async throws {
        let console = try Console()
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["autoAdvance": 0.05])
        _ = try await order(sandbox, console)
        let pushes = try await console.await(OutboundStatus.path.count)
        #expect(pushes.compactMap { $0.json?["statusCode"]?.string } == OutboundStatus.path)
    }
}
