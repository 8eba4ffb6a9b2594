import Contracts
import Foundation
import Testing

/// Every stable code of the contract is seen through Kafka by a test of this folder, or of authorization's, warehouses' or connectors'.
@Suite struct CoverageTests {
    @Test func everyCodeOfTheFiveServicesIsExpectedSomewhere() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let others = ["Authorization", "Warehouses", "Connectors"].map { folder.deletingLastPathComponent().appendingPathComponent($0) }
        let files = try ([folder] + others)
            .flatMap { try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil) }
            .filter { $0.pathExtension == "swift" && $0.lastPathComponent != "CoverageTests.swift" }
        let text = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let calls = text.components(separatedBy: "refused(").dropFirst()
        // The code is the argument after the command: the first one that is a dot and a name.
        let expected = Set(RefusalCode.allCases.filter { code in calls.contains { $0.prefix(300).contains(", .\(code)") } })
        #expect(expected == Set(RefusalCode.allCases))
    }
}
