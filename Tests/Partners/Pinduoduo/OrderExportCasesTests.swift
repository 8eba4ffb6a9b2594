import Contracts
import Foundation
import TableFiles
import Testing
import Workbooks

@testable import Partners

/// Files as merchants have them, with what must come of them. People, addresses and numbers are invented.
@Suite struct OrderExportCasesTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")
        return try Array(Data(contentsOf: folder.appendingPathComponent(name)))
    }

    private func read(_ name: String) throws -> OrderExport.Result { try OrderExport.read(bytes(name)) }

    private func outcomes(_ result: OrderExport.Result, known: OrderExport.Knowledge = .unknown) throws -> [OrderExport.Outcome] {
        let intake = OrderExport.Intake(OrderExportTranslation(merchantShopId: "shop-1", ids: try StableIds()), of: result)
        return result.rows.map { row in
            intake.outcome(of: row, known: known) { _, _ in PlacedRecipient(province: "", city: "", district: "") }
        }
    }

    @Test func theCodesColumnHasEitherName() throws {
        let old = try bytes("a-spec-code-old-name.csv")
        let new = Array(String(decoding: old, as: UTF8.self).replacing("商家编码-SKU维度", with: "商家编码-规格维度").utf8)
        for file in [old, new] {
            #expect(try OrderExport.read(file).rows.map(\.sku) == ["BW-500-BLACK", "BW-800-SILVER", "BW-800-BLUE"])
        }
    }

    @Test func theStreetsColumnMayBeCalledStreetOrTown() throws {
        let rows = try read("b-street-town.csv").rows
        #expect(rows.map(\.recipient.town) == ["仓前街道金丝雀路0号", "仓前街道金丝雀路1号", "仓前街道金丝雀路2号"])
    }

    @Test func anExportWithoutRecipientsTellsOfKnownOrdersAndReportsOthers() throws {
        let result = try read("c-no-recipient.csv")
        #expect(!result.hasRecipients && result.rows.count == 3 && result.badRows.isEmpty)
        let unknown = try outcomes(result)
        #expect(unknown.flatMap(\.facts).isEmpty)
        guard case .bad(let row) = unknown[0].kind else {
            Issue.record("an order without a recipient was taken")
            return
        }
        #expect(row.line == 2 && row.orderNumber == "261120-400000294410921")
        #expect(row.reason.contains("Export the orders with recipients") && row.reason.contains("channel"))
        let known = try outcomes(result, known: .placed)
        #expect(
            known.map { $0.facts.map(\.type) } == [
                [], ["daifa.order.cancelled.v1"], ["daifa.order.after-sale-opened.v1", "daifa.order.after-sale-closed.v1"],
            ])
    }

    @Test func statesOf2026AreKnown() throws {
        #expect(try read("d-states-2026.csv").rows.map(\.status) == [.toShip, .pendingPayment, .shipped, .received, .receivedRefunded])
    }

    @Test func amountsMayHaveThousandsCommas() throws {
        let rows = try read("e-thousands.csv").rows
        #expect(rows.map(\.totalMinor) == [129_900, 1_299_000, 4500] && rows[1].unitPriceMinor == 129_900)
    }

    @Test func aLineAboveTheHeaderIsPassedOver() throws {
        let result = try read("g-line-above-header.csv")
        #expect(result.rows.map(\.line) == [3, 4, 5] && result.badRows.isEmpty)
    }

    @Test func anotherPlatformsFileIsRefusedByName() throws {
        let error = #expect(throws: OrderExport.Failure.self) { try read("h-douyin.csv") }
        #expect(error?.code == .otherPlatform && error?.platform == "Douyin")
        #expect(error?.description.contains("This looks like an export of Douyin; Daifa reads Pinduoduo's") == true)
    }

    @Test func aWorkbookIsReadAsTheTextOfTheSameContent() throws {
        let book = try OrderExport.read(Workbook(bytes("l-workbook.xlsx")))
        let text = try read("a-spec-code-old-name.csv")
        #expect(book.rows == text.rows && book.rows.count == 3 && book.badRows.isEmpty && book.format == .workbook)
    }
}
