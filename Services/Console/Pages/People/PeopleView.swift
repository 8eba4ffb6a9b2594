import HTTP
import Identity
import Texts
import Web

/// Who acts for a shop.
struct PeopleView {
    let frame: PageFrame
    let users: [ListedUser]
    let link: NewLink?
    let errors: FormErrors

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("people.title"), screen: "people", status: errors.isEmpty ? 200 : 409, modules: ["confirm.js"], errors: errors,
            actions: frame.export("people")
        ) {
            frame.notice
            if let link { NewLinkPart(frame: frame, link: link).html }
            frame.tableRegion(say("people.caption"), head: ["user", "role", "seen", ""]) {
                users.map { row($0) }
            }
            invitation
            frame.confirmDialog
        }
    }

    private func row(_ user: ListedUser) -> HTML {
        tr {
            td(user.user, .class("stay"), .translate(false))
            td {
                HTML(user.role.map { frame.say("role.\($0.rawValue)") } ?? "")
                other(user)
            }
            td { user.seen.map { frame.time($0) } ?? HTML(frame.say("people.neverSeen")) }
            td(.class("do")) { MemberButtons(frame: frame, screen: "people", user: user.user).html }
        }
    }

    /// The way to the other role.
    private func other(_ user: ListedUser) -> HTML {
        guard let role = user.role.map({ $0 == .owner ? Role.clerk : .owner }) else { return .empty }
        let text = frame.say("people.role.\(role.rawValue)")
        return form(.method("post"), .action(frame.link("people", user.user, "role")), .class("inline under")) {
            frame.hiddenFields
            hidden("role", role.rawValue)
            button(text, .class("link"), .aria("label", "\(text) \(user.user)"))
        }
    }

    private var invitation: HTML {
        let say = frame.say
        return form(.method("post"), .action(frame.link("people")), .class("card")) {
            h2(say("people.invite"))
            p(say("people.invite.hint"), .class("hint"))
            frame.hiddenFields
            frame.roleChoice
            div(.class("buttons")) { button(say("people.invite"), .class("button main")) }
        }
    }
}

extension PageFrame {
    /// Of whom is invited.
    var roleChoice: HTML {
        choice("role", value: Role.clerk.rawValue, of: [Role.clerk, .owner].map { ($0.rawValue, say("role.\($0.rawValue)")) })
    }
}

/// A link for somebody else: nobody can see it again.
struct NewLinkPart {
    let frame: PageFrame
    let link: NewLink

    var html: HTML {
        div(.class("message good"), .role("status")) {
            p(frame.say(link.kind == .invitation ? "people.invite.link" : "people.reset.link"))
            p { frame.number(link.code.link) }
        }
    }
}

/// What is done with a user.
struct MemberButtons {
    let frame: PageFrame
    /// Of the list, and its path.
    let screen: String
    let user: String

    var html: HTML {
        let say = frame.say
        return HTML {
            form(.method("post"), .action(frame.link(screen, user, "reset")), .class("inline")) {
                frame.hiddenFields
                button(say("people.reset"), .class("button"), .aria("label", "\(say("people.reset")) \(user)"))
            }
            a(
                say("people.remove"), .class("button danger"), .href(frame.link(screen, user, "remove")), .data("confirm", ""),
                .aria("label", say("people.remove.named", ["name": user])))
        }
    }
}

/// Asks whether somebody is to be removed.
struct RemovalView {
    let frame: PageFrame
    let screen: String
    let user: String
    var errors = FormErrors.none

    var response: HTTPResponse {
        let say = frame.say
        let title = say("people.remove.title", ["name": user])
        return frame.page(title, screen: screen, status: errors.isEmpty ? 200 : 409, errors: errors, isHeaded: false) {
            section(.class("card"), .data("confirm-body", "")) {
                h1(title)
                p(screen == "users" ? say("users.remove.text") : say("people.remove.text"))
                form(.method("post"), .action(frame.link(screen, user, "remove")), .class("buttons")) {
                    frame.hiddenFields
                    button(say("people.remove.named", ["name": user]), .class("button danger"))
                    a(say("confirm.cancel"), .href(frame.link(screen)), .data("confirm-close", ""))
                }
            }
        }
    }
}
