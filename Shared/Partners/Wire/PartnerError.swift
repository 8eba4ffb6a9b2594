/// Why a call to a partner did not do what it should.
public struct PartnerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of the error, by the remedy.
    public enum Kind: String, Sendable, CaseIterable {
        /// The partner said no, and would say so again: a person has to see it.
        case rejected
        /// The access token is expired or unknown: wait for a newer one.
        case tokenInvalid = "token-invalid"
        /// Too many calls: try again later.
        case throttled
        /// A quota that is counted by the day is used up: try again much later.
        case quotaExhausted = "quota-exhausted"
        /// Nothing was done, for certain: try again.
        case unavailable
        /// It may have been done: ask before trying again. Of a question it only means that there is no answer.
        case outcomeOpen = "outcome-open"
    }

    public let kind: Kind
    /// `jd`, `pinduoduo`, `jackyun`.
    public let partner: String
    /// The partner's name of the call: `jingdong.eclp.order.addOrder`.
    public let operation: String
    /// The partner's code, if it gave one; cut.
    public let code: String?
    /// Our name of what is missing or cannot be sent, when a call was not made because of it: `isvSource`.
    public let field: String?
    /// The failure, in the partner's words where there are any; cut, and without anything that was sent.
    public let message: String

    public init(_ kind: Kind, partner: String, operation: String, code: String? = nil, field: String? = nil, message: String) {
        self.kind = kind
        self.partner = partner
        self.operation = operation
        self.code = code.map { String($0.prefix(Self.longestCode)) }
        self.field = field
        self.message = String(message.prefix(Self.longestMessage))
    }

    /// Characters.
    private static let longestMessage = 300
    private static let longestCode = 100

    /// The same error without these texts in its message: a partner may repeat what it was sent, whole or in part.
    public func hiding(_ secrets: [String]) -> PartnerError {
        let text = HiddenTexts(secrets).hide(in: message, isCut: message.count == Self.longestMessage)
        return PartnerError(kind, partner: partner, operation: operation, code: code, field: field, message: text)
    }

    /// Whether it is the operator who has to mend it, such as a wrong secret file: no account and no order is at fault.
    ///
    /// JOS codes 8 (clock), 12 (signature), 15 (method), 21 (application), 24 (permission); Pinduoduo's 10016 (application), 20004 (signature),
    /// 20005 (address not allowed), 20031 (permission), 20034 and 20035 (gateway). RFC 6749, section 5.2: `invalid_client`,
    /// `unauthorized_client`.
    public var isAboutApplication: Bool {
        let codes =
            partner == "jd"
            ? ["8", "12", "15", "21", "24", "invalid_client", "unauthorized_client"]
            : ["10016", "20004", "20005", "20031", "20034", "20035"]
        return kind == .rejected && code.map { codes.contains(String($0.prefix { $0 != "/" })) } ?? false
    }

    public var isRetriable: Bool { kind != .rejected }

    public var description: String {
        "\(partner) \(operation): \(kind.rawValue)\(code.map { " (\($0))" } ?? ""): \(message)"
    }
}
