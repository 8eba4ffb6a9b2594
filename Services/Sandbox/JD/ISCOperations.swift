import JSON

/// The integrated supply chain's methods, on the same orders and stock as ECLP's.
enum ISCOperations {
    private static let create = "/integratedsupplychain/order/delivery/create/v1"
    static let operations: [String: Operation] = [
        create: addOrder,
        "/integratedsupplychain/order/delivery/query/v1": queryOrder,
        "/integratedsupplychain/order/cancel/v1": cancelOrder,
        "/integratedsupplychain/stock/query/v1": queryStock,
        "/integratedsupplychain/basicinfo/warehouse/query/v1": queryWarehouses,
    ]
    private static let good = "100"
    private static let damaged = "200"

    private static func addOrder(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        var order = Outbound()
        order.api = .isc
        order.key = try parameters.required("erpDeliveryNo", max: 50)
        world.note(order.key)
        _ = try parameters.required("pin")
        _ = try parameters.required("sourceNo")
        guard try parameters.required("orderMark").count == 50 else { throw parameters.invalid("orderMark", "has not 50 characters") }
        let customer = try parameters.requiredObject("customerInfo")
        order.departmentNo = try customer.required("ownerNo")
        let department = try world.department(order.departmentNo, call)
        // 1: to a consumer.
        if try parameters.required("orderType") == "1" { try department.checkShop(try customer.required("shopNo")) }
        order.shopNo = customer.text("shopNo") ?? ""
        order.warehouseNo = try parameters.required("warehouseNo")
        _ = try department.warehouse(order.warehouseNo)
        let channel = try parameters.requiredObject("channelInfo")
        _ = try channel.required("salesPlatformSource")
        order.platformOrderNo = channel.text("salesPlatformDeliveryNo") ?? channel.text("salesPlatformOrderNo") ?? ""
        let receiver = try parameters.requiredObject("receiverInfo")
        order.consignee.name = try receiver.required("name", max: 50)
        guard let phone = receiver.text("mobile") ?? receiver.text("phone") else { throw receiver.missing("mobile") }
        order.consignee.phone = phone
        for part in ["province", "city", "county"] { _ = try receiver.required(part) }
        order.consignee.address = try receiver.required("detailAddress", max: 200)
        order.carrierNo = parameters.object("carrierInfo")?.text("carrierNo") ?? ECLPOrders.defaultCarrier
        for cargo in try parameters.requiredObjects("cargoInfos") {
            var line = GoodsLine()
            line.goodsNo = cargo.text("goodsNo") ?? ""
            line.isvGoodsNo = cargo.text("erpGoodsNo") ?? ""
            if line.goodsNo.isEmpty, line.isvGoodsNo.isEmpty { throw cargo.missing("goodsNo") }
            line.quantity = try cargo.requiredInt("planQuantity")
            guard line.quantity > 0 else { throw cargo.invalid("planQuantity", "is not above 0") }
            guard try cargo.required("goodsLevel").hasPrefix("1") else { throw cargo.invalid("goodsLevel", "is not good") }
            order.lines.append(line)
        }
        return ["deliveryNo": .string(try world.create(order, create, call)), "erpDeliveryNo": .string(order.key)]
    }

    private static func queryOrder(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        // JD was seen to give nothing for a number that does not exist.
        guard let order = try find(world, call, number: "deliveryNo", key: "erpDeliveryNo") else { return nil }
        var answer: JSONValue = [
            "deliveryNo": .string(order.number), "erpDeliveryNo": .string(order.key), "status": .string(order.status),
            "warehouseNo": .string(order.warehouseNo), "isSplit": order.children.isEmpty ? "0" : "1",
            "splitDeliveryNos": .string(order.children.joined(separator: ",")),
            "carrierInfo": [
                "carrierNo": .string(order.carrierNo), "carrierName": "京东快递", "waybillNo": .optional(order.waybill),
            ],
        ]
        if parameters.int("deliveryItemFlag") ?? 1 == 1 {
            answer = answer.with(
                "deliveryItemList",
                .list(Array(order.lines.enumerated())) { index, line in
                    [
                        "goodsNo": .string(line.goodsNo), "erpGoodsNo": .string(line.isvGoodsNo), "orderLine": .string("\(index + 1)"),
                        "planQuantity": .int(line.quantity), "realQuantity": .optional(line.realQuantity),
                    ]
                })
        }
        if parameters.int("deliveryStatusFlag") == 1 {
            answer = answer.with(
                "deliveryStatusList",
                .list(order.history) {
                    [
                        "statusCode": .string($0.code), "statusName": .string(OutboundStatus.name($0.code)),
                        "operateTime": .string(BeijingTime.text($0.at)),
                    ]
                })
        }
        if parameters.int("deliveryPackageFlag") == 1 {
            answer = answer.with("deliveryPackageList", .list(order.waybill.map { ["\($0)-1-1-"] } ?? []) { ["packageNo": .string($0)] })
        }
        return answer
    }

    private static func cancelOrder(_ world: World, _ call: Call) throws -> JSONValue {
        guard try call.parameters.required("orderType") == "XSCK" else { throw call.parameters.invalid("orderType", "is not XSCK") }
        _ = try call.parameters.required("pin")
        guard let order = try find(world, call, number: "orderNo", key: "erpOrderNo") else {
            throw Refusal(.notFound, "the order is not known")
        }
        let result =
            switch try world.cancel(order, try world.settings()) {
            case .cancelled: 0
            case .pending: 1
            case .refused: 2
            }
        return ["orderNo": .string(order.number), "erpOrderNo": .string(order.key), "resultType": .int(result)]
    }

    /// By JD's number, or by the owner and the seller's.
    private static func find(_ world: World, _ call: Call, number: String, key: String) throws -> Outbound? {
        let parameters = call.parameters
        let order: Outbound?
        if let wanted = parameters.text(number) {
            world.note(wanted)
            order = try world.objects.get(Outbound.self, wanted)
        } else {
            let wanted = try parameters.required(key)
            world.note(wanted)
            let alias = Outbound.alias(try parameters.required("ownerNo"), wanted)
            order = try world.objects.find(Outbound.self, alias: alias).first { $0.parent == nil }
        }
        if let order { _ = try world.department(order.departmentNo, call) }
        return order
    }

    private static func queryStock(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let owner = try parameters.required("ownerNo")
        let warehouse = try parameters.required("warehouseNo")
        _ = try world.department(owner, call).warehouse(warehouse)
        // Texts in this method, unlike in others.
        for name in ["currentPage", "pageSize"] where parameters.isNumber(name) { throw parameters.invalid(name, "is no text") }
        let skus = parameters.commaList("erpGoodsNo")
        let goods = parameters.commaList("goodsNo")
        let level = parameters.text("goodsLevel")
        var rows: [(level: StockLevel, grade: String, count: Int)] = []
        for stock in try world.objects.find(StockLevel.self, alias: StockLevel.alias(.jd, warehouse))
        where (skus?.contains(stock.sku) ?? true) && (goods?.contains(stock.goodsNo) ?? true) {
            for (grade, count) in [(good, stock.good), (damaged, stock.damaged)] where level == nil || level == grade {
                // 1: those of which there are none are left out.
                if count > 0 || parameters.text("returnZeroStock") != "1" { rows.append((stock, grade, count)) }
            }
        }
        if let type = parameters.text("stockType"), type != "1" { rows = [] }
        let page = Page(rows, number: parameters.int("currentPage") ?? 1, size: min(100, parameters.int("pageSize") ?? 20))
        return [
            "totalNum": .int(rows.count),
            "resultList": .list(page.elements) { row in
                [
                    "ownerNo": .string(owner), "warehouseNo": .string(warehouse), "goodsNo": .string(row.level.goodsNo),
                    "erpGoodsNo": .string(row.level.sku), "goodsLevel": .string(row.grade), "stockStatus": row.grade == good ? "1" : "2",
                    "stockType": "1", "stockNum": .int(row.count), "usableNum": .int(row.count),
                ]
            },
        ]
    }

    private static func queryWarehouses(_ world: World, _ call: Call) throws -> JSONValue {
        let department = try world.department(try call.parameters.required("ownerNo"), call)
        let wanted = call.parameters.text("warehouseNo")
        return .list(department.warehouses.filter { wanted == nil || wanted == $0.warehouseNo }) {
            [
                "warehouseNo": .string($0.warehouseNo), "warehouseName": .string($0.name), "erpWarehouseNo": "",
                "status": ECLPMaster.status($0.enabled ?? true),
            ]
        }
    }
}
