import Foundation
import JSON
import Testing

@testable import Sandbox

/// The executable as a process of its own.
@Suite struct ProcessTests: Sendable {
    private final class Running {
        let process = Process()
        private let output = Pipe()
        private(set) var port: UInt16 = 0
        private(set) var lines: [String] = []

        init(_ arguments: [String]) throws {
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .appendingPathComponent("daifa-sandbox")
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = output
            try process.run()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        /// Reads on until the line that says where it listens.
        func awaitPort() throws -> UInt16 {
            var text = ""
            while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
                text += String(decoding: byte, as: UTF8.self)
                guard text.hasSuffix("\n"), let found = text.firstMatch(of: /partners on http:\/\/127\.0\.0\.1:(\d+)\n/) else { continue }
                return UInt16(found.1) ?? 0
            }
            throw RunningSandbox.Failure(description: "it did not say where it listens: \(text)")
        }

        func end(_ signal: Int32) -> (status: Int32, reason: Process.TerminationReason) {
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            return (process.terminationStatus, process.terminationReason)
        }
    }

    private func folder() -> URL { FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)") }

    private func get(_ port: UInt16, _ path: String) throws -> RunningSandbox.Answer {
        try RawClient.send(port: port, "GET", path, timeout: 20)
    }

    @Test func whatWasAnsweredSurvivesSIGKILLSIGTERMEndsWith0() async throws {
        try await onThread { try survive() }
    }

    private func survive() throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["--data", folder.path, "--port", "0", "--message-port", "0"]
        let first = try Running(arguments + ["--no-dedup"])
        let port = try first.awaitPort()
        let trade = #"{"apps":[{"partner":"jd","key":"other","secret":"s"}]}"#
        #expect(try RawClient.send(port: port, "POST", "/sandbox/seed", body: Array(trade.utf8), timeout: 20).status == 200)
        #expect(first.end(SIGKILL).reason == .uncaughtSignal)

        let second = try Running(arguments)
        let again = try second.awaitPort()
        #expect(try get(again, "/").text.contains("<td>other</td>"))
        #expect(try get(again, "/sandbox/settings").json?["deduplication"]?.bool == false)
        let end = second.end(SIGTERM)
        #expect(end.status == 0 && end.reason == .exit)
    }

    @Test func aSecondSandboxOnTheSameFolderIsToldSo() async throws { try await onThread { try startTwice() } }

    private func startTwice() throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["--data", folder.path, "--port", "0", "--message-port", "0"]
        let first = try Running(arguments)
        _ = try first.awaitPort()
        let second = try Running(arguments)
        second.process.waitUntilExit()
        #expect(second.process.terminationStatus == 78)
    }
}
