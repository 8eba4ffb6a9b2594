import Contracts
import Runtime
import StateMachines

/// Decrypts what a platform has encrypted.
protocol RecipientDecryptor: Sendable {
    func decrypt(_ recipient: EncryptedRecipient, of source: RecipientSource) async throws(RecipientFailure) -> Recipient
}

/// Why a recipient cannot be had.
enum RecipientFailure: Error {
    /// Not now.
    case again(EffectRetry)
    /// Not ever, as its platform decides: a person has to see it.
    case refused(PartnerRefusal)
    /// Not ever, in a sentence: what is sealed is none.
    case unreadable(String)
}
