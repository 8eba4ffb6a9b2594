import JSON

/// `jingdong.eclp.order.…`: sales outbound orders.
enum ECLPOrders {
    static let addOrder = "jingdong.eclp.order.addOrder"
    static let operations: [String: Operation] = [
        addOrder: add,
        "jingdong.eclp.order.cancelOrder": cancel,
        "jingdong.eclp.order.queryOrder": query,
        "jingdong.eclp.order.queryOrderStatus": queryStatus,
        "jingdong.eclp.order.queryOrderList": queryList,
    ]
    /// 京东快递, when the seller names no carrier.
    static let defaultCarrier = "CYS0000010"

    private static func add(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let key = try parameters.required("isvUUID", max: 125)
        world.note(key)
        var order = Outbound()
        order.key = key
        order.departmentNo = try parameters.required("departmentNo")
        let department = try world.department(order.departmentNo, call)
        _ = try parameters.required("isvSource", max: 50)
        _ = try parameters.required("salePlatformSource")
        if parameters.text("soType") != "2" { try department.checkShop(try parameters.required("shopNo")) }
        order.shopNo = parameters.text("shopNo") ?? ""
        order.warehouseNo = try parameters.required("warehouseNo")
        _ = try department.warehouse(order.warehouseNo)
        order.consignee.name = try parameters.required("consigneeName", max: 20)
        order.consignee.address = try parameters.required("consigneeAddress", max: 100)
        guard let phone = parameters.text("consigneeMobile") ?? parameters.text("consigneePhone") else {
            throw parameters.missing("consigneeMobile")
        }
        order.consignee.phone = phone
        guard try parameters.required("orderMark").utf8.count == 50 else {
            throw parameters.invalid("orderMark", "is not of 50 characters")
        }
        order.lines = try lines(parameters)
        order.carrierNo = parameters.text("shipperNo") ?? defaultCarrier
        order.platformOrderNo = parameters.text("salesPlatformOrderNo") ?? ""
        return ["eclpSoNo": .string(try world.create(order, addOrder, call))]
    }

    /// Goods as lists that are joined by commas.
    private static func lines(_ parameters: Parameters) throws(Refusal) -> [GoodsLine] {
        let own = parameters.commaList("goodsNo")
        guard let goods = own ?? parameters.commaList("isvGoodsNo") else { throw parameters.missing("goodsNo") }
        guard let quantities = parameters.commaList("quantity") else { throw parameters.missing("quantity") }
        guard goods.count == quantities.count else { throw parameters.invalid("quantity", "has another count than the goods") }
        var lines: [GoodsLine] = []
        for (number, quantity) in zip(goods, quantities) {
            guard !number.isEmpty else { throw parameters.invalid("goodsNo", "has an empty element") }
            guard let count = Int(quantity), count > 0 else { throw parameters.invalid("quantity", "has an element that is not above 0") }
            var line = GoodsLine()
            if own == nil { line.isvGoodsNo = number } else { line.goodsNo = number }
            line.quantity = count
            lines.append(line)
        }
        return lines
    }

    private static func cancel(_ world: World, _ call: Call) throws -> JSONValue {
        switch try world.cancel(try find(world, call), try world.settings()) {
        case .cancelled: ["cancelorder_result": ["code": "1", "msg": "取消成功"]]
        case .pending: ["cancelorder_result": ["code": "3", "msg": "取消中"]]
        case .refused: ["cancelorder_result": ["code": "2", "msg": "取消失败"]]
        }
    }

    private static func query(_ world: World, _ call: Call) throws -> JSONValue {
        let order = try find(world, call)
        // The first parcel's number carries a suffix here, and is the parcel's number too.
        let parcel = order.waybill.map { "\($0)-1-1-" }
        return [
            "queryorder_result": [
                "eclpSoNo": .string(order.number), "isvUUID": .string(order.key), "shipperNo": .string(order.carrierNo),
                "wayBill": .string(parcel ?? ""), "currentStatus": .string(order.status),
                "splitFlag": order.children.isEmpty ? "0" : "1", "splitEclpSoNos": .string(order.children.joined(separator: ",")),
                "orderStatusList": statuses(order.history),
                "orderPackageList": .list(parcel.map { [$0] } ?? []) { ["packageNo": .string($0)] },
                "orderDetailList": .list(order.lines) {
                    [
                        "goodsNo": .string($0.goodsNo), "isvGoodsNo": .string($0.isvGoodsNo),
                        "quantity": .string("\($0.realQuantity ?? $0.quantity)"),
                    ]
                },
            ]
        ]
    }

    private static func queryStatus(_ world: World, _ call: Call) throws -> JSONValue {
        ["queryorderstatus_result": ["orderStatusList": statuses(try find(world, call).history)]]
    }

    private static func queryList(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let department = try parameters.required("deptNo")
        _ = try world.department(department, call)
        guard let start = BeijingTime.milliseconds(try parameters.required("startDate")) else {
            throw parameters.invalid("startDate", "is no time")
        }
        guard let end = BeijingTime.milliseconds(try parameters.required("endDate")) else {
            throw parameters.invalid("endDate", "is no time")
        }
        let wanted = parameters.text("salePlatformOrderNo")
        if let wanted { world.note(wanted) }
        let found = try world.objects.all(Outbound.self).filter { order in
            order.departmentNo == department && (start...max(start, end)).contains(order.createdAt / 1000 * 1000)
                && (wanted == nil || order.platformOrderNo == wanted)
                && (parameters.text("shopNo").map { $0 == order.shopNo } ?? true)
                && (parameters.text("warehouseNo").map { $0 == order.warehouseNo } ?? true)
                && (parameters.text("orderStatus").map { $0 == order.status } ?? true)
        }
        let page = Page(found, number: parameters.int("pageNo") ?? 1, size: parameters.int("pageSize") ?? 20)
        return [
            "queryordervmi_result": .list(page.elements) { order in
                [
                    "eclpSoNo": .string(order.number), "isvUUID": .string(order.key), "shopNo": .string(order.shopNo),
                    "departmentNo": .string(order.departmentNo), "warehouseNo": .string(order.warehouseNo),
                    "shipperNo": .string(order.carrierNo), "salesPlatformOrderNo": .string(order.platformOrderNo),
                    "currentStatus": .string(order.status), "currentStatusName": .string(OutboundStatus.name(order.status)),
                    "wayBill": .string(order.waybill ?? ""), "totalPage": .string("\(page.count)"), "totalNum": .string("\(found.count)"),
                    "createTime": .string(BeijingTime.text(order.createdAt)),
                    "orderDetailList": .list(order.lines) {
                        [
                            "goodsNo": .string($0.goodsNo), "isvGoodsNo": .string($0.isvGoodsNo), "quantity": .string("\($0.quantity)"),
                        ]
                    },
                ]
            }
        ]
    }

    private static func find(_ world: World, _ call: Call) throws -> Outbound {
        let number = try call.parameters.required("eclpSoNo")
        world.note(number)
        guard let order = try world.objects.get(Outbound.self, number) else { throw Refusal(.notFound, "eclpSoNo is not known") }
        _ = try world.department(order.departmentNo, call)
        return order
    }

    private static func statuses(_ history: [StatusEntry]) -> JSONValue {
        .list(history) { ["soStatusCode": .string($0.code), "operateTime": .string(BeijingTime.text($0.at))] }
    }
}

/// One page of a list; pages count from 1.
struct Page<Element> {
    let elements: [Element]
    /// Of pages.
    let count: Int

    init(_ all: [Element], number: Int, size: Int) {
        let size = max(1, size)
        count = (all.count + size - 1) / size
        elements = Array(all.dropFirst(max(0, number - 1) * size).prefix(size))
    }
}
