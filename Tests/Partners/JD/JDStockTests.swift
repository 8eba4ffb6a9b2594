import JSON
import Partners
import Testing

@Suite struct JDStockTests {
    private static func page(_ rows: [String]) -> ScriptedSender.Answer {
        .json(#"{"jingdong_eclp_stock_queryStock_responce":{"code":"0","querystock_result":[\#(rows.joined(separator: ","))]}}"#)
    }

    private static func row(_ sku: String, _ usable: Int, total: Int = 900, count: Int? = nil, status: Int = 1) -> String {
        #"{"v1":{"deptNo":["EBU4418046511111"],"warehouseNo":["110008888"],"goodsNo":["EMG-\#(sku)"],"sellerGoodsSign":["\#(sku)"],"stockStatus":["\#(status)"],"stockType":["1"],"totalNum":["\#(total)"],"usableNum":["\#(usable)"]\#(count.map { #","recordCount":["\#($0)"]"# } ?? "")}}"#
    }

    @Test func goodAndDamagedAreAddedUpOverAllPages() async throws {
        let fixture = JDFixture(
            Self.page([Self.row("A", 5, count: 3), Self.row("B", 7, count: 3)]), Self.page([Self.row("A", 1, count: 3)]),
            Self.page([Self.row("A", 2, count: 1, status: 2)]))
        #expect(
            try await fixture.eclp().stock(skus: nil) == [
                StockLevel(sku: "A", good: 6, damaged: 2), StockLevel(sku: "B", good: 7, damaged: 0),
            ])
        let asked = try (0..<3).map { try fixture.parameters($0) }
        #expect(asked.map { $0["stockStatus"]?.string } == ["1", "1", "2"] && asked.map { $0["currentPage"]?.string } == ["1", "2", "1"])
        #expect(
            asked.allSatisfy { $0["stockType"]?.string == "1" && $0["pageSize"]?.string == "100" && $0["returnZeroStock"]?.string == "2" })
        #expect(fixture.sender.remaining == 0)
    }

    @Test func withoutACountAFullPageIsFollowedByAnother() async throws {
        let full = (0..<100).map { Self.row("S\($0)", 1) }
        let fixture = JDFixture(Self.page(full), Self.page([Self.row("T", 1)]), Self.page([]))
        #expect(try await fixture.eclp().stock(skus: nil).count == 101)
        #expect(fixture.sender.requests.count == 3)
    }

    @Test func onlyWhatWasAskedForIsReportedAndAllOfIt() async throws {
        let fixture = JDFixture(Self.page([Self.row("A", 5), Self.row("B", 7)]), Self.page([]))
        #expect(
            try await fixture.eclp().stock(skus: ["B", "C"]) == [
                StockLevel(sku: "B", good: 7, damaged: 0), StockLevel(sku: "C", good: 0, damaged: 0),
            ])
    }

    @Test func oddNumbersDoNoHarm() async throws {
        let fixture = JDFixture(
            Self.page([Self.row("A", -3), #"{"sellerGoodsSign":"B","totalNum":"4"}"#, #"{"goodsNo":"EMG9","usableNum":2}"#]), Self.page([]))
        #expect(
            try await fixture.eclp().stock(skus: nil) == [
                StockLevel(sku: "A", good: 0, damaged: 0), StockLevel(sku: "B", good: 4, damaged: 0),
                StockLevel(sku: "EMG9", good: 2, damaged: 0),
            ])
        let senseless = JDFixture(Self.page([#"{"sellerGoodsSign":"B","usableNum":"viele"}"#]))
        #expect(await failure { () throws(PartnerError) in try await senseless.eclp().stock(skus: nil) }?.kind == .outcomeOpen)
    }

    private static func iscPage(_ rows: String, total: String) -> ScriptedSender.Answer {
        .json(#"{"code":"1000","message":"成功","requestId":"r","data":{"totalNum":\#(total),"resultList":[\#(rows)]}}"#)
    }

    @Test func iscsPagesAreTextsAndLevelsTellGoodFromDamaged() async throws {
        let fixture = JDFixture(
            Self.iscPage(
                #"{"erpGoodsNo":"A","goodsNo":"EMG1","goodsLevel":"100","stockNum":9,"usableNum":8},{"erpGoodsNo":"A","goodsLevel":"200","stockNum":2,"usableNum":1}"#,
                total: "4"),
            Self.iscPage(
                #"{"erpGoodsNo":"B","goodsLevel":"6","usableNum":3},{"goodsNo":"EMG3","goodsLevel":"199","stockNum":"4"}"#, total: #""4""#))
        #expect(
            try await fixture.isc().stock(skus: nil) == [
                StockLevel(sku: "A", good: 8, damaged: 1), StockLevel(sku: "EMG3", good: 4, damaged: 0),
            ])
        let asked = try fixture.cargo(1)
        #expect(asked["currentPage"] == .string("2") && asked["pageSize"] == .string("100") && asked["stockIndexes"] == .string("1"))
        #expect(asked["ownerNo"]?.string == "EBU4418046511111" && asked["pin"]?.string == "pin-1")
    }

    private static let departments =
        #"{"jingdong_eclp_master_queryDept_responce":{"code":"0","querydept_result":[{"v1":{"deptNo":["EBU4418046511111"],"deptName":["代发"],"sellerNo":["ECP1"],"status":["1"]}}]}}"#

    @Test(
        arguments: [
            (departments, #"[{"warehouseNo":["110008888"],"warehouseName":["杭州仓"],"status":["1"]}]"#, .known),
            (departments, #"{"warehouseNo":"110008888"}"#, .known), (departments, "[]", .warehouseUnknown),
            (departments, "null", .warehouseUnknown),
            (departments, #"[{"warehouseNo":"119999999"}]"#, .warehouseUnknown),
            (#"{"jingdong_eclp_master_queryDept_responce":{"code":"0","querydept_result":[]}}"#, nil, .departmentUnknown),
            (#"{"jingdong_eclp_master_queryDept_response":{"code":0,"querydept_result":[{"deptNo":"EBU1"}]}}"#, nil, .departmentUnknown),
        ] as [(String, String?, JDCodes)])
    func codesAreChecked(_ departments: String, _ warehouses: String?, _ expected: JDCodes) async throws {
        let second = warehouses.map {
            ScriptedSender.Answer.json(#"{"jingdong_eclp_master_queryWarehouse_responce":{"code":"0","querywarehouse_result":\#($0)}}"#)
        }
        let fixture = JDFixture([.json(departments)] + (second.map { [$0] } ?? []))
        #expect(try await fixture.eclp().checkCodes() == expected)
        #expect(try fixture.parameters()["deptNos"]?.string == "EBU4418046511111" && fixture.sender.remaining == 0)
    }
}
