import Contracts
import HTTP
import JSON
import ReadModel
import Web

/// Rules by which orders are allocated when they arrive.
struct RulesPage: Sendable {
    let pages: ShopPages
    let names: @Sendable (String) throws(Problem) -> TargetNames

    func add(to group: inout ConsoleGroup) {
        group.get("/rules", name: "rules") { (call) throws(Problem) in try view(call).list() }
        pages.addExport(to: &group, of: "rules", .rules) { (model, shop, page) throws(ReadModelError) in
            try model.rules(merchant: shop, page)
        }
        group.get("/rules/{ruleId}", name: "rule") { (call) throws(Problem) in
            let view = try view(call)
            if call["ruleId"] == RulesView.new { return view.form(nil, RulesView.Typed()) }
            guard let row = view.rows.first(where: { $0.ruleId == call["ruleId"] }) else { throw Problem(.notFound) }
            return view.form(row, RulesView.Typed(row))
        }
        group.on(.post, "/rules", body: .form(), name: "put-rule") { (call) throws(Problem) in try put(call) }
        group.on(.post, "/rules/remove", body: .form(), name: "remove-rule") { (call) throws(Problem) in
            let form = try PageForm(call)
            let view = try view(call)
            let data = JSONValue.object([("merchantShopId", .string(try call.shop(.merchant))), ("ruleId", .string(form["ruleId"]))])
            return try pages.commands.send(
                call, .allocation, "remove-rule", data, key: form.key, done: view.frame.link("rules", query: [("saved", "1")])
            ) { frame, problem in view.list(FormErrors(problem, frame), status: problem.status) }
        }
    }

    private func view(_ call: ConsoleCall) throws(Problem) -> RulesView {
        let shop = try call.shop(.merchant)
        let rows = try pages.all { (model, page) throws(ReadModelError) in try model.rules(merchant: shop, page) }
        return RulesView(
            frame: pages.kit.frame(call), rows: rows.sorted { ($0.priority, $0.ruleId) < ($1.priority, $1.ruleId) }, names: try names(shop))
    }

    private func put(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let view = try view(call)
        let frame = view.frame
        let typed = RulesView.Typed(form)
        let row = view.rows.first { $0.ruleId == form.text("ruleId") }
        let errors = view.mistakes(typed)
        guard errors.isEmpty, let target = AllocateView.target(typed.target) else {
            return .now(view.form(row, typed, errors, status: 400))
        }
        if let row, form["seen"] != "\(row.version)" { return .now(view.form(row, typed, isChanged: true, status: 409)) }
        let data = JSONValue.object([
            ("merchantShopId", .string(try call.shop(.merchant))), ("ruleId", .string(row?.ruleId ?? form.key)), ("match", typed.match),
            ("target", .object([("kind", .string(target.kind.rawValue)), ("id", .string(target.id))])),
            ("priority", .int(typed.priorityNumber ?? 100)),
        ])
        return try pages.commands.send(
            call, .allocation, "put-rule", data, key: form.key, done: frame.link("rules", query: [("saved", "1")])
        ) { frame, problem in
            view.form(row, typed, FormErrors(problem, frame, inputs: ["match": "match", "target": "target"]), status: problem.status)
        }
    }
}
