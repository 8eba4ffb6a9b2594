import Testing

@testable import Partners

@Suite struct OrderExportBadRowTests {
    @Test(arguments: [
        "商品", "订单号", "订单状态", "商品总价(元)", "商品数量(件)", "收货人", "手机", "是否异常", "省", "市", "区", "售后状态",
    ])
    func emptyRequiredCellsAreBad(_ column: String) throws {
        for blank in ["", "\t", " \u{3000}"] {
            let bad = try SmallExport([column: blank]).badRow()
            #expect(bad.column == column && bad.line == 2 && bad.value == nil)
            #expect(bad.orderNumber == (column == "订单号" ? nil : "251111-012345678901234"))
            #expect(bad.reason.contains("empty"))
        }
    }

    @Test func anOrderWithoutTimesHasTheDayOfItsNumber() throws {
        #expect(try SmallExport(["支付时间": "", "拼单成功时间": "", "订单确认时间": ""]).row().placedAt == 1_762_790_400_000)
        #expect(try SmallExport(["订单确认时间": ""]).row().placedAt == 1_762_819_800_000)
        #expect(try SmallExport(["订单确认时间": "", "拼单成功时间": ""]).row().placedAt == 1_762_819_200_000)
        let noDay = try SmallExport(["支付时间": "", "拼单成功时间": "", "订单确认时间": "", "订单号": "250231-012345678901234"]).badRow()
        #expect(noDay.column == "订单号")
    }

    @Test(arguments: [
        ("订单号", "251111-01"), ("订单状态", "不明发货"), ("商品总价(元)", "12.345"), ("商品数量(件)", "0"), ("是否异常", "maybe"), ("售后状态", "不明售后"),
        ("承诺发货时间", "45972.354"), ("是否门店自提", "x"),
    ])
    func cellsThatCannotBeReadAreNamedAndRepeated(_ column: String, _ value: String) throws {
        let bad = try SmallExport([column: value]).badRow()
        #expect(bad.column == column && bad.value == value)
        #expect(bad.description.contains("line 2") && bad.description.contains(column))
    }

    @Test(arguments: ["订单号", "手机", "商品id", "样式ID", "快递单号", "商家编码-SKU维度", "商家编码-商品维度"])
    func numbersShortenedByASpreadsheetComeWithAdvice(_ column: String) throws {
        let bad = try SmallExport([column: "2.1E+20"]).badRow()
        #expect(bad.column == column && bad.reason.contains("spreadsheet"))
        #expect(bad.value == (column == "手机" ? nil : "2.1E+20"))
    }

    @Test func personalDataIsNeverRepeated() throws {
        let secret = "李四私密"
        #expect(try SmallExport(["手机": secret]).badRow().description.contains(secret) == false)
        let export = SmallExport(["收货人": secret, "街道": secret, "买家留言": secret, "商家备注": secret])
        for (column, value) in [("订单号", ""), ("订单状态", "x"), ("商品数量(件)", "x"), ("售后状态", "x"), ("手机", "x"), ("商品id", "1E+10")] {
            var spoilt = export
            spoilt.records[0][column] = value
            #expect(try spoilt.badRow().description.contains(secret) == false)
        }
        let shifted = SmallExport().text.replacing("张三", with: "\(secret),x")
        let bad = try #require(try OrderExport.read(Array(shifted.utf8)).badRows.first)
        #expect(bad.column == nil && !bad.description.contains(secret) && bad.reason.contains("28 cells"))
    }

    /// A stray comma puts names and phones under any column.
    @Test(arguments: ["李四", "x\u{1B}[31m", "李四13900000000", "李四[1234]", "13900000000-1234", "浙江省杭州市1号", String(repeating: "退款", count: 50)])
    func whatMayBelongToAPersonIsNotRepeatedUnderAnyColumn(_ value: String) throws {
        for column in ["订单号", "订单状态", "商品总价(元)", "商品数量(件)", "是否异常", "售后状态", "承诺发货时间", "是否门店自提"] {
            let bad = try SmallExport([column: value]).badRow()
            #expect(bad.column == column && bad.value == nil && !bad.description.contains(value))
        }
    }

    @Test func aRecordCutOffIsBadAndTheOthersAreRead() throws {
        var export = SmallExport()
        export.records.append(SmallExport.plain.merging(["订单号": "251111-000000000000002"]) { $1 })
        let result = try OrderExport.read(Array((export.text + "抽纸,251111-000000000000003,待发货").utf8))
        #expect(result.rows.count == 2)
        #expect(result.badRows.map(\.line) == [4])
        #expect(result.badRows.first?.column == nil)
    }

    @Test func anOrderTwiceWithTheSameContentCountsOnce() throws {
        var export = SmallExport()
        export.records = [SmallExport.plain, SmallExport.plain, SmallExport.plain]
        let result = try export.read()
        #expect(result.rows.map(\.line) == [2] && result.duplicates == 2 && result.badRows.isEmpty && result.records == 3)
    }

    @Test func anOrderTwiceWithDifferentContentIsBadInBothPlaces() throws {
        let other = SmallExport.plain.merging(["订单号": "251111-000000000000002"]) { $1 }
        let cancelled = SmallExport.plain.merging(["订单状态": "已取消"]) { $1 }
        var export = SmallExport()
        export.records = [SmallExport.plain, other, cancelled, SmallExport.plain]
        let result = try export.read()
        #expect(result.rows.map(\.line) == [3])
        #expect(result.badRows.map(\.line) == [2, 4, 5])
        #expect(result.badRows.allSatisfy { $0.column == "订单号" && $0.orderNumber == "251111-012345678901234" })
        #expect(result.duplicates == 0 && result.records == 4)
    }
}
