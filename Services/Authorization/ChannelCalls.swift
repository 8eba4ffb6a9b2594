import Contracts
import Credentials
import JSON
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Carries out what channels ask for about their tokens.
struct ChannelCalls: Sendable {
    private let access: TokenAccess
    private let sealer: CredentialSealer

    init(_ access: TokenAccess) {
        self.access = access
        sealer = CredentialSealer(access: access)
    }

    func exchange(_ effect: ExchangeChannelCode, _ attempt: EffectAttempt) async -> Performed<TokenReply> {
        await access.exchange(effect.aggregate, effect.authorizationId, attempt) { try await gateway().exchange(code: effect.code) }
    }

    func refresh(_ effect: RefreshChannelToken) async -> Performed<TokenReply> {
        await access.refresh(effect.aggregate, effect.authorizationId, effect.refreshExpiresAt) {
            let token = try access.reveal(effect.refreshToken, effect.aggregate, effect.authorizationId)
            return try await gateway().refresh(refreshToken: token)
        }
    }

    func seal(_ effect: SealChannelCredential) async -> Performed<Sealed> {
        sealer.seal(
            effect.application, effect.accessToken, account: effect.aggregate, effect.authorizationId, for: effect.service,
            version: effect.version)
    }

    private func gateway() throws(EffectRetry) -> PinduoduoGateway {
        guard let gateway = access.environment.pinduoduo() else {
            throw EffectRetry(
                "no-application", "set DAIFA_PARTNER_PINDUODUO_APP_KEY and DAIFA_PARTNER_PINDUODUO_APP_SECRET_FILE again")
        }
        return gateway
    }
}

/// Seals what a service needs to call a partner, for that service alone.
struct CredentialSealer: Sendable {
    let access: TokenAccess
    /// Seconds until a service that has announced no key is looked for again.
    private static let keyPause = 2.0

    func seal(
        _ application: PartnerApplication, _ token: String?, account: String, _ authorizationId: String, for service: ServiceName,
        version: Int
    ) -> Performed<Sealed> {
        do {
            let credential = Credential(
                appKey: try access.appKey(application, account), appSecret: try access.secret(application, account),
                accessToken: try token.map { (token) throws(EffectRetry) in try access.reveal(token, account, authorizationId) })
            return .answer(
                try access.environment.vault.seal(
                    credential.json, for: service, .credential, info: SealInfo.credential,
                    aad: CredentialRow.aad(authorizationId, service, version: version)))
        } catch let retry as EffectRetry {
            return .again(retry)
        } catch let error as Vault.NoKey {
            return .again(EffectRetry("no-key", "\(error)", after: Self.keyPause))
        } catch { return .again(EffectRetry("sealing", "\(error)")) }
    }
}
