import Contracts
import HTTP
import Partners
import ReadModel
import Runtime
import Texts

/// `GET /partners/<provider>/callback`: a browser comes back from a partner's login (contract, section 8).
struct ConsentCallback: PartnerRequest, Equatable {
    static let route = "callback"
    /// Bytes; `complete` takes no more.
    private static let limits = (code: 1000, state: 200, redirectUrl: 4000)

    enum Answer: Equatable {
        case code(String)
        /// The partner's error, and what of its query says so.
        case error(String, query: [HTTPRequest.Field])
    }

    let provider: Provider
    let state: String
    let answer: Answer
    let messageSubscription: Bool?
    let language: Language
    private let path: String
    private let traceparent: String?

    /// - Throws: 400 with the parameter that is missing or wrong.
    init(_ request: HTTPRequest, provider: Provider) throws(Problem) {
        self.provider = provider
        language = Language(acceptLanguage: request.header("accept-language"))
        path = request.path
        traceparent = request.traceparent
        state = try Self.text("state", request, limit: Self.limits.state)
        if request.query.contains(where: { $0.name == "error" }) {
            answer = .error(try Self.text("error", request, limit: Self.limits.code), query: Self.denial(request.query))
        } else {
            answer = .code(try Self.text("code", request, limit: Self.limits.code))
        }
        switch request.query("message_subscription")?.lowercased() {
        case nil: messageSubscription = nil
        case "true", "1": messageSubscription = true
        case "false", "0": messageSubscription = false
        default: throw Self.wrong("message_subscription")
        }
    }

    /// Each parameter once: `complete` refuses a URL with others twice.
    private static func denial(_ query: [HTTPRequest.Field]) -> [HTTPRequest.Field] {
        var names: Set<String> = ["error", "error_description", "state", "message_subscription"]
        return query.filter { names.remove($0.name) != nil }
    }

    func command(_ lookup: any PartnerLookup) throws(Problem) -> OutgoingCommand {
        let known: ConsentRow?
        do throws(ReadModelError) { known = try lookup.consent(state: state) } catch { throw .unavailable }
        guard let consent = known, consent.provider == provider else {
            throw Problem(
                400, RefusalCode.consentStateMismatch.rawValue,
                LocalizedText(
                    zh: "没有等待完成的授权与此链接对应。请在代发中重新发起授权。",
                    vi: "Không có yêu cầu ủy quyền nào khớp với liên kết này. Hãy bắt đầu lại trong Daifa.",
                    en: "No authorization waits for this answer. Begin again in Daifa."),
                field: "state", restsOnModel: true)
        }
        var complete = Complete(
            authorizationId: consent.authorizationId, messageSubscription: messageSubscription, channelId: consent.channelId)
        let what: String
        switch answer {
        case .code(let code):
            complete.code = code
            complete.state = state
            what = code
        case .error(let error, let query):
            let url = "\(lookup.publicURL)\(path)?\(FormEncoding.encode(query.map { ($0.name, $0.value) }))"
            guard url.utf8.count <= Self.limits.redirectUrl else { throw Self.wrong("error") }
            complete.redirectUrl = url
            what = "error=\(error)"
        }
        return OutgoingCommand(
            complete, to: .authorization, key: consent.key, id: NamedId.make(Complete.type, provider.rawValue, state, what),
            from: provider, at: lookup.now, correlationId: consent.correlationId, traceparent: traceparent)
    }

    var accepted: HTTPResponse {
        if case .code = answer { ConsentPage.received.response(language) } else { ConsentPage.denied.response(language) }
    }

    /// A parameter that must be there once, and not be empty.
    private static func text(_ name: String, _ request: HTTPRequest, limit: Int) throws(Problem) -> String {
        let values = request.query.filter { $0.name == name }
        guard values.count == 1, let text = values.first?.value, !text.isEmpty, text.utf8.count <= limit else { throw wrong(name) }
        return text
    }

    private static func wrong(_ parameter: String) -> Problem {
        Problem(
            400, RefusalCode.invalid.rawValue,
            LocalizedText(
                zh: "链接不完整或已损坏（参数 \(parameter)）。请在代发中重新发起授权。",
                vi: "Liên kết thiếu hoặc sai tham số \(parameter). Hãy bắt đầu lại trong Daifa.",
                en: "The link is incomplete or damaged (parameter \(parameter)). Begin again in Daifa."), field: parameter)
    }
}
