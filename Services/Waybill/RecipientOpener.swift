import Contracts
import Credentials
import Crypto
import JSON
import PartnerEffects
import Runtime
import StateMachines

/// A recipient that is sealed for waybill, and what is known in clear to decrypt one that its platform has encrypted.
struct RecipientSource: Sendable {
    var orderId: String
    var allocationId: String
    var merchantShopId: String
    var channelId: String?
    var area: Area
    var recipientSealed: Verbatim<Sealed>

    init(_ effect: Resealing) {
        orderId = effect.orderId
        allocationId = effect.allocationId
        merchantShopId = effect.merchantShopId
        channelId = effect.channelId
        area = effect.area
        recipientSealed = effect.recipientSealed
    }

    /// nil: the platform has made the label.
    init?(_ effect: LabelOpening) {
        guard let sealed = effect.recipientSealed, let area = effect.area else { return nil }
        orderId = effect.orderId
        allocationId = effect.allocationId
        merchantShopId = effect.merchantShopId
        channelId = effect.channelId
        self.area = area
        recipientSealed = sealed
    }
}

/// Opens recipients, one at a time and in memory only.
struct RecipientOpener: Sendable {
    let vault: Vault
    let decryptor: any RecipientDecryptor

    func recipient(_ source: RecipientSource) async throws(RecipientFailure) -> Recipient {
        let plaintext: [UInt8]
        do {
            plaintext = try vault.open(try source.recipientSealed.value, info: SealInfo.recipient, aad: source.orderId)
        } catch let error as CryptoError where error.kind == .file || error.kind == .unknownKey {
            // A key that was lost may come back: an operator has its file, or another replica.
            throw .again(EffectRetry("no-key", "the recipient of \(source.allocationId) cannot be opened: \(error)"))
        } catch {
            throw .unreadable("the recipient cannot be opened: it is not sealed for waybill and this order")
        }
        if let encrypted = try? EncryptedRecipient.decode(plaintext) { return try await decryptor.decrypt(encrypted, of: source) }
        // The error of a JSON reader may quote the plaintext, so it is not passed on.
        guard let recipient = try? Recipient.decode(plaintext) else {
            throw .unreadable("what is sealed is no recipient: name, phone and address are expected")
        }
        return recipient
    }
}
