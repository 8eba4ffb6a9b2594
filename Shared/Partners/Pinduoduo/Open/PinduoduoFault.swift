internal import JSON

/// An `error_response` of the gateway, and what can be done about it.
///
/// | code | kind |
/// |---|---|
/// | 10019 (expired), 20032 (unknown) | `tokenInvalid` |
/// | 52101 (throttled), 70031 (too frequent) | `throttled` |
/// | 70036 (calls of an application in test used up), configured codes, and a decryption's refusal that speaks of a quota | `quotaExhausted` |
/// | 52102, 52103 (degraded), 70033 (maintenance) | `unavailable` |
/// | 50000 to 52003 (internal) | `unavailable` for a question, `outcomeOpen` for a change: it may have been made |
/// | 50001 (business) with a reason of its own | `rejected` |
/// | any other | `rejected` |
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

    func kind(of operation: String, changes: Bool, quotaCodes: Set<String>) -> PartnerError.Kind {
        let codes = [code.map(String.init), subCode, codeText]
        if codes.contains(where: { $0.map(quotaCodes.contains) ?? false }) { return .quotaExhausted }
        if operation.hasPrefix("pdd.open.decrypt."), Self.speaksOfQuota(message) { return .quotaExhausted }
        switch code {
        case nil: return .outcomeOpen
        case 10019, 20032: return .tokenInvalid
        case 52101, 70031: return .throttled
        case 70036: return .quotaExhausted
        case 52102, 52103, 70033: return .unavailable
        case 50001 where (subCode != nil || hasOwnMessage) && !asksForAnotherTry: return .rejected
        case .some(50000...52003): return changes ? .outcomeOpen : .unavailable
        default: return .rejected
        }
    }

    static func speaksOfQuota(_ text: String) -> Bool {
        text.contains("额度") || text.contains("配额") || text.lowercased().contains("quota")
    }

    private var asksForAnotherTry: Bool { ["稍后", "繁忙", "超时"].contains { message.contains($0) } }

    func error(of operation: String, changes: Bool, quotaCodes: Set<String>) -> PartnerError {
        PartnerError(
            kind(of: operation, changes: changes, quotaCodes: quotaCodes), partner: PinduoduoGateway.partner, operation: operation,
            code: codeText, message: message)
    }
}
