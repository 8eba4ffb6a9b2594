import CommandLine
import Contracts
import Crypto
import Foundation
import JSON
import OrderImports
import Runtime
import Testing

@testable import CLI

@Suite struct RecipientTests {
    private func row(_ keyId: String, version: Int, purpose: KeyPurpose = .recipient, service: ServiceName = .waybill) throws -> KeyRow {
        KeyRow(
            service: service, keyId: keyId, purpose: purpose, publicKey: Base64.encode(try HPKE.generateKeyPair().publicKey),
            version: version)
    }

    @Test func theNewestKeyOfWaybillIsTaken() throws {
        var search = RecipientKey.Search()
        #expect(search.newest == nil)
        for row in [
            try row("a", version: 2), try row("b", version: 1), try row("c", version: 9, purpose: .credential),
            try row("d", version: 9, service: .shipping),
        ] {
            search.take(key: Array(row.key.utf8), value: row.json)
        }
        #expect(search.newest?.keyId == "a")
        search.take(key: Array("waybill~a".utf8), value: nil)
        #expect(search.newest?.keyId == "b")
        search.take(key: Array("waybill~e".utf8), value: Array("{".utf8))
        search.take(key: nil, value: Array("{}".utf8))
        #expect(search.newest?.keyId == "b")
    }

    private static func mergeKey(_ secret: MergeSecret) throws -> String? {
        let key = RecipientKey(keyId: "k", publicKey: try HPKE.generateKeyPair().publicKey)
        let recipient = Recipient(
            name: "a", phone: "1", address: Address(country: "CN", province: "p", city: "c", district: "d", town: nil, detail: "e"))
        return try RecipientSealer(merchantShopId: "m", key: key, secret: secret).seal(recipient, orderId: "o").mergeKey
    }

    @Test func theMergeSecretIsMadeOnceAndKept() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("merge-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/cli/merge.secret"
        let made = try MergeSecret.loadOrCreate(path: path)
        let again = try MergeSecret.loadOrCreate(path: path)
        #expect(try Self.mergeKey(made) == Self.mergeKey(again))
        let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/cli") == ["merge.secret"])
        try "no secret".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: CommandFailure.self) { try MergeSecret.loadOrCreate(path: path) }
    }
}
