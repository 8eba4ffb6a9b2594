import HTTP
import Identity
import Texts
import Threads
import Web

/// Everybody who may log in.
struct UsersView {
    /// A user with all memberships.
    struct Line: Sendable, Equatable {
        var user: String
        var memberships: [Membership]
        var seen: Timestamp?
    }

    let frame: PageFrame
    let users: [Line]
    let link: NewLink?
    /// As they were typed.
    let kind: String
    let shop: String
    let errors: FormErrors

    /// One line for each user, in the order in which they came.
    static func gathered(_ users: [ListedUser]) -> [Line] {
        var lines: [Line] = []
        var places: [String: Int] = [:]
        for user in users {
            let place = places[user.userId] ?? lines.count
            if place == lines.count {
                places[user.userId] = place
                lines.append(Line(user: user.user, memberships: [], seen: user.seen))
            }
            if let actor = user.actor, let role = user.role { lines[place].memberships.append(Membership(actor: actor, role: role)) }
        }
        return lines
    }

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("users.title"), screen: "users", status: errors.isEmpty ? 200 : 400, modules: ["confirm.js"], errors: errors,
            actions: frame.export("users")
        ) {
            if let link { NewLinkPart(frame: frame, link: link).html }
            if users.isEmpty {
                frame.empty("users", isFiltered: false)
            } else {
                frame.tableRegion(say("users.caption"), head: ["user", "role", "seen", ""]) { users.map { row($0) } }
            }
            invitation
            frame.confirmDialog
        }
    }

    private func row(_ line: Line) -> HTML {
        tr {
            td(line.user, .class("stay"), .translate(false))
            td {
                line.memberships.map { membership in
                    div {
                        if let shop = ActorText.shop(membership.actor) {
                            HTML("\(frame.say("role.\(shop.kind.rawValue)")) ")
                            frame.number(shop.shopId)
                        } else {
                            HTML(frame.say("role.operator"))
                        }
                        HTML(" · \(frame.say("role.\(membership.role.rawValue)"))")
                    }
                }
                if line.memberships.isEmpty { HTML(frame.say("app.none")) }
            }
            td { line.seen.map { frame.time($0) } ?? HTML(frame.say("people.neverSeen")) }
            td(.class("do")) { MemberButtons(frame: frame, screen: "users", user: line.user).html }
        }
    }

    private var invitation: HTML {
        let say = frame.say
        let kinds = ["merchant", "factory", "operator"].map { ($0, say("role.\($0)")) }
        return form(.method("post"), .action(frame.link("users")), .class("card")) {
            h2(say("users.invite"))
            p(say("people.invite.hint"), .class("hint"))
            frame.hiddenFields
            frame.choice("kind", value: kind, of: kinds, label: "actorKind", errors: errors)
            frame.field("shopId", value: shop, errors: errors, isRequired: false, .spellcheck(false), .inputmode("text"))
            frame.roleChoice
            div(.class("buttons")) { button(say("users.invite"), .class("button main")) }
        }
    }
}
