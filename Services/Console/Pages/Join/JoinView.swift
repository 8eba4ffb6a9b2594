import HTTP
import Identity
import Texts
import Threads
import Web

/// What a one-time link offers.
struct JoinView {
    let frame: PageFrame
    let code: String
    let offer: People.Offer
    var user = ""
    var language: Language
    var errors = FormErrors.none

    init(frame: PageFrame, code: String, offer: People.Offer) {
        (self.frame, self.code, self.offer) = (frame, code, offer)
        language = frame.language
    }

    static func gone(_ frame: PageFrame) -> HTTPResponse {
        frame.page(frame.say("join.title"), status: 404) {
            p(frame.say("join.gone"))
            p { a(frame.say("app.back"), .href(Link())) }
        }
    }

    var response: HTTPResponse {
        switch offer.kind {
        case .reset(let user): reset(user)
        case .invitation(let actor, let role): invitation(actor, role)
        }
    }

    private var link: Link { Link("join", code) }

    private func reset(_ user: User) -> HTTPResponse {
        let say = frame.say
        return frame.page(say("reset.title"), status: errors.isEmpty ? 200 : 400, errors: errors) {
            form(.method("post"), .action(link), .class("card")) {
                // Read-only, for programs that keep passwords.
                frame.field("user", value: user.name, hint: "", autocomplete: "username", isRequired: false, .readonly())
                frame.password("password", isNew: true, errors: errors)
                div(.class("buttons")) { button(say("reset.button"), .class("button main")) }
            }
        }
    }

    private func invitation(_ actor: String, _ role: Role) -> HTTPResponse {
        let say = frame.say
        let title = offer.isFirstOperator ? say("start.title") : say("join.title")
        return frame.page(title, status: errors.isEmpty ? 200 : 400, errors: errors) {
            p(intro(actor, role))
            if let open = frame.open {
                form(.method("post"), .action(link), .class("card")) {
                    frame.hiddenFields
                    div(.class("buttons")) {
                        button(say("join.button.as", ["name": open.user.name]), .class("button main"), .translate(false))
                    }
                }
            } else {
                form(.method("post"), .action(link), .class("card")) {
                    frame.field(
                        "user", value: user, errors: errors, autocomplete: "username", .autocapitalize("none"), .spellcheck(false))
                    frame.password("password", isNew: true, errors: errors)
                    frame.languageChoice(language, errors: errors)
                    div(.class("buttons")) {
                        button(offer.isFirstOperator ? say("start.button") : say("join.button"), .class("button main"))
                    }
                }
                if !offer.isFirstOperator { p { a(say("join.existing"), .href(Link("login", query: ["next": link.text]))) } }
            }
        }
    }

    private func intro(_ actor: String, _ role: Role) -> String {
        let say = frame.say
        if offer.isFirstOperator { return say("start.intro") }
        let time = frame.zone?.text(offer.expiresAt) ?? offer.expiresAt.description
        guard let shop = ActorText.shop(actor) else { return say("join.intro.operator", ["time": time]) }
        return say(
            "join.intro",
            ["role": say("role.\(role.rawValue)"), "shop": "\(say("role.\(shop.kind.rawValue)")) \(shop.shopId)", "time": time])
    }
}
