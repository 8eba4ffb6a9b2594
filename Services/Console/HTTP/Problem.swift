import Contracts
import HTTP
import JSON
import Texts

/// Why a request is not carried out: `application/problem+json` (RFC 9457). It never repeats what was sent.
struct Problem: Error, Equatable, Sendable {
    /// Seconds after which one that may try again should.
    private static let retryAfter = 5

    var status: Int
    var code: String
    /// The sentence for a person, where it says more than the code's own texts.
    var detail: LocalizedText?
    /// What is wrong, exactly, for whoever writes a program: in English, behind the code's own text in other languages.
    var sentence: String?
    /// The field, parameter or header that is wrong.
    var field: String?
    var details: [String: JSONValue]?
    var commandId: String?
    /// Seconds after which the request may be sent again.
    var retryAfter: Int?
    /// Whether more may be known in a moment: given only once everything is read that was there when the request came.
    var restsOnModel = false
    /// Whether it may be carried out all the same: Kafka has not said in time that it has it.
    private(set) var mayBeCarriedOut = false

    init(_ status: Int, _ code: String, _ detail: LocalizedText?, field: String? = nil, restsOnModel: Bool = false) {
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.restsOnModel = restsOnModel
    }

    /// For those who write programs: in English.
    init(_ status: Int, _ code: String, _ sentence: String, field: String? = nil, restsOnModel: Bool = false) {
        self.init(status, code, nil as LocalizedText?, field: field, restsOnModel: restsOnModel)
        self.sentence = sentence
    }

    static let unavailable = Problem(
        503, HTTPCode.unavailable.rawValue,
        LocalizedText(
            zh: "暂时无法处理，没有保存任何内容。请几秒后重试。", vi: "Hiện chưa xử lý được, chưa lưu gì cả. Vui lòng thử lại sau vài giây.",
            en: "This cannot be done at the moment, and nothing was kept. Try again in a few seconds."))

    /// Commands that were sent and not acknowledged. Sent again under the same key they are the same ones.
    static func unconfirmed(commandId: String) -> Problem {
        var problem = unconfirmed
        problem.commandId = commandId
        return problem
    }

    static func unconfirmed(batchId: String) -> Problem {
        var problem = unconfirmed
        problem.details = ["batchId": .string(batchId)]
        return problem
    }

    private static var unconfirmed: Problem {
        var problem = Problem(
            503, HTTPCode.unavailable.rawValue,
            "Kafka has not acknowledged it in time, and it may be carried out all the same: ask what became of it, or send the request again"
                + " under the same Idempotency-Key, which does nothing twice.")
        problem.mayBeCarriedOut = true
        return problem
    }

    /// What its texts are called: `refusal.<name>.happened` and `.advice`.
    var texts: String { mayBeCarriedOut ? "unconfirmed" : code }

    /// - Parameter wording: what a code means to people; without it the title says what the status means, in English.
    func response(_ language: Language = .en, _ wording: Wording? = nil) -> HTTPResponse {
        let title = wording?("refusal.\(texts).happened") ?? Self.title(status)
        let detail = detail(language, wording) ?? title
        var members: [(String, JSONValue)] = [
            ("type", .string("urn:daifa:refusal:\(code)")), ("title", .string(title)), ("status", .int(status)),
            ("code", .string(code)), ("detail", .string(detail)),
        ]
        if let field { members.append(("field", .string(field))) }
        if let details { members.append(("details", .object(details.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))) }
        if let commandId { members.append(("commandId", .string(commandId))) }
        var headers = SafeHeaders.all + [("Content-Type", "application/problem+json"), ("Content-Language", language.tag)]
        if status == 503 || status == 429 { headers.append(("Retry-After", "\(retryAfter ?? Self.retryAfter)")) }
        if status == 401 { headers.append(("WWW-Authenticate", "Bearer")) }
        return HTTPResponse(status: status, headers: headers, body: JSONValue.object(members).json)
    }

    private func detail(_ language: Language, _ wording: Wording?) -> String? {
        let advice = wording?("refusal.\(texts).advice")
        guard let sentence else { return detail?[language] ?? advice }
        guard language != .en, let advice else { return sentence }
        return "\(advice) (\(sentence))"
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 429: "Too Many Requests"
        default: "Service Unavailable"
        }
    }
}

/// Codes of problems that HTTP alone has (contract, section 9), beside ``RefusalCode``.
enum HTTPCode: String, CaseIterable {
    case methodNotAllowed = "method-not-allowed"
    case keyReused = "key-reused"
    case lastOwner = "last-owner"
    case changedMeanwhile = "changed-meanwhile"
    case tooLarge = "too-large"
    case mediaType = "media-type"
    case tooMany = "too-many"
    case unavailable

    var status: Int {
        switch self {
        case .methodNotAllowed: 405
        case .keyReused, .lastOwner: 409
        case .changedMeanwhile: 412
        case .tooLarge: 413
        case .mediaType: 415
        case .tooMany: 429
        case .unavailable: 503
        }
    }
}

extension Problem {
    /// A problem that its code's texts explain.
    init(_ code: RefusalCode, field: String? = nil) { self.init(code.status, code.rawValue, nil as LocalizedText?, field: field) }
    init(_ code: HTTPCode) { self.init(code.status, code.rawValue, nil as LocalizedText?) }

    /// A field that is wrong, and the reason in a sentence.
    static func invalid(_ field: String, _ message: String) -> Problem { Problem(400, RefusalCode.invalid.rawValue, message, field: field) }

    /// A service's refusal. That it does not believe the console is a fault of the deployment, of which the caller can do nothing.
    init(refusal code: String, message: String, field: String?, details: [String: JSONValue]?, commandId: String) {
        guard code != RefusalCode.unauthorized.rawValue else {
            self = .unavailable
            self.commandId = commandId
            return
        }
        let known = RefusalCode(rawValue: code)
        self.init(known?.status ?? 409, code, nil as LocalizedText?, field: field)
        sentence = message.isEmpty ? nil : message
        self.details = details
        self.commandId = commandId
    }
}

extension RefusalCode {
    /// Of HTTP (contract, section 9).
    var status: Int {
        switch self {
        case .invalid: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        default: 409
        }
    }
}

/// Headers of every answer: nothing is stored, guessed, framed or loaded, and the address, which may hold a code, is told to nobody.
enum SafeHeaders {
    static let all = under("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")

    /// With a content security policy of their own.
    static func under(_ policy: String) -> [(name: String, value: String)] {
        [
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Content-Security-Policy", policy),
        ]
    }
}
