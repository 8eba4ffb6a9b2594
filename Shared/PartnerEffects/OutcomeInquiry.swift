public import Credentials
public import Partners
public import Runtime

/// Asks a partner whether an attempt without an answer has done what it should: several times, because the partner may need a while to know.
///
/// Each question is an attempt of the effect by itself, so that the pauses between them take up none of the calls that the partner may be
/// sent at a time. How far it has come is in `EffectAttempt.asked`: 0, not begun; up to the count of pauses, the number of the question
/// that is due; beyond it, that of a second round, after the partner refused what was sent again.
public struct OutcomeInquiry: Sendable {
    /// Seconds before each question.
    private let pauses: [Double]

    public init(_ environment: PartnerEnvironment) { self.init(pauses: environment.partners.askPauses) }

    init(pauses: [Double]) { self.pauses = pauses }

    /// How to read a question that the partner permanently rejects.
    public enum Refused: Sendable {
        /// The rejection proves nothing: the question is asked again, and an operator sees it in the metrics. For calls that do harm when
        /// they are executed twice.
        case isOpen
        /// The rejection counts as "not executed". For calls that the partner recognises by itself when they come twice, also where it
        /// publishes no such question and may reject the one that is asked.
        case isNo
    }

    /// Asks the question that is due.
    /// - Parameter refused: how a rejection is read; a fault of the application, which an operator has to mend, is waited for in any case.
    /// - Returns: nil when this was the last question and the answer is no: the call may be made.
    /// - Throws: the next question, after its pause; or the reason why this one had no answer.
    public func ask<Found>(
        _ attempt: EffectAttempt, _ credential: LoadedCredential, refused: Refused = .isOpen,
        _ question: () async throws(PartnerError) -> Found?
    ) async throws(EffectRetry) -> Found? {
        guard attempt.asked > 0 else { throw next(1) }
        do throws(PartnerError) {
            if let found = try await question() { return found }
        } catch {
            if refused == .isNo, error.kind == .rejected, !error.isAboutApplication { return try advance(attempt) }
            var retry = EffectRetry(error, credential)
            // The question is still open.
            retry.mayHaveRun = true
            retry.asked = attempt.asked
            throw retry
        }
        return try advance(attempt)
    }

    /// Goes on to the next question of a round; nil after its last one.
    private func advance<Found>(_ attempt: EffectAttempt) throws(EffectRetry) -> Found? {
        guard attempt.asked % pauses.count == 0 else { throw next(attempt.asked + 1) }
        return nil
    }

    /// Decides what follows a failed call that changes something at the partner. Returns normally only if the partner rejected the call
    /// and no earlier attempt can have succeeded: the caller then reports the rejection.
    /// - Parameter attempt: the one that made the call.
    /// - Throws: the first question when the outcome is open; else the reason for which the call is made again.
    public func failed(
        _ error: PartnerError, _ attempt: EffectAttempt, _ credential: LoadedCredential
    ) throws(EffectRetry) {
        switch error.kind {
        case .rejected:
            // A rejection without a field is the partner's, not our own check's: it may mean that the partner has executed the call
            // already.
            if attempt.mayHaveRun, error.field == nil, attempt.asked <= pauses.count { throw next(pauses.count + 1) }
        case .outcomeOpen:
            throw next(1, EffectRetry(error, changes: true, credential))
        case .tokenInvalid, .throttled, .quotaExhausted, .unavailable:
            var retry = EffectRetry(error, changes: true, credential)
            // Nothing was done by this attempt: the last question is asked once more, not all of them.
            retry.asked = attempt.asked
            throw retry
        }
    }

    private func next(_ number: Int, _ why: EffectRetry? = nil) -> EffectRetry {
        EffectRetry(
            why?.reason ?? "asking", why?.detail ?? "the partner is asked whether it has been done",
            after: pauses[(number - 1) % pauses.count], mayHaveRun: true, asked: number)
    }
}
