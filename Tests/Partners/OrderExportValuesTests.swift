import Foundation
import Testing

@testable import Partners
@testable import SampleData

@Suite struct OrderExportValuesTests {
    @Test(
        arguments: [
            ("0", 0), ("12", 1200), ("12.5", 1250), ("12.50", 1250), ("0.01", 1), ("0.29", 29), ("1.15", 115),
            ("9999999999999.99", 999_999_999_999_999),
            ("007.10", 710), ("1,299.00", 129_900), ("12,990", 1_299_000), ("1，234，567.8", 123_456_780),
        ] as [(String, Int64)])
    func yuanBecomeFenExactly(_ text: String, _ expected: Int64) {
        #expect(OrderExport.Value.minorUnits(yuan: text) == expected)
    }

    @Test(arguments: [
        "", ".", "12.", ".5", "12.345", "12.500", "-1", "+1", "1e3", "1,23.00", "1234,567", ",123", "1,2345", "1,234,", "1.000,00", "¥12",
        "十二", "1.2.3", "12345678901234", "１２",
    ])
    func whatIsNoAmountIsNone(_ text: String) {
        #expect(OrderExport.Value.minorUnits(yuan: text) == nil)
    }

    @Test(
        arguments: [
            ("1", 1), ("012", 12), ("999999", 999_999), ("1,200", 1200), ("12,00", nil), ("0", nil), ("", nil), ("-1", nil), ("1.0", nil),
            ("1000000", nil), ("一", nil),
        ] as [(String, Int?)])
    func quantities(_ text: String, _ expected: Int?) {
        #expect(OrderExport.Value.quantity(text) == expected)
    }

    @Test(arguments: [
        ("251111-012345678901234", true), ("20150909-452750051", true), ("20151231-123456789012345", true),
        ("251111-01234567890123", false),
        ("251111-0123456789012345", false), ("251311-012345678901234", false), ("251100-012345678901234", false),
        ("251132-012345678901234", false),
        ("251111012345678901234", false), ("25111-012345678901234", false), ("2511a1-012345678901234", false),
        ("251111-01234567890123x", false),
        ("2015090-452750051", false), ("20150909-45275005", false), ("-", false), ("", false), ("251111-", false),
    ])
    func orderNumbers(_ text: String, _ isOne: Bool) {
        #expect(OrderExport.Value.isOrderNumber(text) == isOne)
    }

    @Test(arguments: [
        ("2.1E+20", true), ("1E+10", true), ("1.38e+10", true), ("E+10", false), ("2.1E20", false), ("A-1E+10", false), ("1+1", false),
        ("+", false),
        ("251111-012345678901234", false), ("", false),
    ])
    func numbersShortenedBySpreadsheets(_ text: String, _ isShortened: Bool) {
        #expect(OrderExport.Value.isScientific(text) == isShortened)
    }

    @Test(
        arguments: [
            ("13800000000", "13800000000", nil), ("13800000000-1234", "13800000000", "1234"), ("13800000000[1234]", "13800000000", "1234"),
            ("+86 138 0000 0000", "13800000000", nil), ("86-13800000000", "13800000000", nil), ("+86-13800000000-12", "13800000000", "12"),
            ("0571-88880000", "0571-88880000", nil), ("(0571)88880000", "057188880000", nil), ("400-820-0000", "400-820-0000", nil),
            ("9500000-12345678", "9500000", "12345678"), ("138****0000", "138****0000", nil), ("138****0000-12", "138****0000", "12"),
        ] as [(String, String, String?)])
    func phones(_ text: String, _ number: String, _ ext: String?) {
        #expect(OrderExport.Value.phone(text) == OrderExport.Phone(number: number, ext: ext))
    }

    @Test(arguments: [
        "", "手机", "123", "13800000000-", "13800000000-1", "13800000000-abc", "138000000001234567", "13800000000/13900000000", "-",
    ])
    func whatIsNoPhoneIsNone(_ text: String) {
        #expect(OrderExport.Value.phone(text) == nil)
    }

    @Test(
        arguments: [
            ("张三[1234]", "张三", "1234"), ("张三", "张三", nil), ("[1234]", "[1234]", nil), ("张三[ab]", "张三[ab]", nil), ("张[1]三", "张[1]三", nil),
        ] as [(String, String, String?)])
    func extensionsInBrackets(_ text: String, _ name: String, _ ext: String?) {
        let split = OrderExport.Value.bracketedExtension(text)
        #expect(split.text == name && split.ext == ext)
    }

    @Test(
        arguments: [
            ("1970-01-01 08:00:00", nil), ("2025-11-11 08:30:15", 1_762_821_015_000), ("2025/11/11 08:30:15", 1_762_821_015_000),
            ("2025/11/11 8:30", 1_762_821_000_000), ("2025/1/5 0:00", 1_736_006_400_000), ("2024-02-29 23:59:59", 1_709_222_399_000),
            ("2025-02-29 00:00:00", nil), ("2025-13-01 00:00:00", nil), ("2025-04-31 00:00:00", nil), ("2025-11-11 24:00:00", nil),
            ("2025-11-11", nil),
            ("2025-11/11 08:30:15", nil), ("2025-11-11T08:30:15", nil), ("2025-11-11 08:30:15.0", nil), ("45972.354", nil),
            ("11/11/2025 8:30", nil),
            ("", nil),
        ] as [(String, Int64?)])
    func beijingTimes(_ text: String, _ expected: Int64?) {
        #expect(BeijingTime.milliseconds(text) == expected)
    }

    @Test func beijingTimesAgreeWithTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 8 * 3600))
        var random = OrderExport.Random(seed: 7)
        for _ in 0..<2000 {
            let milliseconds = 946_656_000_000 + Int64(random.below(6_000_000_000)) * 1000
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            let expected = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let found = BeijingTime.components(milliseconds)
            #expect(
                [found.year, found.month, found.day, found.hour, found.minute, found.second] == [
                    expected.year, expected.month, expected.day, expected.hour, expected.minute, expected.second,
                ])
            let text =
                "\(found.year)/\(found.month)/\(found.day) \(found.hour):\(OrderExportSource.padded(found.minute)):\(OrderExportSource.padded(found.second))"
            #expect(BeijingTime.milliseconds(text) == milliseconds)
        }
    }
}

@Suite struct OrderExportStatusTests {
    @Test(arguments: OrderExport.Status.allCases)
    func everyStatusIsReadWithCommasOfAnyWidth(_ status: OrderExport.Status) {
        #expect(OrderExport.Status(text: status.rawValue) == status)
        #expect(OrderExport.Status(text: status.rawValue.replacing("，", with: ",")) == status)
        #expect(OrderExport.Status(text: status.rawValue.replacing("，", with: ", ")) == status)
        #expect(OrderExport.Status(text: status.rawValue.replacing("，", with: "")) == status)
    }

    @Test(arguments: ["已发货，待收货", "已发货,待收货", "待收货", "已发货"])
    func awaitingReceiptIsShipped(_ text: String) {
        #expect(OrderExport.Status(text: text) == .shipped)
    }

    @Test(arguments: ["", "待", "退款成功", "不明", "待发货吗"])
    func otherNamesAreNoStatus(_ text: String) {
        #expect(OrderExport.Status(text: text) == nil)
    }

    typealias AfterSale = OrderExport.AfterSale

    /// The names of the order interface's after-sale states by their numbers, as public clients print them, and the export's own.
    @Test(arguments: [
        ("无售后", AfterSale.none), ("无售后或售后取消", .none),
        ("买家申请退款，待商家处理", .open(.refund, "买家申请退款，待商家处理")), ("退货退款，待商家处理", .open(.returnAndRefund, "退货退款，待商家处理")),
        ("商家同意退款，退款中", .open(.refund, "商家同意退款，退款中")), ("平台同意退款，退款中", .open(.refund, "平台同意退款，退款中")),
        ("驳回退款，待买家处理", .open(.refund, "驳回退款，待买家处理")), ("已同意退货退款,待用户发货", .open(.returnAndRefund, "已同意退货退款,待用户发货")),
        ("商家同意退货退款，待买家发货", .open(.returnAndRefund, "商家同意退货退款，待买家发货")), ("平台处理中", .open(.unspecified, "平台处理中")),
        ("平台拒绝退款，退款关闭", .closed("平台拒绝退款，退款关闭")), ("退款成功", .refunded("退款成功")), ("买家撤销", .closed("买家撤销")), ("用户撤销", .closed("用户撤销")),
        ("买家逾期未处理，退款失败", .closed("买家逾期未处理，退款失败")), ("买家逾期，超过有效期", .closed("买家逾期，超过有效期")),
        ("换货补寄待商家处理", .open(.exchange, "换货补寄待商家处理")), ("换货补寄待用户处理", .open(.exchange, "换货补寄待用户处理")), ("换货补寄成功", .closed("换货补寄成功")),
        ("换货补寄失败", .closed("换货补寄失败")), ("换货补寄待用户确认完成", .open(.exchange, "换货补寄待用户确认完成")), ("待商家同意维修", .open(.repair, "待商家同意维修")),
        ("待用户确认发货", .open(.repair, "待用户确认发货")), ("维修关闭", .closed("维修关闭")), ("维修成功", .closed("维修成功")),
        ("待用户确认收货", .open(.repair, "待用户确认收货")),
        ("已同意拒收退款，待用户拒收", .open(.refusal, "已同意拒收退款，待用户拒收")), ("补寄待商家发货", .open(.resend, "补寄待商家发货")), ("待商家召回", .open(.recall, "待商家召回")),
        ("同意召回后退款，待商家召回", .open(.recall, "同意召回后退款，待商家召回")), ("售后处理中", .open(.unspecified, "售后处理中")),
        ("用户已发货，待商家处理", .open(.returnAndRefund, "用户已发货，待商家处理")), ("售后取消，退款失败", .closed("售后取消，退款失败")), ("换货成功", .closed("换货成功")),
        ("商家已发货，待消费者确认收货", .open(.exchange, "商家已发货，待消费者确认收货")),
    ])
    func afterSaleStates(_ text: String, _ expected: AfterSale) {
        #expect(AfterSale(text: text) == expected)
    }

    @Test(arguments: ["", "退款", "不明售后", "成功"])
    func otherNamesAreNoAfterSale(_ text: String) {
        #expect(AfterSale(text: text) == nil)
    }
}
