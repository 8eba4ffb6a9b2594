public import Partners
public import Runtime

/// Asks a partner whether an attempt without an answer has done what it should: several times, because the partner may need a while to know.
///
/// Each question is an attempt of the effect by itself, so that the pauses between them take up none of the calls that the partner may be
/// sent at a time. How far it has come is in `EffectAttempt.asked`: 0, not begun; up to the count of pauses, the number of the question
/// that is due; beyond it, that of a second round, after the partner refused what was sent again.
public struct Asking: Sendable {
    /// Seconds before each question.
    private let pauses: [Double]

    public init(_ environment: ServiceEnvironment) { self.init(pauses: environment.partners.askPauses) }

    init(pauses: [Double]) { self.pauses = pauses }

    /// What a question tells that the partner refuses for good.
    public enum Refused: Sendable {
        /// Nothing: it is asked again, and an operator sees it in the metrics. Where a second one would be one too many.
        case isOpen
        /// As much as one that found nothing. Where the partner keeps a second one apart, or the question is not its own.
        case isNo
    }

    /// The question that is due.
    /// - Parameter refused: what an operator has to mend is waited for in any case.
    /// - Returns: nil when it was the last one and the answer is no: what is missing may be sent.
    /// - Throws: the next question, after its pause; why this one had no answer.
    public func ask<Found>(
        _ attempt: EffectAttempt, _ credential: ServiceEnvironment.LoadedCredential, refused: Refused = .isOpen,
        _ question: () async throws(PartnerError) -> Found?
    ) async throws(EffectRetry) -> Found? {
        guard attempt.asked > 0 else { throw next(1) }
        do throws(PartnerError) {
            if let found = try await question() { return found }
        } catch {
            if refused == .isNo, error.kind == .rejected, !error.isAboutApplication { return try advance(attempt) }
            var retry = EffectRetry(error, credential)
            // What was to be found out is still open.
            retry.mayHaveRun = true
            retry.asked = attempt.asked
            throw retry
        }
        return try advance(attempt)
    }

    /// nil after the last question of a round.
    private func advance<Found>(_ attempt: EffectAttempt) throws(EffectRetry) -> Found? {
        guard attempt.asked % pauses.count == 0 else { throw next(attempt.asked + 1) }
        return nil
    }

    /// What a call that changes something comes to when it did not do what it should.
    /// - Parameter attempt: the one that made the call.
    /// - Throws: the first question when the outcome is open; else why it is made again.
    /// - Returns: when the partner refused it, and no earlier attempt can have done it after all: the refusal is to be believed.
    public func failed(
        _ error: PartnerError, _ attempt: EffectAttempt, _ credential: ServiceEnvironment.LoadedCredential
    ) throws(EffectRetry) {
        switch error.kind {
        case .rejected:
            // Without our own checks' field it may be the partner's answer to what it has already.
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
