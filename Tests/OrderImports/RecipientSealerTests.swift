import Contracts
import Crypto
import JSON
import Partners
import Testing

@testable import OrderImports

@Suite struct RecipientSealerTests {
    @Test func onlyWaybillOpensARecipient() throws {
        let pair = try HPKE.generateKeyPair()
        let sealer = RecipientSealer(
            merchantShopId: "shop-1", key: RecipientKey(keyId: "k", publicKey: pair.publicKey),
            secret: MergeSecret(bytes: [UInt8](repeating: 7, count: 32)))
        let plain = try Sample.export(phone: "13800000000-1234").rows[0].recipient.plain
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

    @Test func onlyWaybillsRecipientKeyIsOne() throws {
        let key = Base64.encode(try HPKE.generateKeyPair().publicKey)
        func row(_ service: ServiceName, _ purpose: KeyPurpose, _ key: String) -> KeyRow {
            KeyRow(service: service, keyId: "k", purpose: purpose, publicKey: key, version: 1)
        }
        #expect(RecipientKey(row(.waybill, .recipient, key))?.keyId == "k")
        #expect(RecipientKey(row(.shipping, .recipient, key)) == nil && RecipientKey(row(.waybill, .credential, key)) == nil)
        #expect(RecipientKey(row(.waybill, .recipient, "AAAA")) == nil)
    }
}
