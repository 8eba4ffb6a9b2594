import Contracts
import JSON
import ReadModel
import Web

/// `/f/<shopId>/merchants`: who applies, who is bound.
struct MerchantsPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/merchants", name: "factory-merchants") { (call) throws(Problem) in
            MerchantsView(frame: pages.kit.frame(call), bindings: try bindings(call["shop"])).page
        }
        pages.addExport(to: &group, of: "merchants", .bindings) { (model, shop, page) throws(ReadModelError) in
            try model.bindings(shop: shop, page)
        }
        group.get("/merchants/{merchant}/decline", name: "factory-confirm-decline") { (call) throws(Problem) in
            MerchantConfirmation(frame: pages.kit.frame(call), binding: try binding(call), command: .decline).page
        }
        group.get("/merchants/{merchant}/unbind", name: "factory-confirm-unbind") { (call) throws(Problem) in
            MerchantConfirmation(frame: pages.kit.frame(call), binding: try binding(call), command: .unbind).page
        }
        for command in MerchantConfirmation.Command.allCases {
            group.on(.post, "/merchants/{merchant}/\(command.rawValue)", body: .form(), name: "factory-\(command.rawValue)") {
                (call) throws(Problem) in try send(call, command)
            }
        }
    }

    private func bindings(_ shop: String) throws(Problem) -> [BindingView] {
        try pages.all { (model, request) throws(ReadModelError) in try model.bindings(shop: shop, request) }
    }

    private func binding(_ call: ConsoleCall) throws(Problem) -> BindingView {
        guard let binding = try bindings(call["shop"]).first(where: { $0.merchantShopId == call["merchant"] }) else {
            throw Problem(.notFound)
        }
        return binding
    }

    private func send(_ call: ConsoleCall, _ command: MerchantConfirmation.Command) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        let binding = try binding(call)
        let data = JSONValue.fields([
            "merchantShopId": .string(binding.merchantShopId), "factoryShopId": .string(call["shop"]),
            "reason": command == .approve ? nil : .text(form.text("reason")),
        ])
        let reason = form["reason"]
        let all = try bindings(call["shop"])
        return try pages.commands.send(
            call, .binding, command.rawValue, data, key: form.key,
            done: frame.link("merchants", query: [("done", command.rawValue)])
        ) { frame, problem in
            let errors = FormErrors(problem, frame)
            guard command != .approve else {
                return MerchantsView(frame: frame, bindings: all, errors: errors, status: problem.status).page
            }
            return MerchantConfirmation(
                frame: frame, binding: binding, command: command, reason: reason, errors: errors, status: problem.status
            ).page
        }
    }
}
