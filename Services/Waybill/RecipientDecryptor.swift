import Contracts
import Runtime
import StateMachines

/// Decrypts what a platform has encrypted.
protocol RecipientDecryptor: Sendable {
    /// - Throws: why it has to be tried again.
    func decrypt(_ recipient: EncryptedRecipient, of effect: Resealing) async throws(EffectRetry) -> Recipient
}
