import Contracts
import JSON
import Machines
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Carries out what accounts at JD ask for.
struct AccountCalls: Sendable {
    private let access: TokenAccess
    private let clients: JDClients
    private let sealer: CredentialSealer
    private let deadline: RetryDeadline

    init(_ access: TokenAccess) {
        self.access = access
        clients = access.environment.jd()
        sealer = CredentialSealer(access: access)
        deadline = RetryDeadline(access.environment)
    }

    func exchange(_ effect: ExchangeCode, _ attempt: EffectAttempt) async -> Performed<TokenReply> {
        await access.exchange(effect.account, effect.authorizationId, attempt) {
            let secret = try access.secret(effect.application, effect.account)
            return try await oauth(effect.api, effect.application, secret).exchange(code: effect.code)
        }
    }

    func refresh(_ effect: RefreshToken) async -> Performed<TokenReply> {
        await access.refresh(effect.account, effect.authorizationId, effect.refreshExpiresAt) {
            let secret = try access.secret(effect.application, effect.account)
            let token = try access.reveal(effect.refreshToken, effect.account, effect.authorizationId)
            return try await oauth(effect.api, effect.application, secret).refresh(token)
        }
    }

    func verify(_ effect: VerifyCodes, _ attempt: EffectAttempt) async -> Performed<CodesReply> {
        do {
            let credential = JDCredential(
                appKey: effect.application.appKey, appSecret: try access.secret(effect.application, effect.account),
                accessToken: try access.reveal(effect.accessToken, effect.account, effect.authorizationId))
            let link = JDLink(pin: effect.pin, departmentCode: effect.departmentCode, warehouseCode: effect.warehouseCode)
            switch try await clients.outbound(api(effect.api), credential, link).checkCodes() {
            case .known: return .answer(.known)
            case .departmentUnknown:
                return .answer(.failed(.departmentUnknown, "JD knows no department \(effect.departmentCode) under this PIN"))
            case .warehouseUnknown:
                return .answer(
                    .failed(.warehouseUnknown, "JD knows no warehouse \(effect.warehouseCode) of department \(effect.departmentCode)"))
            }
        } catch let retry as EffectRetry {
            return .again(retry)
        } catch let error as PartnerError {
            guard error.kind == .rejected || error.kind == .tokenInvalid else {
                guard !deadline.isOver(after: attempt) else {
                    return .answer(.failed(.partnerRejected, "JD did not say whether the codes are right; begin again: \(error.message)"))
                }
                return .again(EffectRetry(error))
            }
            return .answer(.failed(Self.reason(error), error.message))
        } catch { return .again(EffectRetry("failed", "\(type(of: error))")) }
    }

    /// JOS code 71: an id that is not this merchant's. Only the department's is asked about by itself.
    private static func reason(_ error: PartnerError) -> ConsentFailure {
        if TokenAccess.wantsOrder(error) { return .applicationNotOrdered }
        return error.code == "71" ? .departmentUnknown : .partnerRejected
    }

    func seal(_ effect: SealCredential) async -> Performed<Sealed> {
        sealer.seal(
            effect.application, effect.accessToken, account: effect.account, effect.authorizationId, for: effect.service,
            version: effect.version)
    }

    private func oauth(_ api: WarehouseAPI, _ application: PartnerApplication, _ secret: String) -> JDOAuth {
        clients.oauth(self.api(api), appKey: application.appKey, appSecret: secret)
    }

    private func api(_ api: WarehouseAPI) -> JDAPI {
        switch api {
        case .eclp: .eclp
        case .isc: .isc
        }
    }
}
