import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// The choice of a target, with what will be left out.
struct AllocateView {
    /// What of one order is to be allocated, as the page showed it.
    struct Parts {
        var order: String
        /// `{lineId, quantity}`
        var lines: [JSONValue]
    }

    let frame: PageFrame
    let selection: OrderSelection
    let names: TargetNames
    let stock: [StockRow]

    static func target(_ text: String) -> Target? {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = Target.Kind(rawValue: parts[0]) else { return nil }
        return Target(kind, parts[1])
    }

    /// Lines by order: `line` is `<lineId>`, its order `of`, its quantity `quantity`, each once for every line that was shown.
    static func parts(_ form: PageForm, _ frame: PageFrame, _ errors: inout FormErrors) -> [Parts] {
        let (orders, lines, quantities) = (form.all("of"), form.all("line"), form.all("quantity"))
        guard orders.count == lines.count, lines.count == quantities.count else { return [] }
        var parts: [Parts] = []
        for index in orders.indices {
            guard let quantity = Int(quantities[index].trimmedBlanks), (0...1_000_000).contains(quantity) else {
                errors.add(
                    "quantity-\(index)",
                    frame.say(
                        "error.number", ["field": frame.say("field.quantity"), "least": "0", "most": frame.language.grouped(1_000_000)]))
                continue
            }
            if parts.last?.order != orders[index] { parts.append(Parts(order: orders[index], lines: [])) }
            guard quantity > 0 else { continue }
            parts[parts.count - 1].lines.append(.object([("lineId", .string(lines[index])), ("quantity", .int(quantity))]))
        }
        let filled = parts.filter { !$0.lines.isEmpty }
        if filled.isEmpty, errors.isEmpty { errors.add("quantity-0", frame.required("quantity")) }
        return filled
    }

    func page(_ errors: FormErrors = .none, target: String = "", status: Int = 200) -> HTTPResponse {
        let count = selection.items.count
        let title = frame.say("allocate.title", count: count)
        guard count > 0 else {
            return frame.nothingToConfirm(frame.say("confirm.title"), screen: "orders", back: frame.link("orders")) {
                frame.skippedOrders(selection)
            }
        }
        guard !names.active.isEmpty else {
            return frame.page(title, screen: "orders") {
                div(.class("empty")) {
                    p(frame.say("allocate.target.none"))
                    p { a(frame.say("nav.factories"), .href(frame.link("factories")), .class("button")) }
                }
            }
        }
        return frame.confirmation(
            title, screen: "orders", status: status, action: frame.link("orders", "allocate"),
            button: frame.say("allocate.button", count: count), back: frame.link("orders"), errors: errors
        ) {
            selection.retryOf.map { Web.hidden("retryOf", $0) }
            selection.items.map { Web.hidden("order", $0.order.orderId) }
            targets(errors, target)
            if count == 1, let only = selection.items.first { lines(only.order, errors) } else { all }
            stockOfWarehouses
            p(frame.say("allocate.follows"), .class("small"))
            if names.active.contains(where: { $0.kind == .warehouse }) { p(frame.say("allocate.follows.warehouse"), .class("small")) }
            frame.skippedOrders(selection)
        }
    }

    private func targets(_ errors: FormErrors, _ chosen: String) -> HTML {
        frame.choice(
            "target", value: chosen,
            of: (names.active.count == 1 ? [] : [("", frame.say("form.choose"))])
                + names.active.map { target in
                    (
                        "\(target.kind.rawValue):\(target.id)",
                        frame.say("target.\(target.kind.rawValue)", ["name": names.name(target)])
                    )
                }, errors: errors)
    }

    /// Of one order: how much of each line.
    private func lines(_ order: OrderView, _ errors: FormErrors) -> HTML {
        let left = order.lines.filter { $0.quantity > $0.allocated }
        return HTML {
            p { frame.number(order.platformOrderNumber) }
            frame.tableRegion(frame.say("allocate.part"), head: ["goods", "ordered", "allocated", "quantity"]) {
                left.enumerated().map { index, line in
                    tr {
                        th(.scope("row"), .class("goods")) {
                            GoodsText.line(line.name, line.spec, line.sku)
                            if !line.sku.isEmpty { span(.class("under")) { frame.number(line.sku) } }
                        }
                        td("\(line.quantity)", .class("figure"))
                        td("\(line.allocated)", .class("figure"))
                        td {
                            Web.hidden("of", order.orderId)
                            Web.hidden("line", line.lineId)
                            if let error = errors["quantity-\(index)"] { p(error, .class("error")) }
                            input(
                                .type("text"), .inputmode("numeric"), .id("quantity-\(index)"), .name("quantity"), .class("narrow"),
                                .value("\(line.quantity - line.allocated)"), .autocomplete("off"),
                                .aria("label", "\(frame.say("field.quantity")) \(line.name) \(line.spec)"))
                        }
                    }
                }
            }
        }
    }

    /// Of many: all that is left of each, as it stands here.
    private var all: HTML {
        HTML {
            frame.chosenOrders(selection.items)
            selection.items.map { item in
                item.order.lines.filter { $0.quantity > $0.allocated }.map { line in
                    HTML {
                        Web.hidden("of", item.order.orderId)
                        Web.hidden("line", line.lineId)
                        Web.hidden("quantity", "\(line.quantity - line.allocated)")
                    }
                }
            }.map { HTML($0) }
        }
    }

    private var stockOfWarehouses: HTML {
        let rows = stock.filter { names.active.contains(Target(.warehouse, $0.warehouseId)) }
        guard !rows.isEmpty else { return .empty }
        return ul(.class("small")) {
            rows.map { row in
                li {
                    names.warehouses[row.warehouseId] ?? row.warehouseId
                    " "
                    frame.number(row.sku)
                    " "
                    frame.say(
                        "allocate.stock",
                        ["good": frame.language.grouped(row.good), "time": frame.zone?.text(row.asOf) ?? row.asOf.description])
                }
            }
        }
    }
}
