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

/// Recipients on their way from waybill to shipping.
struct ResealerTests {
    private static let deadline = 3600
    private static let late = EffectAttempt.attempt(5, age: deadline + 1)

    /// Waybill, with a key that shipping has announced.
    private static func scene() throws -> ConnectorScene {
        let scene = try ConnectorScene(.waybill)
        let row = KeyRow(
            service: .shipping, keyId: "k-1", purpose: .recipient, publicKey: Base64.encode(try HPKE.generateKeyPair().publicKey),
            version: 0)
        scene.put(row)
        return scene
    }

    private static func effect(_ scene: ConnectorScene, _ plaintext: [UInt8], order: String = "O-1") throws -> Resealing {
        var effect = Resealing()
        effect.orderId = order
        effect.allocationId = "\(order)/1"
        effect.merchantShopId = "M-1"
        effect.area = Area(province: "广东省", city: "深圳市", district: "南山区")
        effect.recipientSealed = Verbatim(
            try scene.environment.vault.seal(plaintext, for: .waybill, .recipient, info: SealInfo.recipient, aad: "O-1"))
        return effect
    }

    private static func perform(
        _ scene: ConnectorScene, _ effect: Resealing, _ attempt: EffectAttempt = .attempt()
    ) async -> Performed<Resealing.Outcome> {
        let decryptor = PinduoduoDecryptor(access: ChannelAccess(scene.environment), tables: scene.environment.tables)
        return await Resealer(
            opener: RecipientOpener(vault: scene.environment.vault, decryptor: decryptor),
            deadline: RetryDeadline(seconds: deadline, clock: scene.environment.clock)
        )
        .perform(effect, attempt)
    }

    private static func refusal(_ performed: Performed<Resealing.Outcome>) -> PartnerRefusal? {
        if case .refused(let refusal)? = performed.answer { refusal } else { nil }
    }

    @Test func withoutShippingsKeyItWaits() async throws {
        let scene = try ConnectorScene(.waybill)
        #expect(
            await Self.perform(scene, try Self.effect(scene, ConnectorScene.encryptedRecipient.json), Self.late).retry?.reason == "no-key")
        #expect(scene.partner.calls().isEmpty)
    }

    @Test func whatIsSealedForAnotherOrderIsRefused() async throws {
        let scene = try Self.scene()
        let refusal = try #require(
            Self.refusal(await Self.perform(scene, try Self.effect(scene, ConnectorScene.encryptedRecipient.json, order: "O-2"))))
        #expect(refusal.reason.contains("not sealed for waybill and this order"))
    }

    @Test func whatIsNoRecipientIsRefusedAndNotQuoted() async throws {
        let scene = try Self.scene()
        let refusal = try #require(Self.refusal(await Self.perform(scene, try Self.effect(scene, Array("{\"name\":\"张三\"}".utf8)))))
        #expect(refusal.reason.contains("no recipient") && !refusal.reason.contains("张三"))
    }

    @Test func consentIsWaitedForUntilAPersonHasToSeeIt() async throws {
        let scene = try Self.scene()
        let effect = try Self.effect(scene, ConnectorScene.encryptedRecipient.json)
        #expect(await Self.perform(scene, effect).retry?.reason == "no-channel")
        scene.clocks.pass(Double(Self.deadline))
        #expect(await Self.perform(scene, effect, .attempt(5)).retry?.reason == "no-channel")
        scene.clocks.pass(1)
        let refusal = try #require(Self.refusal(await Self.perform(scene, effect, .attempt(5))))
        #expect(refusal.reason.contains("merchant M-1 has no channel at Pinduoduo"))
        try scene.channel("C-1", .pinduoduo, merchant: "M-1", state: .suspended)
        #expect(await Self.perform(scene, effect).retry?.reason == "suspended")
        #expect(Self.refusal(await Self.perform(scene, effect, Self.late)) != nil)
        #expect(scene.partner.calls().isEmpty)
    }

    @Test func aQuotaIsWaitedForHoweverLong() async throws {
        let scene = try Self.scene()
        try scene.channel("C-1", .pinduoduo, merchant: "M-1")
        scene.partner.next("pdd.open.decrypt.batch", ScriptedPartner.pinduoduoError(21_002, "解密额度已用完"))
        #expect(
            await Self.perform(scene, try Self.effect(scene, ConnectorScene.encryptedRecipient.json), Self.late).retry?.reason
                == "quota-exhausted")
    }
}
