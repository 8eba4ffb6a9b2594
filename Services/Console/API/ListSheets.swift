import Contracts
import HTTP
import ReadModel
import Threads
import Web

/// Lists as comma-separated text (contract, section 9: `Accept: text/csv`): all that the filters let through.
struct ListSheets: Sendable {
    private static let rowsAtOnce = 200

    let model: any ReadModel
    let clock: @Sendable () -> Timestamp

    func orders(_ query: OrderQuery) throws(ReadModelError) -> HTTPResponse {
        try Self.orders.response(of: query.merchantShopId, at: clock()) { [model] (after: String?) throws(ReadModelError) in
            var query = query
            query.page = PageRequest(limit: Self.rowsAtOnce, after: after ?? query.page.after)
            let page = try model.orders(query)
            return (page.items, page.next)
        }
    }

    func parcels(_ query: ParcelQuery) throws(ReadModelError) -> HTTPResponse {
        try Self.parcels.response(of: query.factoryShopId, at: clock()) { [model] (after: String?) throws(ReadModelError) in
            var query = query
            query.page = PageRequest(limit: Self.rowsAtOnce, after: after ?? query.page.after)
            let page = try model.parcels(query)
            return (page.items, page.next)
        }
    }

    /// A list of rows of the read model.
    /// - Parameter page: of the list, which the shop may see.
    func rows<Row>(
        _ sheet: ListSheet<Row>, of shop: String,
        _ page: @escaping @Sendable (any ReadModel, PageRequest) throws(ReadModelError) -> Page<Row>
    ) throws(ReadModelError) -> HTTPResponse {
        try sheet.response(of: shop, at: clock()) { [model] (after: String?) throws(ReadModelError) in
            let found = try page(model, PageRequest(limit: Self.rowsAtOnce, after: after))
            return (found.items, found.next)
        }
    }

    // MARK: Columns

    private static let orders = ListSheet<OrderView>(
        "orders",
        [
            "orderId", "platform", "platformOrderNumber", "placedAt", "shipBy", "state", "holds", "province", "city", "district", "lines",
            "quantity", "remark", "targets", "carriers", "waybillNumbers",
        ], cells: cells)

    private static func cells(_ order: OrderView) -> [String?] {
        let given = order.allocations.filter { $0.state != .deallocated }
        let lines = order.lines.map { line in
            [line.sku, line.name, line.spec].filter { !$0.isEmpty }.joined(separator: " ") + " ×\(line.quantity)"
        }
        let targets = given.map { "\($0.target.kind.rawValue):\($0.target.id)" }
        return [
            order.orderId, order.platform, order.platformOrderNumber, order.placedAt.description, order.shipBy?.description,
            order.state.rawValue, order.holds.map(\.rawValue).joined(separator: " "), order.area?.province, order.area?.city,
            order.area?.district, lines.joined(separator: "; "), "\(order.lines.reduce(0) { $0 + $1.quantity })", order.remark,
            targets.joined(separator: " "), given.compactMap(\.carrier).joined(separator: " "),
            given.flatMap { [$0.waybillNumber].compactMap { $0 } + ($0.extraNumbers ?? []) }.joined(separator: " "),
        ]
    }

    private static let parcels = ListSheet<ParcelView>(
        "parcels",
        [
            "allocationId", "orderId", "merchantShopId", "shopAlias", "state", "stage", "readdressed", "province", "city", "district",
            "lines", "quantity", "remark", "mergeKey", "carrier", "waybillNumber", "extraNumbers", "copies", "openedAt",
        ], cells: cells)

    private static func cells(_ parcel: ParcelView) -> [String?] {
        let lines = parcel.lines.map { line in
            [line.name, line.spec].filter { !$0.isEmpty }.joined(separator: " ") + " ×\(line.quantity)"
        }
        return [
            parcel.allocationId, parcel.orderId, parcel.merchantShopId, parcel.shopAlias, parcel.state.rawValue, parcel.stage?.rawValue,
            parcel.readdressed.map { "\($0)" }, parcel.area?.province, parcel.area?.city, parcel.area?.district,
            lines.joined(separator: "; "), "\(parcel.lines.reduce(0) { $0 + $1.quantity })", parcel.remark, parcel.mergeKey,
            parcel.carrier, parcel.waybillNumber, parcel.extraNumbers?.joined(separator: " "), "\(parcel.copies)",
            parcel.openedAt.description,
        ]
    }
}

extension ConsoleCall {
    /// Whether the caller wants a list for a spreadsheet.
    var wantsSheet: Bool { request.type(among: ["application/json", "text/csv"]) == "text/csv" }
}
