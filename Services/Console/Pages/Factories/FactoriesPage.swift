import Contracts
import HTTP
import JSON
import ReadModel
import Web

/// 厂家管理: which factories send for the shop, and those asked.
struct FactoriesPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/factories", name: "factories") { (call) throws(Problem) in
            FactoriesView(frame: pages.kit.frame(call), rows: try rows(call)).page()
        }
        pages.addExport(to: &group, of: "factories", .bindings) { (model, shop, page) throws(ReadModelError) in
            try model.bindings(shop: shop, page)
        }
        group.on(.post, "/factories", body: .form(), name: "factory-apply") { (call) throws(Problem) in try apply(call) }
        group.on(.post, "/factories/withdraw", body: .form(), name: "factory-withdraw") { (call) throws(Problem) in
            let form = try PageForm(call)
            return try end(call, "withdraw", form, form["factoryShopId"])
        }
        group.get("/factories/{factory}/unbind", name: "factory-unbind-ask") { (call) throws(Problem) in
            guard let row = try rows(call).first(where: { $0.id == call["factory"] && $0.state == .active }) else {
                throw Problem(.notFound)
            }
            return FactoriesView(frame: pages.kit.frame(call), rows: []).unbind(row)
        }
        group.on(.post, "/factories/{factory}/unbind", body: .form(), name: "factory-unbind") { (call) throws(Problem) in
            try end(call, "unbind", try PageForm(call), call["factory"])
        }
    }

    private func rows(_ call: ConsoleCall) throws(Problem) -> [FactoriesView.Row] {
        let shop = try call.shop(.merchant)
        let bindings = try pages.all { (model, page) throws(ReadModelError) in try model.bindings(shop: shop, page) }
        return try pages.read { (model) throws(ReadModelError) in
            var rows: [FactoriesView.Row] = []
            for binding in bindings where binding.merchantShopId == shop {
                // Only a factory that works with this shop tells it its name.
                let name = binding.state == .active ? try model.shop(binding.factoryShopId)?.name : nil
                rows.append(FactoriesView.Row(binding, name: name))
            }
            let order: [PairState] = [.active, .pending, .declined, .withdrawn, .ended]
            return rows.sorted {
                (order.firstIndex(of: $0.state) ?? 0, $0.id) < (order.firstIndex(of: $1.state) ?? 0, $1.id)
            }
        }
    }

    private func apply(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let rows = try rows(call)
        let frame = pages.kit.frame(call)
        let (factory, message) = (form["factoryShopId"].trimmedBlanks, form["message"].trimmedBlanks)
        guard !factory.isEmpty else {
            var errors = FormErrors()
            errors.add("factoryShopId", frame.required("factoryShopId"))
            return .now(FactoriesView(frame: frame, rows: rows).page(errors, factory: factory, message: message, status: 400))
        }
        let data = JSONValue.fields([
            "merchantShopId": .string(try call.shop(.merchant)), "factoryShopId": .string(factory),
            "message": message.isEmpty ? nil : .string(message),
        ])
        return try pages.commands.send(
            call, .binding, "apply", data, key: form.key, done: frame.link("factories", query: [("applied", factory)])
        ) { frame, problem in
            var problem = problem
            // What is wrong with the factory is wrong with what was typed.
            if problem.field == nil { problem.field = "factoryShopId" }
            return FactoriesView(frame: frame, rows: rows).page(
                FormErrors(problem, frame), factory: factory, message: message, status: problem.status)
        }
    }

    private func end(_ call: ConsoleCall, _ command: String, _ form: PageForm, _ factory: String) throws(Problem) -> RouteAnswer {
        let frame = pages.kit.frame(call)
        let rows = try rows(call)
        let data = JSONValue.fields([
            "merchantShopId": .string(try call.shop(.merchant)), "factoryShopId": .string(factory), "reason": .text(form.text("reason")),
        ])
        return try pages.commands.send(
            call, .binding, command, data, key: form.key, done: frame.link("factories", query: [("saved", "1")])
        ) { frame, problem in
            FactoriesView(frame: frame, rows: rows).page(FormErrors(problem, frame), status: problem.status)
        }
    }
}
