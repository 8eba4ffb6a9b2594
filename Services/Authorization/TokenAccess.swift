import Contracts
import Credentials
import Crypto
import JSON
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// The means of every call about tokens: the applications' secrets, and tokens that are kept encrypted.
struct TokenAccess: Sendable {
    let environment: PartnerEnvironment

    /// The secret of an application: the seller's own as he has sealed it, or the platform's.
    /// - Parameter account: the commands' key, which the seal is bound to.
    /// - Throws: `EffectRetry` when it cannot be had now: a key or a setting is missing, and a person has to bring it back.
    func secret(_ application: PartnerApplication, _ account: String) throws(EffectRetry) -> String {
        if let sealed = application.appSecretSealed {
            do throws(CryptoError) {
                return String(decoding: try environment.vault.open(sealed, info: SealInfo.appSecret, aad: account), as: UTF8.self)
            } catch { throw EffectRetry("secret-unreadable", "the application's secret of \(account): \(error)") }
        }
        return try platformApplication(account).appSecret
    }

    /// The key that goes with it. A channel that needs none of its owner's names none.
    func appKey(_ application: PartnerApplication, _ account: String) throws(EffectRetry) -> String {
        application.appKey.isEmpty ? try platformApplication(account).appKey : application.appKey
    }

    private func platformApplication(_ account: String) throws(EffectRetry) -> PartnerSettings.Application {
        let isJD = account.hasPrefix(Provider.jdFulfillment.rawValue + ":")
        guard let own = isJD ? environment.partners.jd : environment.partners.pinduoduo else {
            let name = isJD ? "JD" : "PINDUODUO"
            throw EffectRetry("no-application", "set DAIFA_PARTNER_\(name)_APP_KEY and DAIFA_PARTNER_\(name)_APP_SECRET_FILE again")
        }
        return own
    }

    /// Encrypts what the partner gave, for this service's store.
    func protect(_ grant: TokenGrant, _ account: String, _ authorizationId: String) throws(EffectRetry) -> ProtectedTokens {
        let aad = ProtectedTokens.aad(account, authorizationId)
        do throws(CryptoError) {
            var tokens = ProtectedTokens()
            tokens.access = try environment.vault.protect(grant.accessToken, aad: aad)
            if let refresh = grant.refreshToken { tokens.refresh = try environment.vault.protect(refresh, aad: aad) }
            tokens.expiresAt = grant.expiresAt
            tokens.refreshExpiresAt = grant.refreshExpiresAt
            tokens.ownerId = grant.ownerId
            tokens.messageSubscription = grant.messageSubscription
            return tokens
        } catch { throw EffectRetry("encryption", "\(error)", mayHaveRun: true) }
    }

    func reveal(_ token: String, _ account: String, _ authorizationId: String) throws(EffectRetry) -> String {
        do throws(CryptoError) {
            return try environment.vault.reveal(token, aad: ProtectedTokens.aad(account, authorizationId))
        } catch { throw EffectRetry("token-unreadable", "the token of \(authorizationId): \(error)") }
    }

    // MARK: Outcomes of exchanges and refreshes

    /// Exchanges a code. It works once: refused after an attempt without an answer, it was spent by that one.
    func exchange(
        _ account: String, _ authorizationId: String, _ attempt: EffectAttempt, _ call: () async throws -> TokenGrant
    ) async -> Performed<TokenReply> {
        do {
            return .answer(.tokens(try protect(try await call(), account, authorizationId)))
        } catch let retry as EffectRetry {
            return .again(retry)
        } catch let error as PartnerError {
            guard error.kind == .rejected || error.kind == .tokenInvalid else {
                guard !hasEnded(attempt) else {
                    return .answer(.failed(.exchangeLost, "the partner gave no answer while the code was good; begin again"))
                }
                return .again(EffectRetry(error, changes: true))
            }
            if Self.wantsOrder(error) { return .answer(.failed(.applicationNotOrdered, error.message)) }
            return .answer(
                attempt.mayHaveRun
                    ? .failed(.exchangeLost, "an answer of the partner's was lost, and the code works once; begin again")
                    : .failed(.partnerRejected, error.message))
        } catch { return .again(EffectRetry("failed", "\(type(of: error))", mayHaveRun: true)) }
    }

    /// Newer tokens; a partner that is away is asked again while the refresh token lives.
    func refresh(
        _ account: String, _ authorizationId: String, _ expiresAt: Timestamp?, _ call: () async throws -> TokenGrant
    ) async -> Performed<TokenReply> {
        do {
            return .answer(.tokens(try protect(try await call(), account, authorizationId)))
        } catch let retry as EffectRetry {
            return .again(retry)
        } catch let error as PartnerError {
            let isFinal = (error.kind == .rejected && !error.isAboutApplication) || error.kind == .tokenInvalid
            if isFinal { return .answer(.failed(.partnerRejected, error.message)) }
            let time = environment.clock.read()
            if let expiresAt, expiresAt <= time.now, time.isSteady {
                return .answer(.failed(.partnerRejected, "the refresh token has ended while the partner gave no answer"))
            }
            return .again(EffectRetry(error))
        } catch { return .again(EffectRetry("failed", "\(type(of: error))")) }
    }

    /// Milliseconds for which a code is tried: partners' codes live for ten minutes at most.
    private static let codeLife = 600_000

    private func hasEnded(_ attempt: EffectAttempt) -> Bool {
        let time = environment.clock.read()
        return time.isSteady && time.now.milliseconds - attempt.due.milliseconds > Self.codeLife
    }

    /// The application may not be used for this shop: it was not ordered. JOS code 24, Pinduoduo code 20031 (no authorization for the API); that
    /// a reason which speaks of ordering (订购) means it too is inferred.
    static func wantsOrder(_ error: PartnerError) -> Bool {
        let code = error.code?.split(separator: "/").first.map(String.init)
        switch (error.partner, code) {
        case ("jd", "24"), ("pinduoduo", "20031"): return true
        default: return error.message.contains("订购")
        }
    }
}
