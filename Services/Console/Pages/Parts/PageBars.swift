import Contracts
import Identity
import Texts
import Web

/// The bar on top: where one is, who one is. Whoever is not known chooses his language here.
struct PageBar {
    private let frame: PageFrame
    init(_ frame: PageFrame) { self.frame = frame }

    var html: HTML {
        let say = frame.say
        return header(.class("bar")) {
            if frame.caller != nil { button(say("app.menu"), .type("button"), .class("menu"), .popovertarget(PageNavigation.id)) }
            a(say("app.name"), .class("brand"), .href(Link()))
            if let shop = frame.shop {
                p(.class("shop")) {
                    span(say("app.shop"), .class("hidden"))
                    frame.number(shop)
                    if (frame.open?.memberships.count ?? 0) > 1 { a(say("app.shop.switch"), .class("small"), .href(Link())) }
                }
            }
            div(.class("end")) {
                if let open = frame.open {
                    a(open.user.name, .href(Link("me")), .translate(false))
                    form(.method("post"), .action(Link("logout"))) {
                        frame.hiddenFields
                        button(say("nav.signOut"), .class("link"))
                    }
                } else {
                    PageLanguages(frame).html
                }
            }
        }
    }
}

/// The navigation of a role: beside the page, and on a phone behind a button of the bar.
struct PageNavigation {
    static let id = "menu"

    private let frame: PageFrame
    private let screen: String

    init(_ frame: PageFrame, screen: String) { (self.frame, self.screen) = (frame, screen) }

    private static let merchant: [(group: String, screens: [String])] = [
        ("trade", ["todo", "orders", "imports", "batches"]), ("partners", ["factories", "rules", "addresses"]),
        ("warehouse", ["fulfilment", "authorizations", "warehouses", "stock", "inbounds"]), ("settings", ["setup", "channels", "people"]),
    ]
    private static let factory: [(group: String, screens: [String])] = [
        ("trade", ["todo", "parcels", "print", "return", "stop", "batches"]), ("partners", ["merchants"]),
        ("settings", ["setup", "pools", "channels", "people"]),
    ]
    private static let operators: [(group: String, screens: [String])] = [
        ("settings", ["services", "deadLetters", "trace", "users", "audit"])
    ]

    /// The path of a screen, where it is not its name.
    private static let paths = ["deadLetters": "dead-letters"]

    private var groups: [(group: String, screens: [String])] {
        if frame.isMerchant { return Self.merchant }
        return frame.isFactory ? Self.factory : Self.operators
    }

    var html: HTML {
        nav(.class("side"), .id(Self.id), .aria("label", frame.say("nav.main")), .popover()) {
            button(frame.say("confirm.close"), .type("button"), .class("close"), .popovertarget(Self.id))
            groups.map { group in
                HTML {
                    h2(frame.say("nav.group.\(group.group)"))
                    ul { group.screens.map { entry($0) } }
                }
            }
        }
    }

    private func entry(_ name: String) -> HTML {
        let link = name == "todo" ? frame.link() : frame.link(Self.paths[name] ?? name)
        return li { a(frame.say("nav.\(name)"), .href(link), Attribute.aria("current", "page").when(name == screen)) }
    }
}

/// The foot: which times these are, and another language.
struct PageFoot {
    private let frame: PageFrame
    init(_ frame: PageFrame) { self.frame = frame }

    var html: HTML {
        footer(.class("foot")) {
            if let zone = frame.zone { p(frame.say("app.zone", ["zone": zone.name])) }
            if frame.open != nil { PageLanguages(frame).html }
        }
    }
}

/// Another language for the pages.
struct PageLanguages {
    private let frame: PageFrame
    init(_ frame: PageFrame) { self.frame = frame }

    var html: HTML {
        form(.method("post"), .action(Link("language")), .class("inline")) {
            if frame.open != nil { frame.hiddenFields }
            hidden("next", frame.here.text)
            label(frame.say("app.language"), .class("hidden"), .for("page-language"))
            select(.id("page-language"), .name("language")) {
                Language.allCases.map { language in
                    option(
                        language.ownName, .value(language.rawValue), .lang(language.tag), Attribute.selected(language == frame.language))
                }
            }
            button(frame.say("app.language.button"), .class("link"))
        }
    }
}
