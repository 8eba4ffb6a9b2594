import Contracts
import Crypto
import HTTP
import Identity
import Texts
import Threads
import Web

/// What all pages are made with.
struct PageKit: Sendable {
    let texts: Texts
    let assets: Assets
    let hub: EventHub
    let clock: @Sendable () -> Timestamp
    /// What each page of a shop says first, until somebody has seen it.
    var alarm: @Sendable (PageFrame) -> HTML = { _ in .empty }

    /// As of when data are that are not up to date; nil: they are.
    var behind: @Sendable () -> Timestamp? = { nil }

    /// The style sheets of every page, in this order.
    static let styles = ["base.css", "layout.css", "forms.css", "tables.css", "components.css", "print.css"]

    func frame(_ call: ConsoleCall) -> PageFrame {
        let open = call.context.asker?.open
        let language = call.context.language
        let zone = (try? TimeZone.load(open?.user.zone ?? language.firstZone)) ?? (try? TimeZone.load("UTC"))
        return PageFrame(kit: self, call: call, say: texts[language], zone: zone, open: open, caller: call.context.asker?.caller)
    }
}

/// One page being made: its words, its user, its shop.
struct PageFrame: Sendable {
    let kit: PageKit
    let call: ConsoleCall
    let say: Wording
    /// nil: this machine has no time zones.
    let zone: TimeZone?
    let open: OpenSession?
    let caller: Caller?

    var language: Language { say.language }
    /// The shop that the page is about.
    var shop: String? { caller.flatMap { ActorText.shop($0.actor)?.shopId } }
    var isMerchant: Bool { caller?.actor.hasPrefix("merchant:") ?? false }
    var isFactory: Bool { caller?.actor.hasPrefix("factory:") ?? false }
    var isOperator: Bool { caller?.isOperator ?? false }

    /// A path of the shop's: `frame.link("orders")` is `/m/<shopId>/orders`.
    func link(_ segments: String..., query: [(name: String, value: String?)] = []) -> Link {
        Link(segments: root + segments, query: query)
    }

    private var root: [String] {
        guard let shop else { return isOperator ? ["o"] : [] }
        return [isMerchant ? "m" : "f", shop]
    }

    /// The address of this page.
    var here: Link { Link(call.request.target, query: call.request.query.map { ($0.name, $0.value) }) ?? Link() }

    /// A file of the console's own.
    func asset(_ name: String) -> Link? { kit.assets.link(name) }

    // MARK: The whole page

    /// A page.
    /// - Parameters:
    ///   - title: the heading; with the shop it is the window's title too.
    ///   - screen: the entry of the navigation that is marked: `orders`.
    ///   - modules: scripts, `once.js` comes first by itself.
    ///   - errors: of a form that was wrong: they come first, and the title says so.
    ///   - isLive: whether the page follows what happens.
    ///   - isHeaded: whether the title is shown as heading; else the content has its own `h1`.
    func page(
        _ title: String, screen: String = "", status: Int = 200, modules: [String] = [], errors: FormErrors = .none, isLive: Bool = false,
        policy: ContentSecurityPolicy = .page, actions: HTML = .empty, isHeaded: Bool = true, @HTMLBuilder content: () -> HTML
    ) -> HTTPResponse {
        let named = shop.map { say("app.title", ["page": title, "shop": $0]) } ?? say("app.title.plain", ["page": title])
        let windowTitle = errors.isEmpty ? named : say("app.title.error", ["title": named])
        let body = filled(content())
        let live: [Attribute] =
            isLive && shop != nil
            ? [.data("stream", link("stream").text), .data("since", kit.hub.position)] : []
        let html = HTML.page(language: language.tag, title: windowTitle, attributes: live) {
            PageKit.styles.map { asset($0).map { stylesheet($0) } ?? .empty }
            (["once.js"] + (errors.isEmpty ? [] : ["errors.js"]) + (isLive ? ["live.js"] : []) + modules).map {
                asset($0).map { module($0) } ?? .empty
            }
        } body: {
            a(say("app.skip"), .class("skip"), .href(.place("content")))
            kit.alarm(self)
            PageBar(self).html
            div(.class(caller == nil ? "shell alone" : "shell")) {
                if caller != nil { PageNavigation(self, screen: screen).html }
                main(.id("content")) {
                    errors.summary(self)
                    if shop != nil, let behind = kit.behind() { message(say("app.behind", ["time": timeText(behind)]), style: "warn") }
                    if isHeaded {
                        header {
                            h1(title)
                            if !actions.isEmpty { div(.class("end")) { actions } }
                        }
                    }
                    body
                }
            }
            PageFoot(self).html
        }
        return .page(html, status: status, policy: policy, language: language.tag)
    }

    /// With a form that comes back as it was filled in, which the page says first.
    private func filled(_ body: HTML) -> HTML {
        guard let kept = call.context.kept, let filled = body.filling(kept.action, with: kept.fields, keeping: KeptForms.own) else {
            return body
        }
        return message(say("form.kept"), style: "warn") + filled
    }

    /// A page that says why there is none.
    func failure(_ problem: Problem) -> HTTPResponse {
        let code = say.has("error.page.\(problem.status).title") ? "\(problem.status)" : nil
        let title = code.map { say("error.page.\($0).title") } ?? say("refusal.\(problem.code).happened")
        var response = page(title, status: problem.status) {
            p(code.map { say("error.page.\($0).text", ["code": problem.code]) } ?? say("refusal.\(problem.code).advice"))
            p { a(say("app.back"), .href(shop == nil && !isOperator ? Link() : link())) }
        }
        if problem.status == 503 || problem.status == 429 { response.headers.append(("Retry-After", "\(problem.retryAfter ?? 5)")) }
        return response
    }

    // MARK: Small things

    /// A time in the user's zone.
    func timeText(_ time: Timestamp) -> String { zone?.text(time) ?? time.description }
    func time(_ time: Timestamp) -> HTML { Web.time(timeText(time), .datetime(time.description)) }
    func time(_ time: Timestamp?) -> HTML { time.map { self.time($0) } ?? .empty }

    /// An id or number: not translated, selected by one click.
    func number(_ text: String) -> HTML { span(text, .class("number"), .translate(false)) }

    /// A state as a word in its colour.
    func badge(_ thing: String, _ state: String) -> HTML {
        span(say("state.\(thing).\(state)"), .class("badge \(Self.colour(state))"))
    }

    private static func colour(_ state: String) -> String {
        switch state {
        case "ready", "active", "granted", "accepted", "returned", "confirmed", "done", "delivered", "approved": "good"
        case "partly", "suspended", "unknown", "pending", "requested", "expired", "unconfirmed": "warn"
        case "held", "refused", "failed", "declined", "rejected", "voided", "overdue", "unready": "bad"
        case "shipped", "cancelled", "ended", "withdrawn", "closed", "revoked", "deallocated": "quiet"
        default: "info"
        }
    }

    /// A guide's step, folded.
    func help(_ steps: String...) -> HTML {
        details(.class("help")) {
            summary(say("app.help"))
            steps.map { p(say("help.\($0)")) }
        }
    }
}
