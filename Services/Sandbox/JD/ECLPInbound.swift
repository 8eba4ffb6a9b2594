import JSON
import Stores

/// `jingdong.eclp.po.…`: purchase inbound orders.
enum ECLPInbound {
    static let addPoOrder = "jingdong.eclp.po.addPoOrder"
    static let operations: [String: Operation] = [
        addPoOrder: add, "jingdong.eclp.po.queryPoOrder": query,
        // So it is spelled.
        "jingdong.eclp.po.cancalPoOrder": cancel,
    ]

    private static func add(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        var order = Inbound()
        order.key = try parameters.required("spPoOrderNo", max: 50)
        world.note(order.key)
        order.departmentNo = try parameters.required("deptNo")
        let department = try world.department(order.departmentNo, call)
        order.warehouseNo = try parameters.required("whNo")
        _ = try department.warehouse(order.warehouseNo)
        order.supplierNo = try parameters.required("supplierNo")
        if let suppliers = department.suppliers, !suppliers.isEmpty, !suppliers.contains(order.supplierNo) {
            throw parameters.invalid("supplierNo", "is not one of this department's")
        }
        try checkFlags(parameters)
        order.lines = try lines(parameters)
        if try world.settings().deduplication, let known = try world.objects.find(Inbound.self, alias: order.alias ?? "").first {
            return ["poOrderNo": .string(known.number)]
        }
        order.number = try world.number("EPL")
        order.appKey = call.app.key
        order.pin = call.grant?.owner ?? ""
        order.createdAt = world.now
        order.history = [StatusEntry(order.status, order.createdAt)]
        for index in order.lines.indices { try world.complete(&order.lines[index], order.warehouseNo) }
        try world.objects.put(order)
        try world.recordCreate(.jd, addPoOrder, key: order.key, number: order.number)
        try world.pushStatus(of: order, at: order.createdAt)
        return ["poOrderNo": .string(order.number)]
    }

    /// How it is to be received: returned by order or by pallet, of which type, by boxes or not, at once or in parts. None is required (JD's
    /// text in jos-open-api, `src/request/EclpPoAddPoOrder.php`).
    private static func checkFlags(_ parameters: Parameters) throws(Refusal) {
        let values = [
            ("poReturnMode", ["1", "2"]), ("poType", ["1", "3", "4"]), ("boxFlag", ["0", "1"]), ("multiReceivingFlag", ["0", "1"]),
        ]
        for (name, allowed) in values {
            guard let value = parameters.text(name), !allowed.contains(value) else { continue }
            throw parameters.invalid(name, "is none of \(allowed.joined(separator: ", "))")
        }
    }

    private static func lines(_ parameters: Parameters) throws(Refusal) -> [GoodsLine] {
        let own = parameters.commaList("deptGoodsNo")
        guard let goods = own ?? parameters.commaList("isvGoodsNo") else { throw parameters.missing("deptGoodsNo") }
        guard let quantities = parameters.commaList("numApplication") else { throw parameters.missing("numApplication") }
        guard let statuses = parameters.commaList("goodsStatus") else { throw parameters.missing("goodsStatus") }
        guard goods.count == quantities.count, goods.count == statuses.count else {
            throw parameters.invalid("numApplication", "has another count than the goods")
        }
        var lines: [GoodsLine] = []
        for index in goods.indices {
            guard let count = Int(quantities[index]), count > 0, !goods[index].isEmpty else {
                throw parameters.invalid("numApplication", "has an element that is not above 0, or goods are empty")
            }
            guard ["1", "2", "3"].contains(statuses[index]) else {
                throw parameters.invalid("goodsStatus", "has an element that is not 1, 2 or 3")
            }
            var line = GoodsLine()
            if own == nil { line.isvGoodsNo = goods[index] } else { line.goodsNo = goods[index] }
            line.quantity = count
            line.goodsStatus = statuses[index]
            lines.append(line)
        }
        return lines
    }

    private static func query(_ world: World, _ call: Call) throws -> JSONValue {
        let orders = try find(world, call)
        for order in orders { _ = try world.department(order.departmentNo, call) }
        return [
            "queryPoModelList": .list(orders) { order in
                [
                    "poOrderNo": .string(order.number), "isvPoOrderNo": .string(order.key), "deptNo": .string(order.departmentNo),
                    "whNo": .string(order.warehouseNo), "supplierNo": .string(order.supplierNo), "poOrderStatus": .string(order.status),
                    "poItemModelList": .list(Array(order.lines.enumerated())) { index, line in
                        [
                            "goodsNo": .string(line.goodsNo), "isvGoodsNo": .string(line.isvGoodsNo),
                            "numApplication": .string("\(line.quantity)"), "realInstoreQty": .optional(line.realQuantity.map { "\($0)" }),
                            "goodsStatus": .string(line.goodsStatus ?? "1"), "orderLine": .string("\(index + 1)"),
                        ]
                    },
                    "resultCode": "1", "msg": "成功",
                ]
            }
        ]
    }

    /// By JD's numbers, of which several may be asked for at once; or, which is ours, by the sender's.
    private static func find(_ world: World, _ call: Call) throws -> [Inbound] {
        let parameters = call.parameters
        if parameters.text("poOrderNo") == nil, let key = parameters.text("isvPoOrderNo") {
            world.note(key)
            return try world.objects.find(Inbound.self, alias: Outbound.alias(try parameters.required("deptNo"), key))
        }
        let numbers = try parameters.required("poOrderNo").split(separator: ",").map(String.init)
        world.note(numbers.joined(separator: ","))
        return try numbers.compactMap { try world.objects.get(Inbound.self, $0) }
    }

    private static func cancel(_ world: World, _ call: Call) throws -> JSONValue {
        let number = try call.parameters.required("poOrderNo")
        world.note(number)
        guard var order = try world.objects.get(Inbound.self, number) else { throw Refusal(.notFound, "poOrderNo is not known") }
        _ = try world.department(order.departmentNo, call)
        guard order.status != InboundStatus.received else { return ["poResult": ["code": "2", "msg": "已收货，取消失败"]] }
        try world.advance(&order, to: "91")
        return ["poResult": ["code": "1", "msg": "取消成功"]]
    }
}

extension World {
    /// Puts the order into a status; what was received goes into the stock.
    func advance(_ order: inout Inbound, to code: String, at time: Int? = nil, lines: [GoodsLine]? = nil) throws(StoreError) {
        let time = time ?? now
        order.status = code
        order.history.append(StatusEntry(code, time))
        for line in lines ?? [] {
            guard let index = order.lines.firstIndex(where: { $0.isvGoodsNo == line.isvGoodsNo }) else { continue }
            order.lines[index].realQuantity = line.quantity
        }
        if code == InboundStatus.received {
            for index in order.lines.indices {
                let received = order.lines[index].realQuantity ?? order.lines[index].quantity
                order.lines[index].realQuantity = received
                try put(received, order.lines[index], order.warehouseNo)
            }
        }
        try objects.put(order)
        try pushStatus(of: order, at: time)
    }

    private func put(_ quantity: Int, _ line: GoodsLine, _ warehouse: String) throws(StoreError) {
        guard !line.isvGoodsNo.isEmpty else { return }
        var level = try objects.get(StockLevel.self, StockLevel.id(.jd, warehouse, line.isvGoodsNo)) ?? StockLevel()
        level.warehouseNo = warehouse
        level.sku = line.isvGoodsNo
        if level.goodsNo.isEmpty { level.goodsNo = line.goodsNo }
        if line.goodsStatus == "2" { level.damaged += quantity } else { level.good += quantity }
        try objects.put(level)
    }
}
