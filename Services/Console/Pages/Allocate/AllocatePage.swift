import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// 分配 and 批量分配: the target of one order, whole or in part, or of many.
struct AllocatePage: Sendable {
    let pages: ShopPages
    let names: @Sendable (String) throws(Problem) -> TargetNames

    func add(to group: inout ConsoleGroup) {
        group.get("/orders/allocate", name: "allocate-ask") { (call) throws(Problem) in
            try view(call, call.request.query.filter { $0.name == "order" }.map(\.value)).page()
        }
        group.on(.post, "/orders/allocate", body: ShopPages.selectionForm, name: "allocate") { (call) throws(Problem) in
            let form = try PageForm(call, limits: ShopPages.selectionLimits)
            let view = try view(call, try pages.chosen(call, form, .orders), retryOf: form.text("retryOf"))
            return form["confirmed"] == "yes" ? try allocate(call, form, view) : .now(view.page())
        }
    }

    private func view(_ call: ConsoleCall, _ ids: [String], retryOf: String? = nil) throws(Problem) -> AllocateView {
        let shop = try call.shop(.merchant)
        let chosen = try pages.chosen(ids, shop)
        var selection = OrderSelection(.allocate, chosen.orders, missing: chosen.missing)
        selection.retryOf = retryOf
        let skus = Set(selection.items.flatMap { $0.order.lines.map(\.sku) })
        let stock =
            selection.items.count == 1
            ? try pages.all { (model, page) throws(ReadModelError) in try model.stock(merchant: shop, page) }
                .filter { skus.contains($0.sku) } : []
        return AllocateView(frame: pages.kit.frame(call), selection: selection, names: try names(shop), stock: stock)
    }

    private func allocate(_ call: ConsoleCall, _ form: PageForm, _ view: AllocateView) throws(Problem) -> RouteAnswer {
        let shop = try call.shop(.merchant)
        let frame = view.frame
        var errors = FormErrors()
        let target = AllocateView.target(form["target"])
        if target == nil { errors.add("target", frame.say("error.choose", ["field": frame.say("field.target")])) }
        var items: [JSONValue] = []
        if let target {
            let goal = JSONValue.object([("kind", .string(target.kind.rawValue)), ("id", .string(target.id))])
            for parts in AllocateView.parts(form, frame, &errors) {
                items.append(
                    .object([
                        ("orderId", .string(parts.order)), ("merchantShopId", .string(shop)), ("target", goal),
                        ("lines", .array(parts.lines)),
                    ]))
            }
        }
        guard errors.isEmpty, !items.isEmpty else { return .now(view.page(errors, target: form["target"], status: 400)) }
        let done = view.selection.items.count == 1 ? frame.link("orders", form["order"]) : frame.link("orders")
        let chosen = form["target"]
        return try pages.send(call, .allocation, "allocate", items: items, key: form.key, done: done, retryOf: view.selection.retryOf) {
            _, problem in
            view.page(FormErrors(problem, frame), target: chosen, status: problem.status)
        }
    }
}
