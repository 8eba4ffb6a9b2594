import Contracts
import PartnerEffects
import Runtime
import StateMachines

/// How long a number is told again and again before a person has to see that it is not there.
struct UploadPatience: Sendable {
    /// From when it was to be told first.
    let seconds: Int
    /// Whatever the clock says: a service that was away for long tries a few times.
    static let leastAttempts = 3

    /// Again; or, when it has lasted too long, a failure.
    func performed(_ retry: EffectRetry, _ attempt: EffectAttempt, now: Timestamp) -> Performed<UploadOutcome> {
        let isOver = now.milliseconds - attempt.due.milliseconds > seconds * 1000 && attempt.number + 1 >= Self.leastAttempts
        guard isOver else { return .again(retry) }
        return .answer(
            .failed(UploadOutcome.Failure(retry.awaitsConsent ? .notAuthorized : .partnerUnavailable, retry.detail)))
    }
}
