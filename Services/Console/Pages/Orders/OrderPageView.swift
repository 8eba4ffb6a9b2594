import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// The page of one order.
struct OrderPageView {
    let frame: PageFrame
    let order: OrderView
    let names: TargetNames
    let now: Timestamp

    func page(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(
            frame.say("order.title", ["order": order.platformOrderNumber]), screen: "orders", status: status, modules: ["confirm.js"],
            errors: errors, actions: actions
        ) {
            nav(.class("crumbs"), .aria("label", frame.say("nav.breadcrumb"))) {
                a(frame.say("nav.orders"), .href(frame.link("orders")))
            }
            summary
            holds
            lines
            allocations
            OrderTimeline(frame: frame, order: order, names: names).html
            frame.help("Z5", "Z7", "Z8", "V5")
            frame.confirmDialog
        }
    }

    private var actions: HTML {
        HTML {
            [("approve-order", "approve"), ("allocate", "allocate"), ("ship", "ship")].filter { order.actions.contains($0.0) }.map {
                name, path in
                a(
                    frame.say("action.\(name)"), .class(name == "ship" ? "button main" : "button"), .data("confirm", ""),
                    .href(frame.link("orders", path, query: [("order", order.orderId)])))
            }
        }
    }

    private var summary: HTML {
        let isLate = OrdersFilter.work.contains(order.state) && order.shipBy.map { $0 < now } ?? false
        return section(.class("card")) {
            frame.facts([
                (frame.say("column.state"), frame.badge("order", order.state.rawValue)),
                (frame.say("column.order"), frame.number(order.orderId)),
                (
                    frame.say("column.platformOrder"),
                    HTML(frame.named("platform", order.platform) + " ") + frame.number(order.platformOrderNumber)
                ),
                (frame.say("column.placedAt"), frame.time(order.placedAt)),
                (
                    frame.say("column.shipBy"),
                    HTML {
                        if let shipBy = order.shipBy { frame.time(shipBy) } else { frame.say("orders.shipByMissing") }
                        if isLate { span(" \(frame.say("time.due.late"))", .class("late")) }
                    }
                ),
                (frame.say("column.area"), HTML(order.area.map { "\($0.province) \($0.city) \($0.district)" } ?? frame.say("app.none"))),
                (frame.say("column.remark"), HTML(order.remark.isEmpty ? frame.say("app.none") : order.remark)),
            ])
            p(frame.say("order.privacy"), .class("small"))
        }
    }

    private var holds: HTML {
        guard !order.holds.isEmpty else { return .empty }
        return section(.class("message bad")) {
            h2(frame.say("order.holds"))
            order.holds.map { hold in
                p {
                    strong(frame.say("hold.\(hold.rawValue)"))
                    " "
                    frame.say("hold.\(hold.rawValue).blocks")
                }
            }
        }
    }

    private var lines: HTML {
        HTML {
            h2(frame.say("order.lines"))
            frame.tableRegion(frame.say("order.lines.caption"), head: ["goods", "sku", "ordered", "allocated", "shipped"]) {
                order.lines.map { line in
                    tr(Attribute.class("attention").when(line.allocated < line.quantity && OrdersFilter.work.contains(order.state))) {
                        th(.scope("row"), .class("goods stay")) { GoodsText.line(line.name, line.spec, line.sku) }
                        td { frame.number(line.sku) }
                        td(frame.language.grouped(line.quantity), .class("figure"))
                        td(frame.language.grouped(line.allocated), .class("figure"))
                        td(frame.language.grouped(line.shipped), .class("figure"))
                    }
                }
            }
        }
    }

    // MARK: Its parts

    private var allocations: HTML {
        // What is in force first.
        let sorted = order.allocations.filter { $0.state != .deallocated } + order.allocations.filter { $0.state == .deallocated }
        return HTML {
            h2(frame.say("order.allocations"))
            if sorted.isEmpty { p(frame.say("order.noAllocations")) } else { sorted.map { card($0) } }
        }
    }

    private func card(_ allocation: AllocationView) -> HTML {
        section(.class("card")) {
            h3 {
                frame.say("target.\(allocation.target.kind.rawValue)", ["name": names.name(allocation.target)])
                " "
                frame.badge("allocation", allocation.state.rawValue)
            }
            frame.facts(facts(allocation))
            div(.class("buttons")) { buttons(allocation) }
        }
    }

    private func facts(_ allocation: AllocationView) -> [(label: String, value: HTML)] {
        var rows: [(label: String, value: HTML)] = [(frame.say("column.allocation"), frame.number(allocation.allocationId))]
        if let reason = allocation.reason { rows.append((frame.say("column.reason"), HTML(frame.named("reason.deallocation", reason)))) }
        rows.append((frame.say("column.goods"), goods(allocation)))
        if let number = allocation.waybillNumber {
            let numbers = [number] + (allocation.extraNumbers ?? [])
            rows.append(
                (
                    frame.say("column.number"),
                    HTML(frame.named("carrier", allocation.carrier ?? "") + " ") + HTML(numbers.map { frame.number($0) + HTML(" ") })
                ))
        }
        if let outbound = allocation.outbound { rows += facts(outbound) }
        for upload in allocation.uploads ?? [] {
            rows.append(
                (
                    "\(frame.say("order.uploads")): \(frame.say("upload.\(upload.target.rawValue)"))",
                    HTML {
                        frame.badge("upload", upload.state)
                        if let reason = upload.reason { p(frame.named("reason.upload", reason)) }
                    }
                ))
        }
        return rows
    }

    private func facts(_ outbound: OutboundView) -> [(label: String, value: HTML)] {
        var rows: [(label: String, value: HTML)] = []
        if let number = outbound.partnerNumber { rows.append((frame.say("column.partnerNumber"), frame.number(number))) }
        if let state = outbound.state {
            rows.append(
                (
                    frame.say("nav.outbound"),
                    HTML {
                        frame.badge("outbound", state.rawValue)
                        " "
                        frame.time(outbound.occurredAt)
                    }
                ))
        }
        if let cancel = outbound.cancel {
            let state = cancel.replacing("cancel-failed", with: "failed")
            rows.append((frame.say("column.cancel"), HTML(frame.named("state.cancel", state))))
        }
        if let rejected = outbound.rejected { rows.append((frame.say("column.reason"), reason(rejected))) }
        if outbound.overdue == true { rows.append((frame.say("nav.outbound"), HTML(frame.say("event.shipping.outbound-overdue")))) }
        return rows
    }

    /// Why there is no outbound order: a code of ours, a code of JD's that the consent lacks, or the partner's own words.
    private func reason(_ rejected: String) -> HTML {
        if frame.say.has("reason.outbound.\(rejected)") { return HTML(frame.say("reason.outbound.\(rejected)")) }
        let parts = rejected.split(separator: " ", maxSplits: 2)
        if parts.count == 3, parts[1] == "is", parts[2].hasPrefix("missing"), frame.say.has("field.\(parts[0])") {
            return HTML(frame.say("reason.outbound.missing", ["field": frame.say("field.\(parts[0])")]))
        }
        return span(rejected, .translate(false))
    }

    private func goods(_ allocation: AllocationView) -> HTML {
        HTML {
            allocation.lines.map { part in
                div {
                    if let line = order.lines.first(where: { $0.lineId == part.lineId }) {
                        GoodsText.line(line.name, line.spec, line.sku)
                    } else {
                        frame.number(part.lineId)
                    }
                    " × \(part.quantity)"
                }
            }
        }
    }

    private func buttons(_ allocation: AllocationView) -> HTML {
        let id = allocation.allocationId
        let isFactory = allocation.target.kind == .factory
        let isOpen = allocation.state == .allocated || allocation.state == .ready
        return HTML {
            if isFactory, allocation.state == .ready, order.actions.contains("ship") { ask("ship", allocation, style: "button main") }
            if isFactory, isOpen, order.actions.contains("deallocate") { ask("deallocate", allocation) }
            if isFactory, allocation.state == .shipped, order.actions.contains("amend") { ask("amend", allocation) }
            if !isFactory, isOpen, order.actions.contains("cancel-outbound") { ask("cancel-outbound", allocation, style: "button danger") }
            if !isFactory, allocation.outbound?.partnerNumber != nil, order.actions.contains("pull-status") {
                frame.action("pull-status", to: frame.link("orders", "pull-status"), named: id) { fields(allocation) }
            }
            (allocation.uploads ?? []).filter { $0.state == "failed" && order.actions.contains("retry-upload") }.map { upload in
                frame.action(
                    "retry-upload", to: frame.link("orders", "retry-upload"), named: frame.say("upload.\(upload.target.rawValue)")
                ) {
                    fields(allocation)
                    Web.hidden("target", upload.target.rawValue)
                }
            }
        }
    }

    private func ask(_ name: String, _ allocation: AllocationView, style: String = "button") -> HTML {
        let link = frame.link("orders", name, query: [("order", order.orderId), ("allocation", allocation.allocationId)])
        return a(
            frame.say("action.\(name)"), .href(link), .class(style), .data("confirm", ""),
            .aria("label", frame.say("action.\(name).named", ["name": allocation.allocationId])))
    }

    private func fields(_ allocation: AllocationView) -> HTML {
        HTML {
            Web.hidden("order", order.orderId)
            Web.hidden("allocation", allocation.allocationId)
        }
    }
}
