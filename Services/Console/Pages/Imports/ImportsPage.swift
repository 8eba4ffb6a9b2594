import Contracts
import HTTP
import Identity
import JSON
import Texts
import Web

/// Order exports: uploaded here, and what came of them.
struct ImportsPage: Sendable {
    /// Of the form's other parts beside the file.
    private static let slack = 64 << 10

    let pages: ShopPages
    let desk: any ImportTaking

    func add(to group: inout ConsoleGroup) {
        group.get("/imports", name: "imports") { (call) throws(Problem) in
            try view(call).list()
        }
        group.on(.post, "/imports", body: .form(ImportRoutes.maximumBody + Self.slack), name: "import") { (call) throws(Problem) in
            try upload(call)
        }
        group.get("/imports/export", name: "imports-export") { (call) throws(Problem) in
            let shop = try call.shop(.merchant)
            return try pages.desk.keep { (ledger) throws(PeopleError) in
                try LedgerSheets(ledger: ledger, clock: pages.kit.clock).imports(of: shop)
            }
        }
        group.get("/imports/{importId}", name: "import-result") { (call) throws(Problem) in
            let shop = try call.shop(.merchant)
            let id = call["importId"]
            let record = try pages.desk.keep { (ledger) throws(PeopleError) in try ledger.importRecord(id, of: shop) }
            guard let record else { throw Problem(.notFound) }
            let rows = try pages.desk.keep { (ledger) throws(PeopleError) in
                try ledger.badRows(of: id, from: 0, limit: ImportRoutes.firstRows)
            }
            return ImportView(frame: pages.kit.frame(call), record: record, rows: rows).page
        }
    }

    private func view(_ call: ConsoleCall) throws(Problem) -> ImportsView {
        let shop = try call.shop(.merchant)
        let range = try call.pageRange()
        let page = try pages.desk.keep { (ledger) throws(PeopleError) in try ledger.imports(of: shop, range) }
        return ImportsView(frame: pages.kit.frame(call), records: page.items, next: page.next.map { "\($0)" })
    }

    private func upload(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let view = try view(call)
        let frame = view.frame
        let caller = try call.caller(.merchant)
        guard let file = form.form.file("file"), !file.bytes.isEmpty else {
            var errors = FormErrors()
            errors.add("file", frame.say("error.choose", ["field": frame.say("field.file")]))
            return .now(view.list(errors, status: 400))
        }
        let later = LaterAnswer()
        let refused: @Sendable (Problem) -> HTTPResponse = { problem in
            var errors = FormErrors()
            if problem.field == "file" {
                errors.add("file", frame.say("imports.result.refused"))
            } else {
                errors = FormErrors(problem, frame)
            }
            return view.list(errors, status: problem.status)
        }
        do throws(Problem) {
            let order = ImportDesk.Order(
                file: file.bytes, merchant: try call.shop(.merchant), caller: caller,
                idempotencyKey: PageCommands.idempotency(caller, form.key, "imports", file.bytes))
            try desk.take(order) { answer in
                switch answer {
                case .success(let id): later.send(.seeOther(frame.link("imports", id)))
                case .failure(let problem): later.send(refused(problem))
                }
            }
        } catch { return .now(refused(error)) }
        return .later(later)
    }
}

/// Who takes order exports in, for the page that uploads them.
protocol ImportTaking: Sendable {
    func take(_ order: ImportDesk.Order, _ done: @escaping ImportDesk.Done) throws(Problem)
}

extension ImportDesk: ImportTaking {}
