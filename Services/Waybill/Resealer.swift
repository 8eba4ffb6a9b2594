import Contracts
import Credentials
import JSON
import PartnerEffects
import Runtime
import StateMachines
import Threads

/// Opens recipients of warehouse allocations and seals them for shipping, one at a time and in memory only.
struct Resealer: Sendable {
    let opener: RecipientOpener
    let deadline: RetryDeadline

    func perform(_ effect: Resealing, _ attempt: EffectAttempt) async -> Performed<Resealing.Outcome> {
        // Before anything is decrypted, which is counted by the day.
        guard opener.vault.hasKey(of: .shipping, .recipient) else {
            return .again(EffectRetry("no-key", "shipping has announced no key for recipients yet; start it"))
        }
        do throws(RecipientFailure) {
            return .answer(.sealed(try seal(try await opener.recipient(RecipientSource(effect)), effect)))
        } catch {
            switch error {
            // A quota comes back, and an operator mends what is his; consent a person has to be told of.
            case .again(let retry) where retry.awaitsConsent && deadline.isOver(after: attempt):
                return .answer(.refused(PartnerRefusal(reason: "the recipient cannot be decrypted: \(retry.detail)")))
            case .again(let retry): return .again(retry)
            case .refused(let refusal): return .answer(.refused(refusal))
            case .unreadable(let reason): return .answer(.refused(PartnerRefusal(reason: reason)))
            }
        }
    }

    private func seal(_ recipient: Recipient, _ effect: Resealing) throws(RecipientFailure) -> Sealed {
        do {
            return try opener.vault.seal(
                recipient.json, for: .shipping, .recipient, info: SealInfo.recipientForShipping, aad: effect.allocationId)
        } catch {
            throw .again(EffectRetry("no-key", "\(error)"))
        }
    }
}
