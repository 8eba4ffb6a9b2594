import Contracts
import HTTP
import JSON
import Partners
import Testing
import Threads

@Suite struct ISCWarehouseTests {
    private static func answer(_ data: String) -> ScriptedSender.Answer {
        .json(#"{"code":"1000","message":"成功","requestId":"718a86e9","data":\#(data)}"#)
    }

    @Test func anOrderIsSentAsASignedArray() async throws {
        let fixture = JDFixture(Self.answer(#"{"deliveryNo":"ESL1","erpDeliveryNo":"pdd:251111-1_2"}"#))
        #expect(try await fixture.isc().createOutbound(JDFixture.order) == "ESL1")
        let sent = try fixture.cargo()
        #expect(
            sent
                == .object([
                    ("sourceNo", .string("ISV0020000000333")), ("erpDeliveryNo", .string("pdd:251111-1_2")), ("orderType", .string("1")),
                    ("warehouseNo", .string("110008888")), ("orderMark", .string(String(repeating: "0", count: 50))),
                    ("pin", .string("pin-1")),
                    ("channelInfo", .object([("salesPlatformSource", .string("6"))])),
                    ("customerInfo", .object([("ownerNo", .string("EBU4418046511111")), ("shopNo", .string("ESP0020000000001"))])),
                    (
                        "receiverInfo",
                        .object([
                            ("name", .string("王小明")), ("mobile", .string("13800001234")), ("province", .string("浙江省")),
                            ("city", .string("杭州市")), ("county", .string("西湖区")), ("town", .string("文新街道")),
                            ("detailAddress", .string("测试路8号")),
                        ])
                    ), ("carrierInfo", .object([("carrierNo", .string("CYS0000010"))])),
                    (
                        "cargoInfos",
                        .array([
                            .object([
                                ("erpGoodsNo", .string("SKU-A")), ("planQuantity", .int(1)), ("goodsLevel", .string("100")),
                                ("orderLine", .string("1")),
                            ]),
                            .object([
                                ("erpGoodsNo", .string("SKU-B")), ("planQuantity", .int(3)), ("goodsLevel", .string("100")),
                                ("orderLine", .string("2")),
                            ]),
                        ])
                    ),
                ]))
        let request = fixture.sender.requests[0]
        let path = "/integratedsupplychain/order/delivery/create/v1"
        #expect(request.method == "POST" && request.url.hasPrefix("https://api.jdl.com\(path)?"))
        #expect(request.headers.contains { $0 == ("lop-tz", "8") })
        let timestamp = "2024-01-02 03:05:05"
        #expect(
            try fixture.query() == [
                "LOP-DN": "IntegratedSupplyChain", "app_key": "ak", "access_token": "tok-en", "timestamp": timestamp, "v": "2.0",
                "algorithm": "md5-salt",
                "sign": ISCSignature.make(path: path, body: request.body, timestamp: timestamp, credential: JDFixture.credential),
            ])
    }

    @Test func theDomainsAnswerIsFoundInsideTheGateways() async throws {
        let layers = [
            #"{"code":1000,"msg":"success","response":{"code":"1000","message":"成功","data":{"deliveryNo":"ESL1"}}}"#,
            #"{"code":"1000","result":{"code":1000,"data":{"deliveryNo":"ESL1"}}}"#,
            #"{"code":"1000","response":null,"data":{"deliveryNo":"ESL1"}}"#,
        ]
        for layer in layers {
            let fixture = JDFixture(.json(layer))
            #expect(try await fixture.isc().createOutbound(JDFixture.order) == "ESL1")
        }
    }

    @Test(
        arguments: [
            (#"{"code":"2001","message":"没有操作权限"}"#, .rejected), (#"{"code":"2000","message":"town不能为空"}"#, .rejected),
            (#"{"code":1000,"response":{"code":"2001","message":"没有操作权限"}}"#, .rejected),
            (#"{"code":"3008","message":"orderType"}"#, .rejected),
            (#"{"code":"4000","message":"系统异常"}"#, .outcomeOpen), (#"{"code":"401","msg":"access_token已过期"}"#, .tokenInvalid),
            (#"{"error_response":{"code":"19","zh_desc":"access_token不存在","en_desc":"invalid access token"}}"#, .tokenInvalid),
            (#"{"error_response":{"code":"2","zh_desc":"调用过于频繁","en_desc":"too many requests"}}"#, .throttled),
            (#"{"code":"9","zhDesc":"签名错误","enDesc":"invalid sign"}"#, .rejected), (#"{"message":"?"}"#, .outcomeOpen),
            ("[]", .outcomeOpen),
            (#"{"code":"1000"}"#, .outcomeOpen), (#"{"code":"1000","data":{"deliveryNo":null}}"#, .outcomeOpen),
            (#"{"code":"1000","data":"#, .outcomeOpen),
        ] as [(String, PartnerError.Kind)])
    func codesAndTextsSayWhatCanBeDone(_ text: String, _ kind: PartnerError.Kind) async throws {
        let fixture = JDFixture(.json(text))
        let error = try #require(await failure { () throws(PartnerError) in try await fixture.isc().createOutbound(JDFixture.order) })
        #expect(error.kind == kind, "\(error)")
    }

    private static let split = #"""
        {"deliveryNo":"ESL1","erpDeliveryNo":"pdd:251111-1_2","status":"10016","isSplit":null,"splitDeliveryNos":null,"pinAccount":"pin-1",
        "deliveryStatusList":[{"statusCode":"100130","statusName":"预分拣","operateTime":"2024-01-02 03:04:05"},
        {"statusCode":"10016","statusName":"拣货","operateTime":"2024-01-02 09:00:00"}],
        "carrierInfo":{"carrierNo":"CYS4418046511112","carrierName":"中通","waybillNo":"73100000000001"},
        "deliveryItemList":[{"goodsNo":"EMG1","orderLine":"1","planQuantity":1,"realQuantity":null},
        {"goodsNo":"EMG2","orderLine":"2","planQuantity":"3","realQuantity":"2"}]}
        """#

    @Test func anOrderIsReadAndUnpickedQuantitiesAreUnknown() async throws {
        let fixture = JDFixture(Self.answer(Self.split))
        let report = try await fixture.isc().outboundStatus("ESL1")
        #expect(report.progress?.state == .picking && report.progress?.at?.milliseconds == 1_704_157_200_000 && report.carrier == "ZTO")
        #expect(report.waybillNumber == "73100000000001" && !report.isOutOfTheDoor && !report.isSplit)
        #expect(
            report.lines.map(\.orderLine) == [1, 2] && report.lines.map(\.actual) == [nil, 2] && report.lines.map(\.planned) == [1, 3])
        let asked = try fixture.cargo()
        #expect(asked["deliveryNo"]?.string == "ESL1" && asked["pin"]?.string == "pin-1")
        #expect(asked["deliveryStatusFlag"]?.int == 1 && asked["deliveryItemFlag"]?.int == 1 && asked["deliveryPackageFlag"]?.int == 1)
    }

    @Test func everyPartOfASplitOrderIsAsked() async throws {
        let fixture = JDFixture(
            Self.answer(#"{"deliveryNo":"ESL1","status":"10020","isSplit":1,"splitDeliveryNos":["ESL2","ESL3"]}"#),
            Self.answer(#"{"deliveryNo":"ESL2","status":"10020"}"#), Self.answer(#"{"deliveryNo":"ESL3","status":"10019"}"#))
        let report = try await fixture.isc().outboundStatus("ESL1")
        #expect(report.children.map(\.number) == ["ESL2", "ESL3"] && report.progress?.state == .handedOver && !report.isOutOfTheDoor)
    }

    @Test(
        arguments: [
            (#"{"deliveryNo":"ESL1","erpDeliveryNo":"k_1","status":"10010"}"#, "ESL1"), ("null", nil),
            (#"{"deliveryNo":null,"erpDeliveryNo":null,"status":null}"#, nil),
            (#"{"deliveryNo":"ESL9","erpDeliveryNo":"other","status":"10010"}"#, nil),
        ] as [(String, String?)])
    func afterAnOpenOutcomeAnOrderIsFoundByItsKey(_ data: String, _ number: String?) async throws {
        let fixture = JDFixture(Self.answer(data))
        #expect(try await fixture.isc().findOutbound(key: "k/1", around: JDFixture.now)?.number == number)
        let asked = try fixture.cargo()
        #expect(asked["erpDeliveryNo"]?.string == "k_1" && asked["ownerNo"]?.string == "EBU4418046511111")
    }

    @Test func sayingThatItDoesNotExistIsAnAnswerAndARefusalIsNone() async throws {
        let absent = JDFixture(.json(#"{"code":"3010","message":"单据不存在"}"#))
        #expect(try await absent.isc().findOutbound(key: "k", around: JDFixture.now) == nil)
        let refused = JDFixture(.json(#"{"code":"2001","message":"没有操作权限"}"#))
        let error = await failure { () throws(PartnerError) in try await refused.isc().findOutbound(key: "k", around: JDFixture.now) }
        #expect(error?.kind == .rejected)
    }

    @Test(
        arguments: [
            (#"{"orderNo":"ESL1","resultType":0}"#, .cancelled), (#"{"orderNo":"ESL1","resultType":"1"}"#, .pending),
            (#"{"resultType":2,"message":"已出库"}"#, .refused(reason: "已出库")),
            (#"{"resultType":"2"}"#, .refused(reason: "JD gave no reason")),
            (#"{"resultType":7}"#, .pending),
        ] as [(String, CancelOutcome)])
    func cancelsHaveThreeOutcomes(_ data: String, _ expected: CancelOutcome) async throws {
        let fixture = JDFixture(Self.answer(data))
        #expect(try await fixture.isc().cancelOutbound("ESL1") == expected)
        #expect(
            try fixture.cargo()
                == .object([("orderType", .string("XSCK")), ("orderNo", .string("ESL1")), ("pin", .string("pin-1"))]))
    }

    @Test func aCancelWithoutAResultIsOpen() async {
        let fixture = JDFixture(Self.answer("null"))
        #expect(await failure { () throws(PartnerError) in try await fixture.isc().cancelOutbound("ESL1") }?.kind == .outcomeOpen)
    }

    @Test(
        arguments: [
            (#"[{"warehouseNo":"110008888","status":"2"}]"#, .known), (#"[{"warehouseNo":"110008888","status":2}]"#, .known),
            (#"[{"warehouseNo":"110008888","status":"1"}]"#, .warehouseUnknown),
            (#"[{"warehouseNo":"11","status":"2"}]"#, .warehouseUnknown),
        ] as [(String, JDCodes)])
    func theWarehouseMustBeEnabled(_ data: String, _ expected: JDCodes) async throws {
        let fixture = JDFixture(Self.answer(data))
        #expect(try await fixture.isc().checkCodes() == expected)
    }

    @Test(
        arguments: [
            ("[]", "[]", .departmentUnknown), ("null", "null", .departmentUnknown),
            ("[]", #"[{"warehouseNo":"11","status":"2"}]"#, .warehouseUnknown),
        ] as [(String, String, JDCodes)])
    func withoutTheWarehouseTheDepartmentIsAskedForAllOfItsOwn(_ first: String, _ second: String, _ expected: JDCodes) async throws {
        let fixture = JDFixture(Self.answer(first), Self.answer(second))
        #expect(try await fixture.isc().checkCodes() == expected)
        #expect(try fixture.cargo(0)["warehouseNo"]?.string == "110008888")
        let all = try fixture.cargo(1)
        #expect(all["warehouseNo"] == nil && all["ownerNo"]?.string == "EBU4418046511111")
    }
}
