import JSON
import Testing

@testable import Sandbox

@Suite struct ISCTests {
    private let create = "/integratedsupplychain/order/delivery/create/v1"
    private let query = "/integratedsupplychain/order/delivery/query/v1"
    private let cancel = "/integratedsupplychain/order/cancel/v1"
    private let order: JSONValue = [
        "sourceNo": "ISV0020000000001", "orderMark": .string(String(repeating: "0", count: 50)), "erpDeliveryNo": "order-2_1",
        "orderType": "1", "warehouseNo": "110000001", "pin": "daifa-demo",
        "channelInfo": ["salesPlatformSource": "6"], "customerInfo": ["ownerNo": "EBU4418046500001", "shopNo": "ESP0020000000001"],
        "receiverInfo": [
            "name": "王五", "mobile": "13900000004", "province": "上海", "city": "上海市", "county": "浦东新区", "detailAddress": "世纪大道2号",
        ],
        "carrierInfo": ["carrierNo": "CYS0000010"],
        "cargoInfos": [["erpGoodsNo": "TEA-500", "planQuantity": 2, "goodsLevel": "100", "orderLine": "1"]],
    ]

    private func data(_ answer: RunningSandbox.Answer) -> JSONValue? {
        guard answer.json?["code"]?.string == "1000", answer.json?.at("response", "code")?.string == "1000" else { return nil }
        return answer.json?.at("response", "data")
    }

    @Test func anOrderIsMadeOnceQueriedWithWhatWasAskedForAndCancelled() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.iscToken()
        let number = try #require(data(try await sandbox.isc(create, order, token: token))?["deliveryNo"]?.string)
        #expect(data(try await sandbox.isc(create, order, token: token))?["deliveryNo"]?.string == number)
        try await sandbox.control("advance", ["number": .string(number), "status": "100130", "waybill": "JDVA11408814484"])
        let plain = data(try await sandbox.isc(query, ["erpDeliveryNo": "order-2_1", "ownerNo": "EBU4418046500001"], token: token))
        #expect(plain?["status"]?.string == "100130")
        #expect(plain?.at("carrierInfo", "waybillNo")?.string == "JDVA11408814484")
        #expect(plain?["deliveryItemList"]?[0]?["realQuantity"] == .null)
        #expect(plain?["deliveryStatusList"] == nil)
        let flagged = data(
            try await sandbox.isc(query, ["deliveryNo": .string(number), "deliveryStatusFlag": 1, "deliveryItemFlag": 0], token: token))
        #expect(flagged?["deliveryStatusList"]?.array?.count == 2)
        #expect(flagged?["deliveryItemList"] == nil)
        let cancelled = data(
            try await sandbox.isc(cancel, ["orderType": "XSCK", "orderNo": .string(number), "pin": "daifa-demo"], token: token))
        #expect(cancelled?["resultType"]?.int == 0)
        #expect(data(try await sandbox.isc(query, ["erpDeliveryNo": "other", "ownerNo": "EBU4418046500001"], token: token)) == .null)
    }

    @Test func fieldsPINSignatureAndTokenAreChecked() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.iscToken()
        func domain(_ order: JSONValue) async throws -> String? {
            try await sandbox.isc(create, order, token: token).json?.at("response", "code")?.string
        }
        #expect(try await domain(order.changing("erpDeliveryNo", to: nil)) == "2000")
        #expect(try await domain(order.changing("receiverInfo", to: ["name": "王五"])) == "2000")
        for field in ["sourceNo", "orderMark"] { #expect(try await domain(order.changing(field, to: nil)) == "2000") }
        #expect(try await domain(order.changing("orderMark", to: "0")) == "2002")
        for part in ["province", "city", "county"] {
            let receiver = try #require(order["receiverInfo"]).changing(part, to: nil)
            #expect(try await domain(order.changing("receiverInfo", to: receiver)) == "2000")
        }
        #expect(try await domain(order.changing("pin", to: "另一商家")) == "2001")
        #expect(try await domain(order.changing("warehouseNo", to: "110000003")) == "2002")
        #expect(try await sandbox.isc(create, order, token: token, sign: "x").json?["code"]?.string == "12")
        // A token of the older gateway opens nothing here.
        #expect(try await sandbox.isc(create, order, token: try await sandbox.jdToken()).json?["code"]?.string == "19")
        #expect(try await sandbox.control("creates").array?.isEmpty == true)
    }

    @Test func stockByPagesThatAreTextsAndWarehouses() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.iscToken()
        let path = "/integratedsupplychain/stock/query/v1"
        let asked: JSONValue = [
            "ownerNo": "EBU4418046500001", "warehouseNo": "110000001", "pin": "daifa-demo", "currentPage": "1", "pageSize": "3",
        ]
        let page = data(try await sandbox.isc(path, asked, token: token))
        #expect(page?["totalNum"]?.int == 4)
        #expect(page?["resultList"]?.array?.count == 3)
        #expect(page?["resultList"]?[1]?["goodsLevel"]?.string == "200")
        #expect(try await sandbox.isc(path, asked.changing("pageSize", to: 3), token: token).json?.at("response", "code")?.string == "2002")
        let warehouses = data(
            try await sandbox.isc(
                "/integratedsupplychain/basicinfo/warehouse/query/v1", ["ownerNo": "EBU4418046500001", "pin": "daifa-demo"], token: token))
        #expect(warehouses?.array?.map { $0["status"]?.string } == ["2", "2"])
    }
}
