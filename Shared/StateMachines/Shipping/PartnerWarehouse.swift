import Contracts
import Machines

/// Finds the warehouse that a merchant's command names, and checks that the command may use it.
enum PartnerWarehouse {
    /// The row of a warehouse of this merchant whose partner may be asked.
    static func open(_ warehouseId: String, of merchantShopId: String, _ context: Context) throws(Refusal) -> WarehouseRow {
        guard let row = context.tables.warehouse(warehouseId) else {
            var refusal = noPartner("warehouse \(warehouseId)")
            refusal.restsOnTable = true
            throw refusal
        }
        guard row.merchantShopId == merchantShopId else {
            throw Refusal(.forbidden, "warehouse \(warehouseId) is not one of \(merchantShopId)", restsOnTable: true)
        }
        try requireOpen(warehouseId, context)
        return row
    }

    static func requireOpen(_ warehouseId: String, _ context: Context) throws(Refusal) {
        guard let row = context.tables.warehouse(warehouseId), row.state != .active else { return }
        throw notAuthorized(warehouseId, row.state)
    }

    static func isOpen(_ warehouseId: String, _ context: Context) -> Bool {
        context.tables.warehouse(warehouseId).map { $0.state == .active } ?? true
    }

    /// Only a new authorization opens it again; a suspended one may come back by itself any time.
    static func isClosed(_ warehouseId: String, _ context: Context) -> Bool {
        context.tables.warehouse(warehouseId)?.state == .closed
    }

    /// Whether what became of its orders is asked for by itself.
    static func isPolled(_ warehouseId: String, _ context: Context) -> Bool {
        guard let row = context.tables.warehouse(warehouseId) else { return false }
        return row.messageSubscription && row.state != .closed
    }

    static func notAuthorized(_ warehouseId: String, _ state: WarehouseState? = nil) -> Refusal {
        let what = state == .suspended ? "has expired" : "was revoked"
        return Refusal(
            .notAuthorized, "the authorization of warehouse \(warehouseId) \(what): authorize it anew to ask its partner",
            restsOnTable: true)
    }

    static func noPartner(_ what: String) -> Refusal {
        Refusal(.notFound, "no partner knows \(what), so there is nothing to ask or to tell")
    }
}
