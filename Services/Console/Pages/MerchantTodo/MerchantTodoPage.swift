import Contracts
import HTTP
import ReadModel
import Texts
import Threads
import Web

/// The merchant's first page: what is to be done, and before the first parcel the five steps to it.
struct MerchantTodoPage: Sendable {
    /// Orders that are looked through for what no count is kept of.
    static let most = 200
    private static let soon = 7 * 86_400_000

    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/", name: "merchant-todo") { (call) throws(Problem) in
            let frame = pages.kit.frame(call)
            return MerchantTodoView(frame: frame, model: try model(call, frame)).page
        }
    }

    private func model(_ call: ConsoleCall, _ frame: PageFrame) throws(Problem) -> MerchantTodo {
        let shop = try call.shop(.merchant)
        let now = pages.kit.clock()
        let today = frame.zone.flatMap { $0.day($0.dayText(now)) }
        let bindings = try pages.all { (model, page) throws(ReadModelError) in try model.bindings(shop: shop, page) }
        let authorizations = try pages.all { (model, page) throws(ReadModelError) in try model.authorizations(shop: shop, page) }
        return try pages.read { (model) throws(ReadModelError) in
            var todo = MerchantTodo()
            todo.isRegistered = try model.shop(shop)?.role == .merchant
            todo.hasFactory = bindings.contains { $0.state == .active }
            todo.counts = try model.orderCounts(merchant: shop)
            var due = OrderQuery(merchantShopId: shop)
            due.states = [.held, .open, .partly, .allocated, .ready]
            due.shipBefore = today?.upperBound
            due.page = PageRequest(limit: Self.most)
            if due.shipBefore != nil { todo.dueToday = try model.orders(due).items.count }
            var shipped = OrderQuery(merchantShopId: shop)
            shipped.states = [.ready, .shipped]
            shipped.page = PageRequest(limit: Self.most)
            todo.failedUploads = try model.orders(shipped).items.filter { order in
                order.allocations.contains { $0.uploads?.contains { $0.state == "failed" } ?? false }
            }.map(\.orderId)
            todo.expiring =
                authorizations.filter { row in
                    row.state == .expired
                        || row.state == .granted && (row.expiresAt.map { $0.milliseconds < now.milliseconds + Self.soon } ?? false)
                }.count
            todo.dueBefore = due.shipBefore.flatMap { frame.zone?.dayText($0) }
            return todo
        }
    }
}

/// What the first page is made of.
struct MerchantTodo: Sendable {
    var isRegistered = false
    var hasFactory = false
    var counts: [OrderStateName: Int] = [:]
    var dueToday = 0
    /// The day after today, as the user's zone has it.
    var dueBefore: String?
    /// Ids of orders, of the newest that were shipped.
    var failedUploads: [String] = []
    var expiring = 0

    func count(_ states: OrderStateName...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }
    var orders: Int { counts.values.reduce(0, +) }
    /// Whether the shop has sent its first parcel.
    var hasShipped: Bool { count(.shipped) > 0 }
}
