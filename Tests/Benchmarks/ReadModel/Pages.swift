import Contracts
import ReadModel
import Threads

/// Pages of a list with filters, at its beginning and far down.
struct OrderPages {
    let model: SQLiteReadModel
    init(_ model: SQLiteReadModel) { self.model = model }

    private static let filters: [[(name: String, value: String)]] = [
        [], [("state", "open")], [("state", "shipped")], [("state", "ready"), ("factory", "f1")], [("factory", "f2")],
        [("shippable", "true")], [("state", "shipped"), ("factory", "f0")], [("hold", "risk-control")], [("text", "pdd:77")],
        [("text", "N-500")], [("text", "becher")], [("text", "nowhere")], [("text", "becher"), ("state", "open")],
    ]

    func run() throws {
        for filters in Self.filters {
            for order in ListOrder.allCases {
                let parameters = filters + [("order", order.rawValue)]
                let name = parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                let ends = try pages { page in
                    var query = try OrderQuery(merchantShopId: "m1", Parameters(parameters))
                    query.page = page
                    return try model.orders(query).next
                }
                print("orders ?\(name): \(ends)")
            }
        }
    }
}

struct ParcelPages {
    let model: SQLiteReadModel
    init(_ model: SQLiteReadModel) { self.model = model }

    private static let filters: [[(name: String, value: String)]] = [
        [], [("state", "open")], [("state", "shipped")], [("merchant", "m1"), ("state", "returned")], [("carrier", "SF")],
        [("door", "door-3")], [("text", "SF77")], [("text", "becher")],
    ]

    func run() throws {
        for filters in Self.filters {
            for order in ListOrder.allCases {
                let parameters = filters + [("order", order.rawValue)]
                let name = parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                let ends = try pages { page in
                    var query = try ParcelQuery(factoryShopId: "f1", Parameters(parameters))
                    query.page = page
                    return try model.parcels(query).next
                }
                print("parcels ?\(name): \(ends)")
            }
        }
    }
}

/// The first page and those that follow it, so many times.
private func pages(_ ask: (PageRequest) throws -> String?) throws -> String {
    var timing = Timing()
    var after: String?
    for _ in 0..<100 {
        try timing.run { after = try ask(PageRequest(after: after)) }
    }
    return timing.text
}
