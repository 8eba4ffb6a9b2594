import Contracts
import HTTP
import ReadModel
import Texts
import Web

/// What waits for its label: to be chosen.
struct PrintListView {
    let frame: PageFrame
    let parcels: [ParcelView]

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(say("print.title"), screen: "print", modules: ["select.js"], isLive: true) {
            frame.notice
            if parcels.isEmpty {
                frame.empty("print", isFiltered: false, first: frame.link("parcels", query: [("state", "open")]))
            } else {
                form(.method("post"), .action(frame.link("print")), .data("select", "")) {
                    frame.hiddenFields
                    div(.class("batch")) {
                        span(
                            say("select.count", count: parcels.count), .class("chosen"), .data("select-count", ""),
                            .data("text-count-one", say.forScript("select.count_one")),
                            .data("text-count-other", say.forScript("select.count_other")))
                        button(say("action.print.many"), .class("button main"))
                    }
                    frame.tableRegion(say("print.caption"), head: ["allocation", "goods", "area", "number"], first: tickHead) {
                        parcels.map { row($0) }
                    }
                }
            }
            frame.help("Z12")
        }
    }

    private var tickHead: HTML { th(.class("tick"), .scope("col")) { span(frame.say("select.column"), .class("hidden")) } }

    private func row(_ parcel: ParcelView) -> HTML {
        tr {
            td(.class("tick")) {
                label {
                    span(frame.say("select.row", ["name": parcel.allocationId]), .class("hidden"))
                    input(
                        .type("checkbox"), .name("allocationId"), .value(parcel.allocationId), .checked(), .data("select-row", ""))
                }
            }
            td(.class("stay")) {
                frame.parcelLink(parcel)
                span(parcel.shopAlias, .class("under"))
            }
            td(.class("goods")) { frame.goods(parcel) }
            td(frame.area(parcel))
            td { frame.numbers(parcel) }
        }
    }
}

/// The job: labels of the chosen parcels, in the list's order; then whether they came out.
struct PrintView {
    let frame: PageFrame
    let parcels: [ParcelView]
    var errors = FormErrors.none

    private func hasLabel(_ parcel: ParcelView) -> Bool {
        parcel.waybillNumber != nil && parcel.state != .voided && parcel.state != .shipped
    }
    private var printable: [ParcelView] { parcels.filter { hasLabel($0) && !FactoryDropship.isOrder($0.orderId) } }
    private var platform: [ParcelView] { parcels.filter { hasLabel($0) && FactoryDropship.isOrder($0.orderId) } }
    private var others: [ParcelView] { parcels.filter { !hasLabel($0) } }

    /// Pages may speak to the components on this PC, and to nothing else.
    static let policy: ContentSecurityPolicy = {
        var policy = ContentSecurityPolicy.page
        policy.connections += ["ws://127.0.0.1:5000", "ws://127.0.0.1:13528"].compactMap { ContentSecurityPolicy.Source(origin: $0) }
        return policy
    }()

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("print.title"), screen: "print", status: errors.isEmpty ? 200 : 400, modules: platform.isEmpty ? [] : ["print.js"],
            errors: errors, policy: platform.isEmpty ? .page : Self.policy
        ) {
            if parcels.isEmpty {
                p(say("select.none"))
                p { a(say("app.back"), .href(frame.link("print"))) }
            }
            if !others.isEmpty { unprintable }
            if printable.contains(where: { $0.copies > 0 }) {
                p(say("print.again.note", count: printable.count { $0.copies > 0 }), .class("message warn"))
            }
            if !printable.isEmpty { labels }
            if !platform.isEmpty { component }
            if !(printable + platform).isEmpty { list }
            frame.help("Z12")
        }
    }

    private var unprintable: HTML {
        section(.class("message warn")) {
            h2(frame.say("print.unprintable", count: others.count))
            ul {
                others.map { parcel in
                    li {
                        frame.parcelLink(parcel)
                        HTML(" ")
                        HTML(
                            parcel.waybillNumber == nil && parcel.state != .voided
                                ? frame.say("refusal.waybill-not-obtained.happened") : frame.say("state.parcel.\(parcel.state.rawValue)"))
                    }
                }
            }
        }
    }

    private var labels: HTML {
        let say = frame.say
        return section(.class("card")) {
            form(.method("post"), .action(frame.link("print", "labels")), .target("_blank")) {
                frame.hiddenFields
                frame.parcelFields(printable.map(\.allocationId))
                reason(printable, errors)
                button(say("print.pdf"), .class("button main"))
                p(say("print.pdf.hint"), .class("hint"))
            }
            h2(say("print.ask"))
            div(.class("buttons")) {
                form(.method("post"), .action(frame.link("print", "printed")), .class("inline")) {
                    frame.hiddenFields
                    frame.parcelFields(printable.map(\.allocationId))
                    button("\(say("print.ask.printed")) (\(frame.language.grouped(printable.count)))", .class("button"))
                }
            }
        }
    }

    /// Asked for where labels were printed before.
    private func reason(_ parcels: [ParcelView], _ errors: FormErrors) -> HTML {
        guard parcels.contains(where: Reprint.isOne) else { return .empty }
        return frame.choice(
            "reason", value: "",
            of: [("", frame.say("app.choose"))] + Reprint.allCases.map { ($0.rawValue, frame.say("print.again.reason.\($0.rawValue)")) },
            label: "reprintReason", errors: errors)
    }

    private var list: HTML {
        let all = printable + platform
        return frame.tableRegion(frame.say("print.caption"), head: ["place", "allocation", "goods", "number", "state", ""]) {
            all.enumerated().map { row($1, place: $0 + 1, of: all.count) }
        }
    }

    private func row(_ parcel: ParcelView, place: Int, of total: Int) -> HTML {
        let say = frame.say
        return tr(.data("print-row", parcel.allocationId)) {
            td("\(place)/\(total)", .class("figure"))
            td(.class("stay")) {
                frame.parcelLink(parcel)
                span(parcel.shopAlias, .class("under"))
            }
            td(.class("goods")) { frame.goods(parcel) }
            td { frame.numbers(parcel) }
            td {
                span(
                    say(parcel.copies > 0 ? "print.state.printed" : "print.state.waiting"),
                    .class("badge \(parcel.copies > 0 ? "good" : "info")"), .data("print-state", ""))
                div(.data("print-ask", ""), .hidden()) { span(say("print.ask"), .class("small")) }
            }
            td(.class("do")) {
                form(.method("post"), .action(frame.link("print", "printed")), .class("inline"), .data("print-mark", "")) {
                    frame.hiddenFields
                    frame.parcelFields([parcel.allocationId])
                    button(
                        say("print.ask.printed"), .class("button"),
                        .aria("label", say("action.mark-printed.named", ["name": parcel.allocationId])))
                }
            }
        }
    }

    // MARK: The platform's component

    private var component: HTML {
        let say = frame.say
        return section(.class("card")) {
            h2(say("print.component"))
            noscript { p(say("print.noScript")) }
            form(
                .method("post"), .action(frame.link("print", "jobs")), .data("print", ""), .hidden(),
                .data("text-waiting", say("print.state.waiting")), .data("text-sent", say("print.state.sent")),
                .data("text-rendered", say("print.state.rendered")), .data("text-printed", say("print.state.printed")),
                .data("text-failed", say("print.state.failed")), .data("text-canceled", say("print.state.canceled")),
                .data("text-unknown", say("print.state.unknown")), .data("text-lost", say("print.state.lost"))
            ) {
                frame.hiddenFields
                frame.parcelFields(platform.map(\.allocationId))
                frame.choice(
                    "component", value: "pinduoduo",
                    of: [("pinduoduo", say("print.component.pinduoduo")), ("cainiao", say("print.component.cainiao"))])
                frame.choice("printer", value: "", of: [])
                reason(platform, .none)
                div(.class("buttons")) {
                    button(say("print.connect"), .type("button"), .class("button"), .data("print-connect", ""))
                    button(say("print.button", count: platform.count), .class("button main"), .data("print-start", ""), .hidden())
                }
                div(.role("status"), .data("print-messages", "")) {}
                message("connecting", "print.connecting")
                message("connected", "print.connected")
                message("noPrinters", "print.noPrinters")
                message("notRunning", "print.refused.notRunning", "print.refused.notRunning.advice")
                message("notAllowed", "print.refused.notAllowed", "print.refused.notAllowed.advice")
                message("https", "print.refused.https", "print.refused.https.advice")
                message("notOpened", "print.refused.notOpened", "print.refused.notOpened.advice")
            }
        }
    }

    private func message(_ name: String, _ keys: String...) -> HTML {
        template(.data("print-message", name)) { keys.map { p(frame.say($0)) } }
    }
}

/// Nothing was printed: each label that cannot be, with its reason; the others may be printed without them.
struct UnprintableView {
    let frame: PageFrame
    let refusals: [LabelRefusal]
    let asked: [String]

    var page: HTTPResponse {
        let say = frame.say
        let bad = Set(refusals.map(\.allocationId))
        let good = asked.filter { !bad.contains($0) }
        return frame.page(say("print.title"), screen: "print", status: refusals.first?.status ?? 409) {
            section(.class("message bad")) {
                h2(say("print.unprintable", count: refusals.count))
                ul {
                    refusals.map { refusal in
                        li {
                            a(
                                .href(frame.link("parcels", refusal.allocationId)), .class("number"), .translate(false)
                            ) { refusal.allocationId }
                            HTML(" ")
                            HTML(text(refusal))
                        }
                    }
                }
            }
            if !good.isEmpty {
                form(.method("post"), .action(frame.link("print", "labels")), .class("card")) {
                    frame.hiddenFields
                    frame.parcelFields(good)
                    button(say("print.button", count: good.count), .class("button main"))
                }
            }
            p { a(say("app.back"), .href(frame.link("print"))) }
        }
    }

    private func text(_ refusal: LabelRefusal) -> String {
        // A service's own words are English: they are for the API.
        if refusal.detail == nil || refusal.detail?.zh == refusal.detail?.en, frame.say.has("refusal.\(refusal.code).happened") {
            return "\(frame.say("refusal.\(refusal.code).happened")) \(frame.say("refusal.\(refusal.code).advice"))"
        }
        return refusal.detail?[frame.language] ?? refusal.code
    }
}
