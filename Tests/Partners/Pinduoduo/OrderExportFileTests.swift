import Foundation
import TableFiles
import Testing
import Workbooks

@testable import Partners

/// Sheets of invented cells.
private struct Sheets: TableBook {
    struct Row: TableRow {
        let line: Int
        let cells: [TableCell]
        var count: Int { cells.count }
        subscript(place: Int) -> TableCell { cells.indices.contains(place) ? cells[place] : .empty }
    }

    struct Reader: TableReader {
        var rows: [Row]
        var isPositional: Bool { false }
        /// A row that begins with `!` cannot be read.
        mutating func next() throws(TableError) -> Row? {
            guard let row = rows.first else { return nil }
            if row.cells.first == .text("!") { throw TableError("damaged") }
            return rows.removeFirst()
        }
    }

    var format: TableFormat { .workbook }
    let tables: [TableName]
    let rows: [[[TableCell]]]

    init(_ sheets: [(TableName, [[TableCell]])]) {
        tables = sheets.map(\.0)
        rows = sheets.map(\.1)
    }

    func reader(_ index: Int) -> Reader { Reader(rows: rows[index].enumerated().map { Row(line: $0 + 1, cells: $1) }) }

    /// A sheet with one order, and what cells to put in place of its own.
    static func order(_ changes: [String: TableCell] = [:]) -> [[TableCell]] {
        let export = SmallExport()
        return [
            export.columns.map { .text($0) },
            export.columns.map { column in
                changes[column] ?? SmallExport.plain[column].flatMap { $0.isEmpty ? nil : .text($0) } ?? .empty
            },
        ]
    }
}

@Suite struct OrderExportFileTests {
    private func failure(_ text: String) -> OrderExport.Failure? {
        #expect(throws: OrderExport.Failure.self) { try OrderExport.read(Array(text.utf8)) }
    }

    @Test func theHeaderIsFoundWithinTheFirstFiveLines() throws {
        for above in 0...4 {
            let text = String(repeating: "名称：待发货订单，导出时间\r\n", count: above) + SmallExport().text
            #expect(try OrderExport.read(Array(text.utf8)).rows.map(\.line) == [above + 2])
        }
        let error = failure(String(repeating: "说明\n", count: 5) + SmallExport().text)
        #expect(error?.code == .noHeader && error?.line == 6)
        #expect(error?.description.contains("The header stands in line 6. Delete the lines above it") == true)
        #expect(failure("甲,乙\n丙,丁\n")?.description.contains("line 1") == true)
    }

    @Test(arguments: [
        ("主订单编号,子订单编号,商品规格,省,市,区,订单状态", "Douyin"), ("订单编号,买家会员名,收货人姓名,宝贝标题", "Taobao or Tmall"), ("订单编号,买家公司名,买家会员名,货品总价(元)", "1688"),
    ])
    func otherPlatformsAreNamed(_ header: String, _ name: String) {
        #expect(failure("说明\n\(header)\n1,2,3,4,5,6,7\n")?.platform == name)
    }

    /// The columns of the default export of 2026, in their order.
    @Test func theDefaultExportOf2026IsRead() throws {
        let header =
            "订单成交时间,商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),多多支付立减金额(元),用户实付金额(元),商家实收金额(元),"
            + "商品数量(件),发货时间,确认收货时间,商品id,商品规格,样式ID,商家编码-规格维度,商家编码-商品维度,商家备注,售后状态,快递单号,快递公司"
        let row = ",横幅,260517-607198974342268,待发货,17.8,0,0,0,0,17.8,17.8,1,,,754299529443,无规格,,,HF,,无售后或售后取消,,申通快递"
        let result = try OrderExport.read(Array("\(header)\n\(row)\n".utf8))
        #expect(result.badRows.isEmpty && !result.hasRecipients && result.skuColumn == "商家编码-规格维度")
        let order = try #require(result.rows.first)
        #expect(order.totalMinor == 1780 && order.sku == "HF" && order.placedAt.map(BeijingTime.format) == "2026-05-17 00:00:00")
    }

    @Test func aFileOfBlankLinesHasNoRows() { #expect(failure("\u{FEFF}\r\n\t\r\n")?.code == .noRows) }

    @Test func errorsNameTheColumnAsTheFileDoes() throws {
        var export = SmallExport(["商家编码-规格维度": "1E+10"])
        export.columns = export.columns.map { $0 == "商家编码-SKU维度" ? "商家编码-规格维度" : $0 }
        #expect(try export.badRow().column == "商家编码-规格维度")
    }

    @Test func blanksAroundPastedTextsAreTakenOff() throws {
        let blanks = "\u{200B}\t\u{A0}\u{3000}\u{FEFF}\u{202A}"
        let row = try SmallExport([
            "订单号": "\(blanks)２５1111-012345678901234\(blanks)", "手机": "１３８00000000", "商家编码-SKU维度": "\(blanks)A B\(blanks)",
        ]).row()
        #expect(row.orderNumber == "251111-012345678901234" && row.recipient.phone.number == "13800000000" && row.sku == "A B")
    }

    @Test func theSheetWithOrdersIsReadAndHiddenOnesAreNot() throws {
        let note: [[TableCell]] = [[.text("说明")]]
        let result = try OrderExport.read(
            Sheets([(TableName("说明"), note), (TableName("订单"), Sheets.order()), (TableName("旧", isHidden: true), Sheets.order())]))
        #expect(result.rows.count == 1 && result.otherSheets == ["说明", "旧"])
        let several = #expect(throws: OrderExport.Failure.self) {
            try OrderExport.read(Sheets([(TableName("一"), Sheets.order()), (TableName("二"), Sheets.order())]))
        }
        #expect(several?.code == .severalSheets && several?.columns == ["一", "二"])
        for sheets in [[(TableName("旧", isHidden: true), Sheets.order())], [(TableName("空"), [])], []] {
            #expect(#expect(throws: OrderExport.Failure.self) { try OrderExport.read(Sheets(sheets)) }?.code == .noRows)
        }
    }

    @Test func aSheetThatCannotBeReadRefusesTheFile() {
        let sheets = Sheets([(TableName("一"), [[.text("!")]]), (TableName("二"), Sheets.order())])
        #expect(#expect(throws: OrderExport.Failure.self) { try OrderExport.read(sheets) }?.code == .unreadable)
        let later = Sheets([(TableName("一"), Sheets.order() + [[.text("!")]])])
        #expect(#expect(throws: OrderExport.Failure.self) { try OrderExport.read(later) }?.code == .unreadable)
    }

    @Test(
        arguments: [
            ("样式ID", .unusable(.digitsLost), "last digits are lost"), ("商品数量(件)", .unusable(.notCalculated), "formula without a result"),
            ("商品总价(元)", .unusable(.failedFormula("#N/A")), "formula that failed"),
            ("商家编码-SKU维度", .time("2026-03-05 00:00:00"), "made a date"),
        ] as [(String, TableCell, String)])
    func cellsThatASpreadsheetSpoiledAreBadRows(_ column: String, _ cell: TableCell, _ word: String) throws {
        let result = try OrderExport.read(Sheets([(TableName("S"), Sheets.order([column: cell]))]))
        let bad = try #require(result.badRows.first)
        #expect(bad.column == column && bad.line == 2 && bad.reason.contains(word) && bad.value == nil)
    }

    @Test func timesThatTheWorkbookKnowsAreRead() throws {
        let result = try OrderExport.read(Sheets([(TableName("S"), Sheets.order(["订单确认时间": .time("2025-11-11 08:30:15")]))]))
        #expect(result.rows.first?.confirmedAt == 1_762_821_015_000)
    }

    @Test(arguments: ["openpyxl.xlsx", "xlsxwriter.xlsx", "xlsxwriter-constant-memory.xlsx", "pandas.xlsx", "libreoffice.xlsx"])
    func exportsOfFourWritersAreRead(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Workbooks/Fixtures")
        let result = try OrderExport.read(Workbook(Array(Data(contentsOf: folder.appendingPathComponent(name)))))
        let first = try #require(result.rows.first)
        #expect(first.line == 2 && first.confirmedAt.map(BeijingTime.format) == "2026-11-20 09:15:04" && first.totalMinor == 129_910)
        #expect(first.recipient.town == "仓前街道金丝雀路90号A座" && first.sku == "BW-500" && first.quantity == 3)
        #expect(result.badRows.first?.line == 3 && result.badRows.first?.column == "样式ID")
        #expect(result.records == 3)
    }
}
