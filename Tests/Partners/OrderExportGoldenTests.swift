import Foundation
import TableFiles
import Testing

@testable import Partners

/// One small export, kept byte for byte: as UTF-8 text, and as GB18030 bytes that Python's codec made, so that glibc's is checked by another.
@Suite struct OrderExportGoldenTests {
    /// Lines end with LF here; the file has CR LF behind each record.
    private static let text = #"""
        商品,订单号,订单状态,商品总价（元）,店铺优惠折扣（元）,商品数量（件）,收货人,手机,是否异常,省,市,区,街道,支付时间,订单确认时间,承诺发货时间,商品id,商品规格,样式ID,商家编码-SKU维度,商家编码-商品维度,快递单号,快递公司,商家备注,售后状态,买家留言
        "不锈钢保温杯""磨砂""",251111-000000000000001\#t,待发货,71.00,0.00,2,赵㛃,19900000001-1234\#t,否,浙江省,杭州市,余杭区,仓前街道1号,2025-11-11 08:00:00,2025-11-11 08:30:15\#t,2025-11-13 08:30:15,612000000001\#t,星空蓝，500ml,1210000000001\#t,BW-5,BW,,,加急,无售后或售后取消,"颜色要""深""的,
        谢谢"
        大米,251111-000000000000002\#t,待发货,39.99,0.00,1,钱丽[5678],19900000002\#t,是,广东省,广州市,白云区,同和街道2号,2025/11/11 8:00,2025/11/11 8:05,,612000000002\#t,,1210000000002\#t,,DM,,,,退货退款，待商家处理,
        大米,251111-000000000000003\#t,未发货，退款成功,39.99,0.00,1,,,否,,,,,2025-11-11 09:00:00,2025-11-11 09:00:00,,612000000002\#t,,1210000000002\#t,,DM,,,,退款成功,
        大米,251111-000000000000004\#t,已发货，待签收,39.99,0.00,1,,,否,四川省,成都市,武侯区,,2025-11-11 09:00:00,2025-11-11 09:00:00,,612000000002\#t,,1210000000002\#t,,DM,YT1234567890123\#t,圆通快递,,无售后或售后取消,
        大米,251111-000000000000005\#t,待发货,39.999,0.00,1,孙伟,19900000005\#t,否,四川省,成都市,武侯区,玉林街道,2025-11-11 09:00:00,2025-11-11 09:00:00,,612000000002\#t,,1210000000002\#t,,DM,,,,无售后或售后取消,

        """#

    private static let gb18030 = """
        yczGtyy2qbWlusUstqm1pde0zKwsyczGt9fcvNujqNSqo6ksterGzNPFu93V27/bo6jUqqOpLMnMxrfK/cG/o6i8/qOpLMrVu/XIyyzK1rv6LMrHt/HS7LOj
        LMqhLMrQLMf4LL3WtcAs1qe4tsqxvOQstqm1pci3yM/KsbzkLLPQxbW3orv1yrG85CzJzMa3aWQsyczGt7nmuPEs0fnKvUlELMnMvNKx4MLrLVNLVc6stsgs
        ycy80rHgwustyczGt86stsgsv+y13bWlusUsv+y13bmry74sycy80rG416Isytu689e0zKwswvK80sH00dQNCiKyu9DiuNaxo87Csa0iIsSlybAiIiIsMjUx
        MTExLTAwMDAwMDAwMDAwMDAwMQkstP23orv1LDcxLjAwLDAuMDAsMizV1IIwtzEsMTk5MDAwMDAwMDEtMTIzNAkst/Es1eO9rcqhLLq81t3K0CzT4Lq8x/gs
        stbHsL3WtcAxusUsMjAyNS0xMS0xMSAwODowMDowMCwyMDI1LTExLTExIDA4OjMwOjE1CSwyMDI1LTExLTEzIDA4OjMwOjE1LDYxMjAwMDAwMDAwMQks0Me/
        1cC2o6w1MDBtbCwxMjEwMDAwMDAwMDAxCSxCVy01LEJXLCwsvNO8sSzO3srbuvO78srbuvPIoc/7LCLR1cmr0qoiIsnuIiK1xCwK0LvQuyINCrTzw9csMjUx
        MTExLTAwMDAwMDAwMDAwMDAwMgkstP23orv1LDM5Ljk5LDAuMDAsMSzHrsD2WzU2NzhdLDE5OTAwMDAwMDAyCSzKxyy547aryqEsuePW3crQLLDX1MbH+CzN
        rLrNvda1wDK6xSwyMDI1LzExLzExIDg6MDAsMjAyNS8xMS8xMSA4OjA1LCw2MTIwMDAwMDAwMDIJLCwxMjEwMDAwMDAwMDAyCSwsRE0sLCwszcu79c3Lv+6j
        rLT9ycy80rSmwO0sDQq088PXLDI1MTExMS0wMDAwMDAwMDAwMDAwMDMJLM60t6K79aOszcu/7rPJuaYsMzkuOTksMC4wMCwxLCwst/EsLCwsLDIwMjUtMTEt
        MTEgMDk6MDA6MDAsMjAyNS0xMS0xMSAwOTowMDowMCwsNjEyMDAwMDAwMDAyCSwsMTIxMDAwMDAwMDAwMgksLERNLCwsLM3Lv+6zybmmLA0KtPPD1ywyNTEx
        MTEtMDAwMDAwMDAwMDAwMDA0CSzS0beiu/WjrLT9x6nK1SwzOS45OSwwLjAwLDEsLCy38SzLxLSoyqEss8m2vMrQLM7kuu7H+CwsMjAyNS0xMS0xMSAwOTow
        MDowMCwyMDI1LTExLTExIDA5OjAwOjAwLCw2MTIwMDAwMDAwMDIJLCwxMjEwMDAwMDAwMDAyCSwsRE0sWVQxMjM0NTY3ODkwMTIzCSzUss2ov+y13Swszt7K
        27rzu/LK27rzyKHP+ywNCrTzw9csMjUxMTExLTAwMDAwMDAwMDAwMDAwNQkstP23orv1LDM5Ljk5OSwwLjAwLDEsy+/OsCwxOTkwMDAwMDAwNQkst/Esy8S0
        qMqhLLPJtrzK0CzO5Lrux/gs0/HB1r3WtcAsMjAyNS0xMS0xMSAwOTowMDowMCwyMDI1LTExLTExIDA5OjAwOjAwLCw2MTIwMDAwMDAwMDIJLCwxMjEwMDAw
        MDAwMDAyCSwsRE0sLCwszt7K27rzu/LK27rzyKHP+ywNCg==
        """

    private static var utf8: [UInt8] {
        Array(text.replacing("\n", with: "\r\n").replacing("的,\r\n", with: "的,\n").utf8)
    }

    @Test func utf8() throws {
        try check(Self.utf8, .utf8)
        try check(CSVText.byteOrderMark + Self.utf8, .utf8WithBOM)
    }

    @Test func gb18030() throws {
        let bytes = try Array(#require(Data(base64Encoded: Self.gb18030, options: .ignoreUnknownCharacters)))
        try check(bytes, .gb18030)
        #expect(try GB18030.encode(Self.utf8) == bytes)
    }

    private func check(_ bytes: [UInt8], _ encoding: CSVEncoding) throws {
        let result = try OrderExport.read(bytes)
        #expect(result.format == .text(encoding))
        #expect(result.rows.map(\.line) == [2, 4, 5, 6])
        #expect(
            result.rows.map(\.disposition) == [
                .toShip([.placed]), .toShip([.placed, .riskHeld, .afterSaleOpened(.returnAndRefund)]),
                .known(.unshippedRefunded, [.afterSaleOpened(.refund), .afterSaleRefunded]), .known(.shipped, []),
            ])
        let first = try #require(result.rows.first)
        #expect(first.recipient.name == "赵㛃" && first.recipient.phone.description == "19900000001-1234")
        #expect(first.goodsName == "不锈钢保温杯\"磨砂\"" && first.buyerMessage == "颜色要\"深\"的,\n谢谢")
        #expect(first.totalMinor == 7100 && first.unitPriceMinor == 3550 && first.confirmedAt == 1_762_821_015_000)
        #expect(result.rows[1].recipient.name == "钱丽" && result.rows[1].recipient.phone.ext == "5678" && result.rows[1].sku == "DM")
        #expect(result.rows[1].confirmedAt == 1_762_819_500_000)
        #expect(result.rows[3].waybillNumber == "YT1234567890123" && result.rows[3].carrier == "圆通快递")
        #expect(result.badRows.map(\.line) == [7] && result.badRows.first?.column == "商品总价（元）")
    }
}
