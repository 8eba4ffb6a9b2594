import TableFiles
import Testing

@testable import Workbooks

/// The same cells as four programs write them.
@Suite struct WritersTests {
    private func rows(_ name: String) throws -> [SheetReader.Row] {
        let book = try Workbook(Fixture.bytes(name))
        let sheet = try #require(book.tables.firstIndex { $0.name == "订单" })
        let reader = try book.reader(sheet)
        var rows: [SheetReader.Row] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    static let writers = ["openpyxl.xlsx", "xlsxwriter.xlsx", "xlsxwriter-constant-memory.xlsx", "pandas.xlsx", "libreoffice.xlsx"]

    @Test(arguments: writers)
    func textsNumbersAndTimesAreReadAsWritten(_ name: String) throws {
        let rows = try rows(name)
        try #require(rows.count == 4)
        #expect(rows.map(\.line) == [1, 2, 3, 4])
        #expect(rows[0][0] == .text("订单成交时间") && rows[0][18] == .text("售后状态") && rows[0][19] == .empty)
        #expect(rows[1][0] == .time("2026-11-20 09:15:04"))
        #expect(rows[1][1] == .text("不锈钢保温杯500ml") && rows[1][2] == .text("261120-400000294410901"))
        #expect(rows[1][4] == .text("1299.1") && rows[1][5] == .text("3"))
        #expect(rows[1][12] == .text("仓前街道金丝雀路90号A座") && rows[1][13] == .text("1700000000001"))
        #expect(rows[2][0] == .text("2026-11-20 09:15:04") && rows[2][4] == .text("1,299.10"))
        #expect(rows[3][17] == .text("一行\n二行"))
    }

    @Test(arguments: writers)
    func aNumberOfSixteenDigitsIsNeverTaken(_ name: String) throws {
        #expect(try rows(name)[2][13] == .unusable(.digitsLost))
    }

    @Test(arguments: [
        ("openpyxl.xlsx", TableCell.unusable(.notCalculated)), ("xlsxwriter.xlsx", .unusable(.notCalculated)),
        ("libreoffice.xlsx", .text("3")),
    ])
    func aFormulaCountsOnlyWhereASpreadsheetCalculatedIt(_ name: String, _ expected: TableCell) throws {
        #expect(try rows(name)[3][5] == expected)
    }

    @Test(arguments: ["openpyxl.xlsx", "libreoffice.xlsx"])
    func sheetsKeepTheirOrderAndSayWhetherTheyAreHidden(_ name: String) throws {
        let tables = try Workbook(Fixture.bytes(name)).tables
        #expect(tables == [TableName("说明"), TableName("订单"), TableName("旧订单", isHidden: true)])
    }

    @Test(arguments: [("old.xls", "old format XLS"), ("open.ods", "OpenDocument")])
    func otherFormatsAreRefusedByName(_ name: String, _ word: String) throws {
        let error = #expect(throws: TableError.self) { try Workbook(Fixture.bytes(name)) }
        #expect(error?.description.contains(word) == true)
    }

    @Test func aFileCutOffAnywhereIsRefused() throws {
        let whole = try Fixture.bytes("xlsxwriter.xlsx")
        for count in stride(from: 4, to: whole.count, by: 97) {
            let error = #expect(throws: TableError.self) { try Workbook(Array(whole[..<count])) }
            #expect(error?.description.contains("cut off or damaged") == true)
        }
    }

    @Test func damagedFilesNeverCrash() throws {
        let originals = try ["openpyxl.xlsx", "libreoffice.xlsx"].map(Fixture.bytes)
        var state: UInt64 = 7
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var (read, refused) = (0, 0)
        for round in 0..<1500 {
            var bytes = originals[round % 2]
            for _ in 0...below(3) { bytes[below(bytes.count)] = UInt8(below(256)) }
            do throws(TableError) {
                let book = try Workbook(bytes)
                for index in book.tables.indices {
                    let reader = try book.reader(index)
                    while let row = try reader.next() { #expect(row.line > 0) }
                }
                read += 1
            } catch {
                refused += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect(read > 50 && refused > 500)
    }
}
