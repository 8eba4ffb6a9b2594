import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// Factories, bound and asked.
struct FactoriesView {
    struct Row: Sendable {
        var id: String
        /// nil: it is not told.
        var name: String?
        var state: PairState
        var reason: String?
        var message: String?
        var since: Timestamp?

        init(_ binding: BindingView, name: String?) {
            id = binding.factoryShopId
            self.name = name
            state = binding.state
            (reason, message, since) = (binding.reason, binding.message, binding.updatedAt)
        }
    }

    let frame: PageFrame
    let rows: [Row]

    func page(_ errors: FormErrors = .none, factory: String = "", message: String = "", status: Int = 200) -> HTTPResponse {
        frame.page(
            frame.say("factories.title"), screen: "factories", status: status, modules: ["confirm.js"], errors: errors,
            actions: frame.export("factories")
        ) {
            frame.notice
            if frame.call.request.query("applied") != nil, errors.isEmpty {
                div(.class("message good"), .role("status")) { p(frame.say("factories.applied")) }
            }
            if rows.isEmpty { frame.empty("factories", isFiltered: false, first: .place("factoryShopId")) } else { table }
            section(.class("card")) {
                h2(frame.say("action.apply"))
                form(.method("post"), .action(frame.link("factories"))) {
                    frame.hiddenFields
                    frame.field("factoryShopId", value: factory, errors: errors, .data("scan", ""))
                    frame.field("message", value: message, errors: errors, isRequired: false, width: "wide")
                    button(frame.say("action.apply"), .class("button main"))
                }
            }
            frame.help("Z4")
            frame.confirmDialog
        }
    }

    private var table: HTML {
        frame.tableRegion(frame.say("factories.caption"), head: ["factory", "state", "since", "openAllocations", "reason", ""]) {
            rows.map { row in
                tr {
                    th(.scope("row"), .class("stay")) {
                        if let name = row.name { HTML(name) }
                        span(.class("under")) { frame.number(row.id) }
                    }
                    td { frame.badge("binding", row.state.rawValue) }
                    td { frame.time(row.since) }
                    td {
                        if row.state == .active {
                            a(frame.say("nav.orders"), .href(frame.link("orders", query: [("factory", row.id)])))
                        }
                    }
                    td(row.state == .pending ? row.message ?? "" : row.reason ?? "")
                    td(.class("do")) { action(row) }
                }
            }
        }
    }

    private func action(_ row: Row) -> HTML {
        let name = row.name ?? row.id
        switch row.state {
        case .active:
            return a(
                frame.say("action.unbind"), .href(frame.link("factories", row.id, "unbind")), .class("button danger"), .data("confirm", ""),
                .aria("label", frame.say("action.unbind.named", ["name": name])))
        case .pending:
            return frame.action("withdraw", to: frame.link("factories", "withdraw"), named: name) { Web.hidden("factoryShopId", row.id) }
        case .declined, .withdrawn, .ended:
            return frame.action("apply", to: frame.link("factories")) { Web.hidden("factoryShopId", row.id) }
        }
    }

    /// What follows, before it is done.
    func unbind(_ row: Row) -> HTTPResponse {
        let title = frame.say("factories.unbind.title", ["name": row.name ?? row.id])
        return frame.confirmation(
            title, screen: "factories", action: frame.link("factories", row.id, "unbind"), button: frame.say("action.unbind"),
            back: frame.link("factories"), isDangerous: true
        ) {
            p(frame.say("factories.unbind.follows"))
            frame.field("reason", isRequired: false, width: "wide")
        }
    }
}
