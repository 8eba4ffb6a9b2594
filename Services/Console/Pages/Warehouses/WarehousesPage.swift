import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// Partners' warehouses, and what lies there.
struct WarehousesPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/warehouses", name: "warehouses") { (call) throws(Problem) in
            WarehousesView(frame: pages.kit.frame(call), warehouses: try warehouses(call)).page()
        }
        pages.addExport(to: &group, of: "warehouses", .warehouses) { (model, shop, page) throws(ReadModelError) in
            try model.warehouses(merchant: shop, page)
        }
        pages.addExport(to: &group, of: "stock", .stock) { (model, shop, page) throws(ReadModelError) in
            try model.stock(merchant: shop, page)
        }
        group.get("/stock", name: "stock") { (call) throws(Problem) in try stock(call).stock() }
        group.on(.post, "/stock", body: .form(), name: "pull-stock") { (call) throws(Problem) in
            let form = try PageForm(call)
            let view = try stock(call)
            let data = JSONValue.object([
                ("warehouseId", .string(form["warehouseId"])), ("merchantShopId", .string(try call.shop(.merchant))),
            ])
            return try pages.commands.send(
                call, .shipping, "pull-stock", data, key: form.key,
                done: view.frame.link("stock", query: [("saved", "1"), ("warehouse", form["warehouseId"])])
            ) { frame, problem in view.stock(FormErrors(problem, frame), status: problem.status) }
        }
    }

    private func warehouses(_ call: ConsoleCall) throws(Problem) -> [WarehouseRow] {
        let shop = try call.shop(.merchant)
        return try pages.all { (model, page) throws(ReadModelError) in try model.warehouses(merchant: shop, page) }
    }

    private func stock(_ call: ConsoleCall) throws(Problem) -> WarehousesView {
        let shop = try call.shop(.merchant)
        var view = WarehousesView(frame: pages.kit.frame(call), warehouses: try warehouses(call))
        view.chosen = call.request.query("warehouse").flatMap { $0.isEmpty ? nil : $0 }
        if let chosen = view.chosen {
            view.rows = try pages.all { (model, page) throws(ReadModelError) in try model.stock(merchant: shop, page) }
                .filter { $0.warehouseId == chosen }
        } else {
            let page = try pages.page(call) { (model, page) throws(ReadModelError) in try model.stock(merchant: shop, page) }
            (view.rows, view.next) = (page.items, page.next)
        }
        return view
    }
}

/// Warehouses, and their stock.
struct WarehousesView {
    let frame: PageFrame
    let warehouses: [WarehouseRow]
    var rows: [StockRow] = []
    var next: String?
    /// The warehouse whose stock alone is shown.
    var chosen: String?

    func page() -> HTTPResponse {
        frame.page(frame.say("warehouses.title"), screen: "warehouses", actions: frame.export("warehouses")) {
            if warehouses.isEmpty {
                frame.empty("warehouses", isFiltered: false, first: frame.link("fulfilment"))
            } else {
                p(frame.say("warehouses.code"), .class("small"))
                frame.tableRegion(frame.say("warehouses.caption"), head: ["warehouse", "provider", "state", "subscription", ""]) {
                    warehouses.map { row in
                        tr {
                            th(.scope("row"), .class("stay")) {
                                frame.number(row.code)
                                span(.class("under")) { frame.number(row.warehouseId) }
                            }
                            td(frame.named("provider", row.provider))
                            td { frame.badge("warehouse", row.state.rawValue) }
                            td(frame.say("warehouses.subscription.\(row.messageSubscription ? "on" : "off")"))
                            td(.class("do")) {
                                a(
                                    frame.say("nav.stock"), .href(frame.link("stock", query: [("warehouse", row.warehouseId)])),
                                    .class("button"))
                                if row.state == .active { pull(row) }
                                if row.state == .suspended {
                                    a(
                                        frame.say("authorizations.again"), .href(frame.link("authorizations", row.authorizationId)),
                                        .class("button main"))
                                }
                            }
                        }
                    }
                }
            }
            frame.help("V5", "V6")
        }
    }

    private func pull(_ row: WarehouseRow) -> HTML {
        frame.action("pull-stock", to: frame.link("stock"), named: row.code) { Web.hidden("warehouseId", row.warehouseId) }
    }

    func stock(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(frame.say("stock.title"), screen: "stock", status: status, errors: errors, actions: frame.export("stock")) {
            frame.notice
            if !warehouses.isEmpty {
                form(.method("get"), .action(frame.link("stock")), .class("filter")) {
                    div(.class("field")) {
                        label(frame.say("field.warehouse"), .for("warehouse"))
                        select(.id("warehouse"), .name("warehouse")) {
                            option(frame.say("filter.any"), .value(""))
                            warehouses.map { option($0.code, .value($0.warehouseId), Attribute.selected($0.warehouseId == chosen)) }
                        }
                    }
                    button(frame.say("filter.apply"), .class("button"))
                }
                div(.class("buttons")) {
                    warehouses.filter { $0.state == .active && (chosen == nil || $0.warehouseId == chosen) }.map { pull($0) }
                }
            }
            if rows.isEmpty {
                frame.empty("stock", isFiltered: chosen != nil)
            } else {
                frame.tableRegion(frame.say("stock.caption"), head: ["sku", "warehouse", "good", "damaged", "asOf"]) {
                    rows.map { row in
                        tr {
                            th(.scope("row"), .class("stay")) { frame.number(row.sku) }
                            td { frame.number(warehouses.first { $0.warehouseId == row.warehouseId }?.code ?? row.warehouseId) }
                            td(frame.language.grouped(row.good), .class("figure"))
                            td(frame.language.grouped(row.damaged), .class("figure"))
                            td { frame.time(row.asOf) }
                        }
                    }
                }
            }
            frame.pager(next: next)
            frame.help("V6")
        }
    }
}
