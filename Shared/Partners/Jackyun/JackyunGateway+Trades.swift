internal import JSON

/// Sales orders of the ERP.
extension JackyunGateway {
    /// The longest window of a question, in milliseconds: seven days.
    public static let longestWindow = 7 * 86_400_000
    /// Rows on a page, at most.
    public static let pageSize = 200
    /// An ERP that never comes to an end is not followed further.
    private static let lastPage = 50

    /// Makes a sales order. Not idempotent: after an open outcome ask `trades(sourceTradeNos:)` for its `onlineTradeNo` first.
    /// - Returns: the ERP's number of it.
    public func createTrade(_ trade: JackyunTrade, as application: Application) async throws(PartnerError) -> String {
        let method = "oms.trade.ordercreate"
        let data = try await call(method, trade.json, as: application, changes: true)
        guard let number = data["tradeOrder"]?["tradeNo"]?.wireText ?? data["tradeNo"]?.wireText else {
            throw failure(.outcomeOpen, method, "an answer without the number of the order")
        }
        return number
    }

    /// Cancels a sales order. The method takes `tradeNos`, a text, and `cancelReason`, the code of a reason, as public clients send them
    /// (oms.trade.ordercancel; 420001 is the reason that they give).
    public func cancelTrade(_ tradeNo: String, as application: Application) async throws(PartnerError) {
        _ = try await call(
            "oms.trade.ordercancel", .object([("tradeNos", .string(tradeNo)), ("cancelReason", .string("420001"))]), as: application,
            changes: true)
    }

    /// Sales orders made of the shop's orders with these numbers.
    public func trades(sourceTradeNos: [String], as application: Application) async throws(PartnerError) -> [JackyunTradeInfo] {
        guard !sourceTradeNos.isEmpty else { return [] }
        let filter: [(String, JSONValue)] = [("sourceTradeNos", .string(sourceTradeNos.joined(separator: ",")))]
        var trades: [JackyunTradeInfo] = []
        var scrollId: String? = ""
        for _ in 1...Self.lastPage {
            guard let asked = scrollId else { return trades }
            let page = try await fullInfo(filter, scrollId: asked, mayBeSilent: !asked.isEmpty, as: application)
            trades += page.trades
            scrollId = page.scrollId
        }
        throw failure(.outcomeOpen, "oms.trade.fullinfoget", "more than \(Self.lastPage) pages for one question")
    }

    /// One page of the sales orders that have shipped and changed in the window: numbers that are corrected afterwards come again.
    /// - Parameters:
    ///   - from: milliseconds since 1970, like `to`; at most seven days apart.
    ///   - scrollId: of the page before; nil at first.
    public func shippedTrades(
        from: Int, to: Int, scrollId: String? = nil, as application: Application
    ) async throws(PartnerError) -> JackyunTradePage {
        guard from < to, to - from <= Self.longestWindow else {
            throw failure(.rejected, "oms.trade.fullinfoget", "a window of \(to - from) ms; it must be above 0 and at most seven days")
        }
        return try await fullInfo(
            [
                ("startModified", .string(BeijingTime.format(Int64(from)))), ("endModified", .string(BeijingTime.format(Int64(to)))),
                ("tradeStatusList", .array([.int(6000), .int(9090)])),
            ], scrollId: scrollId ?? "", mayBeSilent: true, as: application)
    }

    /// The cursor is asked for by an empty `scrollId` and by its name among the fields.
    private func fullInfo(
        _ filter: [(String, JSONValue)], scrollId: String, mayBeSilent: Bool, as application: Application
    ) async throws(PartnerError) -> JackyunTradePage {
        let method = "oms.trade.fullinfoget"
        let content = JSONValue.object(
            filter + [
                ("fields", .string(JackyunTradeInfo.fields.joined(separator: ","))), ("pageSize", .int(Self.pageSize)),
                ("scrollId", .string(scrollId)),
            ])
        let data = try await call(method, content, as: application)
        // Of a window, or behind other rows, silence means that there is nothing; of an order that may have been made it must not.
        guard let rows = Self.rows(of: data) ?? (mayBeSilent && Self.isSilent(data) ? [] : nil) else {
            throw failure(.outcomeOpen, method, "an answer without the list")
        }
        let trades = rows.compactMap { JackyunTradeInfo($0) }
        return JackyunTradePage(
            trades: trades, unreadable: rows.count - trades.count, scrollId: rows.isEmpty ? nil : data["scrollId"]?.wireText)
    }

    /// The list, under its name or bare: the answer's page is not public, and that it may be bare is inferred.
    private static func rows(of data: JSONValue) -> [JSONValue]? {
        if let list = data["trades"] { return list.wireList }
        return if case .array = data { data.wireList } else { nil }
    }

    /// Whether there is nothing that could be rows, or the place of some.
    private static func isSilent(_ data: JSONValue) -> Bool {
        switch data {
        case .null: true
        case .object(let members): data["scrollId"]?.wireText == nil && !members.contains { $0.1.array?.isEmpty == false }
        default: false
        }
    }

    /// Tells the ERP that orders are on their way.
    ///
    /// The method's page is not public. A list of `tradeNo`, `logisticNo` and `logisticName` is what one public client sends; that the
    /// answer names those that failed (`failedResults`, as of its sister oms.order.confirm.delivery) is inferred.
    /// - Returns: what was refused, by the ERP's number; empty: all done.
    public func completeDelivery(
        _ deliveries: [JackyunDelivery], as application: Application
    ) async throws(PartnerError) -> [(tradeNo: String, reason: String)] {
        guard !deliveries.isEmpty else { return [] }
        let list = deliveries.map { delivery in
            JSONValue.object([
                ("tradeNo", .string(delivery.tradeNo)), ("logisticNo", .string(delivery.waybillNumber)),
                ("logisticName", .string(delivery.carrier.logisticName(for: delivery.waybillNumber))),
            ])
        }
        let data = try await call("oms.trade.order.completeDelivery", .array(list), as: application, changes: true)
        return (data["failedResults"]?.wireList ?? []).compactMap { failed in
            failed["tradeNo"]?.wireText.map { ($0, failed["msg"]?.wireText ?? "no reason given") }
        }
    }
}

public struct JackyunTradePage: Sendable, Equatable {
    public var trades: [JackyunTradeInfo]
    /// Rows that could not be understood.
    public var unreadable: Int
    /// For the next page; nil: this was the last.
    public var scrollId: String?
}

/// An order of the ERP that is on its way.
public struct JackyunDelivery: Sendable {
    public var tradeNo: String
    public var carrier: CarrierNames
    public var waybillNumber: String

    public init(tradeNo: String, carrier: CarrierNames, waybillNumber: String) {
        self.tradeNo = tradeNo
        self.carrier = carrier
        self.waybillNumber = waybillNumber
    }
}
