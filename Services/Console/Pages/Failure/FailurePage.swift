import HTTP
import Texts
import Web

/// The page of a path that leads nowhere, or of a request that the table of routes refuses. Who asks is not looked up here: it is made on the
/// server's own thread.
struct FailurePage: Sendable {
    /// Seconds after which a console that starts is asked again.
    private static let pause = 5

    let texts: Texts
    let assets: Assets

    /// Whether it is a browser that shows the answer to a person; other systems are answered with problems.
    static func isWanted(by request: HTTPRequest) -> Bool {
        let first = request.target.segments?.first
        guard first != "api", first != "partners" else { return false }
        // `*/*` alone is what programs send.
        return request.headerValues("accept").contains { $0.lowercased().contains("text/html") }
    }

    func response(_ why: RouterRefusal, to request: HTTPRequest) -> HTTPResponse {
        let say = texts[Language(of: request)]
        let (title, text) =
            switch why {
            case .notFound: (say("error.page.404.title"), say("error.page.404.text"))
            case .methodNotAllowed: (say("refusal.method-not-allowed.happened"), say("refusal.method-not-allowed.advice"))
            case .tooLarge: (say("refusal.too-large.happened"), say("refusal.too-large.advice"))
            case .mediaType: (say("refusal.media-type.happened"), say("refusal.media-type.advice"))
            case .busy: (say("error.page.503.title"), say("error.page.503.text"))
            }
        return page(say, title, text, status: why.status)
    }

    /// While the console reads what it must know: the page asks again by itself, without a script.
    func starting(_ request: HTTPRequest) -> HTTPResponse {
        let segments = request.target.segments ?? []
        if segments.first == "assets", segments.count == 3,
            let asset = assets.response(digest: segments[1], name: segments[2], to: request)
        {
            return asset
        }
        let say = texts[Language(of: request)]
        var response = page(say, say("error.page.starting.title"), say("error.page.starting.text"), status: 503)
        response.headers.append(("Retry-After", "\(Self.pause)"))
        if request.method == "GET" { response.headers.append(("Refresh", "\(Self.pause)")) }
        return response
    }

    private func page(_ say: Wording, _ title: String, _ text: String, status: Int) -> HTTPResponse {
        let html = HTML.page(language: say.language.tag, title: say("app.title.plain", ["page": title])) {
            PageKit.styles.map { assets.link($0).map { stylesheet($0) } ?? .empty }
        } body: {
            header(.class("bar")) { a(say("app.name"), .class("brand"), .href(Link())) }
            div(.class("shell alone")) {
                main {
                    header { h1(title) }
                    p(text)
                    p { a(say("app.back"), .href(Link())) }
                }
            }
        }
        return .page(html, status: status, language: say.language.tag)
    }
}

extension Language {
    /// Of somebody of whom nothing else is known: what he chose here before, else what the browser wants.
    init(of request: HTTPRequest) {
        self =
            Cookies(request)[LanguageCookie.name].flatMap { Language(rawValue: $0) }
            ?? Language(acceptLanguage: request.header("accept-language"))
    }
}
