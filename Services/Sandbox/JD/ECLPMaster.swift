import JSON

/// `jingdong.eclp.master.…` and `jingdong.eclp.stock.…`: what a PIN has, and what lies in its warehouses.
enum ECLPMaster {
    static let operations: [String: Operation] = [
        "jingdong.eclp.master.queryDept": departments, "jingdong.eclp.master.queryWarehouse": warehouses,
        "jingdong.eclp.master.queryShop": shops, "jingdong.eclp.master.querySupplier": suppliers,
        "jingdong.eclp.stock.queryStock": stock,
    ]
    /// JDL: "2 = enabled".
    static func status(_ isEnabled: Bool) -> JSONValue { isEnabled ? "2" : "1" }

    private static func account(_ world: World, _ call: Call) throws -> JDAccount {
        guard let grant = call.grant, let account = try world.objects.get(JDAccount.self, grant.owner) else {
            throw Refusal(.permission, "the PIN is unknown")
        }
        return account
    }

    private static func departments(_ world: World, _ call: Call) throws -> JSONValue {
        let account = try account(world, call)
        let wanted = call.parameters.commaList("deptNos")
        return [
            "querydept_result": .list(account.departments.filter { wanted?.contains($0.departmentNo) ?? true }) {
                ["deptNo": .string($0.departmentNo), "deptName": .string($0.name), "sellerNo": .string("ECP\(account.pin)"), "status": "1"]
            }
        ]
    }

    private static func warehouses(_ world: World, _ call: Call) throws -> JSONValue {
        let number = try call.parameters.required("deptNo")
        // A department of somebody else has no warehouses.
        let department = try account(world, call).departments.first { $0.departmentNo == number }
        let wanted = call.parameters.commaList("warehouseNos")
        let found = (department?.warehouses ?? []).filter { wanted?.contains($0.warehouseNo) ?? true }
        return [
            "querywarehouse_result": .list(found) {
                [
                    "warehouseNo": .string($0.warehouseNo), "warehouseName": .string($0.name), "status": status($0.enabled ?? true),
                    "isvWarehouseNo": "",
                ]
            }
        ]
    }

    private static func shops(_ world: World, _ call: Call) throws -> JSONValue {
        let department = try world.department(try call.parameters.required("deptNo"), call)
        return ["queryshop_result": .list(department.shops ?? []) { ["shopNo": .string($0), "deptNo": .string(department.departmentNo)] }]
    }

    private static func suppliers(_ world: World, _ call: Call) throws -> JSONValue {
        let department = try world.department(try call.parameters.required("deptNo"), call)
        return [
            "querysupplier_result": .list(department.suppliers ?? []) {
                ["supplierNo": .string($0), "deptNo": .string(department.departmentNo)]
            }
        ]
    }

    private static func stock(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let department = try parameters.required("deptNo")
        let warehouse = try parameters.required("warehouseNo")
        _ = try world.department(department, call).warehouse(warehouse)
        let goods = parameters.commaList("goodsNo")
        let wantedStatus = parameters.text("stockStatus")
        var rows: [(level: StockLevel, status: String, count: Int)] = []
        for level in try world.objects.find(StockLevel.self, alias: StockLevel.alias(.jd, warehouse))
        where goods?.contains(level.goodsNo) ?? true {
            for (status, count) in [("1", level.good), ("2", level.damaged)] where wantedStatus == nil || wantedStatus == status {
                // 2: those of which there are none are given too.
                if count > 0 || parameters.text("returnZeroStock") == "2" { rows.append((level, status, count)) }
            }
        }
        // Only what can be sold (1) is kept here.
        if let type = parameters.text("stockType"), type != "1" { rows = [] }
        let page = Page(rows, number: parameters.int("currentPage") ?? 1, size: min(100, parameters.int("pageSize") ?? 100))
        return [
            "querystock_result": .list(page.elements) { row in
                [
                    "deptNo": .string(department), "warehouseNo": .string(warehouse), "goodsNo": .string(row.level.goodsNo),
                    "sellerGoodsSign": .string(row.level.sku), "stockStatus": .string(row.status), "stockType": "1",
                    "totalNum": .string("\(row.count)"), "usableNum": .string("\(row.count)"), "recordCount": .string("\(rows.count)"),
                ]
            }
        ]
    }
}
