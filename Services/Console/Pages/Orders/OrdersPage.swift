import Contracts
import HTTP
import ReadModel
import Texts
import Threads
import Web

/// The merchant's orders.
struct OrdersPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/orders", name: "orders") { (call) throws(Problem) in
            let frame = pages.kit.frame(call)
            return OrdersView(frame: frame, model: try model(call, frame)).page
        }
        group.get("/rows/orders/{orderId...}", name: "orders-row") { (call) throws(Problem) in
            let shop = try call.shop(.merchant)
            let order = try pages.read { (model) throws(ReadModelError) in try model.order(call["orderId"], merchant: shop) }
            guard let order else { throw Problem(.notFound) }
            let frame = pages.kit.frame(call)
            var model = OrdersModel(filter: OrdersFilter(call.request), names: try names(shop), now: pages.kit.clock())
            model.selection = try pages.selection(call, .orders)
            return .page(OrdersView(frame: frame, model: model).row(order), language: frame.language.tag)
        }
        group.get("/orders/export", name: "orders-export") { (call) throws(Problem) in
            let query = OrdersFilter(call.request).query(try call.shop(.merchant), pages.kit.frame(call).zone)
            return try pages.read { (model) throws(ReadModelError) in try ListSheets(model: model, clock: pages.kit.clock).orders(query) }
        }
        pages.addSelection(to: &group, .orders, name: "select-orders") { (call, here) throws(Problem) in try matching(call, here) }
        OrderPage(pages: pages, names: names).add(to: &group)
    }

    /// All that a list shows, up to one more than can be chosen.
    private func matching(_ call: ConsoleCall, _ here: RequestTarget) throws(Problem) -> [String] {
        let query = OrdersFilter(HTTPRequest(method: "GET", target: here)).query(try call.shop(.merchant), pages.kit.frame(call).zone)
        let rows = try pages.all(most: ChosenList.most + 1) { (model, page) throws(ReadModelError) in
            var asked = query
            asked.page = page
            return try model.orders(asked)
        }
        return rows.map(\.orderId)
    }

    /// What targets are called: factories by their names, warehouses by their codes.
    func names(_ shop: String) throws(Problem) -> TargetNames {
        let bindings = try pages.all { (model, page) throws(ReadModelError) in try model.bindings(shop: shop, page) }
        let warehouses = try pages.all { (model, page) throws(ReadModelError) in try model.warehouses(merchant: shop, page) }
        return try pages.read { (model) throws(ReadModelError) in
            var names = TargetNames()
            for row in bindings where row.merchantShopId == shop {
                // Only a factory that works with this shop tells it its name.
                names.factories[row.factoryShopId] =
                    row.state == .active ? try model.shop(row.factoryShopId)?.name ?? row.factoryShopId : row.factoryShopId
                if row.state == .active { names.active.append(Target(.factory, row.factoryShopId)) }
            }
            for row in warehouses {
                names.warehouses[row.warehouseId] = row.code
                if row.state == .active { names.active.append(Target(.warehouse, row.warehouseId)) }
            }
            return names
        }
    }

    private func model(_ call: ConsoleCall, _ frame: PageFrame) throws(Problem) -> OrdersModel {
        let shop = try call.shop(.merchant)
        let names = try names(shop)
        let filter = OrdersFilter(call.request)
        let query = filter.query(shop, frame.zone)
        let selection = try pages.selection(call, .orders)
        return try pages.read { (model) throws(ReadModelError) in
            var result = OrdersModel(filter: filter, names: names, now: pages.kit.clock())
            result.selection = selection
            result.counts = try model.orderCounts(merchant: shop)
            if filter.isChosen, selection.id != nil {
                let start = min(filter.after.flatMap { Int($0) }.map { max(0, $0) } ?? 0, selection.ids.count)
                let ids = selection.ids[start...].prefix(filter.limit)
                for id in ids { if let order = try model.order(id, merchant: shop) { result.orders.append(order) } }
                result.next = ids.endIndex < selection.ids.count ? "\(ids.endIndex)" : nil
                return result
            }
            let page = try model.orders(query)
            (result.orders, result.next) = (page.items, page.next)
            return result
        }
    }
}

/// What targets are called, and which can be chosen.
struct TargetNames: Sendable {
    var factories: [String: String] = [:]
    var warehouses: [String: String] = [:]
    var active: [Target] = []

    func name(_ target: Target) -> String {
        (target.kind == .factory ? factories[target.id] : warehouses[target.id]) ?? target.id
    }
}

struct OrdersModel: Sendable {
    var filter: OrdersFilter
    var names: TargetNames
    var now: Timestamp
    var counts: [OrderStateName: Int] = [:]
    var selection = PageSelection()
    var orders: [OrderView] = []
    var next: String?
}
