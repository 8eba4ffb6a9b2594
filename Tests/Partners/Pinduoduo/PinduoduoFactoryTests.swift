import Contracts
import HTTP
import JSON
import Testing
import Threads

@testable import Partners

@Suite struct PinduoduoFactoryTests {
    /// The example of the platform's page.
    static let order = """
        {"after_sales_status":0,"allow_time":1577836800000,"city":"上海市","district":"长宁区","goods_name":"衣服","goods_number":2,\
        "goods_spec":"绿色 小","mall_mask_id":"978623a8d9d7425f8c7ff08d2af2875e","mall_mask_name":"xxx店",\
        "order_mask_sn":"4956c0af9ce548ccb7d9c8c3d2c7cce2","out_sku_sn":"A11","product_price":990,"product_sn":"A12","province":"上海市",\
        "receiver_id":"4239E33B82F201A3D73D8DA2DDA21AD4","remark":"发xxx快递","return_status":1,"sf_only":1,"status":1}
        """
    static let key = FdsOrderKey(mallMaskId: "978623a8d9d7425f8c7ff08d2af2875e", orderMaskSn: "4956c0af9ce548ccb7d9c8c3d2c7cce2")

    @Test(arguments: [("0", FdsRole.unknown), ("1", .merchant), ("2", .factory), ("7", .unknown)])
    func roles(_ number: String, _ role: FdsRole) async throws {
        let script = ScriptedGateway(#"{"pdd_fds_role_get_response":{"mall_role":\#(number)}}"#)
        #expect(try await script.gateway.fdsRole(token: "t") == role)
    }

    @Test func anOrder() async throws {
        let script = ScriptedGateway(#"{"pdd_fds_order_get_response":\#(Self.order)}"#)
        let order = try await script.gateway.fdsOrder(Self.key, token: "t")
        #expect(order.key == Self.key)
        #expect(order.mallMaskName == "xxx店")
        #expect(order.allowedAt?.milliseconds == 1_577_836_800_000)
        #expect(order.productPriceFen == 990)
        #expect(order.goodsNumber == 2)
        #expect(order.sku == "A11")
        #expect([order.province, order.city, order.district] == ["上海市", "上海市", "长宁区"])
        #expect(order.receiverId == "4239E33B82F201A3D73D8DA2DDA21AD4")
        #expect(order.isAllocated && !order.isUnallocated && order.isReturned && order.isSFOnly)
        #expect(order.afterSale == .absent)
        #expect(
            try script.fields()["param_fds_order_get_request"]
                == #"{"mall_mask_id":"978623a8d9d7425f8c7ff08d2af2875e","order_mask_sn":"4956c0af9ce548ccb7d9c8c3d2c7cce2"}"#)
    }

    @Test func anOrderThatWasTakenBackAndOldOnes() throws {
        func order(_ text: String) throws -> FdsOrder? { FdsOrder(try JSONValue.decode(text)) }
        let base = #""mall_mask_id":"m","order_mask_sn":"o","goods_number":1"#
        let back = try #require(
            try order(#"{\#(base),"status":0,"after_sales_status":5,"receiver_id":"","out_sku_sn":"","product_sn":"P"}"#))
        #expect(back.isUnallocated && !back.isAllocated && !back.isReturned && !back.isSFOnly)
        #expect(back.afterSale == .refunded)
        #expect(back.receiverId == nil)
        #expect(back.sku == "P")
        let strange = try #require(try order(#"{\#(base),"status":7,"after_sales_status":1}"#))
        #expect(!strange.isUnallocated && !strange.isAllocated)
        #expect(strange.afterSale.isOpen)
        #expect(try order(#"{\#(base)}"#)?.afterSale == .absent)
        #expect(try order(#"{"mall_mask_id":"m","order_mask_sn":"o","goods_number":0}"#) == nil)
        #expect(try order(#"{"mall_mask_id":"","order_mask_sn":"o","goods_number":1}"#) == nil)
    }

    /// Milliseconds here, where the order interface has seconds.
    @Test func aList() async throws {
        let script = ScriptedGateway(#"{"pdd_fds_order_list_get_response":{"order_list":[\#(Self.order),{}],"total":1}}"#)
        let page = try await script.gateway.fdsOrderList(from: 1_700_000_000_000, to: 1_700_001_800_000, page: 2, token: "t")
        #expect(page.rows.map(\.key) == [Self.key])
        #expect(page.unreadable == 1)
        #expect(
            try script.fields()["param_fds_order_list_get_request"]
                == #"{"start_updated_time":1700000000000,"end_updated_time":1700001800000,"page":2,"page_size":100}"#)
        let error = try await partnerError { () throws(PartnerError) in
            try await script.gateway.fdsOrderList(from: 0, to: 1_800_001, token: "t")
        }
        #expect(error.kind == .rejected)
        #expect(script.sender.requests.count == 1)
    }

    @Test func allPagesOfAList() async throws {
        func page(_ order: String) -> String {
            #"{"pdd_fds_order_list_get_response":{"order_list":[{"mall_mask_id":"m","order_mask_sn":"\#(order)","goods_number":1}],"total":150}}"#
        }
        let script = ScriptedGateway(page("1"), page("2"), page("1"))
        let all = try await script.gateway.fdsOrders(from: 0, to: 1_800_000, token: "t")
        #expect(all.rows.map(\.key.orderMaskSn) == ["2", "1"])
    }

    private static func request(objectIds: [String] = ["pdd-fds:m:o_1"], orders: Int = 1, items: Int = 1) -> FdsWaybillRequest {
        FdsWaybillRequest(
            sender: .init(
                name: "xiaoye", mobile: "18811211111",
                address: WaybillAddress(province: "上海市", city: "上海市", district: "长宁区", detail: "金虹桥")), wpCode: "YTO",
            parcels: objectIds.map { id in
                .init(
                    objectId: id, templateURL: "https://t.example/1", userId: 877_707, orders: Array(repeating: key, count: orders),
                    items: Array(repeating: (name: "衣服", count: 2), count: items), weight: 500)
            })
    }

    @Test func aNumberIsTakenWithoutARecipient() async throws {
        let script = ScriptedGateway(
            #"{"pdd_fds_waybill_get_response":{"modules":[{"object_id":"pdd-fds:m:o_1","parent_waybill_code":"","print_data":"{\"encryptedData\":\"x\"}","waybill_code":"YT1234567890123"}]}}"#
        )
        let waybills = try await script.gateway.fdsWaybillGet(Self.request(), token: "t")
        let waybill = try #require(waybills.first)
        #expect(waybill.waybillCode == "YT1234567890123")
        #expect(waybill.parentWaybillCode == nil)
        #expect(waybill.printData == #"{"encryptedData":"x"}"#)
        #expect(
            try script.fields()["param_fds_waybill_get_request"]
                == #"{"sender":{"name":"xiaoye","mobile":"18811211111","phone":"18811211111","address":{"province":"上海市","city":"上海市","district":"长宁区","detail":"金虹桥"}},"wp_code":"YTO","trade_order_info_dtos":[{"object_id":"pdd-fds:m:o_1","template_url":"https://t.example/1","user_id":877707,"order_info":{"order_channels_type":"PDD","trade_order_list":[{"mall_mask_id":"978623a8d9d7425f8c7ff08d2af2875e","order_mask_sn":"4956c0af9ce548ccb7d9c8c3d2c7cce2"}]},"package_info":{"items":[{"name":"衣服","count":2}],"weight":500}}]}"#
        )
        #expect(FdsWaybillRequest.objectId(allocationId: "pdd-fds:m:o/1") == "pdd-fds:m:o_1")
    }

    /// A number that was given is not asked for again because its label is missing.
    @Test func aNumberWithoutALabelIsANumber() async throws {
        let script = ScriptedGateway(
            #"{"pdd_fds_waybill_get_response":{"modules":[{"object_id":"pdd-fds:m:o_1","waybill_code":"n"}]}}"#)
        let waybill = try #require(try await script.gateway.fdsWaybillGet(Self.request(), token: "t").first)
        #expect(waybill.waybillCode == "n" && waybill.printData.isEmpty)
    }

    @Test func numbersInTheOrderOfTheParcels() async throws {
        let modules = ["b", "a"].map { #"{"object_id":"\#($0)","print_data":"x","waybill_code":"n\#($0)"}"# }.joined(separator: ",")
        let script = ScriptedGateway(#"{"pdd_fds_waybill_get_response":{"modules":[\#(modules)]}}"#)
        let waybills = try await script.gateway.fdsWaybillGet(Self.request(objectIds: ["a", "b"]), token: "t")
        #expect(waybills.map(\.waybillCode) == ["na", "nb"])
    }

    @Test(
        arguments: [
            (#"{"pdd_fds_waybill_get_response":{"modules":[]}}"#, .outcomeOpen),
            (#"{"pdd_fds_waybill_get_response":{"modules":[{"object_id":"pdd-fds:m:o_1"}]}}"#, .outcomeOpen),
            (ScriptedGateway.error(52002), .outcomeOpen), (ScriptedGateway.error(20031), .rejected),
        ] as [(String, PartnerError.Kind)])
    func numbersThatDoNotCome(_ answer: String, _ kind: PartnerError.Kind) async throws {
        let script = ScriptedGateway(answer)
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.fdsWaybillGet(Self.request(), token: "t") }
        #expect(error.kind == kind)
    }

    @Test(arguments: [([], 1, 1), (["a"], 0, 1), (["a"], 101, 1), (["a"], 1, 0), (["a"], 1, 101)])
    func requestsThatThePlatformRefusesAreNotSent(_ ids: [String], _ orders: Int, _ items: Int) async throws {
        let script = ScriptedGateway()
        let error = try await partnerError { () throws(PartnerError) in
            try await script.gateway.fdsWaybillGet(Self.request(objectIds: ids, orders: orders, items: items), token: "t")
        }
        #expect(error.kind == .rejected)
        #expect(script.sender.requests.isEmpty)
    }

    @Test func returningAndCancelling() async throws {
        let script = ScriptedGateway(
            #"{"pdd_fds_waybill_return_response":{"return_result":true}}"#, #"{"pdd_fds_waybill_cancel_response":{"return_result":true}}"#,
            #"{"pdd_fds_waybill_return_slave_response":{"result":true}}"#, #"{"pdd_fds_waybill_return_response":{"return_result":false}}"#)
        let gateway = script.gateway
        try await gateway.fdsWaybillReturn(Self.key, wpCode: "YTO", waybillCode: "n1", token: "t")
        try await gateway.fdsWaybillCancel(Self.key, wpCode: "YTO", waybillCode: "n1", token: "t")
        try await gateway.fdsWaybillReturnSlave(Self.key, wpCode: "YTO", main: "n1", waybillCodes: ["n2", "n3"], token: "t")
        for (index, name) in ["param_fds_waybill_return_request", "pdd_fds_waybill_cancel_request"].enumerated() {
            let request = try script.object(name, index)
            #expect(request["mall_mask_id"]?.string == Self.key.mallMaskId)
            #expect(request["order_mask_sn"]?.string == Self.key.orderMaskSn)
            #expect(request["waybill_code"]?.string == "n1" && request["wp_code"]?.string == "YTO")
        }
        let slaves = try script.object("request", 2)
        #expect(slaves["waybill_codes"] == .array([.string("n2"), .string("n3")]))
        let error = try await partnerError { () throws(PartnerError) in
            try await gateway.fdsWaybillReturn(Self.key, wpCode: "YTO", waybillCode: "n1", token: "t")
        }
        #expect(error.kind == .rejected)
    }

    @Test(arguments: [[], ["n1"], ["n2", "n1"], (0...10).map { "x\($0)" }])
    func furtherNumbersThatAreNone(_ codes: [String]) async throws {
        let script = ScriptedGateway()
        let error = try await partnerError { () throws(PartnerError) in
            try await script.gateway.fdsWaybillReturnSlave(Self.key, wpCode: "YTO", main: "n1", waybillCodes: codes, token: "t")
        }
        #expect(error.kind == .rejected)
        #expect(script.sender.requests.isEmpty)
    }

    private static let subscriptions = """
        {"pdd_waybill_search_response":{"waybill_apply_subscription_cols":[{"wp_code":"ZTO","wp_type":1,"branch_account_cols":[\
        {"branch_code":"1","branch_name":"空","quantity":0,"shipp_address_cols":[{"province":"浙江省","city":"杭州市","district":"余杭区","detail":"旧"}]},\
        {"branch_code":"2","branch_name":"余杭","quantity":50,"shipp_address_cols":[{"province":"浙江省","city":"杭州市","district":"西湖区","detail":"西"},\
        {"province":"浙江省","city":"杭州市","district":"余杭区","detail":"文一西路","country":"中国"}]}]},\
        {"wp_code":"STO","branch_account_cols":[{"branch_code":"3","shipp_address_cols":[{"province":"浙江省","city":"宁波市","district":"鄞州区","detail":"甬"}]}]}]}}
        """

    @Test func theSendersAddressIsTheCarriers() async throws {
        let script = ScriptedGateway(Self.subscriptions, Self.subscriptions, Self.subscriptions)
        let gateway = script.gateway
        // Of the branch with numbers left.
        #expect(
            try await gateway.senderAddress(wpCode: "ZTO", province: "浙江省", city: "杭州市", district: "余杭区", token: "t")
                == WaybillAddress(province: "浙江省", city: "杭州市", district: "余杭区", detail: "文一西路"))
        #expect(try script.fields()["wp_code"] == "ZTO")
        // One that counts no numbers is taken too.
        #expect(
            try await gateway.senderAddress(wpCode: "STO", province: "浙江省", city: "宁波市", district: "鄞州区", token: "t").detail == "甬")
        let error = try await partnerError { () throws(PartnerError) in
            try await gateway.senderAddress(wpCode: "ZTO", province: "浙江省", city: "宁波市", district: "鄞州区", token: "t")
        }
        #expect(error.kind == .rejected)
        #expect(error.message.contains("no sender address of ZTO in 浙江省 宁波市 鄞州区"))
    }

    @Test func theStandardLabel() async throws {
        let script = ScriptedGateway(
            #"{"pdd_cloudprint_stdtemplates_get_response":{"result":{"datas":[{"wp_code":"ZTO","standard_templates":[{"standard_template_id":1,"standard_template_name":"三联","standard_template_url":"https://t/3","standard_waybill_type":3},{"standard_template_id":2,"standard_template_url":"https://t/1","standard_waybill_type":1},{"standard_template_url":"https://t/1b","standard_waybill_type":1}]}]}}}"#,
            #"{"pdd_cloudprint_stdtemplates_get_response":{"result":{"datas":[{"wp_code":"ZTO","standard_templates":[]}]}}}"#,
            #"{"pdd_cloudprint_stdtemplates_get_response":{"result":{}}}"#)
        let gateway = script.gateway
        #expect(try await gateway.standardTemplate(wpCode: "ZTO", token: "t") == "https://t/1")
        for kind in [PartnerError.Kind.rejected, .outcomeOpen] {
            let error = try await partnerError { () throws(PartnerError) in try await gateway.standardTemplate(wpCode: "ZTO", token: "t") }
            #expect(error.kind == kind)
        }
    }
}
