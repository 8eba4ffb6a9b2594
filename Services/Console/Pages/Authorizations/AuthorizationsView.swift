import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Texts
import Threads
import Web

/// Consents at partners.
struct AuthorizationsView {
    let frame: PageFrame
    /// Names of channels by their ids.
    let channels: [String: String]

    func list(_ rows: [AuthorizationView], next: String?) -> HTTPResponse {
        frame.page(frame.say("authorizations.title"), screen: "authorizations", actions: frame.export("authorizations")) {
            if rows.isEmpty {
                frame.empty("authorizations", isFiltered: false)
            } else {
                frame.tableRegion(
                    frame.say("authorizations.caption"), head: ["provider", "pin", "department", "state", "expires", "subscription", ""]
                ) {
                    rows.map { row in
                        tr {
                            th(.scope("row"), .class("stay")) {
                                a(
                                    frame.named("provider", row.provider ?? ""),
                                    .href(frame.link("authorizations", row.authorizationId)))
                                if let mode = row.mode { span(frame.named("mode", mode), .class("under")) }
                            }
                            td { frame.number(name(row)) }
                            td {
                                frame.number(row.departmentCode ?? "")
                                span(.class("under")) { frame.number(row.warehouseCode ?? "") }
                            }
                            td { frame.badge("authorization", row.state.rawValue) }
                            td { frame.time(row.expiresAt) }
                            td(row.messageSubscription.map { frame.say($0 ? "app.yes" : "app.no") } ?? "")
                            td(.class("do")) {
                                a(
                                    frame.say("app.details"), .class("button"), .href(frame.link("authorizations", row.authorizationId)),
                                    .aria("label", "\(frame.say("app.details")) \(name(row))"))
                            }
                        }
                    }
                }
            }
            frame.pager(next: next)
            frame.help("V4", "V5", "V7")
        }
    }

    /// The account, or the channel, that was authorized.
    private func name(_ row: AuthorizationView) -> String { row.pin ?? row.channelId.map { channels[$0] ?? $0 } ?? "" }
}

/// One consent: what it needs next, and what can be done with it.
struct AuthorizationDetail: Sendable {
    /// A step before or at the consent.
    struct Prerequisite: Sendable {
        var text: String
        var url: String?

        /// Of the answer to `begin`.
        static func read(_ sent: SentCommand, _ language: Language) -> [Prerequisite] {
            let events = sent.events.compactMap { try? JSONValue.decode($0) }
            let event = events.first { $0["type"]?.string == ConsentRequested.type }
            return (event?["data"]?["prerequisites"]?.array ?? []).map { row in
                Prerequisite(text: FulfilmentView.Offer.text(row["text"], language), url: row["url"]?.string)
            }
        }
    }

    let frame: PageFrame
    let row: AuthorizationView
    var prerequisites: [Prerequisite] = []
    /// Code of the warehouse that it made.
    var warehouse: String?
    /// Name of the channel that it is for.
    var channel: String?

    private var isJD: Bool { row.channelId == nil }
    private var name: String { row.pin ?? channel ?? row.channelId ?? row.authorizationId }
    private var screen: String { isJD ? "authorizations" : "channels" }

    func page(_ errors: FormErrors = .none, url: String = "", status: Int = 200) -> HTTPResponse {
        frame.page(
            "\(frame.named("provider", row.provider ?? "")) \(name)", screen: screen, status: status,
            modules: ["confirm.js"] + (row.state == .requested ? ["again.js"] : []),
            errors: errors
        ) {
            if isJD, row.state == .requested || row.state == .granted {
                ConsentSteps(frame: frame, at: row.state == .granted ? 4 : 2).html
            }
            section(.class("card")) { frame.facts(facts) }
            switch row.state {
            case .requested: consent(errors, url)
            case .granted: granted
            case .failed, .expired, .revoked: again
            }
            if isJD { frame.help("V4", "V5", "V7") } else { frame.help("Z15") }
            frame.confirmDialog
        }
    }

    private var facts: [(label: String, value: HTML)] {
        var facts: [(label: String, value: HTML)] = [
            (frame.say("column.state"), frame.badge("authorization", row.state.rawValue))
        ]
        if let pin = row.pin { facts.append((frame.say("column.pin"), frame.number(pin))) }
        if let code = row.departmentCode { facts.append((frame.say("column.department"), frame.number(code))) }
        if let code = row.warehouseCode { facts.append((frame.say("field.warehouseCode"), frame.number(code))) }
        if let reason = row.reason {
            let text =
                frame.say.has("reason.consent.\(reason)")
                ? frame.say("reason.consent.\(reason)") : frame.named("refusal", "\(reason).happened")
            facts.append((frame.say("column.reason"), HTML(text)))
        }
        if let time = row.expiresAt { facts.append((frame.say("column.expires"), frame.time(time))) }
        return facts
    }

    // MARK: What comes next

    private func consent(_ errors: FormErrors, _ url: String) -> HTML {
        HTML {
            if !prerequisites.isEmpty {
                section(.class("card")) {
                    h2(frame.say("fulfilment.step.prerequisites"))
                    ul {
                        prerequisites.map { entry in
                            li {
                                if let link = entry.url.flatMap({ try? Link(address: $0) }) {
                                    a(entry.text, .href(link), .rel("noreferrer"), .target("_blank"))
                                } else {
                                    HTML(entry.text)
                                }
                            }
                        }
                    }
                }
            }
            section(.class("card")) {
                h2(frame.say(isJD ? "fulfilment.step.login" : "channels.authorize.title"))
                p(frame.say(isJD ? "fulfilment.login.text" : "channels.authorize.order"))
                if let link = row.authorizeUrl.flatMap({ try? Link(address: $0) }) {
                    p {
                        a(
                            frame.say(isJD ? "fulfilment.login.link" : "channels.authorize.link"), .href(link), .class("button main"),
                            .rel("noreferrer"), .target("_blank"))
                    }
                }
                if let time = row.expiresAt {
                    let key = isJD ? "fulfilment.waiting" : "channels.authorize.waiting"
                    p(frame.say(key, ["time": frame.zone?.text(time) ?? time.description]))
                }
                p(.data("again", "")) {
                    a(frame.say("table.refresh"), .href(frame.link("authorizations", row.authorizationId)), .class("button"))
                }
            }
            section(.class("card")) {
                p(frame.say("channels.authorize.paste"))
                form(.method("post"), .action(frame.link("authorizations", row.authorizationId, "complete"))) {
                    frame.hiddenFields
                    frame.field("redirectUrl", value: url, errors: errors, width: "wide", .spellcheck(false), .autocapitalize("off"))
                    if isJD { frame.tick("messageSubscription", text: frame.say("authorizations.subscribed")) }
                    button(frame.say("action.complete"), .class("button main"))
                }
            }
        }
    }

    private var granted: HTML {
        HTML {
            if let warehouse { div(.class("message good")) { p(frame.say("fulfilment.granted", ["code": warehouse])) } }
            if isJD, let isOn = row.messageSubscription {
                div(.class(isOn ? "message good" : "message warn")) {
                    p(frame.say(isOn ? "warehouses.subscription.on" : "warehouses.subscription.off"))
                    if !isOn { p(frame.say("help.V5")) }
                }
            }
            div(.class("buttons")) {
                frame.action("refresh", to: frame.link("authorizations", row.authorizationId, "refresh"), named: name)
                if isJD {
                    a(frame.say("authorizations.again"), .href(begin), .class("button"))
                }
                a(
                    frame.say("action.revoke"), .href(frame.link("authorizations", row.authorizationId, "revoke")),
                    .class("button danger"), .data("confirm", ""))
            }
        }
    }

    private var begin: Link { frame.link("fulfilment", "begin", query: [("authorization", row.authorizationId)]) }

    private var again: HTML {
        div(.class("buttons")) {
            if isJD {
                a(frame.say("authorizations.again"), .href(begin), .class("button main"))
            } else {
                a(frame.say("nav.channels"), .href(frame.link("channels")), .class("button main"))
            }
        }
    }

    /// What follows, before it is done.
    var revoke: HTTPResponse {
        frame.confirmation(
            frame.say("authorizations.revoke.title", ["name": name]), screen: screen,
            action: frame.link("authorizations", row.authorizationId, "revoke"), button: frame.say("action.revoke"),
            back: frame.link("authorizations", row.authorizationId), isDangerous: true
        ) { if isJD { p(frame.say("authorizations.revoke.follows")) } }
    }
}
