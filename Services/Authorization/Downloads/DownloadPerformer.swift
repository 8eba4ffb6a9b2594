import Contracts
import Credentials
import JSON
import Machines
import Observability
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Carries out what channels' downloads ask of Pinduoduo.
struct DownloadPerformer: Sendable {
    private let environment: PartnerEnvironment
    /// Rows that were not passed on.
    private let passedOver: Counter

    init(_ environment: PartnerEnvironment) {
        self.environment = environment
        passedOver = environment.metrics.counter(.passedOver)
    }

    func perform(_ effect: DownloadOrders) async -> Performed<DownloadOrders.Answer> {
        await attempt(effect.source) { reader in
            let result = try await reader.read(effect)
            note(result, effect.source, effect.list.rawValue)
            return result.value
        } ended: { error in
            error.kind == .rejected ? .refused(code: error.code, detail: error.message) : nil
        }
    }

    func perform(_ effect: DownloadOrder) async -> Performed<DownloadOrder.Answer> {
        await attempt(effect.source) { reader in
            let result = try await reader.read(effect)
            note(result, effect.source, "order")
            return result.value
        } ended: { error in
            error.kind == .rejected || error.kind == .tokenInvalid ? DownloadOrder.Answer.none : nil
        }
    }

    func perform(_ effect: PermitMessages) async -> Performed<PermitMessages.Answer> {
        await attempt(effect.source) { reader in
            try await reader.gateway.permitMessages(token: reader.token)
            return .done
        } ended: { error in
            if error.kind == .rejected {
                environment.logger.warning(
                    "the platform will not send messages; orders come with the lists alone",
                    ["channel": effect.source.channelId, "reason": error.description])
            }
            return error.kind == .rejected ? .refused : error.kind == .tokenInvalid ? .tokenRefused : nil
        }
    }

    /// - Parameter ended: the answer that an error is; nil: it is tried again.
    private func attempt<Answer: Sendable>(
        _ source: DownloadSource, _ body: (PinduoduoReader) async throws -> Answer, ended: (PartnerError) -> Answer?
    ) async -> Performed<Answer> {
        guard let application = environment.partners.pinduoduo, let gateway = environment.pinduoduo() else {
            return .again(EffectRetry("no-application", "set DAIFA_PARTNER_PINDUODUO_APP_KEY and …_APP_SECRET_FILE again"))
        }
        let token: String
        do {
            token = try environment.vault.reveal(
                source.token, aad: ProtectedTokens.aad(source.aggregate, source.authorizationId))
        } catch { return .again(EffectRetry("token-unreadable", "channel \(source.channelId): \(error)")) }
        do {
            return .answer(try await body(reader(gateway, token)))
        } catch let error as PartnerError {
            if let answer = ended(error) { return .answer(answer) }
            let credential = Credential(appKey: application.appKey, appSecret: application.appSecret, accessToken: token)
            return .again(
                EffectRetry(
                    error,
                    LoadedCredential(
                        authorizationId: source.authorizationId, service: environment.service, provider: Platform.pinduoduo.rawValue,
                        account: source.aggregate,
                        version: source.tokenVersion, credential: credential)))
        } catch let error as Vault.NoKey {
            return .again(EffectRetry("no-key", "\(error)"))
        } catch { return .again(EffectRetry("failed", "\(error)")) }
    }

    private func reader(_ gateway: PinduoduoGateway, _ token: String) -> PinduoduoReader {
        let (vault, clock) = (environment.vault, environment.clock)
        return PinduoduoReader(
            gateway: gateway, token: token, lag: environment.settings.orderDownloadLag * 1000,
            history: environment.settings.orderDownloadHistory * 1000, clock: { clock.now },
            seal: { recipient, orderId in
                try vault.seal(recipient.json, for: .waybill, .recipient, info: SealInfo.recipient, aad: orderId)
            })
    }

    private func note<Value>(_ result: PinduoduoReader.Result<Value>, _ source: DownloadSource, _ list: String) {
        guard result.unreadable > 0 || !result.unfit.isEmpty else { return }
        passedOver.increment(by: result.unreadable + result.unfit.count)
        environment.logger.warning(
            "rows of a platform's list were passed over",
            [
                "channel": source.channelId, "list": list, "unreadable": "\(result.unreadable)",
                "unfit": result.unfit.prefix(5).map { "\($0.orderId): \($0.reason)" }.joined(separator: "; "),
            ])
    }
}
