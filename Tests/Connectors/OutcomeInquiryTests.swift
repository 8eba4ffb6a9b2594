import Contracts
import Credentials
import PartnerEffects
import Partners
import Runtime
import Testing

@testable import PartnerEffects

/// Asking whether an attempt without an answer has done what it should.
@Suite struct OutcomeInquiryTests {
    private static let credential = LoadedCredential(
        authorizationId: "a", service: .shipping, provider: "test", account: "a", version: 1,
        credential: Credential(appKey: "", appSecret: "", accessToken: nil))
    private let inquiry = OutcomeInquiry(pauses: [1, 3, 9])

    private func ask(
        _ asked: Int, _ answer: Result<String?, PartnerError>, refused: OutcomeInquiry.Refused = .isOpen
    ) async throws(EffectRetry) -> String? {
        try await inquiry.ask(.attempt(mayHaveRun: true, asked: asked), Self.credential, refused: refused) { () throws(PartnerError) in
            try answer.get()
        }
    }

    private func failed(_ kind: PartnerError.Kind, _ attempt: EffectAttempt, field: String? = nil) -> EffectRetry? {
        do throws(EffectRetry) {
            try inquiry.failed(Self.error(kind, field: field), attempt, Self.credential)
            return nil
        } catch { return error }
    }

    private static func error(_ kind: PartnerError.Kind, field: String? = nil) -> PartnerError {
        PartnerError(kind, partner: "jd", operation: "create", field: field, message: "no")
    }

    @Test
    func eachQuestionWaitsForItsPauseAndHoldsNothingMeanwhile() async throws {
        for (asked, pause, next) in [(0, 1.0, 1), (1, 3.0, 2), (2, 9.0, 3), (4, 3.0, 5), (5, 9.0, 6)] {
            let retry = await #expect(throws: EffectRetry.self) { try await ask(asked, .success(nil)) }
            #expect(retry?.after == pause && retry?.asked == next && retry?.mayHaveRun == true)
        }
        // The last of a round: what is missing may be sent.
        for asked in [3, 6] { #expect(try await ask(asked, .success(nil)) == nil) }
    }

    @Test(arguments: 1...6)
    func whatIsFoundIsFoundByWhicheverQuestion(_ asked: Int) async throws { #expect(try await ask(asked, .success("ESL1")) == "ESL1") }

    @Test func beforeTheFirstPauseNothingIsAsked() async throws {
        await #expect(throws: EffectRetry.self) { try await ask(0, .success("ESL1")) }
    }

    @Test(arguments: [PartnerError.Kind.outcomeOpen, .unavailable])
    func aQuestionWithoutAnAnswerIsAskedAgainAndNoneIsSkipped(_ kind: PartnerError.Kind) async throws {
        let retry = await #expect(throws: EffectRetry.self) { try await ask(2, .failure(Self.error(kind))) }
        #expect(retry?.asked == 2 && retry?.mayHaveRun == true && retry?.reason == kind.rawValue)
    }

    @Test
    func aQuestionThatIsRefusedForGoodMeansWhatItsCallerSays() async throws {
        for asked in [3, 6] {
            let open = await #expect(throws: EffectRetry.self) { try await ask(asked, .failure(Self.error(.rejected))) }
            #expect(open?.asked == asked && open?.mayHaveRun == true && open?.reason == "rejected")
        }
        let retry = await #expect(throws: EffectRetry.self) { try await ask(2, .failure(Self.error(.rejected)), refused: .isNo) }
        #expect(retry?.asked == 3 && retry?.mayHaveRun == true)
        #expect(try await ask(3, .failure(Self.error(.rejected)), refused: .isNo) == nil)
        let permission = PartnerError(.rejected, partner: "jd", operation: "find", code: "24", message: "no")
        let waits = await #expect(throws: EffectRetry.self) { try await ask(3, .failure(permission), refused: .isNo) }
        #expect(waits?.asked == 3 && waits?.mayHaveRun == true)
    }

    @Test func afterAnOpenOutcomeItIsAskedFromTheFirstQuestionOn() throws {
        for asked in [0, 3, 6] {
            let retry = try #require(failed(.outcomeOpen, .attempt(mayHaveRun: asked > 0, asked: asked)))
            #expect(retry.asked == 1 && retry.after == 1 && retry.mayHaveRun && retry.reason == "outcome-open")
        }
    }

    @Test
    func aRefusalIsBelievedAtOnceUnlessAnEarlierAttemptMayHaveCausedIt() throws {
        #expect(failed(.rejected, .attempt()) == nil)
        let again = try #require(failed(.rejected, .attempt(mayHaveRun: true, asked: 3)))
        #expect(again.asked == 4 && again.after == 1)
        #expect(failed(.rejected, .attempt(mayHaveRun: true, asked: 6)) == nil)
        // Our own checks say no before the partner hears of it.
        #expect(failed(.rejected, .attempt(mayHaveRun: true, asked: 3), field: "shopNo") == nil)
    }

    @Test(arguments: [PartnerError.Kind.throttled, .unavailable])
    func whatCertainlyDidNothingIsMadeAgainAfterOneMoreQuestion(_ kind: PartnerError.Kind) throws {
        let retry = try #require(failed(kind, .attempt(mayHaveRun: true, asked: 3)))
        #expect(retry.asked == 3 && retry.reason == kind.rawValue)
    }
}
