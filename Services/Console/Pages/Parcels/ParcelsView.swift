import Contracts
import HTTP
import ReadModel
import Texts
import Threads
import Web

struct ParcelsView {
    let frame: PageFrame
    let filter: ParcelFilter
    let parcels: [(parcel: ParcelView, doorCount: Int)]
    let next: String?
    let counts: [ParcelStateName: Int]
    let merchants: [(shopId: String, alias: String)]
    var selection = PageSelection()
    var errors = FormErrors.none

    private var parts: SelectionParts {
        var parts = SelectionParts(frame: frame, list: .parcels, selection: selection, shown: parcels.map(\.parcel.allocationId))
        parts.hasMore = !filter.isChosen && (next != nil || filter.after != nil)
        // The counters know tabs, not filters.
        if !filter.isFiltered, let state = filter.state { parts.matching = counts[state] }
        return parts
    }

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("parcels.title"), screen: "parcels", status: errors.isEmpty ? 200 : 400,
            modules: ["select.js", "confirm.js", "shortcuts.js"],
            errors: errors, isLive: true, actions: frame.export("parcels")
        ) {
            frame.tabs(
                say("filter.state"), parameter: "state", selected: filter.state?.rawValue,
                of: [(nil, say("filter.any"), nil)]
                    + ParcelStateName.allCases.map { ($0.rawValue, say("state.parcel.\($0.rawValue)"), counts[$0] ?? 0) },
                base: ["f", frame.shop ?? "", "parcels"], keeping: [("selection", selection.id)])
            filterForm
            parts.notice
            if parcels.isEmpty {
                if errors.isEmpty { frame.empty("parcels", isFiltered: filter.isFiltered || filter.state != nil) }
            } else {
                list
                parts.pager(next: next)
                frame.confirmDialog
            }
            p(say("parcel.privacy"), .class("hint"))
            frame.help("Z12", "Z13")
        }
    }

    // MARK: Filter

    private var filterForm: HTML {
        let say = frame.say
        let any = ("", say("filter.any"))
        return form(.method("get"), .action(frame.link("parcels")), .class("filter"), .role("search")) {
            if let state = filter.state { Web.hidden("state", state.rawValue) }
            if !filter.door.isEmpty { Web.hidden("door", filter.door) }
            selection.id.map { Web.hidden("selection", $0) }
            input("text", say("search.label"), filter.text, type: "search", hint: say("search.hint"))
            if !merchants.isEmpty {
                select("merchant", say("filter.merchant"), filter.merchant, [any] + merchants.map { ($0.shopId, $0.alias) })
            }
            select("carrier", say("filter.carrier"), filter.carrier, [any] + CarrierCodes.all.map { ($0, frame.carrierName($0)) })
            input("from", say("filter.from"), filter.from, type: "date")
            input("to", say("filter.to"), filter.to, type: "date")
            select(
                "order", say("table.order"), filter.order.rawValue,
                ListOrder.allCases.map { ($0.rawValue, say("table.order.\($0.rawValue)")) })
            select("limit", say("table.limit"), "\(filter.limit)", ParcelFilter.limits.map { ("\($0)", "\($0)") })
            button(say("filter.apply"), .class("button"))
            if filter.isFiltered {
                a(say("filter.clear"), .href(frame.link("parcels", query: [("state", filter.state?.rawValue)])))
            }
        }
    }

    private func input(_ name: String, _ text: String, _ value: String, type: String, hint: String? = nil) -> HTML {
        div(.class("field")) {
            label(text, .for(name))
            if let error = errors[name] { p(error, .class("error"), .id("\(name)-error")) }
            Web.input(
                [
                    .id(name), .name(name), .type(type), .value(value), .autocomplete("off"),
                    .aria("invalid", true).when(errors[name] != nil),
                    .data("scan", "").when(type == "search"), Attribute.title(hint ?? "").when(hint != nil),
                ])
        }
    }

    private func select(_ name: String, _ text: String, _ value: String, _ options: [(value: String, text: String)]) -> HTML {
        div(.class("field")) {
            label(text, .for(name))
            Web.select(.id(name), .name(name)) {
                options.map { entry in option(entry.text, .value(entry.value), Attribute.selected(entry.value == value)) }
            }
        }
    }

    // MARK: List

    private var list: HTML {
        let say = frame.say
        return div(.data("select", ""), parts.elsewhere) {
            p(
                .class("newer"), .data("live-newer", "parcel"), .hidden(), .data("text-count-one", say.forScript("parcels.new_one")),
                .data("text-count-other", say.forScript("parcels.new_other"))
            ) { a("", .href(frame.here)) }
            frame.tableRegion(
                say("parcels.caption"), head: ["allocation", "goods", "area", "state", "number", "allocatedAt"], first: headerBox
            ) {
                parcels.map { entry in
                    ParcelRow(
                        frame: frame, parcel: entry.parcel, doorCount: entry.doorCount,
                        isChosen: selection.contains(entry.parcel.allocationId), selection: selection.id
                    ).html
                }
            }
            batchBar
        }
    }

    private var headerBox: HTML {
        th(.class("tick"), .scope("col")) {
            span(frame.say("select.column"), .class("hidden"))
            label(.hidden()) {
                span(frame.say("select.page"), .class("hidden"))
                Web.input([.type("checkbox"), .data("select-page", "")])
            }
        }
    }

    private var batchBar: HTML {
        let say = frame.say
        return form(.method("post"), .action(frame.link("selection")), .id(ChosenList.form), .class("batch")) {
            frame.hiddenFields
            Web.hidden("back", frame.here.text)
            parts.fields
            parts.status(ticked: 0)
            button(say("action.obtain.many"), .class("button"), .name("command"), .value("obtain"), .data("confirm", ""))
            button(say("action.print.many"), .class("button"), .formaction(frame.link("print")))
            button(say("action.mark-printed"), .class("button"), .name("command"), .value("mark-printed"), .data("confirm", ""))
            button(say("action.return.many"), .class("button"), .name("command"), .value("return"), .data("confirm", ""))
            button(say("action.cancel.many"), .class("button danger end"), .name("command"), .value("cancel"), .data("confirm", ""))
            parts.keeper
        }
    }
}

/// A row of the list of parcels.
struct ParcelRow {
    let frame: PageFrame
    let parcel: ParcelView
    /// Of the first of several that go to one door.
    let doorCount: Int
    var isChosen = false
    /// The list's.
    var selection: String?

    var html: HTML {
        let say = frame.say
        let id = parcel.allocationId
        return tr(
            .class("attention").when(parcel.readdressed == true), .data("row", ""), .data("live", "parcel"), .data("id", id),
            .data("version", "\(parcel.version)"), .data("fragment", frame.link("parcel-rows", id, query: [("selection", selection)]).text)
        ) {
            td(.class("tick")) {
                label {
                    span(say("select.row", ["name": id]), .class("hidden"))
                    Web.input([
                        .type("checkbox"), .name("allocationId"), .value(id), .form(ChosenList.form), .data("select-row", ""),
                        .checked(isChosen),
                    ])
                }
            }
            td(.class("stay")) {
                frame.parcelLink(parcel)
                span(parcel.shopAlias, .class("under"))
                button(say("live.changed"), .type("button"), .class("link"), .data("live-note", ""), .data("live-update", ""), .hidden())
            }
            td(.class("goods")) { frame.goods(parcel) }
            td {
                HTML(frame.area(parcel))
                if doorCount > 1, let door = parcel.mergeKey {
                    span(.class("under")) {
                        a(
                            say("parcels.door", count: doorCount),
                            .href(frame.link("parcels", query: [("door", door), ("merchant", parcel.merchantShopId)])))
                    }
                }
            }
            td { frame.parcelState(parcel) }
            td { frame.numbers(parcel) }
            td { frame.time(parcel.openedAt) }
        }
    }
}
