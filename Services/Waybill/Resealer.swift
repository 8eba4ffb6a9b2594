import Contracts
import JSON
import Runtime
import StateMachines

/// Opens recipients of warehouse allocations and seals them for shipping, one at a time and in memory only.
struct Resealer: Sendable {
    let vault: Vault
    let decryptor: any RecipientDecryptor

    func perform(_ effect: Resealing) async -> Performed<Sealed> {
        do throws(EffectRetry) {
            return .answer(try seal(try await recipient(effect), effect))
        } catch {
            return .again(error)
        }
    }

    private func recipient(_ effect: Resealing) async throws(EffectRetry) -> Recipient {
        let plaintext: [UInt8]
        do {
            plaintext = try vault.open(try effect.recipientSealed.value, info: SealInfo.recipient, aad: effect.orderId)
        } catch {
            throw EffectRetry("unreadable-recipient", "the recipient of \(effect.allocationId) cannot be opened: \(error)")
        }
        if let encrypted = try? EncryptedRecipient.decode(plaintext) { return try await decryptor.decrypt(encrypted, of: effect) }
        // What a reader of JSON says may quote what it read.
        guard let recipient = try? Recipient.decode(plaintext) else {
            throw EffectRetry(
                "unreadable-recipient", "what is sealed of \(effect.allocationId) is no recipient; change the order's address")
        }
        return recipient
    }

    private func seal(_ recipient: Recipient, _ effect: Resealing) throws(EffectRetry) -> Sealed {
        do {
            return try vault.seal(
                recipient.json, for: .shipping, .recipient, info: SealInfo.recipientForShipping, aad: effect.allocationId)
        } catch {
            throw EffectRetry("no-key", "\(error)")
        }
    }
}
