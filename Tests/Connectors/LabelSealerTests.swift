import Contracts
import Credentials
import Crypto
import JSON
import PartnerEffects
import Partners
import Runtime
import StateMachines
import TestSupport
import Testing

@testable import Waybill

/// What a label needs, on its way from waybill to a print job.
struct LabelSealerTests {
    private static let decrypt = "pdd.open.decrypt.batch"
    private static let late = EffectAttempt.attempt(5, age: LabelSealer.patience + 1)
    private static let recipient = Recipient(
        name: "张三", phone: "13800000000",
        address: Address(country: "CN", province: "广东省", city: "深圳市", district: "南山区", detail: "科技园1号"))

    private let scene: ConnectorScene
    private let job: HPKE.KeyPair

    init() throws {
        scene = try ConnectorScene(.waybill)
        job = try HPKE.generateKeyPair()
        // A key of its own is announced, to seal recipients with.
        scene.put(
            KeyRow(
                service: .shipping, keyId: "k-1", purpose: .recipient, publicKey: Base64.encode(try HPKE.generateKeyPair().publicKey),
                version: 0))
    }

    private func effect(_ plaintext: [UInt8], order: String = "O-1") throws -> LabelOpening {
        var effect = LabelOpening()
        effect.commandId = "c-1"
        effect.orderId = order
        effect.allocationId = "\(order)/1"
        effect.merchantShopId = "M-1"
        effect.jobId = "job-1"
        effect.publicKey = Base64.encode(job.publicKey)
        effect.carrier = "SF"
        effect.number = "SF1000000000001"
        effect.extraNumbers = ["SF1000000000002"]
        effect.area = Area(province: "广东省", city: "深圳市", district: "南山区")
        effect.recipientSealed = Verbatim(
            try scene.environment.vault.seal(plaintext, for: .waybill, .recipient, info: SealInfo.recipient, aad: "O-1"))
        return effect
    }

    private func perform(_ effect: LabelOpening, _ attempt: EffectAttempt = .attempt()) async -> Performed<LabelOpening.Outcome> {
        let decryptor = PinduoduoDecryptor(access: ChannelAccess(scene.environment), tables: scene.environment.tables)
        let deadline = RetryDeadline(seconds: LabelSealer.patience, clock: scene.environment.clock)
        return await LabelSealer(opener: RecipientOpener(vault: scene.environment.vault, decryptor: decryptor), deadline: deadline)
            .perform(effect, attempt)
    }

    private func refusal(_ effect: LabelOpening, _ attempt: EffectAttempt = .attempt()) async -> Refusal? {
        if case .refused(let refusal)? = await perform(effect, attempt).answer { refusal } else { nil }
    }

    /// What the print job finds in the answer.
    private func opened(_ performed: Performed<LabelOpening.Outcome>, aad: String = "O-1/1", info: String = "daifa/label/v1") throws
        -> [UInt8]
    {
        guard case .sealed(let sealed)? = performed.answer else { return [] }
        #expect(sealed.keyId == "job-1")
        let enc = try #require(Base64.decode(Array(sealed.enc.utf8)))
        let ciphertext = try #require(Base64.decode(Array(sealed.ciphertext.utf8)))
        return try HPKE.open(
            HPKE.Sealed(enc: enc, ciphertext: ciphertext), with: job, info: Array(info.utf8), aad: Array(aad.utf8))
    }

    @Test func theJobAloneReadsTheLabel() async throws {
        let performed = await perform(try effect(Self.recipient.json))
        let contents = try LabelContents.decode(try opened(performed))
        #expect(contents.recipient == Self.recipient && contents.carrier == "SF" && contents.waybillNumber == "SF1000000000001")
        #expect(contents.extraNumbers == ["SF1000000000002"])
        #expect(throws: CryptoError.self) { try opened(performed, aad: "O-1/2") }
        #expect(throws: CryptoError.self) { try opened(performed, info: SealInfo.recipientForShipping) }
    }

    @Test func aRecipientThatThePlatformHasEncryptedIsDecrypted() async throws {
        try scene.channel("C-1", .pinduoduo, merchant: "M-1")
        let rows = [(5, "n", "张三"), (6, "p", "13800000000"), (8, "a", "广东省深圳市南山区科技园1号")].map { kind, cipher, text in
            #"{"data_tag":"sn","encrypted_data":"\#(cipher)","data_type":\#(kind),"decrypted_data":"\#(text)","error_code":0}"#
        }
        scene.partner.on(
            Self.decrypt, #"{"open_decrypt_batch_response":{"data_decrypt_list":[\#(rows.joined(separator: ","))]}}"#)
        let contents = try LabelContents.decode(try opened(await perform(try effect(ConnectorScene.encryptedRecipient.json))))
        #expect(contents.recipient == Self.recipient)
    }

    @Test func aPlatformsLabelIsPassedOnByteForByte() async throws {
        var effect = try effect(Self.recipient.json)
        effect.recipientSealed = nil
        effect.label = PlatformLabel(template: "https://template", data: #"{"encryptedData":"x\/y","ver":"11"}"#)
        let contents = try PlatformLabelContents.decode(try opened(await perform(effect)))
        #expect(contents.platform == "pinduoduo" && contents.printData == #"{"encryptedData":"x\/y","ver":"11"}"#)
        #expect(contents.template == "https://template")
    }

    @Test(arguments: [0, 1] as [UInt8]) func aKeyThatIsNoPointIsNamed(first: UInt8) async throws {
        var effect = try effect(Self.recipient.json)
        effect.publicKey = Base64.encode([first] + [UInt8](repeating: 0, count: 31))
        let refusal = await refusal(effect)
        #expect(refusal?.code == .invalid && refusal?.field == "publicKey")
    }

    @Test func whatCannotBeOpenedIsNotFoundAndNotQuoted() async throws {
        let foreign = await refusal(try effect(Self.recipient.json, order: "O-2"))
        #expect(foreign?.code == .notFound && foreign?.field == "recipient")
        let broken = await refusal(try effect(Array(#"{"name":"张三"}"#.utf8)))
        #expect(broken?.code == .notFound && broken?.message.contains("张三") == false)
    }

    @Test func aPersonIsToldSoonWhatIsMissing() async throws {
        // Nobody waits for a consent at a print dialog.
        #expect(await refusal(try effect(ConnectorScene.encryptedRecipient.json))?.code == .notAuthorized)
        try scene.channel("C-1", .pinduoduo, merchant: "M-1")
        for _ in 0..<2 { scene.partner.next(Self.decrypt, ScriptedPartner.pinduoduoError(21_002, "解密额度已用完")) }
        let effect = try effect(ConnectorScene.encryptedRecipient.json)
        #expect(await perform(effect).retry?.reason == "quota-exhausted")
        #expect(await refusal(effect, Self.late)?.code == .partnerRejected)
    }
}
