import Contracts
import HTTP
import JSON

/// Why a request is not carried out: `application/problem+json` (RFC 9457). It never repeats what was sent.
struct Problem: Error, Equatable, Sendable {
    /// Seconds after which one that may try again should.
    private static let retryAfter = 5

    var status: Int
    var code: String
    var detail: LocalizedText
    /// The field, parameter or header that is wrong.
    var field: String?
    /// Whether more may be known in a moment: given only once everything is read that was there when the request came.
    var restsOnModel = false

    init(_ status: Int, _ code: String, _ detail: LocalizedText, field: String? = nil, restsOnModel: Bool = false) {
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.restsOnModel = restsOnModel
    }

    /// For machines: in English.
    init(_ status: Int, _ code: String, _ detail: String, field: String? = nil, restsOnModel: Bool = false) {
        self.init(status, code, LocalizedText(zh: detail, vi: detail, en: detail), field: field, restsOnModel: restsOnModel)
    }

    static let unavailable = Problem(
        503, "unavailable",
        LocalizedText(
            zh: "暂时无法处理，没有保存任何内容。请几秒后重试。", vi: "Hiện chưa xử lý được, chưa lưu gì cả. Vui lòng thử lại sau vài giây.",
            en: "This cannot be done at the moment, and nothing was kept. Try again in a few seconds."))

    static func tooLarge(_ maximum: Int) -> Problem { Problem(413, "invalid", "the body is larger than \(maximum) bytes") }

    func response(_ language: Language = .en) -> HTTPResponse {
        var members: [(String, JSONValue)] = [
            ("type", .string("about:blank")), ("title", .string(Self.title(status))), ("status", .int(status)), ("code", .string(code)),
            ("detail", .string(detail[language])),
        ]
        if let field { members.append(("field", .string(field))) }
        var headers = SafeHeaders.all + [("Content-Type", "application/problem+json"), ("Content-Language", language.tag)]
        if status == 503 { headers.append(("Retry-After", "\(Self.retryAfter)")) }
        return HTTPResponse(status: status, headers: headers, body: JSONValue.object(members).json)
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        default: "Service Unavailable"
        }
    }
}

/// Headers of every answer: nothing is stored, guessed, framed or loaded, and the address, which may hold a code, is told to nobody.
enum SafeHeaders {
    static let all: [(name: String, value: String)] = [
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ]
}
