import TableFiles
import Testing

@testable import Workbooks

@Suite struct WorkbookTests {
    private func read(_ workbook: HandmadeWorkbook, _ limits: WorkbookLimits = WorkbookLimits()) throws -> [SheetReader.Row] {
        let book = try Workbook(workbook.bytes(), limits: limits)
        let reader = try book.reader(0)
        var rows: [SheetReader.Row] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    private func cell(_ xml: String, shared: String? = nil, styles: String = "", properties: String = "") throws -> TableCell {
        let rows = try read(HandmadeWorkbook(data: "<row>\(xml)</row>", shared: shared, styles: styles, properties: properties))
        return rows.first?[0] ?? .empty
    }

    private func refusal(_ workbook: HandmadeWorkbook, _ limits: WorkbookLimits = WorkbookLimits()) throws -> String {
        let error = #expect(throws: TableError.self) { try read(workbook, limits) }
        return error?.description ?? ""
    }

    @Test(
        arguments: [
            ("0", .text("0")), ("45", .text("45")), ("45.00", .text("45.00")), ("13800000000", .text("13800000000")),
            ("-1.5", .text("-1.5")),
            ("1.1000000000000001", .text("1.1")), ("5.0000000000000003E-2", .text("0.05")), ("123456789012345", .text("123456789012345")),
            ("0.29999999999999999", .text("0.3")), ("99999.999999999999", .text("100000")), ("12345.670000000002", .text("12345.67")),
            ("1234567890123460", .unusable(.digitsLost)), ("1E+021", .unusable(.digitsLost)), ("1e+16", .unusable(.digitsLost)),
            ("1.5E3", .unusable(.digitsLost)), ("", .empty),
        ] as [(String, TableCell)])
    func numbersHaveTheDigitsOneCanRelyOn(_ value: String, _ expected: TableCell) throws {
        #expect(try cell("<c r=\"A1\"><v>\(value)</v></c>") == expected)
    }

    @Test(
        arguments: [
            ("<c t=\"inlineStr\"><is><t>路</t></is></c>", .text("路")), ("<c t=\"inlineStr\"/>", .empty),
            ("<c t=\"inlineStr\"><is><r><t>路</t></r><r><rPr/><t>90</t></r><rPh><t>lu</t></rPh></is></c>", .text("路90")),
            ("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">\t a_x000D_b \u{3000}</t></is></c>", .text("a\rb")),
            ("<c t=\"inlineStr\"><is><t>_x005F_x000D_ _xD83D__xDE00_ _xZZZZ_</t></is></c>", .text("_x000D_ 😀 _xZZZZ_")),
            ("<c t=\"s\"><v>1</v></c>", .text("深90")), ("<c t=\"s\"><v>0</v></c>", .text("a")),
            ("<c t=\"b\"><v>1</v></c>", .text("TRUE")), ("<c t=\"e\"><v>#N/A</v></c>", .unusable(.failedFormula("#N/A"))),
            ("<c t=\"d\"><v>2026-11-20T09:15:04.000</v></c>", .time("2026-11-20 09:15:04")),
            ("<c><f>A2</f><v></v></c>", .unusable(.notCalculated)), ("<c><f>A2</f><v>0</v></c>", .unusable(.notCalculated)),
            ("<c><f>A2</f></c>", .unusable(.notCalculated)), ("<c><f>A2</f><v>7</v></c>", .text("7")),
            ("<c t=\"str\"><f>A2</f><v>x</v></c>", .text("x")), ("<c t=\"str\"><f>A2</f><v/></c>", .empty),
        ] as [(String, TableCell)])
    func cellsOfEveryTypeAreRead(_ xml: String, _ expected: TableCell) throws {
        let shared = "<si><t>a</t></si><si><r><t>深</t></r><r><t>90</t></r><rPh><t>shen</t></rPh></si>"
        #expect(try cell(xml, shared: shared) == expected)
    }

    @Test(
        arguments: [
            ("yyyy\\-mm\\-dd", .time("2026-11-20 09:15:04")), ("YYYY-MM-DD HH:MM:SS", .time("2026-11-20 09:15:04")),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\"", .time("2026-11-20 09:15:04")), ("[h]:mm", .time("2026-11-20 09:15:04")),
            ("General", .text("46346.3854629630")), ("0.00\"day\"", .text("46346.3854629630")), ("[Red]0", .text("46346.3854629630")),
        ] as [(String, TableCell)])
    func aStyleTellsWhetherANumberIsATime(_ code: String, _ expected: TableCell) throws {
        let escaped = code.replacing("\"", with: "&quot;")
        let styles = """
            <numFmts><numFmt numFmtId="164" formatCode="\(escaped)"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>
            """
        #expect(try cell("<c s=\"1\"><v>46346.3854629630</v></c>", styles: styles) == expected)
    }

    @Test func builtInFormatsPaddedCodesAnd1904AreKnown() throws {
        let styles =
            "<numFmts><numFmt numFmtId=\"170\" formatCode=\"00000\"/></numFmts><cellXfs><xf numFmtId=\"22\"/><xf numFmtId=\"170\"/></cellXfs>"
        #expect(try cell("<c s=\"0\"><v>46346.5</v></c>", styles: styles) == .time("2026-11-20 12:00:00"))
        #expect(try cell("<c s=\"0\"><v>46346.999999</v></c>", styles: styles) == .time("2026-11-21 00:00:00"))
        #expect(try cell("<c s=\"1\"><v>123</v></c>", styles: styles) == .text("00123"))
        #expect(
            try cell("<c s=\"0\"><v>44884.5</v></c>", styles: styles, properties: "<workbookPr date1904=\"1\"/>")
                == .time("2026-11-20 12:00:00"))
    }

    @Test func cellsKnowTheirColumnsAndBlankRowsArePassedOver() throws {
        let rows = try read(
            HandmadeWorkbook(
                data:
                    "<row r=\"3\"><c r=\"B3\"><v>1</v></c><c r=\"AA3\"><v>2</v></c><c><v>3</v></c></row><row r=\"4\"/><row><c><v>4</v></c></row>"
            ))
        #expect(rows.map(\.line) == [3, 5])
        #expect(rows[0][0] == .empty && rows[0][1] == .text("1") && rows[0][26] == .text("2") && rows[0][27] == .text("3"))
        #expect(rows[1][0] == .text("4"))
    }

    @Test func strictWorkbooksAndOtherElementsAreRead() throws {
        let strict = HandmadeWorkbook(
            data: "<row><c><v>1</v><x:v xmlns:x=\"urn:other\">2</x:v></c></row>",
            namespace: "http://purl.oclc.org/ooxml/spreadsheetml/main",
            office: "http://purl.oclc.org/ooxml/officeDocument/relationships")
        #expect(try read(strict).first?[0] == .text("1"))
    }

    @Test func anEmptySheetHasNoRows() throws { #expect(try read(HandmadeWorkbook(data: "")).isEmpty) }

    @Test(arguments: [
        ("<row r=\"2\"><c><v>1</v></c></row><row r=\"1\"/>", "rows are out of order"),
        ("<row><c r=\"B1\"/><c r=\"A1\"/></row>", "cells are out of order"),
        ("<row><c r=\"1\"/></row>", "reference is wrong"), ("<row><c t=\"x\"/></row>", "unknown type"),
        ("<row><c t=\"s\"><v>9</v></c></row>", "shared text is missing"), ("<row><c>", "sheet1.xml"),
        ("<row><c r=\"ZZZ1\"/></row>", "columns"),
        ("<row r=\"2000000\"/>", "rows"), (String(repeating: "<a>", count: 100), "nested"),
    ])
    func whatBreaksTheFormatIsRefusedWithItsPlace(_ data: String, _ word: String) throws {
        #expect(try refusal(HandmadeWorkbook(data: data)).contains(word))
    }

    @Test func documentTypesAndOtherEncodingsAreRefused() throws {
        var bomb = HandmadeWorkbook(data: "")
        bomb.replace(
            "xl/worksheets/sheet1.xml",
            "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><worksheet><sheetData>&b;</sheetData></worksheet>")
        #expect(try refusal(bomb).contains("document type"))
        bomb.replace("xl/worksheets/sheet1.xml", "<?xml version=\"1.0\" encoding=\"GBK\"?><worksheet/>")
        #expect(try refusal(bomb).contains("unknown encoding"))
    }

    @Test func everyLimitHolds() throws {
        func refused(_ workbook: HandmadeWorkbook, _ change: (inout WorkbookLimits) -> Void) throws -> String {
            var limits = WorkbookLimits()
            change(&limits)
            return try refusal(workbook, limits)
        }
        let long = String(repeating: "长", count: 400_000)
        let cells = HandmadeWorkbook(
            data: "<row>\(String(repeating: "<c t=\"s\"><v>0</v></c>", count: 100))</row>", shared: "<si><t>0123456789</t></si>")
        #expect(try refused(cells) { $0.sheetBytes = 1000 }.contains("unpacks to more"))
        #expect(try refused(cells) { $0.sharedTextBytes = 20 }.contains("unpacks to more"))
        #expect(try refused(cells) { $0.partBytes = 20 }.contains("unpacks to more"))
        #expect(try refused(cells) { $0.textBytes = 999 }.contains("of text"))
        #expect(try refused(cells) { $0.columns = 99 }.contains("columns"))
        #expect(try refused(cells) { $0.entries = 3 }.contains("parts"))
        #expect(try refused(cells) { $0.cellBytes = 9 }.contains("bytes"))
        #expect(try refusal(HandmadeWorkbook(data: "<row><c t=\"inlineStr\"><is><t>\(long)</t></is></c></row>")).contains("bytes"))
        #expect(try refusal(HandmadeWorkbook(data: "<row spans=\"\(String(repeating: "x", count: 3_000_000))\"/>")).contains("tag"))
        #expect(try read(cells).first?.count == 100)
    }

    @Test func passwordsAndOtherArchivesAreToldApart() throws {
        var protected = HandmadeWorkbook(data: "")
        protected.password = "secret"
        #expect(try refusal(protected).contains("password"))
        let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 504)
        func message(_ bytes: [UInt8]) -> String {
            #expect(Workbook.begins(bytes))
            return #expect(throws: TableError.self) { try Workbook(bytes) }?.description ?? ""
        }
        #expect(message(compound + "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] }).contains("password"))
        #expect(message(compound).contains("binary document"))
        var other = HandmadeWorkbook(data: "")
        other.parts = [("a.txt", "x")]
        #expect(try message(other.bytes()).contains("ZIP archive"))
        var text = HandmadeWorkbook(data: "")
        text.replace("xl/workbook.xml", "<document/>")
        #expect(try message(text.bytes()).contains("another program"))
        #expect(!Workbook.begins(Array("订单号,".utf8)) && !Workbook.begins([]))
    }
}
