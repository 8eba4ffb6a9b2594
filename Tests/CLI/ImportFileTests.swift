import Foundation
import JSON
import OrderImports
import Partners
import TableFiles
import Testing

@testable import CLI

/// Files of every kind, as `daifa import --dry-run` takes them.
@Suite struct ImportFileTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private func bytes(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: Self.tests.appendingPathComponent(path))) }

    private func rehearse(_ path: String) throws -> ImportReport {
        try ImportRun.rehearse(try OrderExportFile.read(bytes(path)), merchantShopId: "shop-1")
    }

    @Test func theContentTellsWhatAFileIs() throws {
        #expect(try OrderExportFile.read(bytes("Partners/Pinduoduo/Cases/l-workbook.xlsx")).format == .workbook)
        #expect(try OrderExportFile.read(bytes("Partners/Pinduoduo/Cases/e-thousands.csv")).format == .text(.utf8WithBOM))
        for (name, word) in [("old.xls", "old format XLS"), ("open.ods", "OpenDocument")] {
            let error = #expect(throws: OrderExport.Failure.self) { try OrderExportFile.read(bytes("Workbooks/Fixtures/\(name)")) }
            #expect(error?.code == .unreadable && error?.description.contains(word) == true)
        }
    }

    @Test func aWorkbookNamesItsRowsAndTheSheetsThatWereNotRead() throws {
        let report = try rehearse("Workbooks/Fixtures/openpyxl.xlsx")
        #expect(report.placed == 1 && report.problems.map(\.line) == [3, 4] && report.otherSheets == ["说明", "旧订单"])
        let text = report.text(file: "orders.xlsx", isRehearsal: true)
        #expect(text.hasPrefix("orders.xlsx: 3 records, XLSX, nothing sent (--dry-run)\n") && text.contains("sheets not read: 说明, 旧订单"))
        let summary = try #require(report.lines(file: "orders.xlsx", isRehearsal: true).last)
        #expect(summary["encoding"]?.string == "XLSX" && summary["badRows"]?.int == 2)
    }

    @Test func aRehearsalCountsOrdersWithoutRecipientsApart() throws {
        let report = try rehearse("Partners/Pinduoduo/Cases/c-no-recipient.csv")
        #expect(report.withoutRecipient == 1 && report.placed == 0 && report.problems.isEmpty)
        #expect(report.notToShip == ["已取消": 1, "未发货，退款成功": 1])
    }

    @Test func whatGoesInWithoutSkuIsSaidAndIsNoBadRow() throws {
        let report = try ImportRun.rehearse(
            try OneOrderExport.read(["商家编码-SKU维度": ""]), merchantShopId: "shop-1")
        #expect(report.placed == 1 && report.problems.isEmpty && report.notices.map(\.line) == [2])
        let lines = report.lines(file: "a.csv", isRehearsal: true)
        #expect(lines.first?["kind"]?.string == "notice" && lines.last?["withoutSku"]?.int == 1)
        #expect(report.notices[0].text(file: "a.csv").hasPrefix("a.csv:2: order 251111-012345678901234: column 商家编码-SKU维度: "))
    }

    @Test func aTableOfCodesIsReadFromAFile() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("skus-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "样式ID,商家编码\n17,A-1\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try ImportFile.codes(path)[style: "17"] == "A-1")
        try "样式ID\n17\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: (any Error).self) { try ImportFile.codes(path) }
    }
}
