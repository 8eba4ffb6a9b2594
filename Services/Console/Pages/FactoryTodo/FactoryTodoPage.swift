import Contracts
import ReadModel
import Web

/// `/f/<shopId>`: what is to do now.
struct FactoryTodoPage: Sendable {
    let pages: ShopPages
    let stops: StopList

    func add(to group: inout ConsoleGroup) {
        group.get("/", name: "factory-todo") { (call) throws(Problem) in
            let shop = call["shop"]
            let counts = try pages.read { (model) throws(ReadModelError) in try model.parcelCounts(factory: shop) }
            let bindings = try pages.all { (model, request) throws(ReadModelError) in try model.bindings(shop: shop, request) }
            let profile = try pages.read { (model) throws(ReadModelError) in try model.shop(shop) }
            return FactoryTodoView(
                frame: pages.kit.frame(call), isRegistered: profile?.role == .factory,
                applications: bindings.count { $0.state == .pending }, merchants: bindings.count { $0.state == .active },
                toObtain: counts[.open] ?? 0, toPrint: counts[.obtained] ?? 0, toReturn: counts[.printed] ?? 0,
                toStop: try stops.unseen(factory: shop).count
            ).page
        }
    }
}
