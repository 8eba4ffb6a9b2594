import Contracts
import Foundation
import HTTP
import Identity
import JSON
import TestSupport
import Testing
import Threads
import Web

@testable import Console

extension DoorSuite {
    /// Mutated requests at the port of a console's process: on connections that stay, in pieces, with cookies, tokens and forms.
    ///
    /// `DAIFA_FUZZ_REQUESTS` says how many; the seed is in the failure's text.
    @Suite struct RequestFuzzTests {
        private static let count = Int(ProcessInfo.processInfo.environment["DAIFA_FUZZ_REQUESTS"] ?? "") ?? 3000
        private static let threads = 4

        /// What was answered, over all threads.
        private struct Tally {
            var statuses: [Int: Int] = [:]
            var unanswered = 0
            var done = 0
            var wrong: [String] = []
        }

        @Test(.timeLimit(.minutes(30))) func noRequestBreaksIt() async throws {
            let issuer = try TokenIssuer()
            let keys = try TemporaryText(try TokenIssuer.keySet(issuer))
            let console = try await ConsoleFixture.start(
                environment: ["DAIFA_API_RATE": "100000", "DAIFA_AUTH_KEYS": keys.path, "DAIFA_SIGNUP": "open"])
            let (guests, merchant) = try await Self.guests(console, issuer)
            // A stream ends with its client.
            let routes = try ConsoleScene().router.routes.filter { !["follow-events", "follow-batch", "page-stream"].contains($0.name) }
            let seed = UInt64.random(in: 0..<(.max))
            let port = console.process.httpPort
            let tally = Monitor(Tally())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<Self.threads {
                    var mutator = RequestMutator(seed: seed &+ UInt64(number), routes, guests)
                    mutator.merchant = merchant
                    group.addTask { [mutator] in try await onThread { try Self.ask(port, mutator, tally) } }
                }
                group.addTask { try await onThread { try Self.watch(console, tally, "seed \(seed)") } }
                try await group.waitForAll()
            }
            let found = tally.withLock { $0 }
            #expect(found.wrong.isEmpty, "seed \(seed): \(found.wrong.prefix(5))")
            #expect(found.unanswered < Self.count / 20, "seed \(seed): \(found.unanswered)")
            for status in [200, 303, 400, 401, 403, 404, 405, 415] {
                #expect(found.statuses[status, default: 0] > 0, "seed \(seed): \(found.statuses)")
            }
            #expect(console.process.isRunning && console.process.get("/health/ready")?.status == 200)
            try await console.end()
        }

        /// Whoever asks, and the shop of the one with a session.
        private static func guests(_ console: ConsoleFixture, _ issuer: TokenIssuer) async throws -> ([Guest], shop: String) {
            let body = #"{"user":"anna","password":"a good password","language":"en"}"#
            let json = [(name: "Content-Type", value: "application/json")]
            let signed = try await console.send("POST", "/api/v1/users", headers: json, body: Array(body.utf8))
            let cookie = try #require(signed.header("set-cookie")?.split(separator: ";").first.map(String.init))
            let csrf = try #require(try JSONValue.decode(signed.body)["csrfToken"]?.string)
            let chosen = try await console.send(
                "POST", "/api/v1/session/role", headers: json + [("Cookie", cookie), ("X-CSRF-Token", csrf)],
                body: Array(#"{"role":"merchant"}"#.utf8))
            let actor = try #require(try JSONValue.decode(chosen.body)["actors"]?[0]?["actor"]?.string)
            let person = Guest.nobody.setting("Cookie", cookie).csrf(csrf)
            let tokens = try ["merchant:m1", "factory:f1", "operator:x"].map { Guest(bearer: try issuer.bearer(of: $0)) }
            return ([.nobody, person, person, person] + tokens, String(actor.dropFirst("merchant:".count)))
        }

        /// Health and memory, while it is asked.
        private static func watch(_ console: ConsoleFixture, _ tally: Monitor<Tally>, _ seed: String) throws {
            var settled = 0
            var done = 0
            while done < count {
                done = tally.withLock { $0.done }
                #expect(console.process.get("/health/live")?.status == 200, "\(seed), after \(done)")
                if settled == 0, done > count / 3 { settled = residentKilobytes("\(console.process.processId)") }
                _ = tally.wait(until: .after(0.1)) { $0.done >= count }
            }
            let grown = residentKilobytes("\(console.process.processId)") - settled
            #expect(grown < 96 * 1024, "\(seed): it grew by \(grown) KiB")
            print("it grew by \(grown) KiB from \(settled) KiB, \(tally.withLock { "\($0.statuses) unanswered \($0.unanswered)" })")
        }

        private static func ask(_ port: UInt16, _ mutator: RequestMutator, _ tally: Monitor<Tally>) throws {
            var mutator = mutator
            var connection: WireConnection?
            for _ in 0..<count / threads {
                let request = mutator.next()
                let wire = mutator.wire(request)
                let open = try connection ?? WireConnection(port: port)
                let answer = open.exchange(wire.bytes, isHead: request.method == "HEAD", patience: wire.isWhole ? 20 : 0.03)
                connection = answer?.isLast == false && wire.isWhole ? open : nil
                tally.withLock { tally in
                    tally.done += 1
                    guard let answer else { return tally.unanswered += wire.isWhole ? 1 : 0 }
                    tally.statuses[answer.status, default: 0] += 1
                    guard answer.status < 500 || [501, 503, 505].contains(answer.status) else {
                        return tally.wrong.append("\(answer.status) for \(String(decoding: wire.bytes.prefix(600), as: UTF8.self))")
                    }
                }
            }
            tally.withLock { $0.done += count % threads == 0 ? 0 : count - count / threads * threads }
        }
    }
}

extension RequestMutator {
    /// A request as bytes: whole, its body in one or in pieces; or damaged somewhere.
    mutating func wire(_ request: HTTPRequest) -> (bytes: [UInt8], isWhole: Bool) {
        var text = "\(request.method) \(request.target.raw) HTTP/1.1\r\nHost: x\r\n"
        for field in request.headers { text += "\(field.name): \(field.value)\r\n" }
        var bytes = Array(text.utf8)
        if request.body.isEmpty || number(0...2) > 0 {
            bytes += Array("Content-Length: \(request.body.count)\r\n\r\n".utf8) + request.body
        } else {
            bytes += Array("Transfer-Encoding: chunked\r\n\r\n".utf8)
            var rest = request.body[...]
            while !rest.isEmpty {
                let piece = rest.prefix(number(1...200))
                rest = rest.dropFirst(piece.count)
                bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
            }
            bytes += Array("0\r\n\r\n".utf8)
        }
        // What has bytes that no header may have is as good as damaged.
        let isClean = !request.target.raw.utf8.contains { $0 <= 0x20 } && !request.headers.contains { $0.value.utf8.contains(0) }
        guard number(0...19) == 0 else { return (bytes, isClean) }
        for _ in 0..<number(1...3) where !bytes.isEmpty {
            let index = number(0...bytes.count - 1)
            switch number(0...3) {
            case 0: bytes[index] = UInt8(number(0...255))
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(contentsOf: bytes[index...].prefix(number(1...40)), at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return (bytes, false)
    }
}

/// A connection that reads one answer for each request.
private final class WireConnection {
    private let descriptor: Int32
    private var rest: [UInt8] = []

    init(port: UInt16) throws { descriptor = try connectedSocket(port: port) }

    deinit { close(descriptor) }

    /// - Parameter patience: seconds without a byte after which there is none.
    /// - Returns: nil: no whole answer came.
    func exchange(_ bytes: [UInt8], isHead: Bool, patience: Double) -> (status: Int, isLast: Bool)? {
        var limit = timeval(tv_sec: Int(patience), tv_usec: Int((patience - patience.rounded(.down)) * 1_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var end: Int?
        while end == nil {
            end = rest.holds("\r\n\r\n") ? Data(rest).range(of: Data("\r\n\r\n".utf8))?.upperBound : nil
            if end == nil, !receive() { return nil }
        }
        guard let end else { return nil }
        let head = String(decoding: rest[..<end], as: UTF8.self).lowercased()
        rest.removeSubrange(..<end)
        guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let isLast = head.contains("connection: close") || head.hasPrefix("http/1.0")
        guard !isHead, status != 204, status != 304 else { return (status, isLast) }
        if let length = head.firstRange(of: "content-length: ").flatMap({ Int(head[$0.upperBound...].prefix { $0.isNumber }) }) {
            while rest.count < length { guard receive() else { return nil } }
            rest.removeSubrange(..<length)
            return (status, isLast)
        }
        while !rest.holds("\r\n0\r\n\r\n") { guard receive() else { return (status, true) } }
        rest = []
        return (status, isLast)
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { rest += buffer[..<count] }
        return count > 0
    }
}
