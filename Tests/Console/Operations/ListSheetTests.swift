import Contracts
import Foundation
import HTTP
import Identity
import JSON
import ReadModel
import TestSupport
import Testing
import Threads

@testable import Console

/// Lists for spreadsheets.
@Suite struct ListSheetTests {
    private let folder: TemporaryFolder
    private let model: SQLiteReadModel
    private let ledger: SQLitePeopleStore
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    init() throws {
        folder = try TemporaryFolder(uniqueName("sheets"))
        model = try SQLiteReadModel(path: "\(folder.url.path)/model.db", clusterId: "c1")
        ledger = try SQLitePeopleStore(folder: "\(folder.url.path)/people")
    }

    private func place(_ count: Int, merchant: String = "m1", remark: String = "") throws {
        let records = (0..<count).map { index in
            let id = "\(merchant)-o\(index)"
            let body =
                #"{"orderId":"\#(id)","merchantShopId":"\#(merchant)","platform":"pinduoduo","platformOrderNumber":"N\#(index)","placedAt":"2026-01-01T00:00:00Z","remark":"\#(remark)","lines":[{"lineId":"1","sku":"A-1","name":"抽纸","spec":"20包","quantity":2,"unitPrice":{"amountMinor":1,"currency":"CNY"}},{"lineId":"2","sku":"","name":"皂","spec":"","quantity":1,"unitPrice":{"amountMinor":1,"currency":"CNY"}}],"recipient":{"province":"浙江省","city":"杭州市","district":"西湖区"}}"#
            return LogRecord(
                topic: "daifa.orders", partition: merchant == "m1" ? 0 : 1, offset: Int64(index),
                time: Timestamp(milliseconds: 1_764_000_000_000),
                key: Array(id.utf8),
                headers: [
                    ("ce_id", "f-\(id)"), ("ce_type", OrderPlaced.type), ("ce_time", "2026-01-01T00:00:00Z"), ("ce_actor", "connector:x"),
                ].map { LogRecord.Header($0.0, Array($0.1.utf8)) }, value: Array(body.utf8))
        }
        let registered = (0..<count).map { index in
            let id = "\(merchant)-o\(index)"
            let body =
                #"{"orderId":"\#(id)","merchantShopId":"\#(merchant)","platform":"pinduoduo","platformOrderNumber":"N\#(index)","holds":[]}"#
            return LogRecord(
                topic: "daifa.allocation.events", partition: merchant == "m1" ? 0 : 1, offset: Int64(index),
                time: Timestamp(milliseconds: 1_764_000_000_000), key: Array(id.utf8),
                headers: [
                    ("ce_id", "r-\(id)"), ("ce_type", OrderRegistered.type), ("ce_time", "2026-01-01T00:00:00Z"),
                    ("ce_causationid", "f-\(id)"),
                ].map { LogRecord.Header($0.0, Array($0.1.utf8)) }, value: Array(body.utf8))
        }
        try model.apply(records + registered)
    }

    private func lines(_ response: HTTPResponse) throws -> [String] {
        String(decoding: try response.wholeBody(), as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    private var sheets: ListSheets { ListSheets(model: model, clock: { [now] in now }) }

    @Test func allOrdersOfAMerchantStandInOneSheet() throws {
        try place(450)
        try place(3, merchant: "m2")
        var query = OrderQuery(merchantShopId: "m1")
        query.page.limit = 10
        let response = try sheets.orders(query)
        let lines = try lines(response)
        #expect(lines.count == 451 && Set(lines).count == 451 && lines[0].hasPrefix("\u{FEFF}orderId,platform,"))
        #expect(!lines.contains { $0.contains("m2-o") })
        let row = try #require(lines.first { $0.hasPrefix("m1-o7,") })
        #expect(row.contains(",N7,2026-01-01T00:00:00.000Z,,") && row.contains(",浙江省,杭州市,西湖区,A-1 抽纸 20包 ×2; 皂 ×1,3,"))
        let headers = Dictionary(response.headers.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(headers["Content-Type"] == "text/csv; charset=utf-8" && headers["Cache-Control"] == "no-store")
        #expect(headers["Content-Disposition"] == "attachment; filename=\"orders-m1-\(now.description.prefix(10)).csv\"")
    }

    @Test func filtersHoldForASheetToo() throws {
        try place(3)
        var query = OrderQuery(merchantShopId: "m1")
        query.states = [.shipped]
        #expect(try lines(sheets.orders(query)).count == 1)
    }

    @Test func aRemarkIsNeverAFormula() throws {
        try place(1, remark: "=HYPERLINK(1)")
        #expect(try lines(sheets.orders(OrderQuery(merchantShopId: "m1"))).last?.contains(",'=HYPERLINK(1),") == true)
    }

    @Test func parcelsHaveASheetOfTheirOwn() throws {
        let lines = try lines(sheets.parcels(ParcelQuery(factoryShopId: "f1")))
        #expect(lines.count == 1 && lines[0].hasPrefix("\u{FEFF}allocationId,orderId,"))
    }

    @Test func aCallersCommandsStandInASheet() throws {
        for index in 0..<230 {
            try ledger.record(
                SentCommand(
                    commandId: "c\(index)", actor: index < 220 ? "merchant:m1" : "merchant:m2", user: "u", service: "allocation",
                    command: "allocate", key: "o\(index)", at: now))
        }
        try ledger.settle([
            CommandAnswer(commandId: "c0", eventId: "e", event: nil, refusal: LedgerRefusal(code: "risk-held", detail: "Held, still."))
        ])
        let sheet = LedgerSheets(ledger: ledger, clock: { [now] in now })
        let caller = Caller(userId: "u", actor: "merchant:m1", role: .owner)
        let all = try lines(sheet.commands(of: caller, in: nil))
        #expect(all.count == 221 && !all.contains { $0.hasPrefix("c225,") })
        let refused = try lines(sheet.commands(of: caller, in: .refused))
        #expect(refused.count == 2 && refused[1].hasPrefix("c0,daifa.allocation.allocate.v1,o0,"))
        #expect(refused[1].hasSuffix(",refused,risk-held,,\"Held, still.\""))
    }

    /// By the API and from the pages: the same file, of one's own shop, whole.
    @Test(arguments: [
        ("rules", "m1", "rules"), ("bindings", "m1", "factories"), ("bindings", "f1", "merchants"), ("pools", "f1", "pools"),
        ("warehouses", "m1", "warehouses"), ("stock", "m1", "stock"), ("inbounds", "m1", "inbounds"), ("channels", "f1", "channels"),
        ("authorizations", "m1", "authorizations"), ("batches", "m1", "batches"), ("imports", "m1", "imports"),
    ])
    func everyListHasASheet(list: String, shop: String, page: String) throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let role = shop == "m1" ? "merchant" : "factory"
        let guest = try scene.user("anna", [("\(role):\(shop)", .owner)])
        if list == "batches" {
            let batch = #"{"service":"allocation","command":"approve-order","items":[\#(Sample.approve),\#(Sample.approve)]}"#
            #expect(scene.ask("POST", "/api/v1/batches", as: guest, body: batch).status == 202)
        }
        if list == "imports" { try scene.store.record(ImportRecord(importId: "i1", merchant: "m1", user: "u", at: scene.clock.now)) }
        let answer = scene.ask("GET", "/api/v1/\(list)", as: guest.setting("Accept", "text/csv"))
        #expect(answer.header("content-type") == "text/csv; charset=utf-8")
        let sheet = try lines(answer.response)
        #expect(sheet.count == 2 && !sheet[1].contains("only-m2") && sheet[0].hasPrefix("\u{FEFF}"), "\(sheet)")
        // Its columns have the names of the document's members.
        let item = scene.ask("GET", "/api/v1/\(list)", as: guest).json["items"]?[0]
        #expect(item?[String(sheet[0].dropFirst().split(separator: ",")[0])] != nil)
        let exported = scene.ask("GET", "/\(role.prefix(1))/\(shop)/\(page)/export", as: guest)
        #expect(exported.status == 200 && exported.header("content-disposition")?.contains("\(list)-\(shop)-") == true)
        #expect(try lines(exported.response) == sheet)
        #expect(scene.ask("GET", "/\(role.prefix(1))/\(shop)/\(page)", as: guest).text.contains("/\(page)/export\""))
    }

    @Test func peopleHaveASheetForTheirOwners() throws {
        let scene = try ConsoleScene()
        let guest = try scene.user("=anna", [("merchant:m1", .owner)])
        _ = try scene.user("carl", [("merchant:m2", .owner)])
        let sheet = try lines(scene.ask("GET", "/m/m1/people/export", as: guest).response)
        #expect(sheet.count == 2 && sheet[1].hasPrefix("'=anna,") && sheet[1].contains(",merchant:m1,owner,en,"))
        scene.clock.advance(seconds: 901)
        #expect(scene.ask("GET", "/m/m1/people/export", as: guest).status == 303, "as sensitive as the page")
    }

    @Test func aNameOfAFileHoldsNothingThatASystemWouldTakeForMore() throws {
        let response = CSVAnswer(name: "orders-a/b\"\r\n店-2026", columns: []) { _ in }.response
        let name = response.headers.first { $0.name == "Content-Disposition" }?.value
        #expect(name == "attachment; filename=\"orders-a-b-----2026.csv\"")
    }
}
