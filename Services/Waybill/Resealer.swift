import Contracts
import Credentials
import Crypto
import JSON
import PartnerEffects
import Runtime
import StateMachines
import Threads

/// Opens recipients of warehouse allocations and seals them for shipping, one at a time and in memory only.
struct Resealer: Sendable {
    let vault: Vault
    let decryptor: any RecipientDecryptor
    let deadline: RetryDeadline

    func perform(_ effect: Resealing, _ attempt: EffectAttempt) async -> Performed<Resealing.Outcome> {
        // Before anything is decrypted, which is counted by the day.
        guard vault.hasKey(of: .shipping, .recipient) else {
            return .again(EffectRetry("no-key", "shipping has announced no key for recipients yet; start it"))
        }
        do throws(RecipientFailure) {
            return .answer(.sealed(try seal(try await recipient(effect), effect)))
        } catch {
            switch error {
            // A quota comes back, and an operator mends what is his; consent a person has to be told of.
            case .again(let retry) where retry.awaitsConsent && deadline.isOver(after: attempt):
                return .answer(.refused(PartnerRefusal(reason: "the recipient cannot be decrypted: \(retry.detail)")))
            case .again(let retry): return .again(retry)
            case .refused(let refusal): return .answer(.refused(refusal))
            }
        }
    }

    private func recipient(_ effect: Resealing) async throws(RecipientFailure) -> Recipient {
        let plaintext: [UInt8]
        do {
            plaintext = try vault.open(try effect.recipientSealed.value, info: SealInfo.recipient, aad: effect.orderId)
        } catch let error as CryptoError where error.kind == .file || error.kind == .unknownKey {
            // A key that was lost may come back: an operator has its file, or another replica.
            throw .again(EffectRetry("no-key", "the recipient of \(effect.allocationId) cannot be opened: \(error)"))
        } catch {
            throw .refused(PartnerRefusal(reason: "the recipient cannot be opened: it is not sealed for waybill and this order"))
        }
        if let encrypted = try? EncryptedRecipient.decode(plaintext) { return try await decryptor.decrypt(encrypted, of: effect) }
        // The error of a JSON reader may quote the plaintext, so it is not passed on.
        guard let recipient = try? Recipient.decode(plaintext) else {
            throw .refused(PartnerRefusal(reason: "what is sealed is no recipient: name, phone and address are expected"))
        }
        return recipient
    }

    private func seal(_ recipient: Recipient, _ effect: Resealing) throws(RecipientFailure) -> Sealed {
        do {
            return try vault.seal(
                recipient.json, for: .shipping, .recipient, info: SealInfo.recipientForShipping, aad: effect.allocationId)
        } catch {
            throw .again(EffectRetry("no-key", "\(error)"))
        }
    }
}
