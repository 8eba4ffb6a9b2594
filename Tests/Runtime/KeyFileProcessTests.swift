import Contracts
import Foundation
import TestSupport
import Testing

@testable import Runtime

extension ProcessSuite {
    @Suite struct KeyFileProcessTests {
        @Test func aKeyFileThatGoesAwayIsToldOnceAndNotMadeAnew() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.waybill)
                defer { process.kill() }
                try process.awaitReady()
                let key = bench.store.appendingPathComponent("waybill/seal.key").path
                try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
                func lines(_ text: String) -> Int { process.errorLines.count { $0.contains(text) } }
                #expect(eventually(within: 60) { lines("the key files cannot be read again") > 0 })
                try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
                #expect(eventually(within: 60) { lines("the key files can be read again") > 0 })
                #expect(lines("the key files cannot be read again") == 1)
                #expect(lines("rows announced") <= 1)
                try process.stop()
                try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
                defer { try? FileManager.default.moveItem(atPath: key + ".away", toPath: key) }
                let again = try bench.start(.waybill)
                defer { again.kill() }
                #expect(again.awaitExit(timeout: 60) == .status(78))
                #expect(again.plainLines.count == 1 && again.plainLines.first?.contains(key) == true, "\(again.plainLines)")
                #expect(!FileManager.default.fileExists(atPath: key))
            }
        }

        @Test func theStoreIsItsOwnersAlone() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("modes")).path
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let process = try bench.start(.binding, environment: ["DAIFA_STORE": "sqlite:\(folder)"], arguments: ["--check"])
                #expect(process.awaitExit(timeout: 60) == .status(0), "\(process.errorLines)")
                #expect(try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
            }
        }
    }
}
