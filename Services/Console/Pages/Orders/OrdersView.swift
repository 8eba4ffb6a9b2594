import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// The list of orders.
struct OrdersView {
    private static let limits = [25, 50, 100, 200]
    /// Goods and remarks are searched so far back.
    private static let searched = 100_000

    let frame: PageFrame
    let model: OrdersModel

    private var filter: OrdersFilter { model.filter }

    private var parts: SelectionParts {
        var parts = SelectionParts(frame: frame, list: .orders, selection: model.selection, shown: model.orders.map(\.orderId))
        parts.hasMore = !filter.isChosen && (model.next != nil || filter.after != nil)
        // The counters know tabs, not filters.
        if !filter.isNarrowed, filter.states.count == 1 { parts.matching = filter.states.first.flatMap { model.counts[$0] } }
        return parts
    }

    var page: HTTPResponse {
        let upload = a(frame.say("nav.imports"), .href(frame.link("imports")), .class("button")) + frame.export("orders")
        return frame.page(
            frame.say("orders.title"), screen: "orders", modules: ["select.js", "confirm.js", "shortcuts.js"], isLive: true, actions: upload
        ) {
            tabs
            filters
            if model.orders.isEmpty {
                parts.notice
                frame.empty("orders", isFiltered: filter.isNarrowed || !filter.states.isEmpty, first: frame.link("imports"))
                frame.pager(next: model.next)
            } else {
                parts.notice
                newer
                list
                parts.pager(next: model.next)
            }
            frame.help("Z5", "Z6", "Z7", "Z8", "Z9")
            frame.confirmDialog
        }
    }

    // MARK: What is shown

    private var tabs: HTML {
        let states: [(state: String?, text: String, count: Int?)] =
            [(nil, frame.say("orders.tab.all"), nil)]
            + OrderStateName.allCases.map { ($0.rawValue, frame.say("state.order.\($0.rawValue)"), model.counts[$0] ?? 0) }
        return frame.tabs(
            frame.say("filter.state"), parameter: "state", selected: filter.states.count == 1 ? filter.states.first?.rawValue : nil,
            of: states, base: ["m", frame.shop ?? "", "orders"], keeping: [("selection", model.selection.id)])
    }

    private var filters: HTML {
        let say = frame.say
        return form(.method("get"), .action(frame.link("orders")), .class("filter")) {
            filter.states.map { Web.hidden("state", $0.rawValue) }
            if filter.limit != 50 { Web.hidden("limit", "\(filter.limit)") }
            model.selection.id.map { Web.hidden("selection", $0) }
            div(.class("field")) {
                label(say("search.label"), .for("text"))
                input(
                    .type("search"), .id("text"), .name("text"), .value(filter.text), .autocomplete("off"), .spellcheck(false),
                    .aria("describedby", "text-hint"))
            }
            select("hold", say("filter.hold"), filter.hold?.rawValue ?? "", Hold.allCases.map { ($0.rawValue, say("hold.\($0.rawValue)")) })
            select(
                "factory", say("filter.factory"), filter.factory,
                model.names.factories.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            day("from", say("filter.from"), filter.from)
            day("to", say("filter.to"), filter.to)
            day("shipBefore", say("filter.shipBefore"), filter.shipBefore)
            select(
                "order", say("table.order"), filter.order?.rawValue ?? "",
                ListOrder.allCases.map { ($0.rawValue, say("table.order.\($0.rawValue)")) })
            button(say("filter.apply"), .class("button"))
            if filter.isNarrowed {
                a(
                    say("filter.clear"),
                    .href(frame.link("orders", query: filter.states.map { ("state", Optional($0.rawValue)) })))
            }
            p(
                "\(say("search.hint")) \(say("table.substring", ["limit": frame.language.grouped(Self.searched)]))", .class("hint"),
                .id("text-hint"))
        }
    }

    private func select(_ name: String, _ text: String, _ value: String, _ options: [(value: String, text: String)]) -> HTML {
        div(.class("field")) {
            label(text, .for(name))
            Web.select(.id(name), .name(name)) {
                option(frame.say("filter.any"), .value(""))
                options.map { option($0.text, .value($0.value), Attribute.selected($0.value == value)) }
            }
        }
    }

    private func day(_ name: String, _ text: String, _ value: String) -> HTML {
        div(.class("field")) {
            label(text, .for(name))
            input(.type("date"), .id(name), .name(name), .value(value))
        }
    }

    private var newer: HTML {
        p(
            .class("newer"), .data("live-newer", "order"), .hidden(), .data("text-count-one", frame.say.forScript("orders.new_one")),
            .data("text-count-other", frame.say.forScript("orders.new_other"))
        ) { a("", .href(frame.here)) }
    }

    // MARK: The table

    private var list: HTML {
        let tickHead = th(.scope("col"), .class("tick")) {
            span(frame.say("select.column"), .class("hidden"))
            label(.hidden()) {
                input(.type("checkbox"), .data("select-page", ""), .aria("label", frame.say("select.page")))
            }
        }
        return form(
            .method("post"), .action(frame.link("orders", "allocate")), .id(ChosenList.form), .data("select", ""), parts.elsewhere
        ) {
            frame.hiddenFields
            parts.fields
            frame.tableRegion(
                frame.say("orders.title"), head: ["order", "shipBy", "goods", "target", "state", ""], first: tickHead
            ) { model.orders.map { row($0) } }
            batchBar
        }
    }

    private var batchBar: HTML {
        let ticked = Link(
            frame.call.request.target,
            query: frame.call.request.query.filter { $0.name != "ticked" }.map { ($0.name, $0.value) } + [("ticked", "page")])
        return div(.class("batch")) {
            parts.status(ticked: filter.isTicked ? model.orders.count : 0)
            if let ticked { a(frame.say("select.page"), .href(ticked)) }
            [("allocate", "allocate"), ("deallocate", "deallocate"), ("ship", "ship"), ("approve-order", "approve")].map { name, path in
                button(
                    frame.say("action.\(name).many"), .class(name == "allocate" ? "button main" : "button"),
                    .formaction(frame.link("orders", path)), .data("confirm", ""))
            }
            parts.keeper
        }
    }

    func row(_ order: OrderView) -> HTML {
        let inForce = order.allocations.filter { $0.state != .deallocated }
        let fragment = frame.link("rows", "orders", order.orderId, query: [("selection", model.selection.id)]).text
        return tr(
            .data("live", "order"), .data("id", order.orderId), .data("version", "\(order.version)"), .data("fragment", fragment),
            .data("row", "")
        ) {
            td(.class("tick")) {
                label {
                    input(
                        .type("checkbox"), .name("order"), .value(order.orderId), .data("select-row", ""),
                        .checked(filter.isTicked || model.selection.contains(order.orderId)),
                        .aria("label", frame.say("select.row", ["name": order.platformOrderNumber])))
                }
            }
            th(.scope("row"), .class("stay")) {
                a(.href(frame.link("orders", order.orderId))) { frame.number(order.platformOrderNumber) }
                span(.class("under")) { frame.number(order.orderId) }
                span(.class("under")) {
                    frame.named("platform", order.platform)
                    " "
                    frame.time(order.placedAt)
                }
                button(
                    frame.say("live.changed"), .type("button"), .class("link"), .data("live-note", ""), .data("live-update", ""), .hidden())
            }
            td { due(order) }
            td(.class("goods")) { goods(order) }
            td { inForce.map { part($0) } }
            td {
                frame.badge("order", order.state.rawValue)
                order.holds.map { span(frame.say("hold.\($0.rawValue)"), .class("under")) }
            }
            td(.class("do")) { actions(order) }
        }
    }

    private func due(_ order: OrderView) -> HTML {
        guard let shipBy = order.shipBy else { return span(frame.say("orders.shipByMissing"), .class("small")) }
        let isOpen = OrdersFilter.work.contains(order.state)
        let isLate = isOpen && shipBy < model.now
        let isToday = isOpen && !isLate && frame.zone.map { $0.dayText(shipBy) == $0.dayText(model.now) } ?? false
        return HTML {
            frame.time(shipBy)
            if isLate { span(frame.say("time.due.late"), .class("under late")) }
            if isToday { span(frame.say("time.due.today"), .class("under due")) }
        }
    }

    private func goods(_ order: OrderView) -> HTML {
        HTML {
            order.lines.prefix(3).map { line in div { GoodsText.line(line.name, line.spec, line.sku) + HTML(" × \(line.quantity)") } }
            if order.lines.count > 3 { div("…", .class("under")) }
            if !order.remark.isEmpty { span("\(frame.say("column.remark")): \(order.remark)", .class("under")) }
            if let area = order.area { span(.class("under")) { "\(area.province) \(area.city) \(area.district)" } }
        }
    }

    private func part(_ allocation: AllocationView) -> HTML {
        div {
            model.names.name(allocation.target)
            if let number = allocation.waybillNumber {
                span(.class("under")) {
                    frame.named("carrier", allocation.carrier ?? "")
                    " "
                    frame.number(number)
                }
            }
            if let state = allocation.outbound?.state { span(.class("under")) { frame.say("state.outbound.\(state.rawValue)") } }
        }
    }

    /// The next step alone: the others are on the order's page.
    private func actions(_ order: OrderView) -> HTML {
        let steps = [("approve-order", "approve"), ("ship", "ship"), ("allocate", "allocate"), ("deallocate", "deallocate")]
        guard let step = steps.first(where: { order.actions.contains($0.0) }) else { return .empty }
        return a(
            frame.say("action.\(step.0)"), .class("button"), .data("confirm", ""),
            .href(frame.link("orders", step.1, query: [("order", order.orderId)])),
            .aria("label", frame.say("action.\(step.0).named", ["name": order.platformOrderNumber])))
    }
}

/// Goods as people read them.
enum GoodsText {
    static func line(_ name: String, _ spec: String, _ sku: String) -> HTML {
        let text = [name, spec].filter { !$0.isEmpty }.joined(separator: " ")
        return HTML { if text.isEmpty { span(sku, .class("number"), .translate(false)) } else { HTML(text) } }
    }
}
