import Foundation
import Testing

@testable import Crypto

@Suite final class SecretFileTests {
    private let folder = NSTemporaryDirectory() + "secrets-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } }

    /// A process may die at this moment.
    @Test func aSecretThatIsWrittenAndNotYetNamedIsInNoFolder() throws {
        let draft = try SecretFile.Draft(beside: folder + "/ring", [1, 2, 3])
        #expect(try files == [])
        try draft.link(to: folder + "/ring")
        draft.close()
        #expect(try files == ["ring"])
        #expect(try SecretFile.read(folder + "/ring") == [1, 2, 3])
    }

    @Test func theFirstOfTwoDraftsWins() throws {
        let (first, second) = (try SecretFile.Draft(beside: folder + "/ring", [1]), try SecretFile.Draft(beside: folder + "/ring", [2]))
        #expect(try first.link(to: folder + "/ring"))
        #expect(try !second.link(to: folder + "/ring"))
        first.close()
        second.close()
        #expect(try SecretFile.read(folder + "/ring") == [1])
        #expect(try files == ["ring"])
    }

    @Test func whatADeadProcessLeftIsDeleted() throws {
        let left = ["ring.0123456789abcdef.tmp", "ring.fedcba9876543210.tmp"]
        let others = ["other.0123456789abcdef.tmp", "ring", "ring.0123.tmp", "ring.backup"]
        for name in left + others { try Data([1]).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        KeyMaterial.clear(path: folder + "/ring")
        #expect(try files == others)
        // Without the file itself, too: the process died while it made it.
        try FileManager.default.removeItem(atPath: folder + "/ring")
        try Data([1]).write(to: URL(fileURLWithPath: "\(folder)/\(left[0])"))
        KeyMaterial.clear(path: folder + "/ring")
        #expect(try files == others.filter { $0 != "ring" })
    }

    @Test func replacingItDeletesWhatIsLeftAndLeavesNothing() throws {
        try KeyRing.create(path: folder + "/ring")
        try Data([1]).write(to: URL(fileURLWithPath: folder + "/ring.0123456789abcdef.tmp"))
        var ring = try KeyRing.read(path: folder + "/ring")
        try ring.rotate()
        #expect(try files == ["ring"])
        #expect(try KeyRing.read(path: folder + "/ring").keyIds.count == 2)
    }

    @Test func aFileThatIsThereIsNeverMadeAgain() throws {
        try KeyRing.create(path: folder + "/ring")
        let before = try SecretFile.read(folder + "/ring")
        let error = #expect(throws: CryptoError.self) { try KeyRing.create(path: folder + "/ring") }
        #expect(error?.kind == .file && error?.message.contains("/ring") == true)
        #expect(try SecretFile.read(folder + "/ring") == before)
        #expect(throws: CryptoError.self) { try SealKeys.create(path: folder + "/ring", purposes: ["recipient"]) }
        #expect(throws: CryptoError.self) { try KeyRing.read(path: folder + "/none") }
        #expect(try files == ["ring"])
    }

    @Test func keysAreReadForEveryPurposeOrNotAtAll() throws {
        let path = folder + "/seal"
        #expect(try SealKeys.read(path: path, purposes: []).keys.isEmpty)
        #expect(throws: CryptoError.self) { try SealKeys.read(path: path, purposes: ["recipient"]) }
        try SealKeys.create(path: path, purposes: ["recipient"])
        #expect(try SealKeys.read(path: path, purposes: ["recipient"]).keys.count == 1)
        let error = #expect(throws: CryptoError.self) { try SealKeys.read(path: path, purposes: ["recipient", "credential"]) }
        #expect(error?.message.contains("credential") == true)
        #expect(try SealKeys.complete(path: path, purposes: ["recipient", "credential"]).keys.count == 2)
    }

    @Test(arguments: [(0o600, nil), (0o400, nil), (0o440, nil), (0o644, "0644"), (0o604, "0604"), (0o620, "0620"), (0o777, "0777")])
    func aModeThatIsTooWideIsTold(_ mode: Int, _ told: String?) throws {
        let path = folder + "/secret"
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(KeyMaterial.wideMode(path: path) == told)
        #expect(KeyMaterial.wideMode(path: folder + "/none") == nil)
    }
}
