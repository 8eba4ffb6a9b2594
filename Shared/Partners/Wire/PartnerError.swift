/// Why a call to a partner did not do what it should.
public struct PartnerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What can be done about it.
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
    /// The partner's code, if it gave one.
    public let code: String?
    /// Our name of what is missing or cannot be sent, when a call was not made because of it: `isvSource`.
    public let field: String?
    /// What happened, in the partner's words where there are any; cut, and never what was sent.
    public let message: String

    public init(_ kind: Kind, partner: String, operation: String, code: String? = nil, field: String? = nil, message: String) {
        self.kind = kind
        self.partner = partner
        self.operation = operation
        self.code = code
        self.field = field
        self.message = String(message.prefix(Self.longestMessage))
    }

    /// Characters.
    private static let longestMessage = 300

    /// The same error without these texts in its message, as they are and percent-encoded: a partner may repeat what it was sent.
    public func hiding(_ secrets: [String]) -> PartnerError {
        var text = message
        let isCut = text.count == Self.longestMessage
        // One character hides nothing and would tear every message apart.
        let forms = secrets.filter { $0.count > 1 }.flatMap { secret -> [String] in
            let encoded = FormEncoding.escape(secret)
            return [secret, encoded, encoded.replacing("%20", with: "+"), Self.withSmallDigits(encoded)]
        }
        for form in forms.sorted(by: { $0.count > $1.count }) { text = text.replacing(form, with: "…") }
        if isCut { text = Self.withoutBeginning(of: forms, text) }
        return PartnerError(kind, partner: partner, operation: operation, code: code, field: field, message: text)
    }

    /// `%e5` instead of `%E5`, as some gateways write it.
    private static func withSmallDigits(_ encoded: String) -> String {
        let parts = encoded.split(separator: "%", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts.first ?? "")) { "\($0)%\($1.prefix(2).lowercased())\($1.dropFirst(2))" }
    }

    /// A message that was cut may end in the middle of what must be hidden.
    private static func withoutBeginning(of forms: [String], _ text: String) -> String {
        let longest =
            forms.map { form in
                (1..<max(1, form.count)).last { text.hasSuffix(form.prefix($0)) } ?? 0
            }.max() ?? 0
        return longest == 0 ? text : "\(text.dropLast(longest))…"
    }

    public var isRetriable: Bool { kind != .rejected }

    public var description: String {
        "\(partner) \(operation): \(kind.rawValue)\(code.map { " (\($0))" } ?? ""): \(message)"
    }
}
