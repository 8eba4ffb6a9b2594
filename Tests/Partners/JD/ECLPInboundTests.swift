import Contracts
import JSON
import Partners
import Testing

@Suite struct ECLPInboundTests {
    private static let order = InboundOrder(key: "in/1", lines: [.init(sku: "SKU-A", quantity: 20), .init(sku: "SKU-B", quantity: 5)])

    @Test func goodsAreAnnouncedWithJoinedLists() async throws {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_po_addPoOrder_responce":{"code":"0","poOrderNo":"EPL1"}}"#))
        #expect(try await fixture.eclp().createInbound(Self.order) == "EPL1")
        #expect(
            try fixture.parameters()
                == .object([
                    ("spPoOrderNo", .string("in_-1")), ("deptNo", .string("EBU4418046511111")), ("whNo", .string("110008888")),
                    ("supplierNo", .string("EMS4418046522222")), ("poReturnMode", .string("1")), ("poType", .string("1")),
                    ("boxFlag", .string("0")), ("multiReceivingFlag", .string("0")), ("isvGoodsNo", .string("SKU-A,SKU-B")),
                    ("numApplication", .string("20,5")), ("goodsStatus", .string("1,1")), ("orderLine", .string("1,2")),
                ]))
    }

    private static let unfit: [(field: String, change: @Sendable (inout InboundOrder, inout JDLink) -> Void)] = [
        ("supplierNo", { $1.supplierNo = nil }), ("supplierNo", { $1.supplierNo = "" }),
        ("inboundId", { order, _ in order = .init(key: "", lines: order.lines) }),
        ("inboundId", { order, _ in order = .init(key: String(repeating: "k", count: 51), lines: order.lines) }),
        ("lines", { order, _ in order.lines = [] }),
        ("lines[0].sku", { order, _ in order.lines[0].sku = "A,B" }), ("lines[1].quantity", { order, _ in order.lines[1].quantity = 0 }),
    ]

    @Test(arguments: unfit.indices) func whatCannotBeSentIsNamed(_ index: Int) async {
        var (order, link) = (Self.order, JDFixture.link)
        Self.unfit[index].change(&order, &link)
        let fixture = JDFixture()
        let error = await failure { () throws(PartnerError) in try await fixture.eclp(link).createInbound(order) }
        #expect(error?.kind == .rejected && error?.field == Self.unfit[index].field && fixture.sender.requests.isEmpty)
    }

    @Test func aSuccessWithoutANumberIsNone() async {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_po_addPoOrder_responce":{"code":"0","poOrderNo":null}}"#))
        #expect(await failure { () throws(PartnerError) in try await fixture.eclp().createInbound(Self.order) }?.kind == .outcomeOpen)
    }

    private static let found = #"""
        {"jingdong_eclp_po_queryPoOrder_response":{"code":"0","queryPoModelList":[{"v1":{"poOrderNo":["EPL1"],"isvPoOrderNo":["in_-1"],
        "deptNo":["EBU4418046511111"],"whNo":["110008888"],"supplierNo":["EMS4418046522222"],"poOrderStatus":["70"],"poItemModelList":[
        {"v1":{"goodsNo":["EMG1"],"isvGoodsNo":["SKU-A"],"numApplication":["20"],"realInstoreQty":["18"],"goodsStatus":["1"],"orderLine":["1"]}},
        {"v1":{"goodsNo":["EMG1"],"isvGoodsNo":["SKU-A"],"numApplication":["0"],"realInstoreQty":["2"],"goodsStatus":["2"],"orderLine":["1"]}},
        {"v1":{"goodsNo":["EMG2"],"isvGoodsNo":["SKU-B"],"numApplication":["5"],"realInstoreQty":null,"goodsStatus":["1"],"orderLine":["2"]}}],
        "resultCode":"1","msg":"ok"}}]}}
        """#

    @Test func whatWasCountedIsRead() async throws {
        let fixture = JDFixture(.json(Self.found))
        let report = try await fixture.eclp().inboundStatus("EPL1")
        #expect(report.number == "EPL1" && report.key == "in_-1" && report.code == "70" && report.state == .received)
        #expect(report.lines.map(\.sku) == ["SKU-A", "SKU-A", "SKU-B"] && report.lines.map(\.orderLine) == [1, 1, 2])
        #expect(report.lines.map(\.received) == [18, 2, nil] && report.lines.map(\.planned) == [20, 0, 5])
        #expect(report.lines.map(\.isDamaged) == [false, true, false])
        #expect(try fixture.parameters()["poOrderNo"]?.string == "EPL1")
    }

    @Test func afterAnOpenOutcomeAnOrderIsFoundByItsKeyAlone() async throws {
        let fixture = JDFixture(
            .json(Self.found), .json(Self.found),
            .json(#"{"jingdong_eclp_po_queryPoOrder_response":{"code":"0","queryPoModelList":null}}"#),
            .json(#"{"error_response":{"code":"63","zh_desc":"采购单不存在","en_desc":"not exist"}}"#),
            .json(#"{"error_response":{"code":"24","zh_desc":"无权限","en_desc":""}}"#))
        let client = fixture.eclp()
        #expect(try await client.findInbound(key: "in/1")?.number == "EPL1")
        #expect(try fixture.parameters()["isvPoOrderNo"]?.string == "in_-1")
        #expect(try await client.findInbound(key: "in/2") == nil)
        #expect(try await client.findInbound(key: "in/1") == nil)
        #expect(try await client.findInbound(key: "in/1") == nil)
        #expect(await failure { () throws(PartnerError) in try await client.findInbound(key: "in/1") }?.kind == .rejected)
    }

    @Test func aNumberThatJDDoesNotKnowIsRejected() async {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_po_queryPoOrder_responce":{"code":"0","queryPoModelList":[]}}"#))
        #expect(await failure { () throws(PartnerError) in try await fixture.eclp().inboundStatus("EPL9") }?.kind == .rejected)
    }
}
