import Contracts
import HTTP
import Kafka
import Observability
import Runtime
import TestSupport
import Testing
import Texts
import Threads

@testable import Console

/// Requests that nothing known explains are looked at twice, and hold up nobody.
@Suite struct DoubtfulRequestTests {
    private struct Request: PartnerRequest {
        static let route = "test"
        let restsOnModel: Bool
        var accepted: HTTPResponse { .text("accepted") }
        var language: Language { Language(acceptLanguage: nil) }

        func command(_: any PartnerLookup) throws(Problem) -> OutgoingCommand {
            throw Problem(400, RefusalCode.invalid.rawValue, "wrong", restsOnModel: restsOnModel)
        }
    }

    /// A queue whose barrier waits until it is let through.
    private final class Scene: Sendable {
        let isOpen = Monitor(false)
        let waiting = Monitor(0)
        let server: HTTPServer
        private let queue: PartnerRequestQueue

        init() throws {
            let (isOpen, waiting) = (isOpen, waiting)
            let queue = PartnerRequestQueue(
                Known(), kafka: KafkaConfiguration(), keyFile: nil, logger: Logger(label: "test", level: .critical)
            ) { _ in
                waiting.update { $0 += 1 }
                return isOpen.wait(until: .after(150)) { $0 }
            }
            try queue.start()
            self.queue = queue
            server = try HTTPServer(host: "127.0.0.1", port: 0) { request, responder in
                queue.submit(Request(restsOnModel: request.path == "/doubtful")) { _ = responder.send($0) }
            }
        }

        func end() {
            isOpen.update { $0 = true }
            queue.stop()
            server.stop()
        }
    }

    private func get(_ scene: Scene, _ path: String) async throws -> Int {
        try await LazyHTTPClient().send(HTTPClientRequest(url: "http://127.0.0.1:\(scene.server.port)\(path)", timeout: 150)).status
    }

    @Test func whatIsDoubtfulWaitsAndTheOthersDoNot() async throws {
        let scene = try Scene()
        async let doubtful = get(scene, "/doubtful")
        try await onThread { #expect(scene.waiting.wait(until: .after(120)) { $0 == 1 }) }
        for _ in 1...3 { #expect(try await get(scene, "/wrong") == 400) }
        scene.isOpen.update { $0 = true }
        #expect(try await doubtful == 400)
        scene.end()
    }

    @Test func moreThanSomeAreToldToComeAgain() async throws {
        let scene = try Scene()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await get(scene, "/doubtful") }
            try await onThread { #expect(scene.waiting.wait(until: .after(120)) { $0 == 1 }) }
            for _ in 0..<(PartnerRequestQueue.mostDoubtful + 10) { group.addTask { try await get(scene, "/doubtful") } }
            var statuses: [Int] = []
            while statuses.count < 10, let status = try await group.next() { statuses.append(status) }
            #expect(statuses.allSatisfy { $0 == 503 })
            scene.isOpen.update { $0 = true }
            for try await status in group { statuses.append(status) }
            return statuses
        }
        #expect(statuses.count { $0 == 400 } == PartnerRequestQueue.mostDoubtful + 1)
        #expect(statuses.count { $0 == 503 } == 10)
        scene.end()
    }
}
