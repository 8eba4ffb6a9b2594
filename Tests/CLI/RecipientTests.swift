import CommandLine
import Contracts
import Crypto
import Foundation
import JSON
import Partners
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

    @Test func onlyWaybillOpensARecipient() throws {
        let pair = try HPKE.generateKeyPair()
        let sealer = RecipientSealer(
            merchantShopId: "shop-1", key: RecipientKey(keyId: "k", publicKey: pair.publicKey),
            secret: MergeSecret(bytes: [UInt8](repeating: 7, count: 32)))
        let plain = try OneOrderExport.row(["手机": "13800000000-1234"]).recipient.plain
        let placed = try sealer.seal(plain, orderId: "pdd:1")
        let sealed = try #require(try placed.sealed?.value)
        #expect(sealed.keyId == "k" && placed.province == "浙江省" && placed.district == "余杭区")
        let message = HPKE.Sealed(
            enc: try #require(Base64.decode(sealed.enc)), ciphertext: try #require(Base64.decode(sealed.ciphertext)))
        let info = Array("daifa/recipient/v1".utf8)
        let opened = try Recipient.decode(try HPKE.open(message, with: pair, info: info, aad: Array("pdd:1".utf8)))
        #expect(opened == plain && opened.phone == "13800000000-1234" && opened.name == "张三")
        #expect(throws: CryptoError.self) { try HPKE.open(message, with: pair, info: info, aad: Array("pdd:2".utf8)) }
        let text = String(decoding: placed.json, as: UTF8.self)
        #expect(!text.contains("张三") && !text.contains("仓前") && !text.contains("1380000"))
    }

    @Test func ordersToTheSameDoorHaveTheSameMergeKey() {
        let secret = MergeSecret(bytes: [UInt8](repeating: 1, count: 32))
        func key(_ merchant: String, _ phone: String, _ detail: String, _ secret: MergeSecret) -> String {
            RecipientMergeKey(merchantShopId: merchant, name: "张三", phone: phone, address: ["浙江省", detail]).mergeKey(secret)
        }
        let first = key("m", "138", "1号", secret)
        #expect(key("m", "138", "1 号 ", secret) == first && first.utf8.count == 32)
        let others = [
            key("n", "138", "1号", secret), key("m", "139", "1号", secret), key("m", "138", "2号", secret),
            key("m", "138", "1号", MergeSecret(bytes: [UInt8](repeating: 2, count: 32))),
        ]
        #expect(Set(others + [first]).count == 5)
    }

    @Test func theMergeSecretIsMadeOnceAndKept() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("merge-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/cli/merge.secret"
        let made = try MergeSecret.loadOrCreate(path: path)
        let again = try MergeSecret.loadOrCreate(path: path)
        #expect(made.bytes.count == 32 && again.bytes == made.bytes)
        let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/cli") == ["merge.secret"])
        try "no secret".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: CommandFailure.self) { try MergeSecret.loadOrCreate(path: path) }
    }
}
