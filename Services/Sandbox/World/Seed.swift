import JSON
import Stores

/// Objects that are put into the sandbox at once; one that is there under the same id is replaced.
struct Seed: DefaultInitializable {
    var apps: [App]?
    var pins: [JDAccount]?
    var stock: [StockLevel]?
    var malls: [Mall]?
    var mallOrders: [MallOrder]?
    var dropshipOrders: [DropshipOrder]?
    var refunds: [Refund]?
    var trades: [Trade]?
    static let fields = Fields<Seed>(
        Field("apps", \.apps), Field("pins", \.pins), Field("stock", \.stock), Field("malls", \.malls),
        Field("mallOrders", \.mallOrders), Field("dropshipOrders", \.dropshipOrders), Field("refunds", \.refunds), Field("trades", \.trades)
    )
}

extension World {
    func put(_ seed: Seed) throws(StoreError) {
        for app in seed.apps ?? [] { try objects.put(app) }
        for pin in seed.pins ?? [] { try objects.put(pin) }
        for level in seed.stock ?? [] { try objects.put(level) }
        for mall in seed.malls ?? [] { try objects.put(mall) }
        for var order in seed.mallOrders ?? [] {
            order.fill(now)
            try objects.put(order)
            try announce(
                order.mallId, "pdd_trade_TradeConfirmed", ["mall_id": .int(Int(order.mallId) ?? 0), "tid": .string(order.orderSn)])
        }
        for var order in seed.dropshipOrders ?? [] {
            order.fill(now)
            try objects.put(order)
        }
        for var trade in seed.trades ?? [] {
            trade.fill(now)
            try objects.put(trade)
        }
        for var refund in seed.refunds ?? [] {
            refund.fill(now)
            try objects.put(refund)
        }
    }

    /// Into an empty sandbox: what `daifa demo` and a first look need. README.md lists it.
    func seedOnce() throws(StoreError) {
        guard try objects.count(App.self) == 0 else { return }
        let seed: Seed
        do throws(JSONError) { seed = try Seed.decode(Self.defaultSeed) } catch {
            throw StoreError(kind: .corrupt, message: "the sandbox's own seed: \(error)")
        }
        try put(seed)
    }
}
