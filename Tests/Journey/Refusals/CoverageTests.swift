import Contracts
import Foundation
import Testing

/// Every stable code of the contract is either seen through Kafka by a test of this folder or of authorization's, or is a partner's own.
@Suite struct CoverageTests {
    /// Seen where the partners' calls are tested.
    static let ofPartners: Set<RefusalCode> = [.partnerRejected]

    @Test func everyCodeOfTheFiveServicesIsExpectedSomewhere() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let folders = [folder, folder.deletingLastPathComponent().appendingPathComponent("Authorization")]
        let files = try folders.flatMap { try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil) }
            .filter { $0.pathExtension == "swift" && $0.lastPathComponent != "CoverageTests.swift" }
        let text = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let calls = text.components(separatedBy: "refused(").dropFirst()
        // The code is the argument after the command: the first one that is a dot and a name.
        let expected = Set(RefusalCode.allCases.filter { code in calls.contains { $0.prefix(300).contains(", .\(code)") } })
        #expect(expected == Set(RefusalCode.allCases).subtracting(Self.ofPartners))
    }
}
