import Contracts
import PartnerEffects
import Runtime
import StateMachines
import Threads

extension Performed<UploadOutcome> {
    /// Again; or, when it has lasted too long, a failure that a person sees.
    static func again(_ retry: EffectRetry, after attempt: EffectAttempt, _ deadline: RetryDeadline) -> Performed {
        guard deadline.isOver(after: attempt) else { return .again(retry) }
        return .answer(.failed(UploadOutcome.Failure(retry.awaitsConsent ? .notAuthorized : .partnerUnavailable, retry.detail)))
    }
}
