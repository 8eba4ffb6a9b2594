internal import JSON

/// An `error_response` of the gateway, and what can be done about it.
///
/// | code | kind |
/// |---|---|
/// | 10019 (expired), 20032 (unknown) | `tokenInvalid` |
/// | 52101 (throttled), 70031 (too frequent) | `throttled` |
/// | 70036 (calls of an application in test used up), codes that are set for it (`Wire.classified`), and a decryption's refusal that speaks of a quota | `quotaExhausted` |
/// | 52102, 52103 (degraded), 70033 (maintenance) | `unavailable` |
/// | 50000 to 52003 (internal) | `unavailable` for a question, `outcomeOpen` for a change: it may have been made |
/// | 50001 (business) with a reason of its own | `rejected` |
/// | 10000 to 39999 (parameters, permissions, business), 52004 (too large), 70032 (forbidden), 70034, 70035 (risk) | `rejected` |
/// | any other | as an internal one |
///
/// A public client (pdd-node-sdk, `pdd-response.exception.ts`) gives up for codes from 10000 to 39999 and from 50000 to 52003, and tries
/// again for all others. So do we, with two differences, both on the safe side. After an internal error it gives up although the change may
/// have been made: here the outcome is open, and the platform is asked before anything is sent again; a question is simply repeated. And
/// 52004, 70032, 70034 and 70035, which would come again for ever, are shown to a person. The code of one element of a list is no
/// code of the gateway's: an unknown one is `rejected`.
///
/// The codes are those of the error table on each page of open.pinduoduo.com (captured 2026-04-09). That 50001 carries the business's own
/// refusal in `sub_code` and `sub_msg` is seen in public clients (`50001`, `ISV_TRACK_ERROR`); that a reason which asks for another try
/// is none is inferred.
struct PinduoduoFault {
    let code: Int?
    /// nil when it only repeats the code.
    let subCode: String?
    /// The business's words, else the gateway's.
    let message: String
    private let hasOwnMessage: Bool

    init(_ error: JSONValue) {
        code = error["error_code"]?.wireInt
        let codeText = error["error_code"]?.wireText
        let subText = error["sub_code"]?.wireText
        subCode = subText == codeText || subText == "0" ? nil : subText
        let ownMessage = error["sub_msg"]?.wireText
        let gatewayMessage = error["error_msg"]?.wireText
        message = ownMessage ?? gatewayMessage ?? "no reason given"
        hasOwnMessage = ownMessage != nil && ownMessage != gatewayMessage
    }

    /// `50001`, or `50001/ISV_TRACK_ERROR` with a sub-code of its own.
    var codeText: String? { code.map { code in subCode.map { "\(code)/\($0)" } ?? "\(code)" } }

    /// - Parameter unknown: what a code means that is in no list.
    private func kind(of operation: String, unknown: PartnerError.Kind, open: PartnerError.Kind) -> PartnerError.Kind {
        if operation.hasPrefix("pdd.open.decrypt."), Self.speaksOfQuota(message) { return .quotaExhausted }
        switch code {
        case nil: return .outcomeOpen
        case 10019, 20032: return .tokenInvalid
        case 52101, 70031: return .throttled
        case 70036: return .quotaExhausted
        case 52102, 52103, 70033: return .unavailable
        case 50001 where (subCode != nil || hasOwnMessage) && !asksForAnotherTry: return .rejected
        case .some(50000...52003): return open
        case .some(10000...39999), 52004, 70032, 70034, 70035: return .rejected
        default: return unknown
        }
    }

    static func speaksOfQuota(_ text: String) -> Bool {
        text.contains("额度") || text.contains("配额") || text.lowercased().contains("quota")
    }

    private var asksForAnotherTry: Bool { ["稍后", "繁忙", "超时"].contains { message.contains($0) } }

    /// - Parameter isElement: it is what one element of a list says of itself.
    func error(of operation: String, changes: Bool, isElement: Bool = false) -> PartnerError {
        let open: PartnerError.Kind = changes ? .outcomeOpen : .unavailable
        return PartnerError(
            kind(of: operation, unknown: isElement ? .rejected : open, open: open),
            partner: PinduoduoGateway.partner, operation: operation, code: codeText, message: message)
    }
}
