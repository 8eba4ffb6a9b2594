import HTTP
import Identity
import Texts
import Web

/// A shop that one may act for.
struct HomeEntry: Sendable {
    var membership: Membership
    var kind: ShopKind
    var shopId: String
    /// nil: it has not told its name yet.
    var name: String?
    /// Orders or parcels that wait for somebody of this shop.
    var open: Int
}

/// The shops of a user.
struct HomeView {
    let frame: PageFrame
    let entries: [HomeEntry]
    let isOperator: Bool
    /// Whether the user may still choose what his shop is.
    let mayChoose: Bool

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("home.title")) {
            if entries.isEmpty {
                empty
            } else {
                p(say("home.intro"))
                ul(.class("todo"), .aria("label", say("home.caption"))) {
                    entries.map { card($0) }
                    if isOperator { li { a(say("role.operator"), .href(Link("o"))) } }
                }
            }
            p { a(say("me.title"), .href(Link("me"))) }
        }
    }

    private var empty: HTML {
        let say = frame.say
        return HTML {
            div(.class("empty")) {
                p(say("home.empty"))
                p(say("home.empty.first"))
            }
            if mayChoose {
                section(.class("card")) {
                    h2(say("setup.role.title"))
                    p(say("setup.role.intro"))
                    ShopKind.allCases.map { kind in
                        div(.class("field")) {
                            p(say("setup.role.\(kind.rawValue).hint"), .class("hint"))
                            a(say("action.register-\(kind.rawValue)"), .class("button"), .href(Link("role", kind.rawValue)))
                        }
                    }
                }
            }
        }
    }

    private func card(_ entry: HomeEntry) -> HTML {
        let say = frame.say
        return li {
            a(.href(entry.membership.link)) {
                span(entry.name ?? say("role.\(entry.kind.rawValue)"), .translate(false))
                span(.class("under")) {
                    HTML("\(say("role.\(entry.kind.rawValue)")) ")
                    frame.number(entry.shopId)
                    br()
                    HTML(say("home.role", ["role": say("role.\(entry.membership.role.rawValue)")]))
                    br()
                    HTML(say("home.open", count: entry.open))
                }
            }
        }
    }
}

/// Asks whether the role is meant: it is chosen once.
struct RoleView {
    let frame: PageFrame
    let kind: ShopKind

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("setup.role.title")) {
            section(.class("card"), .data("confirm-body", "")) {
                p(say("setup.role.\(kind.rawValue).hint"))
                p(say("setup.role.intro"))
                form(.method("post"), .action(Link("role", kind.rawValue)), .class("buttons")) {
                    frame.hiddenFields
                    button(say("action.register-\(kind.rawValue)"), .class("button main"))
                    a(say("confirm.cancel"), .href(Link()))
                }
            }
        }
    }
}
