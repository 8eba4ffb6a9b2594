import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// Goods on their way into partners' warehouses.
struct InboundsPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/inbounds", name: "inbounds") { (call) throws(Problem) in try view(call).list() }
        pages.addExport(to: &group, of: "inbounds", .inbounds) { (model, shop, page) throws(ReadModelError) in
            try model.inbounds(merchant: shop, page)
        }
        group.get("/inbounds/new", name: "inbound-new") { (call) throws(Problem) in try view(call).form(InboundsView.Typed()) }
        group.on(.post, "/inbounds", body: .form(ShopPages.largestForm), name: "create-inbound") { (call) throws(Problem) in
            try create(call)
        }
        group.on(.post, "/inbounds/pull-status", body: .form(), name: "pull-inbound") { (call) throws(Problem) in
            let form = try PageForm(call)
            let view = try view(call)
            let data = JSONValue.object([
                ("inboundId", .string(form["inboundId"])), ("merchantShopId", .string(try call.shop(.merchant))),
            ])
            return try pages.commands.send(
                call, .shipping, "pull-status", data, key: form.key, done: view.frame.link("inbounds", query: [("saved", "1")])
            ) { frame, problem in view.list(FormErrors(problem, frame), status: problem.status) }
        }
    }

    private func view(_ call: ConsoleCall) throws(Problem) -> InboundsView {
        let shop = try call.shop(.merchant)
        let page = try pages.page(call) { (model, page) throws(ReadModelError) in try model.inbounds(merchant: shop, page) }
        let warehouses = try pages.all { (model, page) throws(ReadModelError) in try model.warehouses(merchant: shop, page) }
        return InboundsView(frame: pages.kit.frame(call), rows: page.items, next: page.next, warehouses: warehouses)
    }

    private func create(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let view = try view(call)
        let frame = view.frame
        let typed = InboundsView.Typed(form)
        var errors = FormErrors()
        if typed.warehouse.isEmpty { errors.add("warehouse", frame.say("error.choose", ["field": frame.say("field.warehouse")])) }
        let lines = typed.counted
        if typed.lines.isEmpty {
            errors.add("lines", frame.required("lines"))
        } else if lines == nil {
            errors.add("lines", frame.say("error.field", ["field": frame.say("field.lines")]))
        }
        guard errors.isEmpty, let lines else { return .now(view.form(typed, errors, status: 400)) }
        let data = JSONValue.object([
            ("inboundId", .string(form.key)), ("merchantShopId", .string(try call.shop(.merchant))),
            ("warehouseId", .string(typed.warehouse)),
            ("lines", .array(lines.map { .object([("sku", .string($0.sku)), ("quantity", .int($0.quantity))]) })),
        ])
        return try pages.commands.send(
            call, .shipping, "create-inbound", data, key: form.key, done: frame.link("inbounds", query: [("saved", "1")])
        ) { frame, problem in
            view.form(typed, FormErrors(problem, frame, inputs: ["lines": "lines", "warehouseId": "warehouse"]), status: problem.status)
        }
    }
}

/// Inbound orders, and the form of a new one.
struct InboundsView {
    /// What stands in the inputs.
    struct Typed: Sendable {
        var warehouse = ""
        /// A line each: sku, a blank, quantity.
        var lines = ""

        init() {}
        init(_ form: PageForm) { (warehouse, lines) = (form["warehouse"], form["lines"].trimmedBlanks) }

        /// nil: a line is not a sku and a number.
        var counted: [CountedLine]? {
            var counted: [CountedLine] = []
            for line in lines.split(whereSeparator: \.isNewline).map({ String($0).trimmedBlanks }) where !line.isEmpty {
                let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," })
                guard parts.count >= 2, let quantity = Int(parts[parts.count - 1]), quantity > 0 else { return nil }
                counted.append(CountedLine(sku: parts.dropLast().joined(separator: " "), quantity: quantity))
            }
            return counted.isEmpty ? nil : counted
        }
    }

    let frame: PageFrame
    let rows: [InboundView]
    let next: String?
    let warehouses: [WarehouseRow]

    private func code(_ id: String) -> String { warehouses.first { $0.warehouseId == id }?.code ?? id }

    func list(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        let new =
            a(frame.say("inbounds.new"), .href(frame.link("inbounds", "new")), .class("button main"))
            + frame.export("inbounds")
        return frame.page(frame.say("inbounds.title"), screen: "inbounds", status: status, errors: errors, actions: new) {
            frame.notice
            if rows.isEmpty {
                frame.empty("inbounds", isFiltered: false, first: frame.link("inbounds", "new"))
            } else {
                frame.tableRegion(frame.say("inbounds.caption"), head: ["partnerNumber", "warehouse", "goods", "received", "state", ""]) {
                    rows.map { row($0) }
                }
            }
            frame.pager(next: next)
            frame.help("V5", "V6")
        }
    }

    private func row(_ row: InboundView) -> HTML {
        tr {
            th(.scope("row"), .class("stay")) {
                if let number = row.partnerNumber { frame.number(number) }
                span(.class("under")) { frame.number(row.inboundId) }
            }
            td { frame.number(code(row.warehouseId)) }
            td { lines(row.lines) }
            td { lines(row.received) }
            td {
                frame.badge("inbound", row.state.rawValue)
                if row.overdue == true { span(frame.say("event.shipping.inbound-overdue"), .class("under")) }
            }
            td(.class("do")) {
                frame.action("pull-status", to: frame.link("inbounds", "pull-status"), named: row.partnerNumber ?? row.inboundId) {
                    Web.hidden("inboundId", row.inboundId)
                }
            }
        }
    }

    private func lines(_ lines: [CountedLine]?) -> HTML {
        HTML {
            (lines ?? []).map { line in
                div {
                    frame.number(line.sku)
                    " × \(frame.language.grouped(line.quantity))"
                }
            }
        }
    }

    func form(_ typed: Typed, _ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        let open = warehouses.filter { $0.state == .active }
        return frame.page(frame.say("inbounds.new"), screen: "inbounds", status: status, errors: errors) {
            if open.isEmpty {
                frame.empty("warehouses", isFiltered: false, first: frame.link("fulfilment"))
            } else {
                Web.form(.method("post"), .action(frame.link("inbounds"))) {
                    frame.hiddenFields
                    frame.choice(
                        "warehouse", value: typed.warehouse,
                        of: (open.count == 1 ? [] : [("", frame.say("form.choose"))]) + open.map { ($0.warehouseId, $0.code) },
                        errors: errors)
                    div(.class("field")) {
                        label(frame.say("field.lines"), .for("lines"))
                        p(frame.say("field.lines.hint"), .class("hint"), .id("lines-hint"))
                        if let error = errors["lines"] { p(error, .class("error"), .id("lines-error")) }
                        textarea(
                            typed.lines, .id("lines"), .name("lines"), .spellcheck(false), .aria("describedby", "lines-hint"),
                            .aria("invalid", true).when(errors["lines"] != nil))
                    }
                    frame.buttons(frame.say("action.create-inbound"), back: frame.link("inbounds"))
                }
            }
        }
    }
}
