import Contracts
import Crypto
import JSON
import PartnerEffects
import Runtime
import StateMachines
import Threads

/// Seals what a label needs for its print job, in memory only. A person waits for it: what cannot be had soon is refused.
struct LabelSealer: Sendable {
    let opener: RecipientOpener
    let deadline: RetryDeadline

    /// Seconds after which nobody waits for the label any more.
    static let patience = 60

    func perform(_ effect: LabelOpening, _ attempt: EffectAttempt) async -> Performed<LabelOpening.Outcome> {
        guard let publicKey = Base64.decode(Array(effect.publicKey.utf8)) else { return .answer(.refused(Self.noKey)) }
        let contents: [UInt8]
        do throws(RecipientFailure) { contents = try await self.contents(effect) } catch {
            switch error {
            case .again(let retry) where retry.awaitsConsent: return .answer(.refused(Refusal(.notAuthorized, Self.text(retry))))
            case .again(let retry) where deadline.isOver(after: attempt): return .answer(.refused(Self.late(retry)))
            case .again(let retry): return .again(retry)
            case .refused(let refusal):
                let details = refusal.code.map { ["partnerCode": JSONValue.string($0)] }
                return .answer(.refused(Refusal(.partnerRejected, refusal.reason, details: details)))
            case .unreadable(let reason): return .answer(.refused(Refusal(.notFound, reason, field: "recipient")))
            }
        }
        do throws(CryptoError) {
            let sealed = try HPKE.seal(
                contents, to: publicKey, info: Array(SealInfo.label.utf8), aad: Array(effect.allocationId.utf8))
            return .answer(
                .sealed(
                    SealedLabel(keyId: effect.jobId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))))
        } catch {
            if error.kind == .malformed { return .answer(.refused(Self.noKey)) }
            return .again(EffectRetry("seal", "\(error)"))
        }
    }

    private func contents(_ effect: LabelOpening) async throws(RecipientFailure) -> [UInt8] {
        if let label = effect.label {
            return PlatformLabelContents(platform: Platform.pinduoduo.rawValue, printData: label.data, template: label.template).json
        }
        guard let source = RecipientSource(effect) else { throw .unreadable("nobody has told the recipient") }
        let recipient = try await opener.recipient(source)
        return LabelContents(
            recipient: recipient, carrier: effect.carrier, waybillNumber: effect.number, extraNumbers: effect.extraNumbers,
            sender: effect.sender
        ).json
    }

    private static let noKey = Refusal(
        .invalid, "the print job's key is no X25519 public key: send 32 raw bytes of one, in base64", field: "publicKey")

    private static func text(_ retry: EffectRetry) -> String { "the recipient cannot be decrypted: \(retry.detail)" }

    /// A key of ours that is lost is nobody else's fault.
    private static func late(_ retry: EffectRetry) -> Refusal {
        retry.reason == "no-key"
            ? Refusal(.notFound, "the recipient cannot be opened: a private key of waybill is missing", field: "recipient")
            : Refusal(.partnerRejected, "the recipient cannot be had now, try again later: \(retry.detail)")
    }
}
