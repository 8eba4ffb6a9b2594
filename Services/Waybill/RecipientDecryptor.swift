import Contracts
import Runtime
import StateMachines

/// Decrypts what a platform has encrypted.
protocol RecipientDecryptor: Sendable {
    func decrypt(_ recipient: EncryptedRecipient, of effect: Resealing) async throws(RecipientFailure) -> Recipient
}

/// Why a recipient cannot be had.
enum RecipientFailure: Error {
    /// Not now.
    case again(EffectRetry)
    /// Not ever: a person has to see it.
    case refused(PartnerRefusal)
}
