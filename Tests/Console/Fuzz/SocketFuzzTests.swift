import Foundation
import TestSupport
import Testing

extension DoorSuite {
    /// Bytes that are nearly HTTP, at a console's port.
    @Suite struct SocketFuzzTests {
        private static let seeds = [
            "GET /api/v1/orders?limit=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\nConnection: close\r\n\r\n",
            "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 27\r\nConnection: close\r\n\r\n{\"user\":\"a\",\"password\":\"b\"}",
            "POST /api/v1/batches HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n",
            "GET /partners/pinduoduo/callback?code=%41 HTTP/1.1\r\nHost: x\r\nCookie: daifa_session=x; a=b\r\nConnection: close\r\n\r\n",
            "HEAD /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\nAccept-Language: vi\r\nConnection: close\r\n\r\n",
            "OPTIONS /api/v1/events HTTP/1.0\r\n\r\n",
            "GET /api/v1/invitations/abc HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n",
        ]
        /// `DAIFA_FUZZ_REQUESTS` says how many.
        private static let requests = Int(ProcessInfo.processInfo.environment["DAIFA_FUZZ_REQUESTS"] ?? "") ?? 400

        /// Those that send at a time: of half a request each awaits the rest for a while.
        private static let senders = 8

        @Test(.timeLimit(.minutes(30))) func itsHealthAnswersThroughout() async throws {
            let console = try await ConsoleFixture.start(environment: ["DAIFA_API_RATE": "100000"])
            let first = UInt64.random(in: 0..<(.max / 2))
            // What it needs once is not counted.
            _ = try await Self.send(Self.requests / 4, first, to: console.process)
            let settled = residentKilobytes("\(console.process.processId)")
            let statuses = try await Self.send(Self.requests, first + UInt64(Self.senders), to: console.process)
            #expect(console.process.get("/health/ready")?.status == 200 && console.process.isRunning, "seed \(first)")
            let grown = residentKilobytes("\(console.process.processId)") - settled
            #expect(grown < 64 * 1024, "seed \(first): it grew by \(grown) KiB")
            for status in ["200", "400", "401", "404"] { #expect(statuses[status, default: 0] > 0, "seed \(first): \(statuses)") }
            try await console.end()
        }

        /// So many requests in all, by several senders with a seed each.
        private static func send(_ count: Int, _ first: UInt64, to process: ServiceProcess) async throws -> [String: Int] {
            try await withThrowingTaskGroup(of: [String: Int].self) { group in
                for sender in 0..<senders {
                    group.addTask { try await onThread { try send(count / senders, seed: first + UInt64(sender), to: process) } }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
        }

        private static func send(_ count: Int, seed: UInt64, to process: ServiceProcess) throws -> [String: Int] {
            var random = RequestMutator.Generator(state: seed)
            var statuses: [String: Int] = [:]
            for number in 0..<count {
                var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
                for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty { change(&bytes, &random) }
                let answer = try RawConnection(port: process.httpPort).exchange(bytes)
                let status = answer.split(separator: " ").dropFirst().first.map(String.init) ?? "none"
                statuses[status, default: 0] += 1
                #expect(!status.hasPrefix("5") || ["501", "503", "505"].contains(status), "seed \(seed), request \(number): \(answer)")
                if number % 50 == 0 { #expect(process.get("/health/live")?.status == 200, "seed \(seed), request \(number)") }
            }
            return statuses
        }

        private static func change(_ bytes: inout [UInt8], _ random: inout RequestMutator.Generator) {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(contentsOf: bytes[index...].prefix(Int.random(in: 1...40, using: &random)), at: index)
            default: bytes.removeSubrange(index...)
            }
        }
    }
}

/// Resident memory of a process.
func residentKilobytes(_ process: String = "self") -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { $0.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } } ?? 0
}

/// A connection that says its bytes and nothing more.
private final class RawConnection: Sendable {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = try connectedSocket(port: port)
        // Of half a request the console awaits the rest: whoever sends it goes on without an answer.
        var limit = timeval(tv_sec: 0, tv_usec: 60_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// What is answered until the console closes, or has nothing to say. Blocking.
    func exchange(_ bytes: [UInt8]) throws -> String {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer.prefix(2000), as: UTF8.self)
    }
}
