import Contracts
import JSON
import ReadModel
import Web

/// `/f/<shopId>/pools`: segments of waybill numbers.
struct PoolsPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/pools", name: "factory-pools") { (call) throws(Problem) in
            let pools = try pools(call["shop"])
            return PoolsView(frame: pages.kit.frame(call), pools: pools).page
        }
        pages.addExport(to: &group, of: "pools", .pools) { (model, shop, page) throws(ReadModelError) in
            try model.pools(factory: shop, page)
        }
        group.on(.post, "/pools", body: .form(), name: "factory-top-up") { (call) throws(Problem) in try topUp(call) }
    }

    private func pools(_ shop: String) throws(Problem) -> [PoolView] {
        try pages.all { (model, request) throws(ReadModelError) in try model.pools(factory: shop, request) }
    }

    private func topUp(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        var view = PoolsView(frame: frame, pools: try pools(call["shop"]))
        (view.carrier, view.first, view.last) = (form["carrier"], form["first"].trimmedBlanks, form["last"].trimmedBlanks)
        view.isUnusual = form["unusual"] == "yes"
        for (name, value) in [("first", view.first), ("last", view.last)] where value.isEmpty {
            view.errors.add(name, frame.required(name))
        }
        guard view.errors.isEmpty else { return .now(view.page) }
        let data = JSONValue.fields([
            "factoryShopId": .string(call["shop"]), "carrier": .string(view.carrier), "first": .string(view.first),
            "last": .string(view.last), "unusual": view.isUnusual ? .bool(true) : nil,
        ])
        let typed = view
        return try pages.commands.send(
            call, .waybill, "top-up", data, key: form.key, done: frame.link("pools", query: [("saved", "1")])
        ) { frame, problem in typed.again(problem) }
    }
}
