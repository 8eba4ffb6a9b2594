public import HTTP

extension HTML {
    /// A whole page.
    /// - Parameters:
    ///   - language: BCP 47: `zh-Hans`, `vi`, `en`.
    ///   - title: of the window.
    ///   - head: ``stylesheet(_:)``, ``module(_:)``, `meta`.
    public static func page(
        language: String, title: String, _ attributes: Attribute..., @HTMLBuilder head: () -> HTML = { .empty },
        @HTMLBuilder body: () -> HTML
    ) -> HTML { page(language: language, title: title, attributes: attributes, head: head, body: body) }

    /// The same, with the body's attributes in an array.
    public static func page(
        language: String, title: String, attributes: [Attribute], @HTMLBuilder head: () -> HTML = { .empty }, @HTMLBuilder body: () -> HTML
    ) -> HTML {
        let start = HTML([
            HTML(markup: "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
            HTML(element: "title", [], HTML(title)), head(),
        ])
        let whole = HTML(element: "head", [], start) + HTML(element: "body", attributes, body())
        return HTML(markup: "<!DOCTYPE html>\n") + HTML(element: "html", [.lang(language)], whole)
    }
}

/// A style sheet of ours, in a page's head.
public func stylesheet(_ link: Link, _ attributes: Attribute...) -> HTML {
    HTML(element: "link", [.rel("stylesheet"), .href(link)] + attributes, nil)
}

/// A script of ours, a module: it runs when the page is read.
public func module(_ link: Link, _ attributes: Attribute...) -> HTML {
    HTML(element: "script", [.type("module"), .src(link)] + attributes, .empty)
}

/// The small picture beside the title.
public func icon(_ link: Link, _ attributes: Attribute...) -> HTML { HTML(element: "link", [.rel("icon"), .href(link)] + attributes, nil) }

/// What a page says of itself to a script or a browser.
public func meta(name: String, content: String) -> HTML { HTML(element: "meta", [.name(name), .content(content)], nil) }

extension HTTPResponse {
    /// A page, with the headers that each has: it is not stored, not guessed, not framed by others and tells its address to nobody else.
    /// - Parameters:
    ///   - policy: what it may load.
    ///   - language: of the page, for `Content-Language`; nil: not said.
    public static func page(
        _ html: HTML, status: Int = 200, policy: ContentSecurityPolicy = .page, language: String? = nil
    ) -> HTTPResponse {
        var headers: [(name: String, value: String)] = [
            ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("Vary", "Cookie, Accept-Language"),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("Content-Security-Policy", policy.text),
        ]
        if let language { headers.append(("Content-Language", language)) }
        return HTTPResponse(status: status, headers: headers, body: html.bytes)
    }

    /// After a form that was accepted: shows another page (303).
    public static func seeOther(_ link: Link) -> HTTPResponse {
        HTTPResponse(status: 303, headers: [("Location", link.text), ("Cache-Control", "no-store")])
    }
}
