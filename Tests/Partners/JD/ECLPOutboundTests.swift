import Contracts
import HTTP
import JSON
import Partners
import Testing
import Threads

@Suite struct ECLPOutboundTests {
    @Test func anOrderIsSentWithJoinedLists() async throws {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_order_addOrder_responce":{"eclpSoNo":"ESL4398046641940","code":"0"}}"#))
        #expect(try await fixture.eclp().createOutbound(JDFixture.order) == "ESL4398046641940")
        let form = try fixture.form()
        #expect(form["method"] == "jingdong.eclp.order.addOrder" && form["access_token"] == "tok-en")
        let expected: [(String, JSONValue)] = [
            ("isvUUID", .string("pdd:251111-1_2")), ("isvSource", .string("ISV0020000000333")), ("shopNo", .string("ESP0020000000001")),
            ("departmentNo", .string("EBU4418046511111")), ("warehouseNo", .string("110008888")), ("shipperNo", .string("CYS0000010")),
            ("salesPlatformOrderNo", .string("pdd:251111-1_2")), ("salePlatformSource", .string("6")), ("soType", .string("1")),
            ("orderMark", .string("00000000000000000000000000000000000000000000000000")), ("consigneeName", .string("王小明")),
            ("consigneeMobile", .string("13800001234")), ("consigneeAddress", .string("浙江省杭州市西湖区文新街道测试路8号")),
            ("addressProvince", .string("浙江省")), ("addressCity", .string("杭州市")), ("addressCounty", .string("西湖区")),
            ("addressTown", .string("文新街道")), ("isvGoodsNo", .string("SKU-A,SKU-B")), ("quantity", .string("1,3")),
        ]
        #expect(try fixture.parameters() == .object(expected))
        // Names and phone numbers are in the body alone.
        #expect(fixture.sender.requests[0].url == "https://api.jd.com/routerjson")
    }

    @Test func otherNumbersArePhonesAndOtherCarriersGoAlong() async throws {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_order_addOrder_response":{"eclpSoNo":["ESL1"],"code":0}}"#))
        var link = JDFixture.link
        link.carrierCode = "CYS4398046511127"
        var order = JDFixture.order
        order.recipient.phone = "0571-88880000"
        order.recipient.town = nil
        order.platform = .jd
        #expect(try await fixture.eclp(link).createOutbound(order) == "ESL1")
        let sent = try fixture.parameters()
        #expect(sent["consigneePhone"]?.string == "0571-88880000" && sent["consigneeMobile"] == nil && sent["addressTown"] == nil)
        #expect(sent["shipperNo"]?.string == "CYS4398046511127" && sent["salePlatformSource"]?.string == "1")
    }

    private static func keyed(_ key: String) -> OutboundOrder {
        OutboundOrder(key: key, recipient: JDFixture.recipient, lines: JDFixture.order.lines)
    }

    /// What is missing or too long, and the field that is named.
    private static let unfit: [(field: String, change: @Sendable (inout OutboundOrder, inout JDLink) -> Void)] = [
        ("shopNo", { $1.shopNo = nil }), ("shopNo", { $1.shopNo = "" }), ("isvSource", { $1.isvSource = nil }),
        ("allocationId", { order, _ in order = keyed("") }),
        ("allocationId", { order, _ in order = keyed(String(repeating: "k", count: 126)) }),
        ("recipient.name", { order, _ in order.recipient.name = String(repeating: "王", count: 21) }),
        ("recipient.name", { order, _ in order.recipient.name = "" }),
        ("recipient.address", { order, _ in order.recipient.detail = String(repeating: "路", count: 101) }),
        ("recipient.address", { order, _ in order.recipient.detail = "" }), ("recipient.phone", { order, _ in order.recipient.phone = "" }),
        ("orderMark", { order, _ in order.orderMark = "1" }), ("lines", { order, _ in order.lines = [] }),
        ("lines[1].sku", { order, _ in order.lines[1].sku = "A,B" }), ("lines[0].sku", { order, _ in order.lines[0].sku = "" }),
        ("lines[0].quantity", { order, _ in order.lines[0].quantity = 0 }),
    ]

    @Test(arguments: unfit.indices) func whatCannotBeSentIsNamedAndNothingIsSent(_ index: Int) async throws {
        var (order, link) = (JDFixture.order, JDFixture.link)
        Self.unfit[index].change(&order, &link)
        let fixture = JDFixture()
        for client in [fixture.eclp(link), fixture.isc(link)] as [any JDOutbound] {
            let error = try #require(await failure { () throws(PartnerError) in try await client.createOutbound(order) })
            #expect(error.kind == .rejected && error.field == Self.unfit[index].field)
            #expect(error.message.contains(Self.unfit[index].field) && !error.message.contains("王") && !error.message.contains("路"))
        }
        #expect(fixture.sender.requests.isEmpty)
    }

    @Test func theLongestNameAndAddressAreSentWhole() async throws {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_order_addOrder_responce":{"eclpSoNo":"ESL1","code":"0"}}"#))
        var order = JDFixture.order
        order.recipient.name = String(repeating: "王", count: 20)
        order.recipient.detail = ""
        order.recipient.detail = String(repeating: "路", count: 100 - "浙江省杭州市西湖区文新街道".count)
        _ = try await fixture.eclp().createOutbound(order)
        let sent = try fixture.parameters()
        #expect(sent["consigneeName"]?.string?.count == 20 && sent["consigneeAddress"]?.string?.count == 100)
    }

    @Test func aSuccessWithoutANumberIsNone() async {
        let answers = [
            #"{"jingdong_eclp_order_addOrder_responce":{"code":"0"}}"#,
            #"{"jingdong_eclp_order_addOrder_responce":{"code":"0","eclpSoNo":""}}"#,
        ]
        for answer in answers {
            let fixture = JDFixture(.json(answer))
            #expect(
                await failure { () throws(PartnerError) in try await fixture.eclp().createOutbound(JDFixture.order) }?.kind == .outcomeOpen)
        }
    }

    @Test func aRefusalDoesNotRepeatWhoGetsIt() async throws {
        let fixture = JDFixture(
            .json(#"{"error_response":{"code":"62","zh_desc":"收货人王小明 13800001234 地址浙江省杭州市西湖区文新街道测试路8号无法配送","en_desc":""}}"#))
        let error = try #require(await failure { () throws(PartnerError) in try await fixture.eclp().createOutbound(JDFixture.order) })
        #expect(error.message == "收货人… … 地址…无法配送" && error.kind == .rejected && error.field == nil)
    }

    private static let list = #"""
        {"jingdong_eclp_order_queryOrderList_responce":{"code":"0","queryordervmi_result":[
        {"v1":{"eclpSoNo":"ESL7","isvUUID":"other","salesPlatformOrderNo":"other","currentStatus":"10014","totalPage":"1","totalNum":"2"}},
        {"v1":{"eclpSoNo":["ESL8"],"isvUUID":["pdd:251111-1_2"],"salesPlatformOrderNo":["pdd:251111-1_2"],"currentStatus":["100130"],
        "wayBill":["JDVA11408814483-1-1-"],"totalPage":"1","totalNum":"2","createTime":"2024-01-02 03:04:05"}}]}}
        """#

    @Test func afterAnOpenOutcomeAnOrderIsFoundByItsKey() async throws {
        let fixture = JDFixture(.failure(.timeout), .json(Self.list))
        let client = fixture.eclp()
        #expect(await failure { () throws(PartnerError) in try await client.createOutbound(JDFixture.order) }?.kind == .outcomeOpen)
        let found = try await client.findOutbound(key: "pdd:251111-1/2", around: Timestamp(milliseconds: 1_704_135_845_000))
        #expect(found?.number == "ESL8" && found?.code == "100130" && found?.waybillNumber == "JDVA11408814483")
        let asked = try fixture.parameters(1)
        #expect(asked["salePlatformOrderNo"]?.string == "pdd:251111-1_2" && asked["deptNo"]?.string == "EBU4418046511111")
        #expect(asked["startDate"]?.string == "2024-01-01 15:04:05" && asked["endDate"]?.string == "2024-01-02 15:04:05")
        #expect(asked["shopNo"]?.string == "ESP0020000000001" && asked["warehouseNo"]?.string == "110008888")
    }

    @Test(arguments: ["[]", "null", #"[{"eclpSoNo":"ESL7","isvUUID":"other","totalPage":1}]"#, #"{"eclpSoNo":"ESL7","isvUUID":"other"}"#])
    func anothersOrderIsNotTaken(_ list: String) async throws {
        let answer = #"{"jingdong_eclp_order_queryOrderList_response":{"code":"0","queryordervmi_result":\#(list)}}"#
        let fixture = JDFixture(.json(answer))
        #expect(try await fixture.eclp().findOutbound(key: "k", around: JDFixture.now) == nil)
    }

    @Test func sayingThatItDoesNotExistIsAnAnswerAndARefusalIsNone() async throws {
        let absent = JDFixture(.json(#"{"error_response":{"code":"63","zh_desc":"订单不存在","en_desc":""}}"#))
        #expect(try await absent.eclp().findOutbound(key: "k", around: JDFixture.now) == nil)
        let refused = JDFixture(.json(#"{"error_response":{"code":"24","zh_desc":"无权限","en_desc":""}}"#))
        let error = await failure { () throws(PartnerError) in try await refused.eclp().findOutbound(key: "k", around: JDFixture.now) }
        #expect(error?.kind == .rejected)
    }

    @Test func allPagesAreSearched() async throws {
        func page(_ uuid: String) -> ScriptedSender.Answer {
            .json(
                #"{"jingdong_eclp_order_queryOrderList_responce":{"code":"0","queryordervmi_result":[{"eclpSoNo":"ESL-\#(uuid)","isvUUID":"\#(uuid)","totalPage":"3"}]}}"#
            )
        }
        let fixture = JDFixture(page("a"), page("b"), page("c"))
        #expect(try await fixture.eclp().findOutbound(key: "c", around: JDFixture.now)?.number == "ESL-c")
        #expect(try (0..<3).map { try fixture.parameters($0)["pageNo"]?.wireInt } == [1, 2, 3])
    }

    @Test func aQuestionWithoutAnAnswerFindsNothingOut() async {
        let fixture = JDFixture(.html("<html/>"))
        let error = await failure { () throws(PartnerError) in try await fixture.eclp().findOutbound(key: "k", around: JDFixture.now) }
        #expect(error?.kind == .outcomeOpen)
    }

    @Test(
        arguments: [
            (#"{"code":1,"msg":"ok"}"#, .cancelled), (#"{"code":"1"}"#, .cancelled), (#"{"code":["1"]}"#, .cancelled),
            (#"{"code":2,"msg":"已出库，不能取消"}"#, .refused(reason: "已出库，不能取消")), (#"{"code":"2"}"#, .refused(reason: "JD gave no reason")),
            (#"{"code":3,"msg":"取消中"}"#, .pending), (#"{"code":0}"#, .pending), (#"{"v1":{"code":"1"}}"#, .cancelled),
        ] as [(String, CancelOutcome)])
    func cancelsHaveThreeOutcomes(_ result: String, _ expected: CancelOutcome) async throws {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_order_cancelOrder_responce":{"code":"0","cancelorder_result":\#(result)}}"#))
        #expect(try await fixture.eclp().cancelOutbound("ESL1") == expected)
        #expect(try fixture.parameters() == .object([("eclpSoNo", .string("ESL1"))]))
    }

    @Test func aCancelWithoutAResultIsOpen() async {
        for result in ["null", "{}", #""ok""#] {
            let fixture = JDFixture(.json(#"{"jingdong_eclp_order_cancelOrder_responce":{"code":"0","cancelorder_result":\#(result)}}"#))
            #expect(await failure { () throws(PartnerError) in try await fixture.eclp().cancelOutbound("ESL1") }?.kind == .outcomeOpen)
        }
    }
}
