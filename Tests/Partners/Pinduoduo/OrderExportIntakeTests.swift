import Contracts
import JSON
import TableFiles
import Testing

@testable import Partners

@Suite struct OrderExportIntakeTests {
    private func result(_ changes: [String: String], columns: [String] = []) throws -> OrderExport.Result {
        var export = SmallExport(changes)
        export.columns += columns
        return try export.read()
    }

    private func outcome(
        _ changes: [String: String], columns: [String] = [], codes: OrderExport.Codes = .init(), known: OrderExport.Knowledge = .unknown
    ) throws -> OrderExport.Outcome {
        let result = try result(changes, columns: columns)
        let row = try #require(result.rows.first, "\(result.badRows)")
        let intake = OrderExport.Intake(OrderExportTranslation(merchantShopId: "shop-1", ids: try StableIds(), codes: codes), of: result)
        return intake.outcome(of: row, known: known) { plain, _ in
            PlacedRecipient(province: plain.address.province, city: plain.address.city, district: "")
        }
    }

    private func placed(_ outcome: OrderExport.Outcome) throws -> OrderPlaced { try OrderPlaced.decode(#require(outcome.facts.last).body) }

    private static let gifts = ["赠品名称", "赠品规格", "赠品数量", "赠品编码", "赠品ID"]

    @Test func aGiftWithACodeIsALineOfItsOwn() throws {
        let gift = ["赠品名称": "杯刷", "赠品规格": "白色", "赠品数量": "2", "赠品编码": "BS-1"]
        let placed = try placed(outcome(gift, columns: Self.gifts))
        #expect(placed.lines.map(\.lineId) == ["1", "g1"] && placed.remark.isEmpty)
        #expect(placed.lines[1].sku == "BS-1" && placed.lines[1].name == "杯刷" && placed.lines[1].spec == "白色")
        #expect(placed.lines[1].quantity == 2 && placed.lines[1].unitPrice == Money(amountMinor: 0, currency: "CNY"))
    }

    @Test func aGiftWithoutACodeStandsInTheRemark() throws {
        let gift = ["赠品名称": "杯刷", "赠品规格": "白色", "赠品数量": "2", "商家备注": "加急"]
        let placed = try placed(outcome(gift, columns: Self.gifts))
        #expect(placed.lines.count == 1 && placed.remark == "加急；赠品: 杯刷 白色 ×2")
    }

    @Test func severalGiftsAreNumberedAsTheyStand() throws {
        let gift = ["赠品名称": "杯刷；贴纸", "赠品规格": "白色；-", "赠品数量": "1；3", "赠品编码": "-；TZ"]
        let placed = try placed(outcome(gift, columns: Self.gifts))
        #expect(placed.lines.map(\.lineId) == ["1", "g2"] && placed.lines[1].sku == "TZ" && placed.remark == "赠品: 杯刷 白色 ×1")
    }

    @Test(arguments: [
        (["赠品名称": "杯刷"], "赠品数量"), (["赠品名称": "杯刷", "赠品数量": "x"], "赠品数量"), (["赠品数量": "2"], "赠品名称"),
        (["赠品名称": "杯刷；贴纸", "赠品数量": "1"], "赠品数量"), (["赠品名称": "杯刷；贴纸", "赠品数量": "1；2", "赠品规格": "白色"], "赠品名称"),
    ])
    func aGiftThatIsNotWholeIsABadRow(_ gift: [String: String], _ column: String) throws {
        #expect(try result(gift, columns: Self.gifts).badRows.first?.column == column)
    }

    @Test(arguments: [[:], ["赠品名称": "无", "赠品数量": "0"], ["赠品名称": "-", "赠品规格": "-", "赠品数量": "-"]])
    func whatProgramsWriteForNoGiftIsNone(_ gift: [String: String]) throws {
        #expect(try placed(outcome(gift, columns: Self.gifts)).lines.count == 1)
    }

    @Test func aSpecificationWithoutACodeGoesInWithoutSkuAndSaysSo() throws {
        let outcome = try outcome(["商家编码-SKU维度": ""])
        #expect(try placed(outcome).lines.first?.sku == "")
        let notice = try #require(outcome.notices.first)
        #expect(notice.line == 2 && notice.column == "商家编码-SKU维度" && notice.reason.contains("product's code"))
        #expect(try self.outcome([:]).notices.isEmpty)
    }

    @Test func theMerchantsOwnTableGivesTheCodes() throws {
        let codes = try OrderExport.Codes(CSVBook(Array("样式ID,商家编码,赠品ID\n1210000000001\t,CZ-OWN,\n,BS-OWN,77\n".utf8)))
        let gift = ["商家编码-SKU维度": "", "赠品名称": "杯刷", "赠品数量": "1", "赠品ID": "77"]
        let outcome = try outcome(gift, columns: Self.gifts, codes: codes)
        #expect(try placed(outcome).lines.map(\.sku) == ["CZ-OWN", "BS-OWN"] && outcome.notices.isEmpty)
        #expect(try placed(self.outcome([:], codes: codes)).lines.first?.sku == "CZ-20")
    }

    @Test(arguments: [
        ("样式ID,商品\n1,2\n", 1), ("样式ID,商家编码\n1,\n", 2), ("样式ID,商家编码\n1,A\n1,B\n", 3), ("样式ID,商家编码\n1.2E+12,A\n", 2),
    ])
    func aWrongTableOfCodesNamesItsLine(_ text: String, _ line: Int) {
        let error = #expect(throws: OrderExport.BadRow.self) { try OrderExport.Codes(CSVBook(Array(text.utf8))) }
        #expect(error?.line == line)
    }

    @Test func aMaskedProvinceIsNoAddress() throws {
        let unknown = try outcome(["省": "****", "售后状态": "退款中"])
        guard case .bad(let row) = unknown.kind else {
            Issue.record("a masked address was taken")
            return
        }
        #expect(row.reason.contains("masked") && unknown.facts.isEmpty)
        #expect(try outcome(["省": "****", "售后状态": "退款中"], known: .placed).facts.map(\.type) == [AfterSaleOpened.type])
        #expect(try outcome(["省": "****", "售后状态": "退款中"], known: .undecided).facts.map(\.type) == [AfterSaleOpened.type])
    }
}
