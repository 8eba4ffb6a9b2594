import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// `/imports` (contract, section 9): a merchant's order exports, and what came of their rows.
struct ImportRoutes: Sendable {
    static let maximumBody = 64 << 20
    /// Bad rows that an import's own document shows.
    static let firstRows = 100
    private static let rowsAtOnce = 1000

    let desk: ImportDesk
    let ledger: any RequestLedger
    let texts: Texts
    let clock: @Sendable () -> Timestamp

    func add(to group: inout ConsoleGroup) {
        group.on(.post, "/imports", body: .bytes(Self.maximumBody), name: "import-orders") { (call) throws(Problem) in try take(call) }
        group.get("/imports", name: "list-imports") { (call) throws(Problem) in try list(call) }
        group.get("/imports/{importId}", name: "show-import") { (call) throws(Problem) in try show(call) }
        group.get("/imports/{importId}/bad-rows.csv", name: "show-bad-rows") { (call) throws(Problem) in try badRows(call) }
    }

    private func take(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let shop = try call.shop(.merchant)
        try call.expectNoQuery(but: "merchant")
        guard let merchant = call.request.query("merchant") else {
            throw Problem.invalid("merchant", "name your shop: /imports?merchant=<shopId>")
        }
        guard merchant.utf8.elementsEqual(shop.utf8) else { throw Problem(.notFound) }
        let caller = try call.caller()
        let order = ImportDesk.Order(
            file: call.request.body, merchant: shop, caller: caller, idempotencyKey: try call.idempotencyKey(caller))
        let (later, wording) = (LaterAnswer(), texts[call.context.language])
        try desk.take(order) { answer in
            switch answer {
            case .success(let id):
                var response = HTTPResponse.json(JSONValue.object([("importId", .string(id))]).json, status: 202)
                response.headers.append(("Location", "/api/v1/imports/\(id)"))
                later.send(response)
            case .failure(let problem): later.send(problem.response(wording.language, wording))
            }
        }
        return .later(later)
    }

    private func list(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let shop = try call.shop(.merchant)
        try call.expectNoQuery(but: "limit", "after")
        let range = try call.pageRange()
        if call.wantsSheet {
            return try kept { () throws(PeopleError) in try LedgerSheets(ledger: ledger, clock: clock).imports(of: shop) }
        }
        let page = try kept { () throws(PeopleError) in try ledger.imports(of: shop, range) }
        return .page(page) { ImportDocument($0, rows: nil).json }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let record = try record(call)
        let rows = try kept { () throws(PeopleError) in try ledger.badRows(of: record.importId, from: 0, limit: Self.firstRows) }
        return .json(ImportDocument(record, rows: rows, texts[call.context.language]).json)
    }

    private func badRows(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let record = try record(call)
        let wording = texts[call.context.language]
        let sheet = ListSheet<BadRow>("bad-rows", ["line", "orderNumber", "column", "reason"]) { row in
            ["\(row.line)", row.orderNumber, row.column, row.reason(in: wording)]
        }
        return try kept { () throws(PeopleError) in
            try sheet.response(of: record.merchant, at: record.at) { [ledger] (position: Int?) throws(PeopleError) in
                let position = position ?? 0
                let rows = try ledger.badRows(of: record.importId, from: position, limit: Self.rowsAtOnce)
                return (rows, rows.count == Self.rowsAtOnce ? position + rows.count : nil)
            }
        }
    }

    private func record(_ call: ConsoleCall) throws(Problem) -> ImportRecord {
        let shop = try call.shop(.merchant)
        try call.expectNoQuery()
        let found = try kept { () throws(PeopleError) in try ledger.importRecord(call["importId"], of: shop) }
        guard let found else { throw Problem(.notFound) }
        return found
    }

    private func kept<Result>(_ body: () throws(PeopleError) -> Result) throws(Problem) -> Result {
        do throws(PeopleError) { return try body() } catch { throw Problem(error) }
    }
}

/// An import as the API tells it.
struct ImportDocument {
    private let record: ImportRecord
    private let rows: [BadRow]?
    private let wording: Wording?

    /// - Parameters:
    ///   - rows: the first bad ones; nil: they are not told.
    ///   - wording: in whose language reasons are told.
    init(_ record: ImportRecord, rows: [BadRow]?, _ wording: Wording? = nil) {
        (self.record, self.rows, self.wording) = (record, rows, wording)
    }

    var json: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("importId", .string(record.importId)), ("merchantShopId", .string(record.merchant)), ("user", .string(record.user)),
            ("at", .string(record.at.description)), ("state", .string(record.state.rawValue)),
        ]
        if case .object(let counts)? = try? JSONValue.decode(record.counts) { members += counts }
        members.append(("badRows", .int(record.badRows)))
        if let rows { members.append(("rows", .array(rows.map(row)))) }
        return JSONValue.object(members).json
    }

    private func row(_ row: BadRow) -> JSONValue {
        let texts = [("orderNumber", row.orderNumber), ("column", row.column)]
        return .object(
            [("line", .int(row.line))] + texts.compactMap { name, text in text.map { (name, .string($0)) } }
                + [("reason", .string(wording.map { row.reason(in: $0) } ?? row.reason))])
    }
}

extension BadRow {
    /// What is wrong, in somebody's language. The reader's own words are English, and say more.
    func reason(in say: Wording) -> String {
        guard say.language != .en else { return reason }
        if let fault, say.has("badRow.\(fault)") { return say("badRow.\(fault)") }
        return column.map { say("error.field", ["field": $0]) } ?? say("refusal.invalid.happened")
    }
}
