import TableFiles
import Testing

@testable import Partners

/// An export of a few columns, to be spoiled by a test.
struct SmallExport {
    var columns = [
        "商品", "订单号", "订单状态", "商品总价(元)", "商品数量(件)", "收货人", "手机", "是否异常", "省", "市", "区", "街道", "支付时间", "拼单成功时间", "订单确认时间", "承诺发货时间", "商品id",
        "商品规格",
        "样式ID", "商家编码-SKU维度", "商家编码-商品维度", "快递单号", "快递公司", "商家备注", "售后状态", "买家留言", "是否门店自提",
    ]
    static let plain: [String: String] = [
        "商品": "抽纸", "订单号": "251111-012345678901234", "订单状态": "待发货", "商品总价(元)": "59.70", "商品数量(件)": "3", "收货人": "张三", "手机": "13800000000",
        "是否异常": "否", "省": "浙江省", "市": "杭州市", "区": "余杭区", "街道": "仓前街道1号", "支付时间": "2025-11-11 08:00:00", "拼单成功时间": "2025-11-11 08:10:00",
        "订单确认时间": "2025-11-11 08:30:15", "承诺发货时间": "2025-11-13 08:30:15", "商品id": "612000000001", "商品规格": "原木色，20包",
        "样式ID": "1210000000001",
        "商家编码-SKU维度": "CZ-20", "商家编码-商品维度": "CZ", "售后状态": "无售后或售后取消", "是否门店自提": "否",
    ]
    var records: [[String: String]] = [plain]

    init(_ changes: [String: String] = [:]) { records = [Self.plain.merging(changes) { $1 }] }

    var text: String {
        let lines = [columns] + records.map { record in columns.map { record[$0] ?? "" } }
        return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func quoted(_ cell: String) -> String {
        cell.contains { $0 == "," || $0 == "\"" || $0.isNewline } ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }

    func read() throws -> OrderExport.Result { try OrderExport.read(Array(text.utf8)) }
    func row() throws -> OrderExport.Row { try #require(try read().rows.first) }
    func badRow() throws -> OrderExport.BadRow {
        let result = try read()
        #expect(result.rows.isEmpty)
        return try #require(result.badRows.first)
    }
}

@Suite struct OrderExportReadTests {
    @Test func readsEveryColumn() throws {
        let row = try SmallExport(["快递单号": "YT1234567890123\t", "快递公司": "圆通快递", "商家备注": "加急", "买家留言": "轻放"]).row()
        #expect(
            row
                == OrderExport.Row(
                    line: 2, orderNumber: "251111-012345678901234", status: .toShip, goodsName: "抽纸", spec: "原木色，20包", quantity: 3,
                    skuCode: "CZ-20", goodsCode: "CZ", goodsID: "612000000001", styleID: "1210000000001", totalMinor: 5970,
                    recipient: OrderExport.Recipient(
                        name: "张三", phone: OrderExport.Phone(number: "13800000000"), province: "浙江省", city: "杭州市", district: "余杭区",
                        town: "仓前街道1号", detail: nil), paidAt: 1_762_819_200_000, groupedAt: 1_762_819_800_000,
                    confirmedAt: 1_762_821_015_000,
                    shipBy: 1_762_993_815_000, riskHeld: false, afterSale: .none, merchantRemark: "加急", buyerMessage: "轻放",
                    waybillNumber: "YT1234567890123", carrier: "圆通快递", storePickup: false))
        #expect(row.disposition == .toShip([.placed]))
        #expect(row.unitPriceMinor == 1990 && row.sku == "CZ-20" && row.placedAt == row.confirmedAt)
    }

    @Test(
        arguments: [("10.00", "3", 333), ("20.00", "3", 667), ("0.03", "2", 2), ("0.01", "3", 0), ("0", "1", 0), ("9.99", "3", 333)]
            as [(String, String, Int64)])
    func unitPriceIsRoundedToTheNearestFen(_ total: String, _ quantity: String, _ expected: Int64) throws {
        #expect(try SmallExport(["商品总价(元)": total, "商品数量(件)": quantity]).row().unitPriceMinor == expected)
    }

    @Test func headersMayBeDecoratedAndInAnyOrder() throws {
        var export = SmallExport()
        let expected = try export.row()
        let decorated = ["商品总价(元)": "商品总价（元）", "商品数量(件)": "\t商品数量 （件）\t", "订单号": "\u{200B}\"订单号\"\u{FEFF}", "商品id": "商品ＩＤ", "样式ID": "样式id"]
        export.records = export.records.map { record in
            Dictionary(uniqueKeysWithValues: record.map { (decorated[$0.key] ?? $0.key, $0.value) })
        }
        export.columns = export.columns.reversed().map { decorated[$0] ?? $0 }
        export.columns.insert(contentsOf: ["多多支付立减金额(元)", "", "", "订单标签", "订单标签"], at: 4)
        #expect(try export.row() == expected)
    }

    @Test func allMissingColumnsAreNamedAtOnce() throws {
        var export = SmallExport()
        export.columns.removeAll { ["手机", "是否异常", "售后状态", "商家编码-SKU维度", "商家编码-商品维度", "样式ID"].contains($0) }
        let error = #expect(throws: OrderExport.Failure.self) { try export.read() }
        #expect(error?.code == .missingColumns)
        #expect(error?.columns == ["商家编码-SKU维度/商家编码-商品维度/样式ID", "售后状态", "手机", "是否异常/是否审核中"])
        #expect(error?.description.contains("手机, 是否异常/是否审核中") == true)
    }

    @Test func aMissingHeaderIsNeverRepeated() throws {
        let text = SmallExport().text.split(separator: "\r\n")[1]
        let error = #expect(throws: OrderExport.Failure.self) { try OrderExport.read(Array(text.utf8)) }
        #expect(error?.code == .noHeader && error?.line == 1)
        #expect(error?.description.contains("张三") == false && error?.description.contains("line 1") == true)
    }

    @Test func doubledColumnsAreRefused() throws {
        var export = SmallExport()
        export.columns += ["手机", "商品总价(元)"]
        let error = #expect(throws: OrderExport.Failure.self) { try export.read() }
        #expect(error?.code == .duplicateColumns && error?.columns == ["商品总价(元)", "手机"])
    }

    @Test(arguments: [([UInt8](), CSVError.Code.empty), ([0x50, 0x4B, 3, 4], .spreadsheet)])
    func whatIsNoTextIsRefused(_ bytes: [UInt8], _ code: CSVError.Code) {
        let error = #expect(throws: OrderExport.Failure.self) { try OrderExport.read(bytes) }
        #expect(error?.code == .unreadable && error?.cause?.csv?.code == code)
    }

    @Test func anUnterminatedQuotationMarkRefusesTheFile() {
        let error = #expect(throws: OrderExport.Failure.self) { try OrderExport.read(Array((SmallExport().text + "抽纸,\"25").utf8)) }
        #expect(error?.cause?.csv?.code == .unterminatedQuote && error?.cause?.csv?.line == 3)
    }

    @Test func blankLinesAndTrailingCommasAreNoRecords() throws {
        let export = SmallExport()
        let blank = String(repeating: ",", count: export.columns.count - 1)
        let text = export.text.replacing("\r\n", with: ",,\r\n").replacing("门店自提,,", with: "门店自提") + "\r\n\(blank)\r\n\t\r\n"
        let result = try OrderExport.read(Array(text.utf8))
        #expect(result.rows.count == 1 && result.records == 1)
    }

    @Test func buyersMessagesKeepQuotationMarksAndLines() throws {
        let message = "颜色要\"深\"的,\n不要发错\r\n\"谢谢\""
        var export = SmallExport(["买家留言": message])
        export.records.append(SmallExport.plain.merging(["订单号": "251111-000000000000002"]) { $1 })
        let rows = try export.read().rows
        #expect(rows.map(\.buyerMessage) == [message, nil])
        #expect(rows.map(\.line) == [2, 5])
    }

    @Test func virtualNumbersAreReadFromPhoneOrName() throws {
        let phone = OrderExport.Phone(number: "13800000000", ext: "1234")
        let recipients = try [
            ["手机": "\t13800000000-1234\t"], ["手机": "13800000000[1234]"], ["收货人": "张三[1234]"],
            ["收货人": "张三[1234]", "手机": "13800000000-1234"],
        ].map { try SmallExport($0).row().recipient }
        #expect(recipients.allSatisfy { $0.name == "张三" && $0.phone == phone })
        #expect(phone.description == "13800000000-1234")
    }

    @Test func maskedRecipientsAreKnown() throws {
        #expect(try SmallExport().row().recipient.isMasked == false)
        for change in [["收货人": "张**"], ["手机": "138****0000"], ["手机": "***"], ["街道": "仓前街道***"], ["省": "****"]] {
            #expect(try SmallExport(change).row().recipient.isMasked)
        }
    }

    @Test func anAddressColumnIsTaken() throws {
        for name in ["详细地址", "收货地址"] {
            var export = SmallExport([name: "文一西路1号"])
            export.columns.append(name)
            #expect(try export.row().recipient.detail == "文一西路1号")
        }
    }

    @Test func eitherRiskColumnHolds() throws {
        #expect(try SmallExport(["是否异常": "是"]).row().disposition == .toShip([.placed, .riskHeld]))
        var export = SmallExport(["是否审核中": "是"])
        export.columns.append("是否审核中")
        #expect(try export.row().riskHeld)
        export.columns.removeAll { $0 == "是否异常" }
        #expect(try export.row().riskHeld)
        export.records[0]["是否审核中"] = ""
        #expect(try export.badRow().column == "是否审核中")
    }

    typealias Disposition = OrderExport.Disposition

    @Test(arguments: [
        ("待发货", "无售后或售后取消", Disposition.toShip([.placed])), ("待发货", "买家撤销", .toShip([.placed])),
        ("待发货", "退货退款，待商家处理", .toShip([.placed, .afterSaleOpened(.returnAndRefund)])),
        ("待发货", "退款成功", .toShip([.placed, .afterSaleOpened(.refund), .afterSaleRefunded])), ("待支付", "无售后", .known(.pendingPayment, [])),
        ("待付款", "无售后", .known(.pendingPayment, [])),
        ("已发货，待签收", "售后处理中", .known(.shipped, [])), ("已签收", "无售后", .known(.received, [])), ("已取消", "无售后", .known(.cancelled, [.cancelled])),
        ("已取消，退款成功", "退款成功", .known(.cancelledRefunded, [.cancelled])),
        ("未发货，退款成功", "退款成功", .known(.unshippedRefunded, [.afterSaleOpened(.refund), .afterSaleRefunded])),
        ("未成交，退款成功", "退款成功", .known(.unconcludedRefunded, [.afterSaleOpened(.refund), .afterSaleRefunded])),
        ("已发货，退款成功", "退款成功", .known(.shippedRefunded, [])), ("已签收，退款成功", "退款成功", .known(.receivedRefunded, [])),
    ])
    func dispositions(_ status: String, _ afterSale: String, _ expected: Disposition) throws {
        let row = try SmallExport(["订单状态": status, "售后状态": afterSale]).row()
        #expect(row.disposition == expected)
        #expect(row.disposition.facts == expected.facts)
    }

    @Test func ordersNotToBeShippedMayHaveNoRecipient() throws {
        let blanked = ["收货人": "", "手机": "", "省": "", "市": "", "区": "", "街道": "", "商家编码-SKU维度": "", "商家编码-商品维度": "", "样式ID": "", "是否异常": ""]
        let row = try SmallExport(blanked.merging(["订单状态": "已取消"]) { $1 }).row()
        #expect(row.recipient.name.isEmpty && row.sku == nil && row.disposition.facts == [.cancelled])
        #expect(try SmallExport(["订单状态": "已取消", "手机": "号码失效"]).row().recipient.phone.number.isEmpty)
    }

    @Test func theProductsCodeStandsOnlyForGoodsWithoutSpecifications() throws {
        #expect(try SmallExport(["商家编码-SKU维度": ""]).row().sku == nil)
        for none in ["", "无规格"] { #expect(try SmallExport(["商家编码-SKU维度": "", "商品规格": none]).row().sku == "CZ") }
        #expect(try SmallExport(["商家编码-SKU维度": "", "商家编码-商品维度": "", "样式ID": ""]).row().sku == nil)
    }
}
