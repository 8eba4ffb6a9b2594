import Contracts
import HTTP
import ReadModel
import Texts
import Threads
import Web

struct MerchantsView {
    let frame: PageFrame
    let bindings: [BindingView]
    var errors = FormErrors.none
    /// Of a refusal.
    var status = 200

    /// What the page before has done, and its text.
    private static let done = ["approve": "merchants.approved", "decline": "merchants.declined", "unbind": "merchants.unbound"]

    var page: HTTPResponse {
        let say = frame.say
        let applications = bindings.filter { $0.state == .pending }
        let others = bindings.filter { $0.state == .active } + bindings.filter { $0.state != .active && $0.state != .pending }
        return frame.page(
            say("merchants.title"), screen: "merchants", status: status, errors: errors, isLive: true,
            actions: frame.export("merchants")
        ) {
            if let key = frame.call.request.query("done").flatMap({ Self.done[$0] }) {
                p(say(key), .class("message good"), .role("status"))
            }
            if bindings.isEmpty {
                frame.empty("merchants", isFiltered: false, first: frame.link("setup"))
            }
            if !applications.isEmpty {
                h2(say("merchants.applications"))
                applications.map { application($0) }
            }
            if !others.isEmpty {
                frame.tableRegion(say("merchants.caption"), head: ["alias", "shopId", "state", "since", ""]) { others.map { row($0) } }
            }
            frame.help("Z11", "Z4")
        }
    }

    private func application(_ binding: BindingView) -> HTML {
        section(.class("card")) {
            h3(binding.shopAlias)
            p { frame.number(binding.merchantShopId) }
            if let message = binding.message, !message.isEmpty { p(message, .class("message")) }
            if let at = binding.updatedAt { p(.class("hint")) { frame.time(at) } }
            div(.class("buttons")) {
                form(.method("post"), .action(frame.link("merchants", binding.merchantShopId, "approve")), .class("inline")) {
                    frame.hiddenFields
                    button(
                        frame.say("action.approve"), .class("button main"),
                        .aria("label", frame.say("action.approve.named", ["name": binding.shopAlias])))
                }
                a(
                    frame.say("action.decline"), .class("button"), .href(frame.link("merchants", binding.merchantShopId, "decline")),
                    .aria("label", frame.say("action.decline.named", ["name": binding.shopAlias])))
            }
        }
    }

    private func row(_ binding: BindingView) -> HTML {
        tr {
            td(binding.shopAlias, .class("stay"))
            td { frame.number(binding.merchantShopId) }
            td {
                frame.badge("binding", binding.state.rawValue)
                if let reason = binding.reason, !reason.isEmpty { span(reason, .class("under")) }
            }
            td { frame.time(binding.updatedAt) }
            td(.class("do")) {
                if binding.state == .active {
                    a(frame.say("nav.parcels"), .href(frame.link("parcels", query: [("merchant", binding.merchantShopId)])))
                    a(
                        frame.say("action.unbind"), .class("button"), .href(frame.link("merchants", binding.merchantShopId, "unbind")),
                        .aria("label", frame.say("action.unbind.named", ["name": binding.shopAlias])))
                }
            }
        }
    }
}

/// Before an application is declined or a merchant unbound: what follows, and why.
struct MerchantConfirmation {
    enum Command: String, CaseIterable, Sendable { case approve, decline, unbind }

    let frame: PageFrame
    let binding: BindingView
    let command: Command
    var reason = ""
    var errors = FormErrors.none
    /// Of a refusal.
    var status = 200

    private var title: String { frame.say("merchants.\(command.rawValue).title", ["name": binding.shopAlias]) }

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(title, screen: "merchants", status: status, errors: errors) {
            p(say("merchants.\(command.rawValue).follows"))
            form(
                .method("post"), .action(frame.link("merchants", binding.merchantShopId, command.rawValue)), .class("card")
            ) {
                frame.hiddenFields
                frame.field("reason", value: reason, errors: errors, isRequired: false, width: "wide")
                frame.buttons(
                    say("action.\(command.rawValue).named", ["name": binding.shopAlias]), back: frame.link("merchants"),
                    style: command == .unbind ? "danger" : "main")
            }
        }
    }
}
