import Foundation
import JSON
import Testing

@testable import Sandbox

@Suite struct ECLPTests {
    private let add = "jingdong.eclp.order.addOrder"

    private func errorCode(_ answer: RunningSandbox.Answer) -> String? { answer.json?.at("error_response", "code")?.string }

    private func number(_ answer: RunningSandbox.Answer) -> String? {
        answer.json?.at("jingdong_eclp_order_addOrder_responce", "eclpSoNo")?.string
    }

    @Test func anOrderIsMadeOnceForItsKeyAndFoundByIt() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let answer = try await sandbox.jos(add, RunningSandbox.outbound, token: token)
        let made = try #require(number(answer), "\(answer.text)")
        #expect(made.hasPrefix("ESL"))
        #expect(answer.json?.at("jingdong_eclp_order_addOrder_responce", "code")?.string == "0")
        #expect(number(try await sandbox.jos(add, RunningSandbox.outbound, token: token)) == made)
        #expect(try await sandbox.control("creates?key=order-1_1").array?.count == 1)

        let list = try await sandbox.jos(
            "jingdong.eclp.order.queryOrderList",
            [
                "deptNo": "EBU4418046500001", "salePlatformOrderNo": "order-1_1", "pageNo": 1, "pageSize": 10,
                "startDate": .string(RunningSandbox.beijing(Date(timeIntervalSinceNow: -3600))),
                "endDate": .string(RunningSandbox.beijing(Date(timeIntervalSinceNow: 3600))),
            ], token: token)
        let found = list.json?.at("jingdong_eclp_order_queryOrderList_responce", "queryordervmi_result")?.array
        #expect(found?.count == 1)
        #expect(found?.first?["eclpSoNo"]?.string == made)
        #expect(found?.first?["isvUUID"]?.string == "order-1_1")
    }

    @Test func withoutDeduplicationASecondCreateIsASecondOrderAndCounted() async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["deduplication": false])
        let token = try await sandbox.jdToken()
        let first = number(try await sandbox.jos(add, RunningSandbox.outbound, token: token))
        let second = number(try await sandbox.jos(add, RunningSandbox.outbound, token: token))
        #expect(first != nil && second != nil && first != second)
        let creates = try await sandbox.control("creates?key=order-1_1").array ?? []
        #expect(creates.map { $0["number"]?.string } == [first, second])
    }

    @Test(arguments: [
        "isvUUID", "isvSource", "shopNo", "departmentNo", "warehouseNo", "salePlatformSource", "consigneeName", "consigneeAddress",
        "consigneeMobile", "orderMark", "isvGoodsNo", "quantity",
    ])
    func whatAnOrderMustHave(_ field: String) async throws {
        let sandbox = try RunningSandbox()
        let answer = try await sandbox.jos(add, RunningSandbox.outbound.changing(field, to: nil), token: try await sandbox.jdToken())
        #expect(errorCode(answer) == "60", "\(answer.text)")
        #expect(try await sandbox.control("creates").array?.isEmpty == true)
    }

    @Test(arguments: [
        ("consigneeName", "一二三四五六七八九十一二三四五六七八九十一", "61"), ("quantity", "2", "61"), ("quantity", "0,1", "61"),
        ("orderMark", "0", "61"), ("shopNo", "ESP9", "61"), ("warehouseNo", "110000003", "61"),
        ("departmentNo", "EBU4418046500002", "71"),
    ])
    func whatAnOrderMustNotHave(_ field: String, _ value: String, _ code: String) async throws {
        let sandbox = try RunningSandbox()
        let answer = try await sandbox.jos(
            add, RunningSandbox.outbound.changing(field, to: .string(value)), token: try await sandbox.jdToken())
        #expect(errorCode(answer) == code, "\(answer.text)")
    }

    @Test func signatureApplicationTimeTokenAndMethodAreChecked() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        func code(
            token: String?, _ change: (inout [String: String]) -> Void = { _ in }, signed: (inout [String: String]) -> Void = { _ in }
        ) async throws -> String? {
            errorCode(try await sandbox.jos(add, RunningSandbox.outbound, token: token, change: change, signed: signed))
        }
        #expect(try await code(token: token, signed: { $0["sign"] = "0" }) == "12")
        #expect(try await code(token: token, signed: { $0["360buy_param_json"]? += " " }) == "12")
        #expect(try await code(token: token, { $0["app_key"] = "other" }) == "21")
        #expect(try await code(token: token, { $0["timestamp"] = RunningSandbox.beijing(Date(timeIntervalSinceNow: -1200)) }) == "8")
        #expect(try await code(token: "unknown") == "19")
        #expect(try await code(token: nil) == "19")
        #expect(try await code(token: token, { $0["method"] = "jingdong.eclp.order.none" }) == "15")
        try await sandbox.control("tokens/expire", ["owner": "daifa-demo"])
        #expect(try await code(token: token) == "19")
        #expect(try await sandbox.control("creates").array?.isEmpty == true)
    }

    @Test func anOrderMovesOnNumberBeforeShippingPickedQuantitiesTheParcelsSuffix() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let made = try #require(number(try await sandbox.jos(add, RunningSandbox.outbound, token: token)))
        func query() async throws -> JSONValue? {
            try await sandbox.jos("jingdong.eclp.order.queryOrder", ["eclpSoNo": .string(made)], token: token)
                .json?.at("jingdong_eclp_order_queryOrder_responce", "queryorder_result")
        }
        #expect(try await query()?["wayBill"]?.string == "")
        try await sandbox.control("advance", ["number": .string(made), "status": "100130", "waybill": "JDVA11408814483"])
        #expect(try await query()?["wayBill"]?.string == "JDVA11408814483-1-1-")
        #expect(try await query()?["currentStatus"]?.string == "100130")
        try await sandbox.control(
            "advance",
            ["key": "order-1_1", "status": "10020", "lines": [["sku": "TEA-500", "quantity": 1], ["sku": "CUP-2", "quantity": 1]]])
        let shipped = try await query()
        #expect(shipped?["orderStatusList"]?.array?.map { $0["soStatusCode"]?.string } == ["10010", "100130", "10020"])
        #expect(shipped?["orderDetailList"]?.array?.map { $0["quantity"]?.string } == ["1", "1"])
        #expect(shipped?["orderDetailList"]?[0]?["goodsNo"]?.string == "EMG4418000000001")
        let stock = try await sandbox.control("stock").array?.first { $0["sku"]?.string == "TEA-500" }
        #expect(stock?["good"]?.int == 499)
    }

    @Test func aSplitOrderIsWhereItsSlowestChildIs() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let made = try #require(number(try await sandbox.jos(add, RunningSandbox.outbound, token: token)))
        let children =
            try await sandbox.control(
                "split",
                ["number": .string(made), "parts": [[["sku": "TEA-500", "quantity": 2]], [["sku": "CUP-2", "quantity": 1]]]]
            )["children"]?.array?.compactMap(\.string) ?? []
        #expect(children.count == 2)
        try await sandbox.control("advance", ["number": .string(children[0]), "status": "10020"])
        try await sandbox.control("advance", ["number": .string(children[1]), "status": "10016"])
        let parent = try await sandbox.jos("jingdong.eclp.order.queryOrder", ["eclpSoNo": .string(made)], token: token)
            .json?.at("jingdong_eclp_order_queryOrder_responce", "queryorder_result")
        #expect(parent?["splitFlag"]?.string == "1")
        #expect(parent?["splitEclpSoNos"]?.string == children.joined(separator: ","))
        #expect(parent?["currentStatus"]?.string == "10016")
    }

    @Test(arguments: [(0, "1", "10028"), (1, "3", "10027"), (2, "2", "10029")])
    func aCancelIsDoneBeingDecidedOrRefused(_ outcome: Int, _ code: String, _ status: String) async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let made = try #require(number(try await sandbox.jos(add, RunningSandbox.outbound, token: token)))
        try await sandbox.control("cancel-outcome", ["number": .string(made), "outcome": .int(outcome)])
        let answer = try await sandbox.jos("jingdong.eclp.order.cancelOrder", ["eclpSoNo": .string(made)], token: token)
        #expect(answer.json?.at("jingdong_eclp_order_cancelOrder_responce", "cancelorder_result", "code")?.string == code)
        #expect(try await sandbox.control("outbound?number=\(made)").array?.first?["status"]?.string == status)
    }

    @Test func byItselfACancelIsRefusedOnceTheParcelIsHandedOver() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let made = try #require(number(try await sandbox.jos(add, RunningSandbox.outbound, token: token)))
        try await sandbox.control("advance", ["number": .string(made), "status": "10019"])
        let answer = try await sandbox.jos("jingdong.eclp.order.cancelOrder", ["eclpSoNo": .string(made)], token: token)
        #expect(answer.json?.at("jingdong_eclp_order_cancelOrder_responce", "cancelorder_result", "code")?.string == "2")
    }

    @Test func anInboundOrderIsMadeOnceReceivedAndThenInStock() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let order: JSONValue = [
            "spPoOrderNo": "inbound-1", "deptNo": "EBU4418046500001", "whNo": "110000002", "supplierNo": "EMS4418046500001",
            "isvGoodsNo": "TEA-500", "numApplication": "30", "goodsStatus": "1", "poReturnMode": "1", "poType": "1", "boxFlag": "0",
            "multiReceivingFlag": "0",
        ]
        func make(_ order: JSONValue) async throws -> String? {
            try await sandbox.jos("jingdong.eclp.po.addPoOrder", order, token: token).json?.at(
                "jingdong_eclp_po_addPoOrder_responce", "poOrderNo")?.string
        }
        for flag in ["poReturnMode", "poType", "boxFlag", "multiReceivingFlag"] {
            #expect(try await make(order.changing(flag, to: "9")) == nil)
            // JD's text requires none of them.
            #expect(try await make(order.changing(flag, to: nil).changing("spPoOrderNo", to: .string("without-\(flag)"))) != nil)
        }
        let made = try #require(try await make(order))
        #expect(try await make(order) == made)
        #expect(made.hasPrefix("EPL"))
        func model() async throws -> JSONValue? {
            try await sandbox.jos("jingdong.eclp.po.queryPoOrder", ["poOrderNo": .string(made)], token: token)
                .json?.at("jingdong_eclp_po_queryPoOrder_responce", "queryPoModelList")?[0]
        }
        #expect(try await model()?["poItemModelList"]?[0]?["realInstoreQty"] == .null)
        try await sandbox.control("advance", ["number": .string(made), "status": "70", "lines": [["sku": "TEA-500", "quantity": 28]]])
        #expect(try await model()?["poOrderStatus"]?.string == "70")
        #expect(try await model()?["poItemModelList"]?[0]?["realInstoreQty"]?.string == "28")
        let stock = try await sandbox.jos(
            "jingdong.eclp.stock.queryStock",
            [
                "deptNo": "EBU4418046500001", "warehouseNo": "110000002", "stockStatus": "1", "stockType": "1", "currentPage": 1,
                "pageSize": 100,
            ],
            token: token
        ).json?.at("jingdong_eclp_stock_queryStock_responce", "querystock_result")
        #expect(stock?[0]?["usableNum"]?.string == "28")
        #expect(stock?[0]?["sellerGoodsSign"]?.string == "TEA-500")
    }

    @Test func departmentsAndWarehousesOfAPINAndNoneOfAnothers() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        func warehouses(_ department: String) async throws -> [String?] {
            try await sandbox.jos("jingdong.eclp.master.queryWarehouse", ["deptNo": .string(department)], token: token)
                .json?.at("jingdong_eclp_master_queryWarehouse_responce", "querywarehouse_result")?.array?.map { $0["warehouseNo"]?.string }
                ?? []
        }
        #expect(try await warehouses("EBU4418046500001") == ["110000001", "110000002"])
        #expect(try await warehouses("EBU4418046500002") == [])
    }

    @Test func answersComeInTheOtherShapeToo() async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["shapes": "wrapped"])
        let answer = try await sandbox.jos("jingdong.eclp.master.queryDept", [:], token: try await sandbox.jdToken())
        let first = answer.json?.at("jingdong_eclp_master_queryDept_response", "querydept_result")?[0]
        #expect(first?.at("v1", "deptNo")?[0]?.string == "EBU4418046500001")
    }

    @Test func ordersWalkByThemselvesAStepAtATime() async throws {
        let sandbox = try RunningSandbox()
        _ = try await sandbox.jos(add, RunningSandbox.outbound, token: try await sandbox.jdToken())
        for _ in 0..<20 { try await sandbox.control("step", [:]) }
        let order = try await sandbox.control("outbound?key=order-1_1").array?.first
        #expect(order?["history"]?.array?.compactMap { $0["code"]?.string } == OutboundStatus.path)
    }
}
