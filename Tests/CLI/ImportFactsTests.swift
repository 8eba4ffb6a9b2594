import Contracts
import Crypto
import JSON
import OrderImports
import Partners
import Testing

@testable import CLI

/// An export of one record with the columns that must be there, to be changed by a test.
struct OneOrderExport {
    static let plain: KeyValuePairs = [
        "商品": "抽纸", "订单号": "251111-012345678901234", "订单状态": "待发货", "商品总价(元)": "59.70", "商品数量(件)": "3", "收货人": "张三",
        "手机": "13800000000", "是否异常": "否", "省": "浙江省", "市": "杭州市", "区": "余杭区", "街道": "仓前街道1号", "详细地址": "",
        "订单确认时间": "2025-11-11 08:30:15", "承诺发货时间": "2025-11-13 08:30:15", "商品规格": "原木色，20包", "商家编码-SKU维度": "CZ-20",
        "商家备注": "加急", "售后状态": "无售后或售后取消", "买家留言": "打电话",
    ]

    static func text(_ changes: [String: String] = [:], without left: [String] = []) -> String {
        let cells = plain.filter { !left.contains($0.key) }
        return cells.map(\.key).joined(separator: ",") + "\n" + cells.map { changes[$0.key] ?? $0.value }.joined(separator: ",") + "\n"
    }

    static func read(_ changes: [String: String] = [:]) throws -> OrderExport.Result { try OrderExport.read(Array(text(changes).utf8)) }
    static func row(_ changes: [String: String] = [:]) throws -> OrderExport.Row { try #require(try read(changes).rows.first) }
}

@Suite struct ImportFactsTests {
    private let translation: OrderExportTranslation
    init() throws { translation = OrderExportTranslation(merchantShopId: "shop-1", ids: try StableIds()) }

    private func placed(_ row: OrderExport.Row) throws -> OrderPlaced {
        let recipient = PlacedRecipient(province: row.recipient.province, city: row.recipient.city, district: "")
        return try OrderPlaced.decode(translation.placed(row, to: recipient).body)
    }

    @Test func anOrderToBeShippedIsPlaced() throws {
        let placed = try placed(try OneOrderExport.row())
        #expect(placed.orderId == "pdd:251111-012345678901234" && placed.platformOrderNumber == "251111-012345678901234")
        #expect(placed.merchantShopId == "shop-1" && placed.platform == "pinduoduo" && placed.remark == "加急")
        #expect("\(placed.placedAt)" == "2025-11-11T00:30:15.000Z" && placed.shipBy.map { "\($0)" } == "2025-11-13T00:30:15.000Z")
        let line = try #require(placed.lines.first)
        #expect(placed.lines.count == 1 && line.lineId == "1" && line.sku == "CZ-20" && line.quantity == 3)
        #expect(line.unitPrice == Money(amountMinor: 1990, currency: "CNY") && line.name == "抽纸" && line.spec == "原木色，20包")
    }

    @Test func timesAreTheOrdersOwnAndIdsFollowFromTheContent() throws {
        let row = try OneOrderExport.row(["是否异常": "是"])
        let again = OrderExportTranslation(merchantShopId: "shop-1", ids: try StableIds()).facts(row)
        let first = translation.facts(row)
        #expect(first.map(\.id) == again.map(\.id) && first.map(\.time) == again.map(\.time))
        #expect(first.map { "\($0.time)" } == ["2025-11-11T00:30:15.000Z"])
        let other = OrderExportTranslation(merchantShopId: "shop-2", ids: try StableIds()).facts(row)
        #expect(other[0].id != first[0].id)
    }

    @Test func anUnpaidOrderHasTheTimeOfItsDay() throws {
        let row = try OneOrderExport.row(["订单状态": "已取消", "订单确认时间": ""])
        let fact = try #require(translation.facts(row).first)
        #expect(fact.type == OrderCancelled.type && "\(fact.time)" == "2025-11-10T16:00:00.000Z")
    }

    @Test(arguments: [
        (["是否异常": "是"], [RiskHeld.type]), (["售后状态": "退款中"], [AfterSaleOpened.type]), (["售后状态": "买家撤销"], []),
        (["售后状态": "退款成功"], [AfterSaleOpened.type, AfterSaleClosed.type]),
        (["订单状态": "未发货，退款成功", "售后状态": "退款成功"], [AfterSaleOpened.type, AfterSaleClosed.type]),
        (["订单状态": "已取消"], [OrderCancelled.type]), (["订单状态": "已签收"], []),
    ])
    func columnsGiveFacts(_ changes: [String: String], _ types: [String]) throws {
        #expect(translation.facts(try OneOrderExport.row(changes)).map(\.type) == types)
    }

    @Test func anAfterSaleHasOneIdFromItsOpeningToItsRefund() throws {
        let opened = translation.facts(try OneOrderExport.row(["售后状态": "退货退款，待商家处理"]))
        let refunded = translation.facts(try OneOrderExport.row(["订单状态": "未发货，退款成功", "售后状态": "退款成功"]))
        let id = try AfterSaleOpened.decode(opened[0].body).afterSaleId
        let closed = try AfterSaleClosed.decode(refunded[1].body)
        #expect(closed.afterSaleId == id && closed.outcome == "refunded")
        #expect(try AfterSaleOpened.decode(opened[0].body).kind == "return-and-refund")
    }

    @Test func theStreetIsTheDetailOrElseTheTown() throws {
        let inTown = try translation.recipient(try OneOrderExport.row())
        #expect(inTown.address.detail == "仓前街道1号" && inTown.address.town == nil)
        let both = try translation.recipient(try OneOrderExport.row(["街道": "仓前街道", "详细地址": "文一西路1号"]))
        #expect(both.address.detail == "文一西路1号" && both.address.town == "仓前街道")
    }

    @Test(arguments: [
        (["收货人": "张*"], "收货人"), (["手机": "138****0000"], "收货人"), (["街道": ""], "街道"), (["省": String(repeating: "省", count: 30)], "收货人"),
    ])
    func aLabelThatCannotBePrintedIsABadRow(_ changes: [String: String], _ column: String) throws {
        let row = try OneOrderExport.row(changes)
        let problem = #expect(throws: OrderExport.BadRow.self) { try translation.recipient(row) }
        #expect(problem?.column == column && problem?.line == 2 && problem?.value == nil)
        #expect(problem.map { !$0.reason.contains("张") && !$0.reason.contains("138") } == true)
    }

    @Test func whatBreaksTheContractIsABadRow() throws {
        let row = try OneOrderExport.row(["商家备注": String(repeating: "长", count: 1400)])
        let problem = #expect(throws: OrderExport.BadRow.self) {
            try translation.placed(row, to: PlacedRecipient(province: "", city: "", district: ""))
        }
        #expect(problem?.orderNumber == "251111-012345678901234")
    }
}

@Suite struct ImportReportTests {
    private func rehearse(_ changes: [String: String]) throws -> ImportReport {
        try ImportRun.rehearse(try OneOrderExport.read(changes), merchantShopId: "shop-1")
    }

    @Test func everyRecordIsCountedOnce() throws {
        let placed = try rehearse(["是否异常": "是", "售后状态": "退款中"])
        #expect(placed.placed == 1 && placed.riskHeld == 1 && placed.afterSale == 1 && placed.notToShip.isEmpty)
        let cancelled = try rehearse(["订单状态": "已取消"])
        #expect(cancelled.placed == 0 && cancelled.notToShip == ["已取消": 1] && cancelled.known == 0)
        let masked = try rehearse(["收货人": "张*"])
        #expect(masked.placed == 0 && masked.problems.map(\.line) == [2])
        let unknown = try rehearse(["订单状态": "飞走了"])
        #expect(unknown.problems.map(\.column) == ["订单状态"] && unknown.problems[0].value == nil)
    }

    @Test func aProblemNamesItsPlace() {
        let problem = OrderExport.BadRow(
            line: 7, orderNumber: "251111-1", column: "商品数量(件)", reason: "Not a number.", value: "1.5")
        #expect(problem.text(file: "a.csv") == "a.csv:7: order 251111-1: column 商品数量(件) (\"1.5\"): Not a number.")
        #expect(problem.json["line"]?.int == 7 && problem.json["kind"]?.string == "bad-row")
    }

    @Test func anOrderIsUndecidedOnlyWhenTheLogHasLostItsBeginning() {
        #expect(KnownOrders(placed: ["a"])["a"] == .placed && KnownOrders(placed: ["a"])["b"] == .unknown)
        #expect(KnownOrders(placed: ["a"], isWhole: false)["b"] == .undecided)
    }
}
