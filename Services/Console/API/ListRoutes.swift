import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Threads
import Web

/// Lists and single things of the read model (contract, section 9). A caller gets his own only.
struct ListRoutes: Sendable {
    let model: any ReadModel
    let clock: @Sendable () -> Timestamp

    private var sheets: ListSheets { ListSheets(model: model, clock: clock) }

    func add(to group: inout ConsoleGroup) {
        orders(&group)
        parcels(&group)
        rows(&group)
    }

    private func orders(_ group: inout ConsoleGroup) {
        group.get("/orders", name: "list-orders") { (call) throws(Problem) in
            let shop = try call.shop(.merchant)
            return try asked { () throws(ReadModelError) in
                let query = try OrderQuery(merchantShopId: shop, call.parameters())
                return call.wantsSheet ? try sheets.orders(query) : .json(try model.orders(query).json)
            }
        }
        group.get("/orders/counts", name: "count-orders") { (call) throws(Problem) in
            let shop = try call.shop(.merchant)
            try call.expectNoQuery()
            return try asked { () throws(ReadModelError) in .counts(try model.orderCounts(merchant: shop)) }
        }
        group.get("/orders/{orderId...}", name: "show-order") { (call) throws(Problem) in
            let shop = try call.shop(.merchant)
            try call.expectNoQuery()
            return try asked { () throws(ReadModelError) in try model.order(call["orderId"], merchant: shop).map { .json($0.json) } }
        }
    }

    private func parcels(_ group: inout ConsoleGroup) {
        group.get("/parcels", name: "list-parcels") { (call) throws(Problem) in
            let shop = try call.shop(.factory)
            return try asked { () throws(ReadModelError) in
                let query = try ParcelQuery(factoryShopId: shop, call.parameters())
                return call.wantsSheet ? try sheets.parcels(query) : .json(try model.parcels(query).json)
            }
        }
        group.get("/parcels/counts", name: "count-parcels") { (call) throws(Problem) in
            let shop = try call.shop(.factory)
            try call.expectNoQuery()
            return try asked { () throws(ReadModelError) in .counts(try model.parcelCounts(factory: shop)) }
        }
        group.get("/parcels/{allocationId...}", name: "show-parcel") { (call) throws(Problem) in
            let shop = try call.shop(.factory)
            try call.expectNoQuery()
            return try asked { () throws(ReadModelError) in try model.parcel(call["allocationId"], factory: shop).map { .json($0.json) } }
        }
    }

    private func rows(_ group: inout ConsoleGroup) {
        group.get("/shops/{shopId}", name: "show-shop") { (call) throws(Problem) in
            let shop = try call.shop(.merchant, .factory)
            try call.expectNoQuery()
            guard call["shopId"] == shop else { throw Problem(.notFound) }
            return try asked { () throws(ReadModelError) in try model.shop(shop).map { .json($0.json) } }
        }
        list(&group, .bindings, .merchant, .factory) { (model, shop, page) throws(ReadModelError) in try model.bindings(shop: shop, page) }
        list(&group, .rules, .merchant) { (model, shop, page) throws(ReadModelError) in try model.rules(merchant: shop, page) }
        list(&group, .pools, .factory) { (model, shop, page) throws(ReadModelError) in try model.pools(factory: shop, page) }
        list(&group, .warehouses, .merchant) { (model, shop, page) throws(ReadModelError) in try model.warehouses(merchant: shop, page) }
        list(&group, .stock, .merchant) { (model, shop, page) throws(ReadModelError) in try model.stock(merchant: shop, page) }
        list(&group, .inbounds, .merchant) { (model, shop, page) throws(ReadModelError) in try model.inbounds(merchant: shop, page) }
        list(&group, .channels, .merchant, .factory) { (model, shop, page) throws(ReadModelError) in try model.channels(shop: shop, page) }
        list(&group, .authorizations, .merchant, .factory) { (model, shop, page) throws(ReadModelError) in
            try model.authorizations(shop: shop, page)
        }
    }

    private func list<Row: JSONCodable & Sendable>(
        _ group: inout ConsoleGroup, _ sheet: ListSheet<Row>, _ kinds: Actor.Kind..., page: @escaping ShopList<Row>
    ) {
        group.get("/\(sheet.list)", name: "list-\(sheet.list)") { (call) throws(Problem) in
            let caller = try call.caller()
            guard let actor = Actor(caller.actor), kinds.contains(actor.kind) else { throw Problem(.forbidden) }
            return try asked { () throws(ReadModelError) in
                var parameters = call.parameters()
                let request = try parameters.pageRequest()
                try parameters.finish()
                guard call.wantsSheet else { return .json(try page(model, actor.id, request).json) }
                return try sheets.rows(sheet, of: actor.id) { (model, request) throws(ReadModelError) in try page(model, actor.id, request)
                }
            }
        }
    }

    /// - Throws: 404 for nil, 400 for a wrong parameter, 503 while the store is away.
    private func asked(_ body: () throws(ReadModelError) -> HTTPResponse?) throws(Problem) -> HTTPResponse {
        do throws(ReadModelError) {
            if let response = try body() { return response }
        } catch { throw Problem(error) }
        throw Problem(.notFound)
    }
}

extension Problem {
    init(_ error: ReadModelError) {
        switch error {
        case .invalid(let field, let message): self = .invalid(field, message)
        case .store: self = .unavailable
        }
    }
}

extension ConsoleCall {
    /// The query but for `actor`, which says who asks.
    func parameters() -> Parameters {
        Parameters(request.query.filter { $0.name != "actor" }.map { (name: $0.name, value: $0.value) })
    }
}

extension HTTPResponse {
    /// Numbers by state.
    fileprivate static func counts<State: RawRepresentable<String>>(_ counts: [State: Int]) -> HTTPResponse {
        .json(JSONValue.object(counts.map { ($0.key.rawValue, .int($0.value)) }.sorted { $0.0 < $1.0 }).json)
    }
}
