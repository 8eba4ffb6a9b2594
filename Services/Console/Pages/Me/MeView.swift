import HTTP
import Identity
import Texts
import Web

/// One's own account.
struct MeView {
    let frame: PageFrame
    let open: OpenSession
    let sessions: [Session]
    /// As it was typed.
    let zone: String
    /// What was done just now: `saved`, `password`.
    let done: String?
    let errors: FormErrors

    private static let zones = ["Asia/Shanghai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "UTC"]

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("me.title"), status: errors.isEmpty ? 200 : 400, errors: errors) {
            if done == "saved" { frame.message(say("form.saved")) }
            if done == "password" { frame.message(say("reset.done")) }
            p { a(say("home.title"), .href(Link())) }
            dl(.class("facts")) {
                dt(say("field.user"))
                dd(open.user.name, .translate(false))
            }
            profile
            if open.user.provider == nil { password }
            list
        }
    }

    private var profile: HTML {
        form(.method("post"), .action(Link("me")), .class("card")) {
            h2(frame.say("me.language"))
            frame.hiddenFields
            frame.languageChoice(frame.language, errors: errors)
            frame.field("zone", value: zone, errors: errors, .list("zones"), .spellcheck(false), .autocapitalize("none"))
            datalist(.id("zones")) { Self.zones.map { option("", .value($0)) } }
            div(.class("buttons")) { button(frame.say("form.save"), .class("button main")) }
        }
    }

    private var password: HTML {
        form(.method("post"), .action(Link("me", "password")), .class("card")) {
            h2(frame.say("me.password"))
            p(frame.say("me.password.ends"), .class("hint"))
            frame.hiddenFields
            frame.password("oldPassword", isNew: false, errors: errors)
            frame.password("newPassword", hint: frame.say("field.password.hint"), isNew: true, errors: errors)
            div(.class("buttons")) { button(frame.say("me.password.button"), .class("button")) }
        }
    }

    private var list: HTML {
        let say = frame.say
        return section(.class("card")) {
            h2(say("me.sessions"))
            frame.tableRegion(say("me.sessions.caption"), head: ["session", "lastSeen", ""]) {
                sessions.map { row($0) }
            }
            if sessions.count > 1 {
                form(.method("post"), .action(Link("me", "sessions")), .class("buttons")) {
                    frame.hiddenFields
                    button(say("me.sessions.endAll"), .class("button"))
                }
            }
        }
    }

    private func row(_ session: Session) -> HTML {
        let say = frame.say
        let isThis = session.sessionId == open.session.sessionId
        return tr {
            td {
                HTML(session.browser.isEmpty ? say("app.unknown") : session.browser)
                span(.class("under")) {
                    frame.number(session.address)
                    if isThis { strong(" \(say("me.sessions.this"))") }
                }
            }
            td { frame.time(session.lastUsed) }
            td(.class("do")) {
                if !isThis {
                    form(.method("post"), .action(Link("me", "sessions")), .class("inline")) {
                        frame.hiddenFields
                        hidden("session", session.sessionId)
                        button(say("me.sessions.end"), .class("button"), .aria("label", "\(say("me.sessions.end")) \(session.address)"))
                    }
                }
            }
        }
    }
}
