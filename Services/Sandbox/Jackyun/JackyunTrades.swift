import JSON
import Stores

/// Sales orders and stock of the ERP.
enum JackyunTrades {
    private static let create = "oms.trade.ordercreate"
    static let operations: [String: Operation] = [
        create: createTrade, "oms.trade.fullinfoget": fullInfo, "oms.trade.order.completeDelivery": completeDelivery,
        "oms.trade.ordercancel": cancel,
        "erp.stockquantity.get": stock,
    ]
    /// Milliseconds between a window's start and end at most.
    private static let window = 7 * 86_400_000
    private static let pageSize = 200
    private static let cursor = "scroll-"

    private static func createTrade(_ world: World, _ call: Call) throws -> JSONValue {
        let order = try call.parameters.requiredObject(call.parameters.object("tradeorder") == nil ? "tradeOrder" : "tradeorder")
        var trade = Trade()
        trade.appKey = call.app.key
        trade.onlineTradeNo = try order.required("onlineTradeNo")
        world.note(trade.onlineTradeNo)
        trade.shopId = order.text("shopId")
        trade.warehouseCode = order.text("warehouseCode")
        trade.receiverName = order.text("receiverName")
        var goods: [Trade.Goods] = []
        for detail in try order.requiredObjects("tradeOrderDetails") {
            var one = Trade.Goods()
            one.goodsNo = try detail.required("goodsNo")
            one.goodsName = detail.text("goodsName") ?? ""
            guard !detail.isNumber("sellCount") else { throw detail.invalid("sellCount", "is no text") }
            one.sellCount = try detail.required("sellCount")
            goods.append(one)
        }
        trade.goods = goods
        if try world.settings().deduplication, let known = try world.objects.find(Trade.self, alias: trade.alias ?? "").first {
            return ["tradeOrder": ["tradeNo": .string(known.tradeNo)]]
        }
        trade.tradeNo = try world.number("JY", digits: 12)
        trade.tradeStatus = 1010
        trade.fill(world.now)
        try world.objects.put(trade)
        try world.recordCreate(.jackyun, create, key: trade.onlineTradeNo, number: trade.tradeNo)
        return ["tradeOrder": ["tradeNo": .string(trade.tradeNo)]]
    }

    private static func fullInfo(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let fields = Set(try parameters.required("fields").split(separator: ",").map(String.init))
        let size = parameters.int("pageSize") ?? 50
        guard (1...pageSize).contains(size) else { throw parameters.invalid("pageSize", "is not 1 to 200") }
        let filter = try Filter(parameters)
        let found = try world.objects.all(Trade.self).filter { $0.appKey == call.app.key && filter.fits($0) }
        let text = parameters.text("scrollId") ?? ""
        guard text.isEmpty || text.hasPrefix(cursor) else { throw parameters.invalid("scrollId", "is not known") }
        let first = text.isEmpty ? (parameters.int("pageIndex") ?? 0) * size : Int(text.dropFirst(cursor.count)) ?? 0
        let page = Array(found.dropFirst(first).prefix(size))
        var answer: JSONValue = ["trades": .list(page) { tree($0, fields) }]
        if fields.contains("scrollId") { answer = answer.with("scrollId", .string("\(cursor)\(first + page.count)")) }
        if parameters.int("hasTotal") == 1 { answer = answer.with("totalResults", .int(found.count)) }
        return answer
    }

    /// Numbers, or a window of at most seven days.
    private struct Filter {
        let tradeNos: [String]?
        let sourceTradeNos: [String]?
        let statuses: [String]?
        let modified: ClosedRange<Int>?
        let created: ClosedRange<Int>?
        let consigned: ClosedRange<Int>?

        init(_ parameters: Parameters) throws {
            func range(_ start: String, _ end: String) throws -> ClosedRange<Int>? {
                guard let first = parameters.text(start), let last = parameters.text(end) else { return nil }
                guard let from = BeijingTime.milliseconds(first), let to = BeijingTime.milliseconds(last), from <= to else {
                    throw parameters.invalid(start, "or \(end) is no time, or they are the wrong way round")
                }
                guard to - from <= window else { throw parameters.invalid(end, "is more than 7 days after the start") }
                return from...(to + 999)
            }
            tradeNos = parameters.commaList("tradeNo")
            sourceTradeNos = parameters.commaList("sourceTradeNos")
            statuses = parameters.texts("tradeStatusList") ?? parameters.text("tradeStatus").map { [$0] }
            modified = try range("startModified", "endModified")
            created = try range("startCreated", "endCreated")
            consigned = try range("startConsignTime", "endConsignTime")
            guard tradeNos != nil || sourceTradeNos != nil || modified != nil || created != nil || consigned != nil else {
                throw Refusal(.missing, "tradeNo, sourceTradeNos or a window of time")
            }
        }

        func fits(_ trade: Trade) -> Bool {
            (tradeNos?.contains(trade.tradeNo) ?? true) && (sourceTradeNos?.contains(trade.onlineTradeNo) ?? true)
                && (statuses?.contains("\(trade.tradeStatus ?? 0)") ?? true) && (modified?.contains(trade.updatedAt ?? 0) ?? true)
                && (created?.contains(trade.createdAt ?? 0) ?? true) && (consigned?.contains(trade.consignedAt ?? 0) ?? true)
        }
    }

    /// Only what was asked for.
    private static func tree(_ trade: Trade, _ fields: Set<String>) -> JSONValue {
        func time(_ milliseconds: Int?) -> JSONValue { .optional(milliseconds.map(BeijingTime.text)) }
        let all: [(String, JSONValue)] = [
            ("tradeNo", .string(trade.tradeNo)), ("onlineTradeNo", .string(trade.onlineTradeNo)),
            ("sourceTradeNos", .string(trade.onlineTradeNo)), ("sourceTradeNo", .string(trade.onlineTradeNo)),
            ("tradeStatus", .int(trade.tradeStatus ?? 1010)), ("tradeType", .int(trade.tradeType ?? 1)), ("tradeFrom", 18),
            ("shopId", .optional(trade.shopId)), ("warehouseCode", .optional(trade.warehouseCode)),
            ("logisticName", .optional(trade.logisticName)), ("mainPostid", .optional(trade.mainPostid)),
            ("gmtCreate", time(trade.createdAt)), ("gmtModified", time(trade.updatedAt)), ("consignTime", time(trade.consignedAt)),
        ]
        let wanted = all.filter { fields.contains($0.0) }
        guard fields.contains(where: { $0.hasPrefix("goodsDetail") }) else { return .object(wanted) }
        let goods = JSONValue.list(trade.goods ?? []) {
            ["goodsNo": .string($0.goodsNo), "goodsName": .string($0.goodsName), "sellCount": .string($0.sellCount), "refundStatus": 0]
        }
        return .object(wanted + [("goodsDetail", goods)])
    }

    /// The method's fields are not public: `tradeNo`, `logisticName` and `logisticNo` are what a public client sends, one or a list.
    private static func completeDelivery(_ world: World, _ call: Call) throws -> JSONValue {
        var failed: [JSONValue] = []
        for delivery in call.parameters.objects("list") ?? [call.parameters] {
            let number = try delivery.required("tradeNo")
            world.note(number)
            let waybill = try delivery.required("logisticNo")
            guard var trade = try world.objects.get(Trade.self, number), trade.appKey == call.app.key else {
                failed.append(["tradeNo": .string(number), "msg": "销售单不存在"])
                continue
            }
            if trade.tradeStatus == Trade.onItsWay, trade.mainPostid != waybill {
                failed.append(["tradeNo": .string(number), "msg": "销售单已发货"])
                continue
            }
            trade.tradeStatus = Trade.onItsWay
            trade.logisticName = delivery.text("logisticName")
            trade.mainPostid = waybill
            trade.updatedAt = world.now
            trade.fill(world.now)
            try world.objects.put(trade)
        }
        return ["failedResults": .array(failed)]
    }

    /// `tradeNos` is a text; what is on its way cannot be cancelled any more.
    private static func cancel(_ world: World, _ call: Call) throws -> JSONValue {
        _ = try call.parameters.required("cancelReason")
        let numbers = call.parameters.commaList("tradeNos") ?? []
        guard !numbers.isEmpty else { throw call.parameters.missing("tradeNos") }
        for number in numbers {
            world.note(number)
            guard var trade = try world.objects.get(Trade.self, number), trade.appKey == call.app.key else {
                throw Refusal(.notFound, "销售单不存在")
            }
            guard (trade.tradeStatus ?? 0) < Trade.onItsWay else { throw Refusal(.state, "销售单已发货") }
            trade.tradeStatus = Trade.cancelled
            trade.updatedAt = world.now
            try world.objects.put(trade)
        }
        return [:]
    }

    private static func stock(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let warehouse = parameters.text("warehouseCode")
        let goods = parameters.commaList("goodsNo")
        let found = try world.objects.all(StockLevel.self).filter {
            $0.partner == .jackyun && (warehouse == nil || warehouse == $0.warehouseNo) && (goods?.contains($0.sku) ?? true)
        }
        // Pages count from 0 here.
        let page = Page(found, number: (parameters.int("pageIndex") ?? 0) + 1, size: min(pageSize, parameters.int("pageSize") ?? 50))
        return [
            "goodsStockQuantity": .list(page.elements) {
                [
                    "warehouseCode": .string($0.warehouseNo), "goodsNo": .string($0.sku), "currentQuantity": .int($0.good),
                    "useQuantity": .int($0.good), "defectiveQuanity": .int($0.damaged),
                ]
            }
        ]
    }
}
