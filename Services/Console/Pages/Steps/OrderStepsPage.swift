import Contracts
import HTTP
import JSON
import ReadModel
import Runtime
import Texts
import Web

/// 取消分配, 发货 and passing an audit: of one order or of many, each after a page that says what will be done.
struct OrderStepsPage: Sendable {
    let pages: ShopPages
    let names: @Sendable (String) throws(Problem) -> TargetNames

    func add(to group: inout ConsoleGroup) {
        for step in [OrderStep.deallocate, .ship, .approve] {
            group.get("/orders/\(step.rawValue)", name: "\(step.rawValue)-ask") { (call) throws(Problem) in
                let query = call.request.query
                return try view(
                    call, step, query.filter { $0.name == "order" }.map(\.value), query.first { $0.name == "allocation" }?.value
                ).page()
            }
            group.on(.post, "/orders/\(step.rawValue)", body: ShopPages.selectionForm, name: step.rawValue) { (call) throws(Problem) in
                let form = try PageForm(call, limits: ShopPages.selectionLimits)
                let view = try view(call, step, try pages.chosen(call, form, .orders), nil, retryOf: form.text("retryOf"))
                guard form["confirmed"] == "yes" else { return .now(view.page()) }
                return try send(call, step, form, view)
            }
        }
    }

    private func view(
        _ call: ConsoleCall, _ step: OrderStep, _ ids: [String], _ allocation: String?, retryOf: String? = nil
    ) throws(Problem) -> OrderStepView {
        let shop = try call.shop(.merchant)
        let chosen = try pages.chosen(ids, shop)
        let addresses = try pages.read { (model) throws(ReadModelError) in try model.shop(shop)?.addresses ?? [] }
        var selection = OrderSelection(step, chosen.orders, missing: chosen.missing, allocationId: allocation)
        selection.retryOf = retryOf
        return OrderStepView(
            frame: pages.kit.frame(call), selection: selection, names: try names(shop), addresses: addresses.filter { $0.kind == .return })
    }

    private func send(_ call: ConsoleCall, _ step: OrderStep, _ form: PageForm, _ view: OrderStepView) throws(Problem) -> RouteAnswer {
        let shop = try call.shop(.merchant)
        let frame = view.frame
        let again = view.selection.retryOf
        let ids = form.all("order")
        let done = ids.count == 1 ? frame.link("orders", ids[0]) : frame.link("orders")
        if step == .approve {
            let items = ids.map { id in JSONValue.object([("orderId", .string(id)), ("merchantShopId", .string(shop))]) }
            return try pages.send(call, .allocation, "approve-order", items: items, key: form.key, done: done, retryOf: again) {
                frame, problem in
                view.page(FormErrors(problem, frame), status: problem.status)
            }
        }
        // Each is `<orderId> <allocationId>`: what the page showed, and nothing that came to be since.
        let pairs = zip(form.all("of"), form.all("allocation")).map { ($0, $1) }
        guard !pairs.isEmpty else { return .now(view.page(status: 400)) }
        if step == .ship { return try ship(call, shop, form, view, pairs, done) }
        let items = pairs.map { order, allocation in
            JSONValue.object([
                ("orderId", .string(order)), ("allocationId", .string(allocation)), ("merchantShopId", .string(shop)),
            ])
        }
        return try pages.send(call, .allocation, "deallocate", items: items, key: form.key, done: done, retryOf: again) {
            frame, problem in
            view.page(FormErrors(problem, frame), status: problem.status)
        }
    }

    private func ship(
        _ call: ConsoleCall, _ shop: String, _ form: PageForm, _ view: OrderStepView, _ pairs: [(String, String)], _ done: Link
    ) throws(Problem) -> RouteAnswer {
        let frame = view.frame
        let again = view.selection.retryOf
        let typed = AddressText(form)
        let chosen = form["returnAddress"]
        var errors = FormErrors()
        let isNew = chosen == OrderStepView.newAddress || view.addresses.isEmpty
        if isNew { frame.check(typed, &errors) }
        if chosen.isEmpty, !isNew { errors.add("returnAddress", frame.say("error.choose", ["field": frame.say("field.returnAddress")])) }
        guard errors.isEmpty else { return .now(view.page(errors, chosen: chosen, typed: typed, status: 400)) }
        // Named after what it says: sent twice, it is one address.
        let addressId = isNew ? NamedId.make("return-address", shop, String(decoding: typed.person.json, as: UTF8.self)) : chosen
        let items = pairs.map { order, allocation in
            JSONValue.object([
                ("orderId", .string(order)), ("allocationId", .string(allocation)), ("merchantShopId", .string(shop)),
                ("returnAddressId", .string(addressId)),
            ])
        }
        let refused: @Sendable (PageFrame, Problem) -> HTTPResponse = { frame, problem in
            view.page(FormErrors(problem, frame, inputs: PageFrame.addressInputs()), chosen: chosen, typed: typed, status: problem.status)
        }
        guard isNew else {
            return try pages.send(call, .shipping, "ship", items: items, key: form.key, done: done, retryOf: again, refused: refused)
        }
        let address = JSONValue.fields([
            "shopId": .string(shop), "addressId": .string(addressId), "kind": .string(AddressKind.return.rawValue),
            "name": .string(typed.name),
            "phone": .string(typed.phone), "address": typed.address, "default": .bool(view.addresses.isEmpty),
        ])
        return try pages.commands.send(
            call, .binding, "put-address", address, key: form.key,
            accepted: { _, _, later in
                // Another request than the address: it needs a key of its own.
                let key = NamedId.make("ship", form.key)
                pages.sendBatch(call, .shipping, "ship", items: items, key: key, retryOf: again, later: later, refused: refused)
            }, refused: refused)
    }
}
